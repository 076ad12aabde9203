"""Tokens as `Authorization: Bearer …` and `x-api-key: …`."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.request import Request

from catalog.api.rate_limits import count_stranger
from catalog.models import ApiToken, User


class TokenAuthentication(BaseAuthentication):
    """Find the token's user; a token that is wrong, expired or revoked answers 401."""

    def authenticate(self, request: Request) -> tuple[User, ApiToken] | None:
        """Return the user and the token, or None when the call carries none. Raises TooManyCalls."""
        secret = request.headers.get("x-api-key", "").strip()
        scheme, _, value = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            secret = value.strip()
        if not secret:
            return None
        token = (
            ApiToken.objects.select_related("user")
            .filter(digest=ApiToken.digest_of(secret))
            .first()
        )
        now = timezone.now()
        if token is None or not token.is_usable(now):
            count_stranger(request._request)
            raise AuthenticationFailed("The token is unknown, expired or revoked.")
        if token.last_used_at is None or now - token.last_used_at > timedelta(minutes=5):
            ApiToken.objects.filter(pk=token.pk).update(last_used_at=now)
        return token.user, token

    def authenticate_header(self, request: Request) -> str:
        """Name the scheme in a 401."""
        return 'Bearer realm="gazetteer"'
