"""The vault over the API: secrets go in and never come out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.exceptions import APIException
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.filters import StrictFilterSet
from catalog.api.problems import Invalid
from catalog.api.tables import Tabled
from catalog.models import Team
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.outcomes import Problem
from ingestors.api.serializers import (
    NewVaultSecretSerializer,
    ReplacedVaultSecretSerializer,
    VaultSecretSerializer,
)
from ingestors.models import Secret
from ingestors.services import vault
from ingestors.services.vault import SecretInvalid, VaultClosed


class VaultAway(APIException):
    """The vault has no key that works."""

    status_code = status.HTTP_503_SERVICE_UNAVAILABLE
    default_code = "vault_closed"


@contextmanager
def refusals() -> Iterator[None]:
    """Answer what the vault refuses."""
    try:
        yield
    except SecretInvalid as error:
        raise Invalid([Problem(error.field, None, str(error))]) from error
    except VaultClosed as error:
        raise VaultAway(str(error)) from error


class SecretFilterSet(StrictFilterSet):
    """Secrets."""

    team = django_filters.CharFilter(field_name="team__key")

    class Meta:
        model = Secret
        fields = ["team", "name"]


class SecretViewSet(Tabled, mixins.ListModelMixin, viewsets.GenericViewSet[Secret]):
    """Secrets of the teams whose sources the caller manages; what they say is in no answer."""

    serializer_class = VaultSecretSerializer
    filterset_class = SecretFilterSet
    lookup_value_regex = "[0-9]{1,18}"
    orderings = {"id": "pk", "name": "name", "createdAt": "created_at"}
    queryset = Secret.objects.none()

    def get_queryset(self) -> QuerySet[Secret]:
        """Return the secrets the caller manages."""
        return vault.secrets_for(self.request.user)

    def get_serializer(self, *args: Any, **said: Any) -> Any:
        """Look up once which sources use the rows."""
        rows = args[0] if args else ()
        rows = list(rows) if said.get("many") else [rows] if isinstance(rows, Secret) else []
        context = {**self.get_serializer_context(), "use": vault.use_of(rows)}
        if said.get("many"):
            args = (rows, *args[1:])
        return VaultSecretSerializer(*args, **{**said, "context": context})

    @extend_schema(request=NewVaultSecretSerializer, responses={201: VaultSecretSerializer})
    def create(self, request: Request) -> Response:
        """Keep a secret for a team."""
        user = person(request)
        form = NewVaultSecretSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        said = dict(form.validated_data)
        key = said.pop("team")
        team = Team.objects.filter(key=key).first()
        if team is None or not policies.may(user, Action.MANAGE_SOURCE, team):
            raise Invalid([Problem("team", key, "no team whose sources you manage has this key")])
        with refusals():
            secret = vault.create_secret(team, by=user, **said)
        return Response(self.get_serializer(secret).data, status=status.HTTP_201_CREATED)

    @extend_schema(request=ReplacedVaultSecretSerializer, responses={200: VaultSecretSerializer})
    def update(self, request: Request, pk: str) -> Response:
        """Put another value in the place of a secret."""
        secret = self.get_object()
        form = ReplacedVaultSecretSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        with refusals():
            vault.replace_secret(secret, value=form.validated_data["value"], by=person(request))
        return Response(self.get_serializer(self.get_object()).data)

    @extend_schema(responses={204: None})
    def destroy(self, request: Request, pk: str) -> Response:
        """Forget a secret; sources that refer to it fail from then on."""
        vault.delete_secret(self.get_object(), by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)
