"""Answers about the graph in JSON: from the dataclasses of `lineage.graph.types`."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from lineage.graph.types import GraphEdge, GraphNode, LineageGraph, Truncated

LEVELS = ["dataset", "product", "column"]
NODE_KINDS = ["dataset", "product", "column", "job", "domain", "restricted"]
EDGE_KINDS = ["view", "foreign-key", "declared", "job", "sql", "dbt", "manual", "restricted"]
STATUSES = ["ok", "failing", "stale", "gone", "deprecated"]


class ProductNameSerializer(serializers.Serializer[Any]):
    """A product, by name."""

    id = serializers.CharField(source="guid", help_text="Its dataProductGUID.")
    name = serializers.CharField()
    url = serializers.CharField()


class DomainNameSerializer(serializers.Serializer[Any]):
    """A domain, by name."""

    key = serializers.CharField()
    name = serializers.CharField()
    hue = serializers.IntegerField()
    url = serializers.CharField()


class JobNameSerializer(serializers.Serializer[Any]):
    """A job, by name."""

    id = serializers.IntegerField()
    namespace = serializers.CharField()
    name = serializers.CharField()


class MoreSerializer(serializers.Serializer[Any]):
    """Neighbours not in this answer, of those the caller may see."""

    upstream = serializers.IntegerField()
    downstream = serializers.IntegerField()
    atLeast = serializers.BooleanField(source="at_least", help_text="There may be more still.")


class NodeColumnSerializer(serializers.Serializer[Any]):
    """A column of a dataset."""

    path = serializers.CharField()
    type = serializers.CharField()


class GraphNodeSerializer(serializers.Serializer[GraphNode]):
    """A node. A `restricted` one stands for whatever is hidden there: it has no name."""

    id = serializers.CharField(help_text="`d12`, `p3`, `j4`, `c12:path` or `restricted-1`.")
    kind = serializers.ChoiceField(NODE_KINDS)
    name = serializers.CharField()
    level = serializers.IntegerField(help_text="Distance from the focus; negative upstream.")
    isFocus = serializers.BooleanField(source="is_focus")
    parent = serializers.CharField(  # type: ignore[assignment]
        allow_null=True, help_text="Id of its dataset or product."
    )
    parentName = serializers.CharField(
        source="parent_name", help_text="Name of the dataset of a column."
    )
    product = ProductNameSerializer(allow_null=True)
    domain = DomainNameSerializer(allow_null=True)
    url = serializers.CharField(help_text="Its page; empty where there is none.")
    status = serializers.ChoiceField(STATUSES)
    type = serializers.CharField(
        help_text="Kind of dataset, archetype of a product, type of a job."
    )
    more = MoreSerializer()
    columns = NodeColumnSerializer(many=True, allow_null=True)


class GraphEdgeSerializer(serializers.Serializer[GraphEdge]):
    """Data flows from `source` to `target`; a `foreign-key` is a relation. Of hidden ones nothing is said."""

    id = serializers.CharField()
    source = serializers.CharField()  # type: ignore[assignment]
    target = serializers.CharField()
    kind = serializers.ChoiceField(EDGE_KINDS)
    isEnded = serializers.BooleanField(source="is_ended")
    change = serializers.ChoiceField(["added", "removed"], allow_null=True)
    firstSeenAt = serializers.DateTimeField(source="first_seen_at", allow_null=True)
    lastSeenAt = serializers.DateTimeField(source="last_seen_at", allow_null=True)
    endedAt = serializers.DateTimeField(source="ended_at", allow_null=True)
    origin = serializers.CharField(help_text="Who says so.")
    confidence = serializers.CharField(help_text="`stated`, `derived`, `guessed` or empty.")
    job = JobNameSerializer(allow_null=True)
    run = serializers.CharField(allow_null=True, help_text="Id of the newest run that showed it.")
    columns = serializers.ListField(
        child=serializers.ListField(child=serializers.CharField(allow_blank=True)),
        help_text="[upstream column, downstream column (empty: all rows), how].",
    )


class TruncatedSerializer(serializers.Serializer[Truncated]):
    """What was left out, of what the caller may see."""

    nodes = serializers.IntegerField()
    edges = serializers.IntegerField()
    atLeast = serializers.BooleanField(source="at_least", help_text="There may be more still.")
    said = serializers.CharField()


class LineageGraphSerializer(serializers.Serializer[LineageGraph]):
    """Nodes near a focus, and the flows between them."""

    focus = serializers.CharField()
    level = serializers.ChoiceField(LEVELS)
    direction = serializers.ChoiceField(["both", "upstream", "downstream"])
    depth = serializers.IntegerField()
    asOf = serializers.DateTimeField(source="as_of", allow_null=True)
    changedSince = serializers.DateTimeField(source="changed_since", allow_null=True)
    nodes = GraphNodeSerializer(many=True)
    edges = GraphEdgeSerializer(many=True)
    truncated = TruncatedSerializer(allow_null=True)
