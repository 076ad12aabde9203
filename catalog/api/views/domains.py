"""Domains and teams."""

from __future__ import annotations

from django.db.models import QuerySet
from rest_framework import viewsets

from catalog.api import filters
from catalog.api.query import StrictView
from catalog.api.serializers.domains import DomainSerializer, TeamSerializer
from catalog.models import Domain, Team

KEY = "[-a-zA-Z0-9_]{1,64}"


class DomainViewSet(StrictView, viewsets.ReadOnlyModelViewSet[Domain]):
    """The business areas of the mesh."""

    serializer_class = DomainSerializer
    filterset_class = filters.DomainFilterSet
    lookup_field = "key"
    lookup_value_regex = KEY
    queryset = Domain.objects.none()
    orderings = {"key": "key", "name": "name"}

    def get_queryset(self) -> QuerySet[Domain]:
        """Return the domains the caller may see."""
        return Domain.objects.visible_to(self.request.user)


class TeamViewSet(StrictView, viewsets.ReadOnlyModelViewSet[Team]):
    """The teams that own products."""

    serializer_class = TeamSerializer
    filterset_class = filters.TeamFilterSet
    lookup_field = "key"
    lookup_value_regex = KEY
    queryset = Team.objects.none()
    orderings = {"key": "key", "name": "name"}

    def get_queryset(self) -> QuerySet[Team]:
        """Return the teams of domains the caller may see, and those of no domain."""
        seen = Domain.objects.visible_to(self.request.user)
        rows = Team.objects.filter(domain__in=seen) | Team.objects.filter(domain__isnull=True)
        return rows.select_related("domain")
