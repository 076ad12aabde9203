"""Checks, promises and scores in JSON."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from rest_framework import serializers

from catalog.api.bodies import Body
from catalog.models import Check, Measurement, Objective, Result, Score

#: How long ago a measurement may be, and how far the clocks of others may be ahead.
OLDEST = timedelta(days=400)
CLOCKS = timedelta(minutes=5)


class ObjectiveSerializer(serializers.ModelSerializer[Objective]):
    """A promise and whether it is kept."""

    windowDays = serializers.IntegerField(source="window_days")
    currentValue = serializers.FloatField(source="current_value", allow_null=True)
    isKept = serializers.BooleanField(source="is_kept", allow_null=True)
    budgetLeft = serializers.FloatField(source="budget_left", allow_null=True)
    measuredAt = serializers.DateTimeField(source="measured_at", allow_null=True)

    class Meta:
        model = Objective
        fields = [
            "id",
            "key",
            "name",
            "indicator",
            "comparison",
            "target",
            "unit",
            "windowDays",
            "currentValue",
            "isKept",
            "budgetLeft",
            "measuredAt",
        ]


class CheckSerializer(serializers.ModelSerializer[Check]):
    """One rule of quality, and how it ended last."""

    product = serializers.CharField(
        source="product.guid", default=None, read_only=True, allow_null=True
    )
    dataset = serializers.IntegerField(source="dataset_id", read_only=True, allow_null=True)
    column = serializers.CharField(source="column_path", read_only=True)
    params = serializers.SerializerMethodField()
    outcome = serializers.CharField(source="last_outcome", read_only=True)
    observed = serializers.CharField(source="last_observed", read_only=True)
    rowsFailed = serializers.IntegerField(
        source="last_rows_failed", read_only=True, allow_null=True
    )
    rowsTotal = serializers.IntegerField(source="last_rows_total", read_only=True, allow_null=True)
    measuredAt = serializers.DateTimeField(source="last_at", read_only=True, allow_null=True)

    class Meta:
        model = Check
        fields = [
            "id",
            "key",
            "name",
            "description",
            "dimension",
            "rule",
            "severity",
            "origin",
            "product",
            "dataset",
            "column",
            "params",
            "outcome",
            "observed",
            "rowsFailed",
            "rowsTotal",
            "measuredAt",
        ]

    def get_params(self, row: Check) -> dict[str, Any]:
        """Return the limits of the rule."""
        return {name: value for name, value in row.params.items() if name != "address"}


class ResultSerializer(serializers.ModelSerializer[Result]):
    """How a check ended once."""

    measuredAt = serializers.DateTimeField(source="measured_at", allow_null=True)
    rowsFailed = serializers.IntegerField(source="rows_failed", allow_null=True)
    rowsTotal = serializers.IntegerField(source="rows_total", allow_null=True)

    class Meta:
        model = Result
        fields = ["id", "measuredAt", "outcome", "observed", "expected", "rowsFailed", "rowsTotal"]


class MeasurementSerializer(serializers.ModelSerializer[Measurement]):
    """What was observed of a promise once."""

    measuredAt = serializers.DateTimeField(source="measured_at", allow_null=True)
    isKept = serializers.BooleanField(source="is_kept", allow_null=True)

    class Meta:
        model = Measurement
        fields = ["measuredAt", "value", "isKept"]


class NewMeasurementSerializer(Body[Measurement]):
    """What was measured outside, and when; now when nothing is said."""

    value = serializers.FloatField(min_value=-1e15, max_value=1e15)
    measuredAt = serializers.DateTimeField(required=False, allow_null=True, default=None)

    def validate_measuredAt(self, value: datetime | None) -> datetime | None:
        """Refuse what has not happened yet, and what no promise looks back to."""
        now = timezone.now()
        if value is not None and not now - OLDEST <= value <= now + CLOCKS:
            raise serializers.ValidationError(
                f"allowed is a time from {now - OLDEST:%Y-%m-%d} to now"
            )
        return value


class ProductObjectiveSerializer(ObjectiveSerializer):
    """A promise, with the product that makes it."""

    product = serializers.CharField(source="product.guid", read_only=True)

    class Meta(ObjectiveSerializer.Meta):
        fields = ["product", *ObjectiveSerializer.Meta.fields]


class DimensionSerializer(serializers.Serializer[Score]):
    """One dimension of a score; `score` null: not measured."""

    dimension = serializers.CharField()
    score = serializers.FloatField(allow_null=True)
    passed = serializers.IntegerField()
    warned = serializers.IntegerField()
    failed = serializers.IntegerField()
    error = serializers.IntegerField()
    skipped = serializers.IntegerField()
    weight = serializers.IntegerField()
    text = serializers.CharField(help_text="How the figure comes about.")


class ArithmeticSerializer(serializers.Serializer[Score]):
    """How a score was computed, in words and dimension by dimension."""

    text = serializers.CharField()
    dimensions = DimensionSerializer(many=True)


class ScoreSerializer(serializers.ModelSerializer[Score]):
    """The quality of a product at one time."""

    measuredAt = serializers.DateTimeField(source="measured_at", allow_null=True)
    overall = serializers.FloatField(allow_null=True, help_text="0 to 100; null: not measured.")
    arithmetic = ArithmeticSerializer()

    class Meta:
        model = Score
        fields = ["measuredAt", "overall", "arithmetic"]
