"""The lineage explorer, single flows, and what breaks if something goes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.models import Product
from lineage.graph.focus import focus_on_datasets
from lineage.graph.impact import impact
from lineage.services.impact import (
    Announcement,
    AnnouncementForbidden,
    announce_impact,
    last_announced,
    may_announce,
)
from portal.forms.lineage import AnnounceForm
from portal.reading import flows, lineage
from portal.viewer import person, viewer

MOST_LISTED = 500
MOST_NAMED = 5


@require_safe
def lineage_page(request: HttpRequest) -> HttpResponse:
    """Follow data from `?focus=`; without a focus, offer some."""
    user = viewer(request)
    focus = request.GET.get("focus", "")
    context: dict[str, object] = {"area": "lineage", "focus": focus}
    if focus:
        context |= lineage.explore(request, lineage.subject_of(request, focus))
    else:
        most = Product.objects.visible_to(user).select_related("domain")
        context["starts"] = list(most.order_by("-consumer_count", "name")[:12])
    return render(request, "pages/lineage/page.html", context)


@require_safe
def edge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one flow: who says so, how sure, since when, by which job, run and statement."""
    context: dict[str, object] = {"flow": flows.get_flow(viewer(request), pk), "area": "lineage"}
    part = request.headers.get("HX-Request") == "true"
    name = "pages/lineage/_edge.html" if part else "pages/lineage/edge.html"
    answer = render(request, name, context)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


@require_safe
def impact_page(request: HttpRequest) -> HttpResponse:
    """List what breaks if a column, dataset or product goes, and whom to tell."""
    focus = request.GET.get("focus", "")
    context: dict[str, object] = {"area": "lineage", "focus": focus}
    if focus:
        context |= _impact(request, focus, AnnounceForm())
    return render(request, "pages/lineage/impact.html", context)


@login_required
@require_POST
def announce(request: HttpRequest) -> HttpResponse:
    """Tell owners, followers and consumers of all that breaks; the same words are told once."""
    focus, form = request.POST.get("focus", ""), AnnounceForm(request.POST)
    subject = lineage.subject_of(request, focus)
    if not form.is_valid():
        context = {"area": "lineage", "focus": focus, **_impact(request, focus, form)}
        return render(request, "pages/lineage/impact.html", context, status=422)
    by = person(request)
    asked = focus_on_datasets(subject.focus(), by)
    try:
        announcement = announce_impact(asked, message=form.cleaned_data["message"], by=by)
    except AnnouncementForbidden as error:
        raise PermissionDenied("Only who may edit it may announce that it changes.") from error
    _say(request, announcement)
    return redirect(f"{reverse('lineage-impact')}?{urlencode({'focus': subject.name})}")


def _say(request: HttpRequest, announcement: Announcement) -> None:
    """Say who was told."""
    if not announcement.products:
        messages.info(request, "Nobody is told: no product that you may see follows from it.")
        return
    names = [row.name for row in announcement.products]
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    whom = f"owners, followers and consumers of {', '.join(names[:MOST_NAMED])}{more}"
    if announcement.already_at is None:
        messages.success(request, f"Told: {whom}.")
    else:
        at = timezone.localtime(announcement.already_at)
        messages.info(request, f"Told once, at {at:%H:%M} on {at:%-d %B}: {whom}. Not sent again.")


def _impact(request: HttpRequest, focus: str, form: AnnounceForm) -> dict[str, object]:
    """Return what the page of an impact shows."""
    user = viewer(request)
    subject = lineage.subject_of(request, focus)
    asked = focus_on_datasets(subject.focus(), user)
    found = impact(asked, user=user, limit=MOST_LISTED)
    served_by = subject.dataset.product_id if subject.dataset else None
    own = f"p{subject.product.pk if subject.product else served_by}"
    may = may_announce(asked, by=user)
    return {
        "subject": subject,
        "found": found,
        "columns": found.columns[:MOST_LISTED],
        "columns_left": max(0, len(found.columns) - MOST_LISTED),
        "own": own,
        "readers": [row for row in found.products if row.node.id != own],
        "csv_url": f"{reverse('api-lineage-impact-csv')}?{urlencode({'focus': subject.name})}",
        "form": form,
        "may_announce": may and bool(found.products),
        "announced": last_announced(asked, by=person(request)) if may else None,
    }
