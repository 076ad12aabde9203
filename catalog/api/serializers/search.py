"""Answers of search in JSON: forms for the description; the view fills them."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import PolymorphicProxySerializer
from rest_framework import serializers

from catalog.api.serializers.datasets import DatasetSerializer
from catalog.api.serializers.products import ProductSerializer
from catalog.search.types import FACETS, KINDS


class MatchSerializer(serializers.Serializer[Any]):
    """What met the question."""

    field = serializers.CharField()
    value = serializers.CharField()


class HitSerializer(serializers.Serializer[Any]):
    """One found product or dataset, and why."""

    item = PolymorphicProxySerializer(
        component_name="Found",
        serializers=[ProductSerializer, DatasetSerializer],
        resource_type_field_name=None,
    )
    reasons = serializers.ListField(child=serializers.CharField())
    matched = MatchSerializer(many=True)


class FacetValueSerializer(serializers.Serializer[Any]):
    """One value of a facet, and how many results it would leave."""

    value = serializers.CharField()
    count = serializers.IntegerField()

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        """Add the label, whose name the class itself uses."""
        return {**super().get_fields(), "label": serializers.CharField()}


class AnswerSerializer(serializers.Serializer[Any]):
    """One page of results, with what else could be chosen."""

    kind = serializers.ChoiceField(choices=[(kind, kind) for kind in KINDS])
    total = serializers.IntegerField()
    totalIsExact = serializers.BooleanField()
    otherTotal = serializers.IntegerField(allow_null=True, help_text="Results of the other kind.")
    page = serializers.IntegerField()
    results = HitSerializer(many=True)
    facets = serializers.DictField(
        child=FacetValueSerializer(many=True), help_text=f"By name: {', '.join(FACETS)}."
    )
    spelling = serializers.CharField(allow_null=True, help_text="A nearer spelling, if any.")
    isWidened = serializers.BooleanField(
        help_text="Whether results that meet only some of the words follow those that meet all."
    )
    isSimpler = serializers.BooleanField(
        help_text="Whether the embedded index answered because the search engine is away."
    )


class SuggestionSerializer(serializers.Serializer[Any]):
    """A name that begins as typed."""

    text = serializers.CharField()
    kind = serializers.CharField()
    path = serializers.CharField(allow_null=True, help_text="The page it leads to.")
    hint = serializers.CharField(allow_blank=True)


class SuggestionsSerializer(serializers.Serializer[Any]):
    """Names that begin as typed."""

    results = SuggestionSerializer(many=True)
