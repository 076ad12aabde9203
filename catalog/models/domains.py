"""Domains: the tree of business areas."""

from __future__ import annotations

from typing import Self, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.db import models
from django.utils import timezone

from catalog.descriptors import Visibility
from catalog.models.people import User
from catalog.visibility import PUBLIC, viewer_tokens

_Row = TypeVar("_Row", bound=models.Model)


class VisibleQuerySet(models.QuerySet[_Row]):
    """Rows that carry an `audience`."""

    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Keep what this person may know of."""
        tokens = viewer_tokens(user)
        return self if tokens is None else self.filter(audience__in=tokens)


VISIBILITY_CHOICES = [
    (Visibility.EVERYONE.value, "Everyone"),
    (Visibility.SIGNED_IN.value, "Everyone signed in"),
    (Visibility.DOMAIN.value, "The domain's teams"),
    (Visibility.TEAM.value, "The owning team"),
]
BREAKING_CHOICES = [
    ("flag", "Take it and warn those it concerns"),
    ("refuse", "Refuse it until it has a new major version"),
]


class DomainQuerySet(VisibleQuerySet["Domain"]):
    """Domains."""


class Domain(models.Model):
    """A business area. `path` holds the keys from the root, each followed by a slash."""

    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=200)
    description = models.TextField(blank=True)
    parent = models.ForeignKey(
        "self", models.PROTECT, related_name="children", null=True, blank=True
    )
    path = models.CharField(max_length=700, db_index=True)
    hue = models.PositiveSmallIntegerField(
        default=0, help_text="Which colour of the categorical set (0 to 11) marks the domain."
    )
    visibility = models.CharField(
        max_length=16, choices=VISIBILITY_CHOICES, default=Visibility.EVERYONE.value
    )
    audience = models.CharField(max_length=40, default=PUBLIC, db_index=True)
    team = models.ForeignKey(
        "catalog.Team",
        models.PROTECT,
        related_name="led_domains",
        null=True,
        blank=True,
        help_text="The team that sees a domain kept to its team, and owns what names no other.",
    )
    breaking_changes = models.CharField(
        max_length=8,
        choices=BREAKING_CHOICES,
        default="flag",
        help_text="What becomes of a contract that breaks its consumers without a new major version.",
    )
    created_at = models.DateTimeField(default=timezone.now)

    objects = models.Manager.from_queryset(DomainQuerySet)()

    class Meta:
        ordering = ["path"]

    def __str__(self) -> str:
        return self.name

    @property
    def depth(self) -> int:
        """How many domains stand above this one."""
        return self.path.count("/") - 1
