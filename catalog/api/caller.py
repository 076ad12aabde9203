"""Who calls."""

from __future__ import annotations

from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request

from catalog.models import User


def person(request: Request) -> User:
    """Return who calls; raise NotAuthenticated for nobody."""
    if not isinstance(request.user, User):
        raise NotAuthenticated("Sign in, or send a token as Authorization: Bearer … or x-api-key.")
    return request.user
