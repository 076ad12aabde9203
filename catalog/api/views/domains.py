"""Domains and teams."""

from __future__ import annotations

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import viewsets
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import filters
from catalog.api.caller import person
from catalog.api.serializers.domains import (
    DomainEditSerializer,
    DomainSerializer,
    TeamSerializer,
)
from catalog.api.tables import Tabled
from catalog.contracts.break_policy import set_breaking_changes
from catalog.models import Domain, Team
from catalog.people import policies
from catalog.people.policies import Action

KEY = "[-a-zA-Z0-9_]{1,64}"


class DomainViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Domain]):
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

    @extend_schema(request=DomainEditSerializer, responses=DomainSerializer)
    def partial_update(self, request: Request, key: str) -> Response:
        """Say what the domain does with contracts that break without a new major version."""
        user, domain = person(request), self.get_object()
        if not policies.may(user, Action.MANAGE_DOMAIN, domain):
            raise PermissionDenied("Only stewards of the domain and admins change it.")
        form = DomainEditSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        set_breaking_changes(domain, form.validated_data["breakingChanges"], by=user)
        return Response(self.get_serializer(domain).data)


class TeamViewSet(Tabled, viewsets.ReadOnlyModelViewSet[Team]):
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
