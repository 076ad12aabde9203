"""Calls that push many statements: kept for a day, to answer the same call the same and to count calls."""

from __future__ import annotations

from django.db import models

from catalog.models.people import ApiToken, User


class Push(models.Model):
    """One call. `finished_at` is empty while it runs; `touched_at` says that it still does."""

    user = models.ForeignKey(User, models.CASCADE, related_name="+")
    token = models.ForeignKey(ApiToken, models.SET_NULL, related_name="+", null=True, blank=True)
    key = models.CharField(max_length=200, blank=True, help_text="The Idempotency-Key; or empty.")
    fingerprint = models.CharField(max_length=64, blank=True, help_text="SHA-256 of the call.")
    started_at = models.DateTimeField()
    touched_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    answer = models.JSONField(null=True, blank=True, help_text="What was answered, without lines.")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "key"], condition=~models.Q(key=""), name="push_once_per_key"
            )
        ]
        indexes = [models.Index(fields=["user", "started_at"]), models.Index(fields=["started_at"])]

    def __str__(self) -> str:
        return f"push of {self.user} at {self.started_at:%Y-%m-%d %H:%M:%S}"
