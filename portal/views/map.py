"""The mesh as a picture, with the same as tables."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from lineage.graph.mesh import mesh, mesh_map
from portal.viewer import viewer


@require_safe
def map_page(request: HttpRequest) -> HttpResponse:
    """Show domains as areas, products as dots sized by use, flows as arcs."""
    user = viewer(request)
    drawn = mesh_map(user=user)
    between = mesh(user=user).flows
    context = {
        "truncated": drawn.truncated,
        "domains": drawn.domains,
        "products": drawn.products,
        "flows": drawn.flows,
        "between": sorted(between, key=lambda flow: (-flow.count, flow.source.name)),
        "area": "map",
    }
    return render(request, "pages/map/page.html", context)
