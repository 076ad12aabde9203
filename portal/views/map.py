"""The mesh as a picture, with the same as tables."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from catalog.models import Product
from lineage.graph.mesh import mesh
from lineage.graph.summary import mesh_graph
from portal.viewer import viewer


def map_page(request: HttpRequest) -> HttpResponse:
    """Show domains as areas, products as dots sized by use, flows as arcs."""
    user = viewer(request)
    graph = mesh_graph(user=user)
    labels = {node.id: node for node in graph.nodes}
    products = [node for node in graph.nodes if node.kind != "domain"]
    shown = {node.id for node in products}
    use = {
        f"p{pk}": count
        for pk, count in Product.objects.visible_to(user)
        .filter(pk__in=[int(name[1:]) for name in shown])
        .values_list("id", "consumer_count")
    }
    between = mesh(user=user).flows
    context = {
        "graph": graph,
        "domains": [node for node in graph.nodes if node.kind == "domain"],
        "between": sorted(between, key=lambda flow: (-flow.count, flow.source.name)),
        "products": [(node, use.get(node.id, 0)) for node in products],
        "flows": [
            (labels[e.source], labels[e.target], e)
            for e in graph.edges
            if e.source in shown and e.target in shown
        ],
        "area": "map",
    }
    return render(request, "pages/map/page.html", context)
