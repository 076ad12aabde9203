"""People, teams and their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import datetime
from typing import Self

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from catalog.visibility import Tokens, teams_in, viewer_tokens


class User(AbstractUser):
    """A person who signs in. `is_superuser` makes a platform admin."""

    display_name = models.CharField(max_length=200, blank=True)
    job_title = models.CharField(max_length=200, blank=True)
    session_round = models.PositiveIntegerField(
        default=0,
        help_text="Grows whenever all sessions end; a session is of the round it began in.",
    )

    class Meta:
        ordering = ["username"]

    def __str__(self) -> str:
        return self.display_name or self.get_full_name() or self.username

    def get_session_auth_hash(self) -> str:
        """Bind sessions to the password, as Django does, and to the round."""
        return self._of_round(super().get_session_auth_hash())

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """Do the same with former keys of the installation."""
        return map(self._of_round, super().get_session_auth_fallback_hash())

    def _of_round(self, own: str) -> str:
        return f"{own}.{self.session_round}" if self.session_round else own

    @property
    def initials(self) -> str:
        """Up to two letters for the round mark beside a name."""
        words = str(self).split()
        return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()


class TeamQuerySet(models.QuerySet["Team"]):
    """Teams."""

    def visible_to(self, user: object) -> Self:
        """Keep the teams a person may know of."""
        return self.known_to(viewer_tokens(user))

    def known_to(self, tokens: Tokens) -> Self:
        """Keep the teams at home in a domain that is seen, one's own, and the owners of what is seen."""
        if tokens is None:
            return self
        known = Q(domain__isnull=True) | Q(domain__audience__in=tokens) | Q(pk__in=teams_in(tokens))
        for owned in self.model._meta.related_objects:
            if owned.name in ("products", "datasets", "led_domains"):
                rows = owned.related_model._base_manager.filter(audience__in=tokens)
                known |= Q(Exists(rows.filter(**{owned.field.name: OuterRef("pk")})))
        return self.filter(known)

    def without_owner(self) -> Self:
        """Keep the teams that no owner who may sign in speaks for."""
        owners = Membership.objects.filter(role=Role.OWNER, user__is_active=True)
        return self.filter(~Exists(owners.filter(team=OuterRef("pk"))))


class Team(models.Model):
    """People who own products and datasets together."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    domain = models.ForeignKey(
        "catalog.Domain", models.PROTECT, related_name="teams", null=True, blank=True
    )
    contact = models.CharField(max_length=300, blank=True)
    members = models.ManyToManyField(User, through="catalog.Membership", related_name="teams")
    created_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(TeamQuerySet)()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Role(models.TextChoices):
    """What a member is in a team; the rights are in `catalog.people.policies`."""

    OWNER = "owner", "Owner"
    STEWARD = "steward", "Steward"
    ENGINEER = "engineer", "Engineer"
    MEMBER = "member", "Member"


class Membership(models.Model):
    """One person in one team, in one role."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")
    role = models.CharField(max_length=16, choices=Role.choices, default=Role.MEMBER)
    since = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["team", "user"]
        constraints = [
            models.UniqueConstraint(fields=["team", "user"], name="membership_once_per_team")
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team} as {self.role}"


class DomainSteward(models.Model):
    """A person who stewards a domain and everything below it."""

    domain = models.ForeignKey("catalog.Domain", models.CASCADE, related_name="stewardships")
    user = models.ForeignKey(User, models.CASCADE, related_name="stewardships")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["domain", "user"], name="steward_once_per_domain")
        ]

    def __str__(self) -> str:
        return f"{self.user} stewards {self.domain}"


class TokenScope(models.TextChoices):
    """What a token may do in its user's name."""

    READ = "read", "Read"
    WRITE = "write", "Read and write"


class ApiToken(models.Model):
    """A key for machines: only its SHA-256 is kept."""

    user = models.ForeignKey(User, models.CASCADE, related_name="tokens")
    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12)
    digest = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=8, choices=TokenScope.choices, default=TokenScope.READ)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"

    @staticmethod
    def digest_of(secret: str) -> str:
        """Return the SHA-256 under which a secret is kept."""
        return hashlib.sha256(secret.encode()).hexdigest()

    def is_usable(self, now: datetime) -> bool:
        """Tell whether the token still opens something."""
        return self.revoked_at is None and self.expires_at > now and self.user.is_active
