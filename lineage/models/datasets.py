"""What events say of datasets beside the catalog: facets, lifecycle, other names."""

from __future__ import annotations

from django.db import models


class FacetWay(models.TextChoices):
    """Whether a facet is of the dataset itself, or of it as an input or output of a run."""

    DATASET = "", "Dataset"
    INPUT = "in", "Input"
    OUTPUT = "out", "Output"


class DatasetFacet(models.Model):
    """The newest facet of one name, as it came; older ones stay in the events."""

    dataset = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="facets")
    name = models.CharField(max_length=200)
    way = models.CharField(max_length=3, choices=FacetWay.choices, blank=True, default="")
    event_time = models.DateTimeField()
    hash = models.CharField(max_length=64)
    body = models.JSONField()
    is_deleted = models.BooleanField(default=False)
    job = models.ForeignKey(
        "lineage.Job", models.SET_NULL, related_name="+", null=True, blank=True, db_index=False
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["dataset", "name", "way"], name="dataset_facet_once")
        ]

    def __str__(self) -> str:
        return f"{self.name} of {self.dataset}"


class DatasetLifecycle(models.Model):
    """A dataset was created, dropped, renamed, …: all that was told, one row each moment."""

    dataset = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="lifecycle")
    at = models.DateTimeField()
    change = models.CharField(
        max_length=10, help_text="ALTER CREATE DROP OVERWRITE RENAME TRUNCATE"
    )
    previous_namespace = models.CharField(max_length=500, blank=True)
    previous_name = models.CharField(max_length=1000, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(fields=["dataset", "at", "change"], name="lifecycle_once")
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.dataset}"


class DatasetAlias(models.Model):
    """Another name of a dataset: a symlink, or what it was called before it was renamed.

    Edges stand as they were named. A graph takes `node` wherever an edge says `dataset`; `node` is never
    an alias itself. `dataset` is empty where nothing was ever told of the other name alone.
    """

    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=1000)
    dataset = models.OneToOneField(
        "catalog.Dataset", models.CASCADE, related_name="alias", null=True, blank=True
    )
    node = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="aliases")
    kind = models.CharField(
        max_length=7, choices=[("symlink", "Symlink"), ("rename", "Former name")]
    )
    type = models.CharField(max_length=40, blank=True, help_text="TABLE, LOCATION, …")
    since = models.DateTimeField(null=True, blank=True, help_text="When it was renamed.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["namespace", "name"], name="dataset_alias_once")
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"
