"""What the frame around every page knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from catalog.outbound.notifications import unread_count


def shell(request: HttpRequest) -> dict[str, object]:
    """Return the theme chosen, the number of unread notifications, and whether this is the demo."""
    theme = request.COOKIES.get("theme", "")
    return {
        "demo": settings.DEMO,
        "theme": theme if theme in {"light", "dark"} else "",
        "unread": SimpleLazyObject(lambda: _unread(request)),
    }


def _unread(request: HttpRequest) -> int:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return 0
    return unread_count(user)
