"""The caller's own tokens. They are made by a signed-in person, never by another token."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import mixins, status, viewsets
from rest_framework.decorators import action
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.problems import Invalid
from catalog.api.query import StrictView
from catalog.api.serializers.tokens import (
    EndedTokensSerializer,
    EndTokensSerializer,
    MadeTokenSerializer,
    NewTokenSerializer,
    TokenSerializer,
)
from catalog.models import ApiToken, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.people.tokens import make_token, revoke_token, revoke_tokens
from catalog.registry.outcomes import Problem

ELSEWHERE = (
    "A token makes no tokens. Sign in and make one at /profile/tokens, "
    "or let an operator run `manage.py token create`."
)
ONLY_ITSELF = "A token revokes itself alone. Sign in to revoke others at /profile/tokens."


class TokenViewSet(StrictView, mixins.ListModelMixin, viewsets.GenericViewSet[ApiToken]):
    """The caller's own tokens."""

    serializer_class = TokenSerializer
    queryset = ApiToken.objects.none()
    lookup_value_regex = "[0-9]{1,18}"

    def get_queryset(self) -> QuerySet[ApiToken]:
        """Return own tokens."""
        user = self.request.user
        return user.tokens.all() if isinstance(user, User) else ApiToken.objects.none()

    @extend_schema(request=NewTokenSerializer, responses={201: MadeTokenSerializer})
    def create(self, request: Request) -> Response:
        """Make a token as a signed-in person (403 for a token); `secret` is in this answer alone."""
        if isinstance(request.auth, ApiToken):
            raise PermissionDenied(ELSEWHERE)
        form = NewTokenSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        token, secret = make_token(person(request), **form.validated_data)
        body: dict[str, Any] = {**self.get_serializer(token).data, "secret": secret}
        return Response(body, status=status.HTTP_201_CREATED)

    @extend_schema(request=EndTokensSerializer, responses=EndedTokensSerializer)
    @action(detail=False, methods=["post"], url_path="revoke")
    def revoke_all(self, request: Request) -> Response:
        """Revoke every token of the caller, who is signed in; a platform admin those of `user`."""
        form = EndTokensSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        by, name = person(request), form.validated_data["user"]
        if name is None and isinstance(request.auth, ApiToken):
            raise PermissionDenied(ONLY_ITSELF)
        return Response({"ended": revoke_tokens(by if name is None else _named(name, by), by=by)})

    def destroy(self, request: Request, pk: str) -> Response:
        """Revoke an own token; a token revokes itself alone."""
        token = self.get_object()
        if isinstance(request.auth, ApiToken) and request.auth.pk != token.pk:
            raise PermissionDenied(ONLY_ITSELF)
        revoke_token(token, by=person(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _named(name: str, by: User) -> User:
    """Return whom a platform admin names. Raises PermissionDenied and Invalid."""
    if not policies.may(by, Action.ADMINISTER):
        raise PermissionDenied("Only a platform admin ends the tokens of others.")
    found = User.objects.filter(username=name).first()
    if found is None:
        raise Invalid([Problem("user", name[:200], "nobody has this user name")])
    return found
