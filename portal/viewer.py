"""Who looks at a page."""

from __future__ import annotations

from django.conf import settings
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


def address_of(request: HttpRequest) -> str:
    """Return the address a request came from: what the outermost of PROXY_COUNT own proxies saw."""
    own: str = request.META.get("REMOTE_ADDR", "")
    seen = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    count = settings.PROXY_COUNT
    return seen[-count] if 0 < count <= len(seen) and seen[-count] else own
