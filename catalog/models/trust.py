"""Checks, results, objectives, measurements and scores."""

from __future__ import annotations

from typing import Self

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Q

from catalog.descriptors import Dimension, Indicator
from catalog.models.datasets import Dataset
from catalog.models.people import User
from catalog.models.products import Product

DIMENSION_CHOICES = [(d.value, d.value.capitalize()) for d in Dimension]
INDICATOR_CHOICES = [(i.value, i.value.replace("-", " ").capitalize()) for i in Indicator]


class Outcome(models.TextChoices):
    """How a check ended. Skipped and unknown never count as passed."""

    PASSED = "passed", "Passed"
    WARNED = "warned", "Warning"
    FAILED = "failed", "Failed"
    ERROR = "error", "Error"
    SKIPPED = "skipped", "Skipped"
    UNKNOWN = "unknown", "Unknown"


class CheckQuerySet(models.QuerySet["Check"]):
    """Checks."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep the checks in force whose dataset and product this person may both know of."""
        datasets = Dataset.objects.visible_to(user).order_by().values("pk")
        products = Product.objects.visible_to(user).order_by().values("pk")
        return self.filter(
            Q(dataset__isnull=True) | Q(dataset__in=datasets),
            Q(product__isnull=True) | Q(product__in=products),
            retired_at__isnull=True,
        )


class Check(models.Model):
    """One quality rule, of a dataset (and perhaps one column), or of a whole product."""

    dataset = models.ForeignKey(
        "catalog.Dataset", models.CASCADE, related_name="checks", null=True, blank=True
    )
    product = models.ForeignKey(
        "catalog.Product", models.CASCADE, related_name="checks", null=True, blank=True
    )
    key = models.CharField(max_length=300)
    name = models.CharField(max_length=300)
    dimension = models.CharField(max_length=16, choices=DIMENSION_CHOICES)
    rule = models.CharField(max_length=20)
    column_path = models.CharField(max_length=500, blank=True)
    params = models.JSONField(default=dict)
    severity = models.CharField(max_length=8, default="error")
    origin = models.CharField(
        max_length=12,
        choices=[("derived", "From the schema"), ("declared", "Declared"), ("pushed", "Pushed")],
    )
    description = models.TextField(blank=True)
    retired_at = models.DateTimeField(null=True, blank=True)
    last_outcome = models.CharField(max_length=8, choices=Outcome.choices, default=Outcome.UNKNOWN)
    last_at = models.DateTimeField(null=True, blank=True)
    last_observed = models.CharField(max_length=300, blank=True)
    last_rows_failed = models.BigIntegerField(null=True, blank=True)
    last_rows_total = models.BigIntegerField(null=True, blank=True)

    objects = models.Manager.from_queryset(CheckQuerySet)()

    class Meta:
        ordering = ["dimension", "name", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["dataset", "key"],
                name="check_once_per_dataset",
                condition=models.Q(dataset__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["product", "key"],
                name="check_once_per_product",
                condition=models.Q(dataset__isnull=True),
            ),
            models.CheckConstraint(
                condition=models.Q(dataset__isnull=False) | models.Q(product__isnull=False),
                name="check_has_a_subject",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Result(models.Model):
    """One outcome of one check; `run_key` makes recording idempotent."""

    check_rule = models.ForeignKey(Check, models.CASCADE, related_name="results")
    run_key = models.CharField(max_length=100)
    measured_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=Outcome.choices)
    observed = models.CharField(max_length=300, blank=True)
    expected = models.CharField(max_length=300, blank=True)
    rows_failed = models.BigIntegerField(null=True, blank=True)
    rows_total = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["-measured_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["check_rule", "run_key"], name="result_once_per_run")
        ]
        indexes = [models.Index(fields=["check_rule", "measured_at"])]

    def __str__(self) -> str:
        return f"{self.check_rule}: {self.outcome}"


class Score(models.Model):
    """A product's quality at one time. `arithmetic` is how it was computed, for people to read."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="scores")
    measured_at = models.DateTimeField()
    overall = models.FloatField(null=True, blank=True)
    arithmetic = models.JSONField(default=dict)

    class Meta:
        ordering = ["measured_at"]
        constraints = [
            models.UniqueConstraint(fields=["product", "measured_at"], name="score_once_per_time")
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.overall}"


class Objective(models.Model):
    """A service level objective of a product."""

    product = models.ForeignKey("catalog.Product", models.CASCADE, related_name="objectives")
    key = models.CharField(max_length=64)
    name = models.CharField(max_length=200, blank=True)
    port_name = models.CharField(max_length=64, blank=True)
    indicator = models.CharField(max_length=20, choices=INDICATOR_CHOICES)
    comparison = models.CharField(max_length=2)
    target = models.DecimalField(max_digits=20, decimal_places=4)
    unit = models.CharField(max_length=40, blank=True)
    window_days = models.PositiveIntegerField(default=30)
    element = models.CharField(max_length=500, blank=True)
    description = models.TextField(blank=True)
    current_value = models.FloatField(null=True, blank=True)
    is_kept = models.BooleanField(null=True, blank=True, help_text="Null: not measured yet.")
    budget_left = models.FloatField(
        null=True, blank=True, help_text="Share of the window's error budget left, 0 to 1."
    )
    measured_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(fields=["product", "key"], name="objective_once_per_product")
        ]

    def __str__(self) -> str:
        return self.name or self.key


class Measurement(models.Model):
    """What was observed of an objective at one time."""

    objective = models.ForeignKey(Objective, models.CASCADE, related_name="measurements")
    measured_at = models.DateTimeField()
    value = models.FloatField()
    is_kept = models.BooleanField()

    class Meta:
        ordering = ["measured_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["objective", "measured_at"], name="measurement_once_per_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.objective}: {self.value}"
