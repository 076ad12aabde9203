"""Graphs for pages: which one is asked for, how far, in which direction."""

from __future__ import annotations

from django.http import HttpRequest

from catalog.models import Dataset, Product
from lineage.graph import Direction, Graph, dataset_graph, product_graph
from portal.viewer import viewer

DEPTHS = (1, 2, 3, 5, 8)
DIRECTIONS: tuple[tuple[Direction, str], ...] = (
    ("both", "Both ways"),
    ("upstream", "Where it comes from"),
    ("downstream", "What depends on it"),
)


def depth_of(request: HttpRequest, default: int = 2) -> int:
    """Read how many steps to follow."""
    text = request.GET.get("depth", "")
    return int(text) if text.isdecimal() and int(text) in DEPTHS else default


def direction_of(request: HttpRequest) -> Direction:
    """Read which way to follow."""
    asked = request.GET.get("direction", "")
    return next((key for key, _ in DIRECTIONS if key == asked), "both")


def of_product(request: HttpRequest, product: Product) -> dict[str, object]:
    """Return the graph around a product, as a template needs it."""
    depth, way = depth_of(request), direction_of(request)
    graph = product_graph(product, user=viewer(request), depth=depth, direction=way)
    return context_of(graph, depth, way)


def of_dataset(request: HttpRequest, dataset: Dataset) -> dict[str, object]:
    """Return the graph around a dataset, as a template needs it."""
    depth, way = depth_of(request), direction_of(request)
    graph = dataset_graph(dataset, user=viewer(request), depth=depth, direction=way)
    return context_of(graph, depth, way)


def context_of(graph: Graph, depth: int, direction: Direction) -> dict[str, object]:
    """Return a graph with the names its tables show."""
    labels = {node.id: node for node in graph.nodes}
    return {
        "graph": graph,
        "flows": [(labels[e.source], labels[e.target], e) for e in graph.edges],
        "depth": depth,
        "depths": DEPTHS,
        "direction": direction,
        "directions": DIRECTIONS,
    }
