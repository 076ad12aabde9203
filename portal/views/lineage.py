"""The lineage explorer, single flows, and what breaks if something goes."""

from __future__ import annotations

from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from catalog.models import Product
from lineage.api.graph_query import focus_on_datasets
from lineage.graph_impact import impact
from portal.reading import flows, lineage
from portal.viewer import viewer

MOST_LISTED = 500


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


def edge_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one flow: who says so, how sure, since when, by which job, run and statement."""
    context: dict[str, object] = {"flow": flows.get_flow(viewer(request), pk), "area": "lineage"}
    part = request.headers.get("HX-Request") == "true"
    name = "pages/lineage/_edge.html" if part else "pages/lineage/edge.html"
    answer = render(request, name, context)
    answer.headers["Vary"] = "HX-Request, Cookie"
    return answer


def impact_page(request: HttpRequest) -> HttpResponse:
    """List what breaks if a column, dataset or product goes, and whom to tell."""
    user = viewer(request)
    focus = request.GET.get("focus", "")
    context: dict[str, object] = {"area": "lineage", "focus": focus}
    if focus:
        subject = lineage.subject_of(request, focus)
        asked = focus_on_datasets(subject.focus(), user)
        found = impact(asked, user=user, limit=MOST_LISTED)
        served_by = subject.dataset.product_id if subject.dataset else None
        own = f"p{subject.product.pk if subject.product else served_by}"
        context |= {
            "subject": subject,
            "found": found,
            "columns": found.columns[:MOST_LISTED],
            "columns_left": max(0, len(found.columns) - MOST_LISTED),
            "own": own,
            "readers": [row for row in found.products if row.node.id != own],
            "csv_url": f"{reverse('api-lineage-impact-csv')}?{urlencode({'focus': subject.name})}",
        }
    return render(request, "pages/lineage/impact.html", context)
