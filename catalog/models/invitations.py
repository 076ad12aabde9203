"""Invitations: how people come in who have no account yet."""

from __future__ import annotations

from datetime import datetime
from typing import Self

from django.db import models
from django.utils import timezone

from catalog.models.people import Role, Team, User


class InvitationQuerySet(models.QuerySet["Invitation"]):
    """Invitations in every state."""

    def open(self, now: datetime) -> Self:
        """Keep what was neither used nor withdrawn, and has not ended."""
        return self.filter(accepted_at__isnull=True, revoked_at__isnull=True, expires_at__gt=now)


class Invitation(models.Model):
    """A link that lets one person in, once; only the SHA-256 of its secret is kept."""

    digest = models.CharField(max_length=64, unique=True)
    team = models.ForeignKey(
        Team, models.CASCADE, related_name="invitations", null=True, blank=True
    )
    role = models.CharField(max_length=16, choices=Role.choices, blank=True)
    email = models.EmailField(
        blank=True,
        help_text="Where it is for: the account has this address, and no other may use it.",
    )
    note = models.CharField(max_length=200, blank=True, help_text="Whom it is for, in words.")
    invited_by = models.ForeignKey(User, models.CASCADE, related_name="invitations")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    mailed_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, blank=True)

    objects = models.Manager.from_queryset(InvitationQuerySet)()

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(team__isnull=True, role="")
                | (models.Q(team__isnull=False) & ~models.Q(role="")),
                name="invitation_role_goes_with_team",
            )
        ]

    def __str__(self) -> str:
        return self.email or self.note or f"invitation {self.pk}"
