"""Domains and their stewards."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import filters
from catalog.api.caller import person
from catalog.api.changing import CHANGES, CREATES, ENDS, STATES, Changing, Stated, find_named
from catalog.api.people import account_named
from catalog.api.schema import IF_NONE_MATCH
from catalog.api.serializers.domains import (
    DomainBody,
    DomainEditBody,
    DomainSerializer,
    StewardSerializer,
)
from catalog.api.tables import Tabled
from catalog.contracts.break_policy import set_breaking_changes
from catalog.merging import retire_domain
from catalog.models import Domain, DomainSteward, Team, User
from catalog.people.domains import save_domain
from catalog.people.refusals import need_domain
from catalog.people.teams import remove_steward, set_steward
from catalog.registry.renaming import rename_domain

KEY = "[-a-zA-Z0-9_]{1,64}"


@extend_schema_view(
    destroy=extend_schema(parameters=ENDS),
    retrieve=extend_schema(parameters=[IF_NONE_MATCH]),
    create=extend_schema(parameters=CREATES, request=DomainBody, responses={201: DomainSerializer}),
    update=extend_schema(
        parameters=STATES,
        request=DomainBody,
        responses={200: DomainSerializer, 201: DomainSerializer},
    ),
    partial_update=extend_schema(
        parameters=CHANGES, request=DomainEditBody, responses=DomainSerializer
    ),
)
class DomainViewSet(Stated[Domain], Tabled, viewsets.ReadOnlyModelViewSet[Domain]):
    """The business areas of the mesh."""

    serializer_class = DomainSerializer
    body_class = DomainBody
    edit_class = DomainEditBody
    filterset_class = filters.DomainFilterSet
    lookup_field = "key"
    lookup_value_regex = KEY
    queryset = Domain.objects.none()
    orderings = {"key": "key", "name": "name"}
    bare = {
        "description": "",
        "parent": None,
        "visibility": "everyone",
        "team": None,
        "breakingChanges": "flag",
    }

    def get_queryset(self) -> QuerySet[Domain]:
        """Return the domains the caller may see."""
        return Domain.objects.visible_to(self.request.user).select_related("parent", "team")

    def save(self, key: str, said: Mapping[str, Any], by: User, *, is_new: bool) -> None:
        """Store a domain that is stated whole."""
        domain = save_domain(
            key,
            name=said["name"],
            by=by,
            description=said["description"],
            parent=find_named("parent", said["parent"], Domain.objects.visible_to(by)),
            visibility=said["visibility"],
            team=find_named("team", said["team"], Team.objects.visible_to(by)),
            hue=said.get("hue"),
            is_new=is_new,
        )
        set_breaking_changes(domain, said["breakingChanges"], by=by)

    def rename(self, row: Domain, key: str, by: User) -> None:
        """Give a domain another key; the one it had goes on leading to it."""
        rename_domain(row, key, by=by)

    def retire(self, row: Domain, successor: Domain | None, by: User) -> None:
        """End a domain; what it has goes to the successor."""
        retire_domain(row, successor=successor, by=by)

    def stated(self, row: Domain) -> Mapping[str, Any]:
        """Return what stewards state of a domain."""
        names = ("name", "description", "parent", "visibility", "team", "hue")
        stated = {name: getattr(row, name) for name in names}
        return {**stated, "breakingChanges": row.breaking_changes}


class StewardViewSet(Changing[DomainSteward], viewsets.GenericViewSet[DomainSteward]):
    """The people who steward a domain and everything below it."""

    serializer_class = StewardSerializer
    queryset = DomainSteward.objects.none()
    takes = {"update": ("dryRun",), "destroy": ("dryRun",)}

    def get_queryset(self) -> QuerySet[DomainSteward]:
        """Return the stewards of the domain."""
        rows = self._domain().stewardships.select_related("user")
        return rows.filter(user__is_active=True).order_by("pk")

    @extend_schema(responses=StewardSerializer(many=True))
    def list(self, request: Request, key: str) -> Response:
        """List them, for callers who say who they are."""
        person(request)
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(
        parameters=CREATES,
        request=None,
        responses={200: StewardSerializer, 201: StewardSerializer},
    )
    def update(self, request: Request, key: str, username: str) -> Response:
        """Make a person steward: stewards of the domain and platform admins. 201 where they were not."""
        with self.change(request) as user:
            domain = self._domain()
            need_domain(user, domain)
            rows = domain.stewardships.filter(user__username=username)
            is_new = not rows.exists()
            set_steward(domain, account_named(username), by=user)
            return self.shown(request, rows.select_related("user"), is_new=is_new)

    @extend_schema(parameters=CREATES)
    def destroy(self, request: Request, key: str, username: str) -> Response:
        """End a stewardship."""
        with self.change(request) as user:
            domain = self._domain()
            need_domain(user, domain)
            steward = get_object_or_404(domain.stewardships, user__username=username)
            remove_steward(domain, steward.user, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _domain(self) -> Domain:
        seen = Domain.objects.visible_to(self.request.user)
        return get_object_or_404(seen, key=self.kwargs["key"])
