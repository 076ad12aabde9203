"""The numbered changes of the graph, for those who keep a copy of it."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


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
