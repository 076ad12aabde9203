"""Every lineage event that was taken, whole."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class EventKind(models.TextChoices):
    """What an event tells of."""

    RUN = "run", "A run"
    JOB = "job", "A job"
    DATASET = "dataset", "A dataset"


class LineageEvent(models.Model):
    """An OpenLineage event as it came; the hash of its canonical JSON tells doubles."""

    hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField(max_length=7, choices=EventKind.choices)
    event_type = models.CharField(max_length=40, blank=True, help_text="START, COMPLETE, …")
    event_time = models.DateTimeField()
    received_at = models.DateTimeField(default=timezone.now)
    producer = models.CharField(max_length=500, blank=True)
    run_id = models.UUIDField(null=True, blank=True, db_index=True)
    job = models.ForeignKey(
        "lineage.Job", models.CASCADE, related_name="events", null=True, blank=True
    )
    dataset = models.ForeignKey(
        "catalog.Dataset", models.CASCADE, related_name="+", null=True, blank=True
    )
    by = models.ForeignKey(
        "catalog.User", models.SET_NULL, related_name="+", null=True, blank=True, db_index=False
    )
    body = models.JSONField()
    problems = models.JSONField(default=list, help_text="What was odd: [{path, message}].")

    class Meta:
        ordering = ["-event_time", "-id"]
        indexes = [models.Index(fields=["event_time", "id"])]

    def __str__(self) -> str:
        return f"{self.event_type or self.kind} {self.hash[:12]}"
