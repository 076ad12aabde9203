"""What every page knows."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, object]:
    """Return what the frame around each page needs."""
    return {"demo": settings.DEMO}
