"""What moves data: jobs, their runs, and what these read and write."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.models import Dataset, User
from catalog.visibility import SIGNED_IN, viewer_tokens


class JobType(models.TextChoices):
    """How a job runs."""

    BATCH = "BATCH", "Batch"
    STREAM = "STREAM", "Stream"
    SERVICE = "SERVICE", "Service"


class RunState(models.TextChoices):
    """How far a run has come; the last three are final."""

    NEW = "NEW", "New"
    RUNNING = "RUNNING", "Running"
    COMPLETED = "COMPLETED", "Completed"
    FAILED = "FAILED", "Failed"
    ABORTED = "ABORTED", "Aborted"


class Direction(models.TextChoices):
    """Whether a job reads a dataset or writes it."""

    IN = "in", "Reads"
    OUT = "out", "Writes"


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs: hidden from whoever may not see all that they write (or read, where they write nothing)."""

    def visible_to(self, user: User | AnonymousUser) -> JobQuerySet:
        """Keep the jobs that a person may know of."""
        tokens = viewer_tokens(user)
        if tokens is None:
            return self
        hidden = _touched(~Q(dataset__audience__in=tokens))
        reads_only = ~Exists(JobDataset.objects.filter(job=OuterRef("pk"), direction="out"))
        return self.filter(audience__in=tokens).exclude(
            Exists(hidden.filter(direction="out")) | (reads_only & Exists(hidden))
        )

    def open_to(self, user: User | AnonymousUser) -> JobQuerySet:
        """Keep the jobs whose statements, facets and errors a person may read: sees all they touch."""
        tokens = viewer_tokens(user)
        if tokens is None:
            return self
        hidden = _touched(~Q(dataset__audience__in=tokens))
        return self.filter(audience__in=tokens).exclude(Exists(hidden))


def _touched(condition: Q) -> models.QuerySet[JobDataset]:
    return JobDataset.objects.filter(condition, job=OuterRef("pk"))


class Job(models.Model):
    """Something that moves data, by the OpenLineage pair (namespace, name)."""

    namespace = models.CharField(max_length=500)
    name = models.CharField(max_length=1000)
    type = models.CharField(max_length=8, choices=JobType.choices, default=JobType.BATCH.value)
    description = models.TextField(blank=True)
    location = models.TextField(blank=True, help_text="Where its code is.")
    sql = models.TextField(blank=True)
    facets = models.JSONField(default=dict, help_text="Name -> the newest facet, as it came.")
    facet_marks = models.JSONField(default=dict, help_text="Name -> [time, hash] of the facet.")
    audience = models.CharField(max_length=40, default=SIGNED_IN)
    domain = models.ForeignKey(
        "catalog.Domain", models.SET_NULL, related_name="jobs", null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now, help_text="When it was first told of.")
    updated_at = models.DateTimeField(default=timezone.now, help_text="When it was last told of.")
    deleted_at = models.DateTimeField(null=True, blank=True)

    objects = models.Manager.from_queryset(JobQuerySet)()

    class Meta:
        ordering = ["namespace", "name"]
        constraints = [models.UniqueConstraint(fields=["namespace", "name"], name="job_once")]
        indexes = [models.Index(fields=["updated_at", "id"])]

    def __str__(self) -> str:
        return self.name


class JobRun(models.Model):
    """One run of a job. `job` is empty where a run is known only as somebody's parent."""

    run_id = models.UUIDField(unique=True)
    job = models.ForeignKey(Job, models.CASCADE, related_name="runs", null=True, blank=True)
    job_mark = models.JSONField(default=list, help_text="[time, hash] of the event that named it.")
    parent_run_id = models.UUIDField(null=True, blank=True, db_index=True)
    root_run_id = models.UUIDField(null=True, blank=True)
    state = models.CharField(max_length=9, choices=RunState.choices, default=RunState.NEW.value)
    state_mark = models.JSONField(default=list, help_text="[time, hash] of the event that set it.")
    nominal_start_at = models.DateTimeField(null=True, blank=True)
    nominal_end_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    duration_ms = models.BigIntegerField(null=True, blank=True)
    first_event_at = models.DateTimeField(default=timezone.now)
    last_event_at = models.DateTimeField(default=timezone.now)
    facets = models.JSONField(default=dict, help_text="Name -> the newest facet, as it came.")
    facet_marks = models.JSONField(default=dict, help_text="Name -> [time, hash] of the facet.")
    error_message = models.TextField(blank=True)

    class Meta:
        ordering = ["-last_event_at", "-id"]
        indexes = [models.Index(fields=["job", "-last_event_at"])]

    def __str__(self) -> str:
        return str(self.run_id)


class JobDataset(models.Model):
    """What a job reads or writes, over all that was told of it."""

    job = models.ForeignKey(Job, models.CASCADE, related_name="datasets")
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="jobs")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    first_seen_at = models.DateTimeField(default=timezone.now)
    last_seen_at = models.DateTimeField(default=timezone.now)
    claim = models.ForeignKey(
        "lineage.ClaimBody",
        models.SET_NULL,
        related_name="+",
        null=True,
        blank=True,
        db_index=False,
        help_text="The newest that was claimed of the columns it writes.",
    )
    claim_at = models.DateTimeField(null=True, blank=True)
    claim_hash = models.CharField(max_length=64, blank=True)
    is_exact = models.BooleanField(
        default=False, help_text="Some run said exactly what flows in, and nothing else."
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["job", "dataset", "direction"], name="job_dataset_once")
        ]

    def __str__(self) -> str:
        return f"{self.job} {self.direction} {self.dataset}"


class RunDataset(models.Model):
    """What one run (or one statement about a job, without a run) says of a dataset it reads or writes.

    From these rows the intervals of edges can be computed anew at any time.
    """

    run = models.ForeignKey(JobRun, models.CASCADE, related_name="datasets", null=True, blank=True)
    job = models.ForeignKey(
        Job, models.CASCADE, related_name="+", null=True, blank=True, db_index=False
    )
    statement = models.CharField(
        max_length=64, blank=True, help_text="Hash of the event that stated it without a run."
    )
    dataset = models.ForeignKey(Dataset, models.CASCADE, related_name="+")
    direction = models.CharField(max_length=3, choices=Direction.choices)
    first_seen_at = models.DateTimeField()
    last_seen_at = models.DateTimeField()
    facets = models.JSONField(default=dict, help_text="Input, output and lineage facets, by name.")
    facet_marks = models.JSONField(default=dict, help_text="Name -> [time, hash] of the facet.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["run", "job", "dataset", "direction"],
                condition=Q(run__isnull=False),
                name="run_dataset_once",
            ),
            models.UniqueConstraint(
                fields=["job", "statement", "dataset", "direction"],
                condition=Q(run__isnull=True),
                name="statement_dataset_once",
            ),
            models.UniqueConstraint(
                fields=["statement", "dataset", "direction"],
                condition=Q(run__isnull=True, job__isnull=True),
                name="statement_alone_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.run or self.job} {self.direction} {self.dataset}"
