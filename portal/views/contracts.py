"""Writing a contract: its text beside a form, judged while typing, published as a pipeline would."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from catalog.contracts.errors import PublishError, Refused
from catalog.contracts.publish import publish_contract
from catalog.models import Product
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem
from catalog.standards.limits import MAX_BYTES
from catalog.standards.reading import read
from portal.reading.contract_text import STATUSES, Judged, first_text, judged, with_form
from portal.viewer import person, viewer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def edit_contract(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Write a contract of a product; every button works without JavaScript."""
    product = _product(request, domain, key)
    problems: tuple[Problem, ...] = ()
    port = request.POST.get("port", "")
    if request.method == "POST":
        text = request.POST.get("text", "")[:MAX_BYTES]
        if request.POST.get("do") == "form":
            text = with_form(text, request.POST)
        found = judged(text, viewer(request))
        if request.POST.get("do") == "publish" and found.is_valid:
            try:
                done = publish_contract(read(text), by=person(request), product=product, port=port)
            except Refused as error:
                problems = error.problems
            except PublishError as error:
                problems = (Problem("", None, str(error)),)
            else:
                message = "is as it was" if done.status == "unchanged" else "is published"
                messages.success(request, f"{done.contract} {message}.")
                return redirect("product-tab", domain, key, "contracts")
    else:
        text = first_text(product, request.GET.get("contract", ""), viewer(request))
        found = judged(text, viewer(request))
    return _page(request, product, found, port, problems)


@login_required
@require_POST
def check_contract(request: HttpRequest, domain: str, key: str) -> HttpResponse:
    """Judge a text while it is typed."""
    _product(request, domain, key)
    found = judged(request.POST.get("text", "")[:MAX_BYTES], viewer(request))
    return render(request, "partials/_judged.html", {"found": found, "problems": ()})


def _page(
    request: HttpRequest,
    product: Product,
    found: Judged,
    port: str,
    problems: tuple[Problem, ...],
) -> HttpResponse:
    ports = product.ports.filter(direction="out").values_list("name", flat=True)
    context = {
        "product": product,
        "found": found,
        "problems": problems,
        "ports": sorted(set(ports)),
        "port": port,
        "statuses": STATUSES,
    }
    wrong = request.method == "POST" and (problems or not found.is_valid)
    return render(request, "pages/edit/contract.html", context, status=422 if wrong else 200)


def _product(request: HttpRequest, domain: str, key: str) -> Product:
    rows = Product.objects.visible_to(request.user).select_related("domain__team", "team")
    product = rows.filter(domain__key=domain, key=key).first()
    if product is None or not policies.may(request.user, Action.PUBLISH_PRODUCT, product):
        raise Http404
    return product
