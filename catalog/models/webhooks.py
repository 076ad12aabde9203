"""Webhooks: who wants which events where, how delivery goes, what no receiver took."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Webhook(models.Model):
    """A subscription of one person: events they may see are sent to `url`, in order.

    The secret is derived from `salt` and the key of the installation; neither tables nor backups hold it.
    """

    owner = models.ForeignKey("catalog.User", models.CASCADE, related_name="webhooks")
    name = models.CharField(max_length=100)
    url = models.CharField(max_length=1000)
    types = models.JSONField(default=list, help_text="As `contract.*`; empty: every type.")
    domain = models.ForeignKey(
        "catalog.Domain", models.CASCADE, related_name="+", null=True, blank=True
    )
    product = models.ForeignKey(
        "catalog.Product",
        models.DO_NOTHING,
        related_name="+",
        null=True,
        blank=True,
        db_constraint=False,
        help_text="May be deleted: its last event is sent too.",
    )
    salt = models.CharField(max_length=43)
    old_salt = models.CharField(max_length=43, blank=True)
    rotated_at = models.DateTimeField(null=True, blank=True)
    is_enabled = models.BooleanField(default=True)
    stopped_at = models.DateTimeField(null=True, blank=True)
    stopped_because = models.CharField(max_length=300, blank=True)
    verified_at = models.DateTimeField(
        null=True, blank=True, help_text="When the receiver agreed to get events."
    )
    rate = models.PositiveIntegerField(
        null=True, blank=True, help_text="Events a minute, as the receiver said."
    )
    event_id = models.BigIntegerField(default=0, help_text="How far it has come in the log.")
    tries = models.PositiveIntegerField(default=0, help_text="Tries of the next event that failed.")
    failing_since = models.DateTimeField(null=True, blank=True)
    retry_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True)
    lease = models.CharField(max_length=32, blank=True, db_index=True)
    leased_until = models.DateTimeField(null=True, blank=True)
    turn_at = models.DateTimeField(null=True, blank=True)
    delivered_at = models.DateTimeField(null=True, blank=True)
    tested_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["name", "id"]

    def __str__(self) -> str:
        return self.name


class WebhookAttempt(models.Model):
    """One call of a receiver. Only the last of each webhook are kept."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="attempts")
    kind = models.CharField(
        max_length=9, choices=[("event", "Event"), ("handshake", "Handshake"), ("test", "Test")]
    )
    event_id = models.BigIntegerField(null=True, blank=True)
    at = models.DateTimeField(default=timezone.now)
    took_ms = models.PositiveIntegerField()
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    problem = models.CharField(max_length=300, blank=True, help_text="Empty: it was taken.")

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["webhook", "id"])]

    def __str__(self) -> str:
        return f"{self.kind} {self.event_id or ''} to {self.webhook}: {self.status or self.problem}"


class WebhookLetter(models.Model):
    """An event that a receiver did not take in any try: a dead letter."""

    webhook = models.ForeignKey(Webhook, models.CASCADE, related_name="letters")
    event = models.ForeignKey(
        "catalog.Event", models.DO_NOTHING, related_name="+", db_constraint=False
    )
    tries = models.PositiveIntegerField()
    problem = models.CharField(max_length=300)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["event_id"]
        constraints = [
            models.UniqueConstraint(fields=["webhook", "event"], name="webhook_letter_once")
        ]

    def __str__(self) -> str:
        return f"event {self.event_id} to {self.webhook}"
