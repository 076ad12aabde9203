"""Graphs in JSON."""

from __future__ import annotations

from rest_framework import serializers

from lineage.models import Edge, EdgeKind

KINDS = [("product", "Product"), ("dataset", "Dataset"), ("restricted", "Restricted")]


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
