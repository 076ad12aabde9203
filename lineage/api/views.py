"""Lineage over the API."""

from __future__ import annotations

from typing import Any, Literal

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.query import StrictView, choice, number
from catalog.models import Dataset, Product
from lineage.api.serializers import GraphSerializer
from lineage.graph.summary import MAX_DEPTH, Graph, dataset_graph, product_graph
from lineage.graph.types import Direction

DIRECTIONS: tuple[Direction, ...] = ("both", "upstream", "downstream")
DEPTH = 3
PARAMETERS = [
    OpenApiParameter("direction", str, enum=DIRECTIONS, default="both"),
    OpenApiParameter(
        "depth",
        {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": DEPTH},
        description="How many steps to follow.",
    ),
]
GUID = OpenApiParameter("dataProductGUID", str, OpenApiParameter.PATH)


class _LineageView(StrictView):
    takes = {"get": ("direction", "depth")}

    def asked(self, request: Request) -> tuple[Direction, int]:
        """Read which way to follow, and how far."""
        depth = number(request, "depth", default=DEPTH, top=MAX_DEPTH)
        return choice(request, "direction", DIRECTIONS), depth


class ProductLineageView(_LineageView):
    """What a product is made of, and what is made of it."""

    @extend_schema(
        operation_id="dataproducts_lineage",
        parameters=[GUID, *PARAMETERS],
        responses=GraphSerializer,
    )
    def get(self, request: Request, dataProductGUID: str) -> Response:
        """Follow the lineage of a product, between products."""
        rows = Product.objects.visible_to(request.user)
        product = get_object_or_404(rows, guid=dataProductGUID)
        direction, depth = self.asked(request)
        graph = product_graph(product, user=request.user, depth=depth, direction=direction)
        return Response(_body(graph, direction, depth))


class DatasetLineageView(_LineageView):
    """What a dataset is made of, and what is made of it."""

    @extend_schema(
        operation_id="datasets_lineage", parameters=PARAMETERS, responses=GraphSerializer
    )
    def get(self, request: Request, id: int) -> Response:
        """Follow the lineage of a dataset, between datasets."""
        dataset = get_object_or_404(Dataset.objects.visible_to(request.user), pk=id)
        direction, depth = self.asked(request)
        graph = dataset_graph(dataset, user=request.user, depth=depth, direction=direction)
        return Response(_body(graph, direction, depth))


def _body(graph: Graph, direction: Direction, depth: int) -> dict[str, Any]:
    guids = dict(Product.objects.filter(pk__in=_ids(graph, "product")).values_list("pk", "guid"))
    nodes = [
        {
            "id": node.id,
            "kind": node.kind,
            "name": node.label,
            "level": node.level,
            "isFocus": node.is_focus,
            "domain": node.domain,
            "status": node.status,
            "dataProductGUID": guids.get(int(node.id[1:])) if node.kind == "product" else None,
            "dataset": int(node.id[1:]) if node.kind == "dataset" else None,
        }
        for node in graph.nodes
    ]
    edges = [{"upstream": e.source, "downstream": e.target, "kind": e.kind} for e in graph.edges]
    return {
        "direction": direction,
        "depth": depth,
        "nodes": nodes,
        "edges": edges,
        "truncated": graph.truncated,
    }


def _ids(graph: Graph, kind: Literal["product", "dataset"]) -> list[int]:
    return [int(node.id[1:]) for node in graph.nodes if node.kind == kind]
