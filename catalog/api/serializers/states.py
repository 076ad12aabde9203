"""What was stated of a product at a time."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers


class FieldChangeSerializer(serializers.Serializer[Any]):
    """A field before and after."""

    path = serializers.CharField()
    before = serializers.JSONField()
    after = serializers.JSONField()


class StateSerializer(serializers.Serializer[Any]):
    """The statements in force at a time, merged, under the names of the registry."""

    asOf = serializers.DateTimeField(source="at")
    revision = serializers.IntegerField(help_text="The revision that made it so.")
    state = serializers.DictField()
    since = serializers.DateTimeField(allow_null=True)
    changes = FieldChangeSerializer(many=True, help_text="What differs from `since`.")
