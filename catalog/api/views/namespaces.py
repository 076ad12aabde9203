"""Who owns the names of datasets and jobs."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import django_filters
from django.db import transaction
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import status, viewsets
from rest_framework.decorators import action
from rest_framework.generics import get_object_or_404
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api import conditions
from catalog.api.caller import person
from catalog.api.filters import StrictFilterSet, YesNoFilter
from catalog.api.problems import Conflict, Invalid
from catalog.api.schema import IF_MATCH, IF_NONE_MATCH
from catalog.api.serializers.namespaces import (
    DisputeSerializer,
    MovedNamespaceClaimSerializer,
    NamespaceClaimSerializer,
    NewNamespaceClaimSerializer,
)
from catalog.api.tables import Tabled
from catalog.events import log as event_log
from catalog.governance import namespaces as service
from catalog.governance.namespace_lists import listed
from catalog.models import Domain, NamespaceClaim, Team, User
from catalog.registry.outcomes import Problem


class NamespaceClaimFilterSet(StrictFilterSet):
    """Claims."""

    team = django_filters.CharFilter(field_name="team__key")
    domain = django_filters.CharFilter(field_name="domain__key")
    disputed = YesNoFilter(field_name="disputed_at", lookup_expr="isnull", exclude=True)

    class Meta:
        model = NamespaceClaim
        fields = ["namespace", "team", "domain", "disputed"]


class NamespaceClaimViewSet(Tabled, viewsets.ReadOnlyModelViewSet[NamespaceClaim]):
    """Namespaces (or the names in one that begin alike) and who owns them."""

    serializer_class = NamespaceClaimSerializer
    filterset_class = NamespaceClaimFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": "pk", "namespace": "namespace", "since": "since"}
    queryset = NamespaceClaim.objects.none()

    def get_queryset(self) -> QuerySet[NamespaceClaim]:
        """Return the claims the caller may know of."""
        return listed(person(self.request))

    @extend_schema(parameters=[IF_NONE_MATCH])
    def retrieve(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Return one claim; 304 when the caller holds just this (If-None-Match)."""
        return conditions.answer(request, self._body(self.get_object()))

    @extend_schema(request=NewNamespaceClaimSerializer, responses={201: NamespaceClaimSerializer})
    def create(self, request: Request) -> Response:
        """Give names to a team or domain: stewards of the domain and admins. 409 where they are claimed."""
        user = person(request)
        form = NewNamespaceClaimSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        data = form.validated_data
        with refusals():
            claim = service.grant_namespace(
                data["namespace"],
                data["prefix"],
                _owner(data, user),
                by=user,
                note=data.get("note", ""),
            )
        body = self._body(self.get_queryset().get(pk=claim.pk))
        tag = {"ETag": conditions.tag_of(body)}
        return Response(body, status=status.HTTP_201_CREATED, headers=tag)

    @extend_schema(
        parameters=[IF_MATCH],
        request=MovedNamespaceClaimSerializer,
        responses=NamespaceClaimSerializer,
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        """Give the names to another owner: stewards of both domains and admins. It ends a dispute."""
        user = person(request)
        form = MovedNamespaceClaimSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        owner = _owner(form.validated_data, user)
        with self._held(request, pk) as claim, refusals():
            note = form.validated_data.get("note", "")
            service.move_namespace(claim, owner, by=user, note=note)
        return self._answer(pk)

    @extend_schema(parameters=[IF_MATCH])
    def destroy(self, request: Request, pk: str) -> Response:
        """End a claim; its names are nobody's then, or of the wider claim. What is there stays."""
        user = person(request)
        with self._held(request, pk) as claim:
            service.release_namespace(claim, by=user)
        return Response(status=status.HTTP_204_NO_CONTENT)

    @extend_schema(
        parameters=[IF_MATCH], request=DisputeSerializer, responses=NamespaceClaimSerializer
    )
    @action(detail=True, methods=["post"], url_path="dispute")
    def dispute(self, request: Request, pk: str) -> Response:
        """Say what speaks against a claim, for its owner and the stewards to read."""
        user = person(request)
        form = DisputeSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with self._held(request, pk) as claim, refusals():
            service.dispute_namespace(claim, by=user, word=form.validated_data["word"])
        return self._answer(pk)

    @extend_schema(parameters=[IF_MATCH], request=None, responses=NamespaceClaimSerializer)
    @dispute.mapping.delete
    def keep(self, request: Request, pk: str) -> Response:
        """End a dispute, the owner stays: stewards, admins, and whoever disputed."""
        user = person(request)
        with self._held(request, pk) as claim:
            service.keep_namespace(claim, by=user)
        return self._answer(pk)

    @contextmanager
    def _held(self, request: Request, pk: str) -> Iterator[NamespaceClaim]:
        """Hold a claim as the caller knows it. Raises Http404 and ChangedMeanwhile."""
        with transaction.atomic():
            event_log.lock()
            claim = get_object_or_404(self.get_queryset(), pk=pk)
            if conditions.has_conditions(request):
                conditions.check_conditions(request, conditions.tag_of(self._body(claim)))
            yield claim

    def _answer(self, pk: str) -> Response:
        claim = self.get_queryset().filter(pk=pk).first()
        if claim is None:  # moved to where the caller does not see it
            return Response(status=status.HTTP_204_NO_CONTENT)
        body = self._body(claim)
        return Response(body, headers={"ETag": conditions.tag_of(body)})

    def _body(self, claim: NamespaceClaim) -> dict[str, Any]:
        return dict(self.get_serializer(claim).data)


@contextmanager
def refusals() -> Iterator[None]:
    """Turn what the service refuses into problems."""
    try:
        yield
    except service.AlreadyClaimed as error:
        raise Conflict(str(error)) from error
    except service.ClaimRefused as error:
        raise Invalid([Problem(error.field, error.value, error.message)]) from error


def _owner(data: Mapping[str, Any], user: User) -> service.NewOwner:
    """Find the team or domain that is meant, among those the caller may see. Raises Invalid."""
    if len({"team", "domain"} & data.keys()) != 1:
        raise Invalid([Problem("team", None, "name a team or a domain, one of the two")])
    seen = Domain.objects.visible_to(user)
    domain = seen.filter(key=data.get("domain")).first()
    teams = Team.objects.visible_to(user).select_related("domain")
    team = teams.filter(key=data.get("team")).first()
    for name, found in (("team", team), ("domain", domain)):
        if name in data and found is None:
            raise Invalid([Problem(name, data[name], f"no {name} that you may see has this key")])
    return service.NewOwner.of(team, domain)
