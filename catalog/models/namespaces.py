"""Who owns the names of datasets and jobs."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone

from catalog.models.domains import Domain
from catalog.models.people import Team, User
from catalog.visibility import viewer_tokens


class ClaimOrigin(models.TextChoices):
    """How an owner came to a namespace."""

    HARVESTED = "harvested", "Harvested from its store"
    NAMED = "named", "Named by a source's configuration"
    GRANTED = "granted", "Granted"
    FORMER = "former", "Held before namespaces had owners"


class NamespaceClaimQuerySet(models.QuerySet["NamespaceClaim"]):
    """Claims on namespaces."""

    def visible_to(self, user: object) -> NamespaceClaimQuerySet:
        """Keep what a person may know of: claims of domains they see, and of their own teams."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if viewer_tokens(user) is None:
            return self
        seen = Domain.objects.visible_to(user).order_by().values("pk")
        known = Team.objects.visible_to(user).order_by().values("pk")
        mine = Q(team__in=user.teams.values("pk"))
        return self.filter(
            mine | (Q(domain__in=seen) | Q(domain=None)) & (Q(team__in=known) | Q(team=None))
        )


class NamespaceClaim(models.Model):
    """The names of a namespace that begin with `prefix` belong to a team, or to a domain with all its teams.

    Of several claims on one name the one with the longest prefix counts.
    """

    namespace = models.CharField(max_length=500)
    prefix = models.CharField(
        max_length=1000, blank=True, help_text="Empty: every name of the namespace."
    )
    team = models.ForeignKey(
        "catalog.Team", models.PROTECT, related_name="namespaces", null=True, blank=True
    )
    domain = models.ForeignKey(
        "catalog.Domain", models.PROTECT, related_name="namespaces", null=True, blank=True
    )
    origin = models.CharField(max_length=10, choices=ClaimOrigin.choices)
    source = models.CharField(
        max_length=100, blank=True, help_text="What claimed it, as `source:claims-warehouse`."
    )
    by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, blank=True)
    since = models.DateTimeField(default=timezone.now)
    note = models.CharField(max_length=500, blank=True)
    revision = models.PositiveIntegerField(default=1)
    disputed_at = models.DateTimeField(null=True, blank=True)
    disputed_by = models.ForeignKey(User, models.SET_NULL, related_name="+", null=True, blank=True)
    dispute = models.CharField(max_length=1000, blank=True, help_text="What speaks against it.")

    objects = models.Manager.from_queryset(NamespaceClaimQuerySet)()

    class Meta:
        ordering = ["namespace", "prefix"]
        constraints = [
            models.UniqueConstraint(fields=["namespace", "prefix"], name="namespace_claimed_once"),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(domain__isnull=False),
                name="namespace_has_an_owner",
                violation_error_message="Name the team or the domain that owns it.",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.namespace} {self.prefix}…" if self.prefix else self.namespace

    @property
    def owner(self) -> str:
        """The name of whoever owns it."""
        return str(self.team or self.domain)
