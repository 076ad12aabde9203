"""More questions to the graph over REST: ways, causes, changes, problems, the mesh."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice, number, read_moment
from catalog.registry.outcomes import Problem
from lineage.api.graph_json import answer_json, edge_json, moment, node_json
from lineage.api.graph_query import (
    AS_OF,
    DEPTH_PARAMETER,
    DIRECTIONS,
    FOCUS,
    KIND_PARAMETER,
    LEVELS,
    fitted,
    read_domains,
    read_focus,
    read_kinds,
    read_query,
)
from lineage.api.graph_serializers import (
    GraphEdgeSerializer,
    GraphNodeSerializer,
    LineageGraphSerializer,
)
from lineage.graph.around import around
from lineage.graph.causes import causes
from lineage.graph.focus import focus_on_datasets
from lineage.graph.mesh import mesh
from lineage.graph.neighbourhood import MAX_DEPTH
from lineage.graph.paths import MOST_PATHS, paths_between
from lineage.graph.problems import problems
from lineage.graph.types import DomainName

DOMAIN = OpenApiParameter("domain", str, description="Only of these domains, keys by comma.")
LEVEL = OpenApiParameter("level", str, enum=LEVELS, description="By default that of the focus.")


class PathsSerializer(serializers.Serializer[Any]):
    """Ways as ids of nodes, the shortest first."""

    paths = serializers.ListField(child=serializers.ListField(child=serializers.CharField()))
    nodes = GraphNodeSerializer(many=True)
    edges = GraphEdgeSerializer(many=True)
    truncated = serializers.BooleanField(help_text="There may be more.")


class CauseSerializer(serializers.Serializer[Any]):
    """Something upstream that is not well."""

    node = GraphNodeSerializer()
    reason = serializers.ChoiceField(["failed", "stale"])
    since = serializers.DateTimeField(allow_null=True)
    distance = serializers.IntegerField()
    isRoot = serializers.BooleanField(help_text="Nothing before it that one may see is not well.")
    job = serializers.DictField(allow_null=True, help_text="id, namespace, name")
    run = serializers.CharField(allow_null=True)
    message = serializers.CharField(help_text="Of the failed run.")


class CausesSerializer(serializers.Serializer[Any]):
    """What is not well: roots first, then the oldest."""

    focus = serializers.CharField()
    causes = CauseSerializer(many=True)
    truncated = serializers.BooleanField()


class ProblemsSerializer(serializers.Serializer[Any]):
    """Cycles, and datasets without lineage."""

    cycles = serializers.ListField(
        child=GraphNodeSerializer(many=True),
        help_text="Each in its order; the last leads to the first.",
    )
    orphans = GraphNodeSerializer(many=True)
    orphanCount = serializers.IntegerField()
    truncated = serializers.CharField(allow_null=True)


class MeshSerializer(serializers.Serializer[Any]):
    """Flows between domains."""

    domains = serializers.ListField(
        child=serializers.DictField(), help_text="key, name, hue, url, productCount"
    )
    flows = serializers.ListField(
        child=serializers.DictField(),
        help_text="source, target (keys), count (pairs of products), pairs (the first ten).",
    )
    asOf = serializers.DateTimeField(allow_null=True)
    truncated = serializers.CharField(allow_null=True)


class PathsView(StrictView):
    """The ways from one thing to another."""

    takes = {"get": ("from", "to", "level", "mode", "depth", "asOf", "kind", "limit")}

    @extend_schema(
        operation_id="lineage_paths",
        parameters=[
            OpenApiParameter("from", str, required=True, description="A focus, as for the graph."),
            OpenApiParameter("to", str, required=True),
            LEVEL,
            OpenApiParameter("mode", str, enum=("shortest", "all"), default="shortest"),
            DEPTH_PARAMETER,
            AS_OF,
            KIND_PARAMETER,
            OpenApiParameter(
                "limit", {"type": "integer", "minimum": 1, "maximum": MOST_PATHS, "default": 20}
            ),
        ],
        responses=PathsSerializer,
    )
    def get(self, request: Request) -> Response:
        """Follow data from one thing to another."""
        start, end = read_focus(request, "from"), read_focus(request, "to")
        if start.job is not None or end.job is not None:
            raise BadQuery([Problem("from", start.name, "ways lead between datasets, not jobs")])
        level = "product" if start.products else "column" if start.columns else "dataset"
        query = read_query(request)
        query = replace(
            query,
            level=choice(request, "level", LEVELS, level),
            depth=number(request, "depth", default=MAX_DEPTH, top=MAX_DEPTH),
        )
        most = 1 if choice(request, "mode", ("shortest", "all")) == "shortest" else 0
        found = paths_between(
            fitted(start, query, request.user),
            fitted(end, query, request.user),
            query,
            user=request.user,
            most=most or number(request, "limit", default=20, top=MOST_PATHS),
        )
        return Response(
            {
                "paths": [list(way) for way in found.paths],
                "nodes": [node_json(node) for node in found.nodes],
                "edges": [edge_json(edge) for edge in found.edges],
                "truncated": found.is_cut,
            }
        )


class CausesView(StrictView):
    """Why something is late or wrong."""

    takes = {"get": ("focus",)}

    @extend_schema(operation_id="lineage_causes", parameters=[FOCUS], responses=CausesSerializer)
    def get(self, request: Request) -> Response:
        """List what failed or is stale among all that something is made of."""
        focus = focus_on_datasets(read_focus(request), request.user)
        datasets = [*focus.datasets, *(pk for pk, _ in focus.columns)]
        found = causes(datasets, user=request.user)
        rows = [
            {
                "node": node_json(c.node),
                "reason": c.reason,
                "since": moment(c.since),
                "distance": c.distance,
                "isRoot": c.is_root,
                "job": c.job and {"id": c.job.id, "namespace": c.job.namespace, "name": c.job.name},
                "run": c.run,
                "message": c.message,
            }
            for c in found.causes
        ]
        return Response({"focus": focus.name, "causes": rows, "truncated": found.is_cut})


class ChangesView(StrictView):
    """What changed between two moments."""

    takes = {"get": ("focus", "level", "direction", "depth", "kind", "from", "to")}

    @extend_schema(
        operation_id="lineage_changes",
        parameters=[
            FOCUS,
            LEVEL,
            OpenApiParameter("direction", str, enum=DIRECTIONS, default="both"),
            DEPTH_PARAMETER,
            KIND_PARAMETER,
            OpenApiParameter("from", str, required=True, description="A moment or a day."),
            OpenApiParameter("to", str, description="A moment or a day; by default now."),
        ],
        responses=LineageGraphSerializer,
    )
    def get(self, request: Request) -> Response:
        """Return the edges near a focus that came or went, and their nodes."""
        since, until = read_moment(request, "from"), read_moment(request, "to")
        if since is None or (until is not None and since >= until):
            message = "name a moment before `to`"
            raise BadQuery([Problem("from", request.query_params.get("from", ""), message)])
        focus = read_focus(request)
        query = replace(read_query(request), as_of=until, changed_since=since, relations_on=())
        answer = around(fitted(focus, query, request.user), query, user=request.user)
        edges = tuple(edge for edge in answer.edges if edge.change)
        ids = {name for edge in edges for name in (edge.source, edge.target)}
        nodes = tuple(node for node in answer.nodes if node.id in ids or node.is_focus)
        return Response(answer_json(replace(answer, nodes=nodes, edges=edges)))


class ProblemsView(StrictView):
    """What is odd in the graph."""

    takes = {"get": ("domain",)}

    @extend_schema(
        operation_id="lineage_problems", parameters=[DOMAIN], responses=ProblemsSerializer
    )
    def get(self, request: Request) -> Response:
        """List cycles, and datasets that nothing flows into or out of."""
        found = problems(user=request.user, domains=read_domains(request))
        return Response(
            {
                "cycles": [[node_json(n) for n in cycle.nodes] for cycle in found.cycles],
                "orphans": [node_json(node) for node in found.orphans],
                "orphanCount": found.orphan_count,
                "truncated": found.said or None,
            }
        )


class MeshView(StrictView):
    """The mesh as flows between domains."""

    takes = {"get": ("asOf", "kind")}

    @extend_schema(
        operation_id="lineage_mesh", parameters=[AS_OF, KIND_PARAMETER], responses=MeshSerializer
    )
    def get(self, request: Request) -> Response:
        """Count the pairs of products that make data flow from a domain to another."""
        at = read_moment(request, "asOf")
        found = mesh(user=request.user, as_of=at, kinds=read_kinds(request))
        flows = [
            {
                "source": flow.source.key,
                "target": flow.target.key,
                "count": flow.count,
                "pairs": [
                    [{"id": p.guid, "name": p.name, "url": p.url} for p in pair]
                    for pair in flow.pairs
                ],
            }
            for flow in found.flows
        ]
        domains = [
            {**_domain(domain.name), "productCount": domain.product_count}
            for domain in found.domains
        ]
        return Response(
            {
                "domains": domains,
                "flows": flows,
                "asOf": moment(at),
                "truncated": found.said or None,
            }
        )


def _domain(name: DomainName) -> dict[str, Any]:
    return {"key": name.key, "name": name.name, "hue": name.hue, "url": name.url}
