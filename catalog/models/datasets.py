"""Datasets, their columns, profiles and samples."""

from __future__ import annotations

from django.db import models
from django.utils import timezone

from catalog.descriptors import Sensitivity
from catalog.models.domains import VisibleQuerySet
from catalog.names import DatasetRef
from catalog.visibility import PUBLIC

SENSITIVITY_CHOICES = [(s.value, s.words[:1].upper() + s.words[1:]) for s in Sensitivity]


class DatasetQuerySet(VisibleQuerySet["Dataset"]):
    """Datasets."""

    def present(self) -> DatasetQuerySet:
        """Leave out what the last complete harvest no longer found."""
        return self.filter(gone_at__isnull=True)


class Dataset(models.Model):
    """A physical thing with an address: exactly the OpenLineage pair (namespace, name)."""

    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=1000)
    display_name = models.CharField(max_length=300)
    description = models.TextField(blank=True)
    kind = models.CharField(max_length=16, default="table")
    technology = models.CharField(max_length=40, blank=True, db_index=True)
    product = models.ForeignKey(
        "catalog.Product",
        models.SET_NULL,
        related_name="served_datasets",
        null=True,
        blank=True,
        help_text="The product whose output port serves it (the widest, then the oldest, if several).",
    )
    domain = models.ForeignKey(
        "catalog.Domain",
        models.PROTECT,
        related_name="datasets",
        null=True,
        blank=True,
        db_index=False,  # an index below begins with it
    )
    team = models.ForeignKey(
        "catalog.Team", models.PROTECT, related_name="datasets", null=True, blank=True
    )
    audience = models.CharField(max_length=40, default=PUBLIC)
    kept_for = models.CharField(
        max_length=40,
        blank=True,
        default="",
        help_text="Who sees it while nobody owns it: the token of whoever named it.",
    )
    tags = models.ManyToManyField("catalog.Tag", related_name="datasets", blank=True)
    primary_key = models.JSONField(default=list)
    foreign_keys = models.JSONField(default=list)
    indexes = models.JSONField(default=list)
    view_definition = models.TextField(blank=True)
    extra = models.JSONField(default=dict)
    column_count = models.PositiveIntegerField(default=0)
    row_count = models.BigIntegerField(null=True, blank=True)
    row_count_is_estimate = models.BooleanField(default=False)
    byte_size = models.BigIntegerField(null=True, blank=True)
    data_updated_at = models.DateTimeField(null=True, blank=True)
    quality_score = models.FloatField(null=True, blank=True)
    observed_at = models.DateTimeField(null=True, blank=True)
    revision_number = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(default=timezone.now)
    gone_at = models.DateTimeField(
        null=True, blank=True, help_text="When a complete harvest no longer found it."
    )

    objects = models.Manager.from_queryset(DatasetQuerySet)()

    class Meta:
        ordering = ["display_name", "id"]
        constraints = [
            models.UniqueConstraint(fields=["namespace", "name"], name="dataset_address_once")
        ]
        indexes = [
            models.Index(fields=["updated_at", "id"]),
            models.Index(fields=["domain", "audience", "gone_at"]),
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def ref(self) -> DatasetRef:
        """The physical identity."""
        return DatasetRef(self.namespace, self.name)


class Column(models.Model):
    """A field of a dataset; nested fields by dotted path."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="columns", db_index=False)
    path = models.CharField(max_length=500)
    ordinal = models.PositiveIntegerField(default=0)
    type = models.CharField(max_length=40, blank=True)
    native_type = models.CharField(max_length=200, blank=True)
    nullable = models.BooleanField(default=True)
    primary_key = models.BooleanField(default=False)
    unique = models.BooleanField(default=False)
    description = models.TextField(blank=True)
    sensitivity = models.CharField(
        max_length=20, choices=SENSITIVITY_CHOICES, default=Sensitivity.NONE.value
    )
    sensitivity_reason = models.CharField(max_length=500, blank=True)
    unmasked = models.BooleanField(default=False)
    tags = models.JSONField(default=list)

    class Meta:
        ordering = ["ordinal", "path"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "path"], name="column_path_once_per_dataset")
        ]

    def __str__(self) -> str:
        return self.path

    @property
    def may_hold_back(self) -> bool:
        """Whether a harvest may keep values of the column back: of a class, or of texts nobody vouched for."""
        is_text = self.type in ("", "string", "object", "array")
        return self.sensitivity != Sensitivity.NONE.value or is_text


class Profile(models.Model):
    """What the last observation found of a dataset: one JSON list of `ColumnProfile` dumps."""

    dataset = models.OneToOneField(Dataset, models.CASCADE, related_name="profile")
    observed_at = models.DateTimeField()
    rows_profiled = models.BigIntegerField(null=True, blank=True)
    columns = models.JSONField(default=list)
    keys = models.JSONField(default=list)
    notes = models.JSONField(default=list)

    def __str__(self) -> str:
        return f"profile of {self.dataset}"


class Sample(models.Model):
    """Up to 20 masked rows of a dataset."""

    dataset = models.OneToOneField(Dataset, models.CASCADE, related_name="sample")
    taken_at = models.DateTimeField()
    columns = models.JSONField(default=list)
    rows = models.JSONField(default=list)
    masked = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"sample of {self.dataset}"


class DatasetHistory(models.Model):
    """The measured size of a dataset at each observation: the points of its charts."""

    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="history", db_index=False)
    observed_at = models.DateTimeField()
    row_count = models.BigIntegerField(null=True, blank=True)
    byte_size = models.BigIntegerField(null=True, blank=True)
    data_updated_at = models.DateTimeField(null=True, blank=True)
    quality_score = models.FloatField(null=True, blank=True)

    class Meta:
        ordering = ["observed_at"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "observed_at"], name="dataset_history_once")
        ]

    def __str__(self) -> str:
        return f"{self.dataset} at {self.observed_at}"
