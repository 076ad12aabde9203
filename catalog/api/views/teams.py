"""Teams and who is in them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import status, viewsets
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import conditions, filters
from catalog.api.caller import person
from catalog.api.changing import CHANGES, CREATES, ENDS, STATES, Changing, Stated, find_named
from catalog.api.people import account_named
from catalog.api.schema import IF_NONE_MATCH
from catalog.api.serializers.teams import (
    MemberBody,
    MemberSerializer,
    TeamBody,
    TeamEditBody,
    TeamSerializer,
)
from catalog.api.tables import Tabled
from catalog.api.views.domains import KEY
from catalog.merging import retire_team
from catalog.models import Domain, Membership, Team, User
from catalog.people.refusals import need_members
from catalog.people.teams import save_team, set_member
from catalog.registry.renaming import rename_team


@extend_schema_view(
    destroy=extend_schema(parameters=ENDS),
    retrieve=extend_schema(parameters=[IF_NONE_MATCH]),
    create=extend_schema(parameters=CREATES, request=TeamBody, responses={201: TeamSerializer}),
    update=extend_schema(
        parameters=STATES, request=TeamBody, responses={200: TeamSerializer, 201: TeamSerializer}
    ),
    partial_update=extend_schema(
        parameters=CHANGES, request=TeamEditBody, responses=TeamSerializer
    ),
)
class TeamViewSet(Stated[Team], Tabled, viewsets.ReadOnlyModelViewSet[Team]):
    """The teams that own products."""

    serializer_class = TeamSerializer
    body_class = TeamBody
    edit_class = TeamEditBody
    filterset_class = filters.TeamFilterSet
    lookup_field = "key"
    lookup_value_regex = KEY
    queryset = Team.objects.none()
    orderings = {"key": "key", "name": "name"}
    bare = {"domain": None, "description": "", "contact": ""}

    def get_queryset(self) -> QuerySet[Team]:
        """Return the teams the caller may know of."""
        return Team.objects.visible_to(self.request.user).select_related("domain")

    def save(self, key: str, said: Mapping[str, Any], by: User, *, is_new: bool) -> None:
        """Store a team that is stated whole."""
        save_team(
            key,
            name=said["name"],
            by=by,
            domain=find_named("domain", said["domain"], Domain.objects.visible_to(by)),
            description=said["description"],
            contact=said["contact"],
            is_new=is_new,
        )

    def rename(self, row: Team, key: str, by: User) -> None:
        """Give a team another key; the one it had goes on leading to it."""
        rename_team(row, key, by=by)

    def retire(self, row: Team, successor: Team | None, by: User) -> None:
        """End a team; what it has goes to the successor."""
        retire_team(row, successor=successor, by=by)

    def stated(self, row: Team) -> Mapping[str, Any]:
        """Return what stewards state of a team."""
        return {name: getattr(row, name) for name in ("name", *self.bare)}


class MemberViewSet(Changing[Membership], viewsets.GenericViewSet[Membership]):
    """Who is in a team, and as what."""

    serializer_class = MemberSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        """Return the members who may sign in."""
        rows = self._team().memberships.select_related("user")
        return rows.filter(user__is_active=True).order_by("pk")

    @extend_schema(responses=MemberSerializer(many=True))
    def list(self, request: Request, key: str) -> Response:
        """List them, for callers who say who they are."""
        person(request)
        page = self.paginate_queryset(self.get_queryset())
        return self.get_paginated_response(self.get_serializer(page, many=True).data)

    @extend_schema(parameters=[IF_NONE_MATCH])
    def retrieve(self, request: Request, key: str, username: str) -> Response:
        """Return the role of one person, with the tag that a conditional change names."""
        person(request)
        member = get_object_or_404(self.get_queryset(), user__username=username)
        return conditions.answer(request, self.body(member))

    @extend_schema(
        parameters=STATES,
        request=MemberBody,
        responses={200: MemberSerializer, 201: MemberSerializer},
    )
    def update(self, request: Request, key: str, username: str) -> Response:
        """Give a person a role: owners of the team, stewards of its domain, admins. 201 where they were not in it."""
        form = MemberBody(data=request.data)
        form.is_valid(raise_exception=True)
        with self.change(request) as user:
            team = self._team()
            need_members(user, team)
            rows = team.memberships.filter(user__username=username).select_related("user")
            before = self.known(request, rows)
            set_member(team, account_named(username), role=form.validated_data["role"], by=user)
            return self.shown(request, rows, is_new=before is None)

    @extend_schema(parameters=CHANGES)
    def destroy(self, request: Request, key: str, username: str) -> Response:
        """Take a person out of the team."""
        with self.change(request) as user:
            team = self._team()
            need_members(user, team)
            rows = team.memberships.filter(user__username=username).select_related("user")
            self.known(request, rows)
            set_member(team, get_object_or_404(rows).user, role=None, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    def _team(self) -> Team:
        seen = Team.objects.visible_to(self.request.user).select_related("domain")
        return get_object_or_404(seen, key=self.kwargs["key"])
