"""Keys that domains and teams had: their addresses lead on, and what was said under them goes on counting."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.domains import Domain
from catalog.models.people import Team


class FormerKey(models.Model):
    """A key that a domain or a team had, or one that came into it."""

    key = models.SlugField(max_length=64)
    domain = models.ForeignKey(
        Domain, models.CASCADE, related_name="former_keys", null=True, blank=True
    )
    team = models.ForeignKey(
        Team, models.CASCADE, related_name="former_keys", null=True, blank=True
    )
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["key"]
        constraints = [
            models.UniqueConstraint(
                fields=["key"], condition=Q(domain__isnull=False), name="former_domain_key_once"
            ),
            models.UniqueConstraint(
                fields=["key"], condition=Q(team__isnull=False), name="former_team_key_once"
            ),
            models.CheckConstraint(
                condition=Q(domain__isnull=True) ^ Q(team__isnull=True),
                name="former_key_of_one_subject",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.key}, now {self.domain or self.team}"
