"""Edges: directed, dated dependencies between datasets, and between their columns; their numbered changes."""

from __future__ import annotations

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone


class EdgeKind(models.TextChoices):
    """Where an edge comes from. A foreign key is a relation, not a flow of data."""

    VIEW = "view", "A view reads it"
    FOREIGN_KEY = "foreign-key", "A foreign key refers to it"
    DECLARED = "declared", "Declared by an owner"
    JOB = "job", "A job reported it"
    SQL = "sql", "Read from a statement"
    DBT = "dbt", "A dbt model reads it"
    MANUAL = "manual", "Drawn by an owner"


class Confidence(models.TextChoices):
    """How sure an edge is: said outright, follows from what was said, or guessed."""

    STATED = "stated", "Stated"
    DERIVED = "derived", "Derived"
    GUESSED = "guessed", "Guessed"


class EdgeQuerySet(models.QuerySet["Edge"]):
    """Edges of any time."""

    def current(self) -> EdgeQuerySet:
        """Keep the edges that hold now."""
        return self.filter(ended_at__isnull=True)

    def as_of(self, at: datetime) -> EdgeQuerySet:
        """Keep the edges that held at a moment: from `first_seen_at` until before `ended_at`."""
        held = Q(ended_at__isnull=True) | Q(ended_at__gt=at)
        return self.filter(held, first_seen_at__lte=at)

    def flows(self) -> EdgeQuerySet:
        """Leave out foreign keys, which are relations."""
        return self.exclude(kind=EdgeKind.FOREIGN_KEY)


class Edge(models.Model):
    """Data of `upstream` goes into `downstream` (or, for a foreign key, `downstream` refers to it).

    It holds from `first_seen_at` until before `ended_at`. What comes back after its end is a new row;
    no row is ever reopened or removed. Datasets stand as they were named; who is whose alias says
    `DatasetAlias`.
    """

    upstream = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="edges_out")
    downstream = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="edges_in")
    kind = models.CharField(max_length=12, choices=EdgeKind.choices)
    confidence = models.CharField(
        max_length=8, choices=Confidence.choices, default=Confidence.STATED.value
    )
    job = models.ForeignKey(
        "lineage.Job", models.CASCADE, related_name="edges", null=True, blank=True
    )
    last_run = models.ForeignKey(
        "lineage.JobRun",
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="The newest run that showed it.",
    )
    source = models.CharField(max_length=200, help_text="Who says so.")
    by = models.ForeignKey(
        "catalog.User",
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="Who drew it.",
    )
    note = models.CharField(max_length=500, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(EdgeQuerySet)()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream", "kind", "source"],
                condition=Q(ended_at__isnull=True, job__isnull=True),
                name="edge_current_once",
            ),
            models.UniqueConstraint(
                fields=["upstream", "downstream", "kind", "job"],
                condition=Q(ended_at__isnull=True, job__isnull=False),
                name="edge_of_job_current_once",
            ),
        ]
        indexes = [
            models.Index(fields=["downstream", "ended_at"]),
            models.Index(fields=["upstream", "ended_at"]),
        ]

    def __str__(self) -> str:
        return f"{self.upstream} -> {self.downstream}"


class ColumnEdge(models.Model):
    """A column of the edge's upstream goes into a column of its downstream, for a time.

    An empty `downstream_path` means every column: a filter or join that bears on all rows.
    """

    edge = models.ForeignKey(Edge, models.CASCADE, related_name="columns")
    upstream_path = models.CharField(max_length=500)
    downstream_path = models.CharField(max_length=500, blank=True)
    type = models.CharField(max_length=8, blank=True, help_text="DIRECT, INDIRECT or not said.")
    subtype = models.CharField(max_length=40, blank=True, help_text="IDENTITY, JOIN, …")
    is_masking = models.BooleanField(null=True, blank=True)
    description = models.CharField(max_length=500, blank=True)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["edge", "upstream_path", "downstream_path", "type", "subtype"],
                condition=Q(ended_at__isnull=True),
                name="column_edge_current_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.upstream_path} -> {self.downstream_path or '*'}"


class LineageChange(models.Model):
    """One transaction changed these edges. Numbers commit in order (see `lineage.adjacency.change_log`).

    Not told: that an edge was merely seen again (`last_seen_at`, `last_run`).
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(default=timezone.now)
    edges = models.JSONField(
        default=list, help_text="Ids of edges made, ended, re-dated, or whose columns changed."
    )
    has_aliases = models.BooleanField(default=False, help_text="Names of datasets were joined.")
    is_whole = models.BooleanField(default=False, help_text="Too much to list: read all anew.")

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return f"{self.id}: {len(self.edges)} edges"
