"""The tables of the portal: what operators look after."""

from __future__ import annotations

from django.db import models
from django.utils import timezone


class Backup(models.Model):
    """One archive that was written in full."""

    made_at = models.DateTimeField(default=timezone.now, help_text="The moment it shows.")
    path = models.CharField(max_length=1000)
    host = models.CharField(max_length=200, blank=True, help_text="The machine it was made on.")
    byte_size = models.BigIntegerField()
    row_count = models.BigIntegerField()
    seconds = models.FloatField()

    class Meta:
        ordering = ["-made_at", "-id"]

    def __str__(self) -> str:
        return f"{self.path} of {self.made_at:%Y-%m-%d %H:%M}"


class SignInFailure(models.Model):
    """A wrong password, kept for a quarter of an hour; names and addresses as digests alone."""

    account = models.CharField(max_length=64)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "at"]),
            models.Index(fields=["address", "at"]),
        ]

    def __str__(self) -> str:
        return f"a failed sign-in at {self.at}"


class Installation(models.Model):
    """What is said of the installation as a whole: at most one row, with the key 1."""

    name = models.CharField(max_length=100, blank=True, help_text="Of the company or its mesh.")
    skipped = models.JSONField(default=list, help_text="First steps that are left out.")
    first_steps_ended_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.name or "Gazetteer"
