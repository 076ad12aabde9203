"""Edges: directed, dated dependencies between datasets."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class EdgeKind(models.TextChoices):
    """Where an edge comes from. A foreign key is a relation, not a flow of data."""

    VIEW = "view", "A view reads it"
    FOREIGN_KEY = "foreign-key", "A foreign key refers to it"
    DECLARED = "declared", "Declared by an owner"


class Edge(models.Model):
    """Data of `upstream` goes into `downstream` (or, for a foreign key, `downstream` refers to it)."""

    upstream = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="edges_out")
    downstream = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="edges_in")
    kind = models.CharField(max_length=12, choices=EdgeKind.choices)
    columns = models.JSONField(default=list, help_text="[[upstream column, downstream column]]")
    source = models.CharField(max_length=200, help_text="Who says so.")
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["upstream", "downstream", "kind"],
                condition=models.Q(ended_at__isnull=True),
                name="edge_current_once",
            )
        ]
        indexes = [models.Index(fields=["downstream", "ended_at"])]

    def __str__(self) -> str:
        return f"{self.upstream} -> {self.downstream}"
