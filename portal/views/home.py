"""The first page, and small things of the frame."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST, require_safe

from portal.reading import home as reading
from portal.reading.domains import domain_rows, grouped
from portal.reading.first_steps import first_steps, installation
from portal.viewer import viewer


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Show search, domains, what needs the person and what is new."""
    user = viewer(request)
    rows = domain_rows(user)
    said = installation()
    context = {
        "installation": said,
        "steps": first_steps(user, said),
        "examples": reading.examples(user),
        "rows": rows,
        "groups": grouped(rows),
        "needs": reading.needs(user),
        "news": reading.news(user),
        "product_count": sum(row.products for row in rows),
        "dataset_count": sum(row.datasets for row in rows),
    }
    return render(request, "pages/home/page.html", context)


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    """Remember light or dark for people without JavaScript."""
    target = request.POST.get("next", "/")
    if not url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()}):
        target = "/"
    response = redirect(target)
    chosen = "light" if request.COOKIES.get("theme") == "dark" else "dark"
    response.set_cookie("theme", chosen, max_age=31_536_000, samesite="Lax")
    return response
