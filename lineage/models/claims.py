"""What runs claimed of columns, kept so that the history of edges can be computed anew."""

from __future__ import annotations

from django.db import models
from django.db.models import Q


class ClaimBody(models.Model):
    """A claim's content, once, however many runs make it."""

    digest = models.CharField(max_length=64, unique=True)
    body = models.JSONField()

    def __str__(self) -> str:
        return self.digest[:12]


class RunClaim(models.Model):
    """One run (or one statement without a run) claimed this of a dataset it writes, for a time."""

    run = models.ForeignKey(
        "lineage.JobRun", models.CASCADE, related_name="claims", null=True, blank=True
    )
    job = models.ForeignKey(
        "lineage.Job", models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    statement = models.CharField(max_length=64, blank=True)
    dataset = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="+", db_index=False)
    body = models.ForeignKey(ClaimBody, models.PROTECT, related_name="+", db_index=False)
    first_at = models.DateTimeField()
    first_hash = models.CharField(max_length=64)
    last_at = models.DateTimeField()
    last_hash = models.CharField(max_length=64)

    class Meta:
        indexes = [models.Index(fields=["dataset", "job"])]
        constraints = [
            models.UniqueConstraint(
                fields=["run", "job", "dataset", "body"],
                condition=Q(run__isnull=False),
                name="run_claim_once",
            ),
            models.UniqueConstraint(
                fields=["statement", "dataset"],
                condition=Q(run__isnull=True),
                name="statement_claim_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.dataset}: {self.body}"


class AliasStatement(models.Model):
    """A dataset said that another name is its own; the newest statement about a name counts."""

    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=1000)
    dataset = models.ForeignKey("catalog.Dataset", models.CASCADE, related_name="+")
    kind = models.CharField(
        max_length=7, choices=[("symlink", "Symlink"), ("rename", "Former name")]
    )
    type = models.CharField(max_length=40, blank=True)
    at = models.DateTimeField()
    hash = models.CharField(max_length=64)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["namespace", "name", "dataset", "kind"], name="alias_stated_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.name}"
