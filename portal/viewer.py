"""Who looks at a page."""

from __future__ import annotations

from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from catalog.models import User


def viewer(request: HttpRequest) -> User | AnonymousUser:
    """Return the person, signed in or not."""
    return request.user


def person(request: HttpRequest) -> User:
    """Return the signed-in person; raise PermissionDenied for an anonymous one."""
    if not isinstance(request.user, User):
        raise PermissionDenied("Sign in first.")
    return request.user
