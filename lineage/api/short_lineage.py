"""The two short addresses of lineage: the graph around a product or a dataset, with few words for each node."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any

from django.shortcuts import get_object_or_404
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.query import StrictView, choice, number
from catalog.models import Dataset, Product
from lineage.graph.around import around
from lineage.graph.edge_details import RESTRICTED
from lineage.graph.focus import Focus
from lineage.graph.neighbourhood import GraphQuery
from lineage.graph.types import Direction, GraphEdge, GraphNode, Level, LineageGraph
from lineage.models import Edge, EdgeKind

DIRECTIONS: tuple[Direction, ...] = ("both", "upstream", "downstream")
KINDS = [("product", "Product"), ("dataset", "Dataset"), ("restricted", "Restricted")]
DEPTH, MAX_DEPTH = 3, 10
MAX_NODES = 300
PARAMETERS = [
    OpenApiParameter("direction", str, enum=DIRECTIONS, default="both"),
    OpenApiParameter(
        "depth",
        {"type": "integer", "minimum": 1, "maximum": MAX_DEPTH, "default": DEPTH},
        description="How many steps to follow.",
    ),
]
GUID = OpenApiParameter("dataProductGUID", str, OpenApiParameter.PATH)


class NodeSerializer(serializers.Serializer[Edge]):
    """Something in a graph. A `restricted` one is hidden from the caller: it has no name."""

    id = serializers.CharField(help_text="Within this answer.")
    kind = serializers.ChoiceField(choices=KINDS)
    name = serializers.CharField()
    level = serializers.IntegerField(help_text="Steps from the focus; negative upstream.")
    isFocus = serializers.BooleanField()
    domain = serializers.CharField(help_text="Key of its domain; empty where there is none.")
    status = serializers.CharField(help_text="Lifecycle of a product; `gone` for a lost dataset.")
    dataProductGUID = serializers.CharField(allow_null=True, help_text="Of a product.")
    dataset = serializers.IntegerField(allow_null=True, help_text="Id of a dataset.")


class EdgeSerializer(serializers.Serializer[Edge]):
    """Data flows from `upstream` to `downstream`; a `foreign-key` is a relation, not a flow."""

    upstream = serializers.CharField()
    downstream = serializers.CharField()
    kind = serializers.ChoiceField(
        choices=[*EdgeKind.choices, ("restricted", "Through what is hidden")]
    )


class GraphSerializer(serializers.Serializer[Edge]):
    """What something is made of, and what is made of it."""

    direction = serializers.ChoiceField(choices=["both", "upstream", "downstream"])
    depth = serializers.IntegerField()
    nodes = NodeSerializer(many=True)
    edges = EdgeSerializer(many=True)
    truncated = serializers.CharField(allow_null=True, help_text="Why the graph was cut, if so.")


class _LineageView(StrictView):
    takes = {"get": ("direction", "depth")}

    def answer(self, request: Request, focus: Focus, level: Level) -> Response:
        """Follow the lineage of a focus as far and in the direction that is asked for."""
        query = GraphQuery(
            level=level,
            direction=choice(request, "direction", DIRECTIONS),
            depth=number(request, "depth", default=DEPTH, top=MAX_DEPTH),
            limit=MAX_NODES,
            with_more=False,
            with_details=False,
            relations_on=("dataset", "product"),
        )
        return Response(short_graph(around(focus, query, user=request.user)))


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
        return self.answer(request, Focus("", products=(product.pk,)), "product")


class DatasetLineageView(_LineageView):
    """What a dataset is made of, and what is made of it."""

    @extend_schema(
        operation_id="datasets_lineage", parameters=PARAMETERS, responses=GraphSerializer
    )
    def get(self, request: Request, id: int) -> Response:
        """Follow the lineage of a dataset, between datasets."""
        dataset = get_object_or_404(Dataset.objects.visible_to(request.user), pk=id)
        return self.answer(request, Focus("", datasets=(dataset.pk,)), "dataset")


def short_graph(graph: LineageGraph) -> dict[str, Any]:
    """Return a graph of products or datasets as `GraphSerializer` describes."""
    facts = _product_facts(graph.nodes) if graph.level == "product" else _dataset_facts(graph.nodes)
    cut = f"Only the nearest {MAX_NODES} are shown; choose one of them to go on."
    return {
        "direction": graph.direction,
        "depth": graph.depth,
        "nodes": [_node(node) | facts.get(node.id, {}) for node in graph.nodes],
        "edges": [
            {"upstream": edge.source, "downstream": edge.target, "kind": edge.kind}
            for edge in _single(graph.edges)
        ],
        "truncated": cut if graph.truncated else None,
    }


def _node(node: GraphNode) -> dict[str, Any]:
    return {
        "id": node.id,
        "kind": node.kind,
        "name": node.name,
        "level": node.level,
        "isFocus": node.is_focus,
        "domain": node.domain.key if node.domain else "",
        "status": "",
        "dataProductGUID": None,
        "dataset": None,
    }


def _product_facts(nodes: Iterable[GraphNode]) -> dict[str, dict[str, Any]]:
    rows = Product.objects.filter(pk__in=_ids(nodes, "product")).order_by()
    return {
        f"p{pk}": {"dataProductGUID": guid, "status": status}
        for pk, guid, status in rows.values_list("pk", "guid", "status")
    }


def _dataset_facts(nodes: Iterable[GraphNode]) -> dict[str, dict[str, Any]]:
    rows = Dataset.objects.filter(pk__in=_ids(nodes, "dataset")).order_by()
    return {
        f"d{pk}": {"dataset": pk, "status": "gone" if gone_at else ""}
        for pk, gone_at in rows.values_list("pk", "gone_at")
    }


def _ids(nodes: Iterable[GraphNode], kind: Level) -> list[int]:
    return [int(node.id[1:]) for node in nodes if node.kind == kind]


def _single(edges: Collection[GraphEdge]) -> list[GraphEdge]:
    """Return one edge for each pair of nodes: flows and relations by their ids, then what is restricted."""
    pairs: dict[tuple[str, str], GraphEdge] = {}
    for edge in edges:
        pairs.setdefault((edge.source, edge.target), edge)
    seen = [edge for edge in pairs.values() if edge.kind != RESTRICTED]
    seen.sort(key=lambda edge: (int(edge.source[1:]), int(edge.target[1:])))
    return [*seen, *(edge for edge in pairs.values() if edge.kind == RESTRICTED)]
