"""Sources and their runs."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Source(models.Model):
    """A configured connector: what to read, when, and whose it is."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    connector = models.CharField(max_length=40)
    config = models.JSONField(default=dict, help_text="Secrets only as references: vault:NAME.")
    schedule = models.CharField(
        max_length=100,
        blank=True,
        help_text="Five cron fields, or `every 30m`; empty: by hand only.",
    )
    domain = models.ForeignKey("catalog.Domain", models.PROTECT, related_name="sources")
    team = models.ForeignKey(
        "catalog.Team", models.PROTECT, related_name="sources", null=True, blank=True
    )
    rules = models.JSONField(
        default=list, help_text="[{match, product, port}]: which datasets belong to which product."
    )
    is_paused = models.BooleanField(default=False)
    next_run_at = models.DateTimeField(null=True, blank=True, db_index=True)
    created_at = models.DateTimeField(default=timezone.now)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Secret(models.Model):
    """A secret of a team, encrypted; sources of the team refer to it as `vault:NAME`."""

    team = models.ForeignKey("catalog.Team", models.CASCADE, related_name="secrets")
    name = models.SlugField(max_length=63)
    note = models.CharField(max_length=200, blank=True)
    sealed = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    created_by = models.ForeignKey(
        "catalog.User", models.SET_NULL, related_name="+", null=True, blank=True
    )
    replaced_at = models.DateTimeField(null=True, blank=True)
    replaced_by = models.ForeignKey(
        "catalog.User", models.SET_NULL, related_name="+", null=True, blank=True
    )

    class Meta:
        ordering = ["team__name", "name"]
        constraints = [
            models.UniqueConstraint(fields=["team", "name"], name="secret_once_in_a_team")
        ]

    def __str__(self) -> str:
        return f"vault:{self.name}"


class RunState(models.TextChoices):
    """Where a run stands."""

    QUEUED = "queued", "Waiting for a worker"
    RUNNING = "running", "Running"
    SUCCEEDED = "succeeded", "Succeeded"
    PARTIAL = "partial", "Succeeded with problems"
    FAILED = "failed", "Failed"
    HELD = "held", "Held back: would remove too much"
    LOST = "lost", "Lost: its worker died"
    CANCELLED = "cancelled", "Cancelled"


class Run(models.Model):
    """One harvest of one source."""

    source = models.ForeignKey(Source, models.CASCADE, related_name="runs")
    state = models.CharField(max_length=10, choices=RunState.choices, default=RunState.QUEUED)
    trigger = models.CharField(max_length=12, default="manual")
    triggered_by = models.ForeignKey(
        "catalog.User", models.SET_NULL, related_name="+", null=True, blank=True
    )
    confirm_removal = models.BooleanField(default=False)
    as_of = models.DateTimeField(null=True, blank=True, help_text="Date of a backdated harvest.")
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    heartbeat_at = models.DateTimeField(null=True, blank=True)
    worker = models.CharField(max_length=200, blank=True)
    found_count = models.PositiveIntegerField(null=True, blank=True)
    done_count = models.PositiveIntegerField(default=0)
    current = models.CharField(max_length=500, blank=True)
    created_count = models.PositiveIntegerField(default=0)
    changed_count = models.PositiveIntegerField(default=0)
    unchanged_count = models.PositiveIntegerField(default=0)
    gone_count = models.PositiveIntegerField(default=0)
    problem_count = models.PositiveIntegerField(default=0)
    error = models.TextField(blank=True)

    class Meta:
        ordering = ["-queued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state="running"),
                name="run_one_at_a_time_per_source",
            ),
            models.UniqueConstraint(
                fields=["source"],
                condition=models.Q(state="queued"),
                name="run_one_waiting_per_source",
            ),
        ]

    def __str__(self) -> str:
        return f"run {self.pk} of {self.source}"


class RunLine(models.Model):
    """One line of a run's log."""

    run = models.ForeignKey(Run, models.CASCADE, related_name="lines")
    at = models.DateTimeField(default=timezone.now)
    level = models.CharField(max_length=8, default="info")
    text = models.TextField()

    class Meta:
        ordering = ["id"]

    def __str__(self) -> str:
        return self.text


class Chore(models.Model):
    """Something that is done again and again: what, how often, and how it went."""

    name = models.SlugField(max_length=40, unique=True)
    task = models.CharField(max_length=100)
    about = models.CharField(max_length=200, blank=True)
    every = models.PositiveIntegerField(help_text="Seconds.")
    is_enabled = models.BooleanField(default=True)
    next_at = models.DateTimeField(default=timezone.now)
    sent_at = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    error = models.CharField(max_length=500, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(every__gte=1),
                name="chore_at_most_once_a_second",
                violation_error_message="At most once a second.",
            )
        ]

    def __str__(self) -> str:
        return self.name


class Worker(models.Model):
    """A process that does tasks, as it last said itself."""

    name = models.CharField(max_length=200, unique=True, help_text="`host:pid`")
    queues = models.JSONField(default=list)
    started_at = models.DateTimeField()
    heard_at = models.DateTimeField()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
