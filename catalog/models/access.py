"""Access requests, grants, notifications."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.utils import timezone


class RequestState(models.TextChoices):
    """Where a request stands; the moves are in `catalog.access.states`."""

    OPEN = "open", "Waiting for a decision"
    APPROVED = "approved", "Approved"
    REJECTED = "rejected", "Rejected"
    WITHDRAWN = "withdrawn", "Withdrawn"


class GrantState(models.TextChoices):
    """Where a grant stands; the moves are in `catalog.access.states`."""

    ACTIVE = "active", "Active"
    REVOKED = "revoked", "Revoked"
    EXPIRED = "expired", "Expired"
    RENEWED = "renewed", "Renewed"


class AccessRequest(models.Model):
    """Somebody asks for an output port, for a purpose, until a day."""

    port = models.ForeignKey("catalog.Port", models.CASCADE, related_name="access_requests")
    requester = models.ForeignKey("catalog.User", models.PROTECT, related_name="access_requests")
    grantee_team = models.ForeignKey(
        "catalog.Team",
        models.PROTECT,
        related_name="access_requests",
        null=True,
        blank=True,
        help_text="Asked for this team; empty: for the requester.",
    )
    purpose = models.TextField()
    note = models.TextField(blank=True)
    ends_on = models.DateField(null=True, blank=True)
    renews = models.ForeignKey(
        "catalog.Grant", models.SET_NULL, related_name="renewals", null=True, blank=True
    )
    state = models.CharField(max_length=10, choices=RequestState.choices, default=RequestState.OPEN)
    created_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        "catalog.User", models.PROTECT, related_name="decisions", null=True, blank=True
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    comment = models.TextField(blank=True)
    is_self_decided = models.BooleanField(
        default=False, help_text="The only owner decided on an own request."
    )

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["port", "requester"],
                condition=models.Q(state="open", grantee_team__isnull=True),
                name="request_open_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["port", "grantee_team"],
                condition=models.Q(state="open", grantee_team__isnull=False),
                name="request_open_once_per_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.requester} asks for {self.port}"


class GrantQuerySet(models.QuerySet["Grant"]):
    """Rights to use ports."""

    def current(self, day: date | None = None) -> Self:
        """Keep what opens something on a day (default: today); the last day counts."""
        day = day or timezone.localdate()
        return self.filter(
            models.Q(ends_on__isnull=True) | models.Q(ends_on__gte=day), state=GrantState.ACTIVE
        )


class Grant(models.Model):
    """The right to use a port, of one person or one team, in a window of time."""

    request = models.OneToOneField(
        AccessRequest, models.CASCADE, related_name="grant", null=True, blank=True
    )
    port = models.ForeignKey("catalog.Port", models.CASCADE, related_name="grants")
    user = models.ForeignKey(
        "catalog.User", models.PROTECT, related_name="grants", null=True, blank=True
    )
    team = models.ForeignKey(
        "catalog.Team", models.PROTECT, related_name="grants", null=True, blank=True
    )
    state = models.CharField(max_length=8, choices=GrantState.choices, default=GrantState.ACTIVE)
    starts_at = models.DateTimeField(default=timezone.now)
    ends_on = models.DateField(
        null=True, blank=True, help_text="Last day of the right; empty: open."
    )
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(
        "catalog.User", models.PROTECT, related_name="ended_grants", null=True, blank=True
    )
    end_comment = models.TextField(blank=True)
    noticed_days = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="Which notice ahead of the end was sent last (14 or 1)."
    )

    objects = models.Manager.from_queryset(GrantQuerySet)()

    class Meta:
        ordering = ["-starts_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["port", "user"],
                condition=models.Q(state="active", user__isnull=False),
                name="grant_current_once_per_person",
            ),
            models.UniqueConstraint(
                fields=["port", "team"],
                condition=models.Q(state="active", team__isnull=False),
                name="grant_current_once_per_team",
            ),
            models.CheckConstraint(
                condition=models.Q(user__isnull=False, team__isnull=True)
                | models.Q(user__isnull=True, team__isnull=False),
                name="grant_has_one_grantee",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user or self.team} may use {self.port}"


class Notification(models.Model):
    """Something a person should know, made from the event log by a follower."""

    user = models.ForeignKey("catalog.User", models.CASCADE, related_name="notifications")
    event = models.ForeignKey("catalog.Event", models.PROTECT, related_name="notifications")
    kind = models.CharField(max_length=40)
    text = models.CharField(max_length=500)
    url = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    read_at = models.DateTimeField(null=True, blank=True)
    mailed_at = models.DateTimeField(null=True, blank=True)
    chatted_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["user", "event"], name="notified_once_per_event")
        ]
        indexes = [models.Index(fields=["user", "read_at"])]

    def __str__(self) -> str:
        return self.text
