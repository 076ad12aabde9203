"""Middleware of the portal."""

from __future__ import annotations

from collections.abc import Callable

from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse


class ContentSecurityPolicy:
    """Allow scripts, styles, images and fonts from this site alone; no inline script."""

    POLICY = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        return response


class NoNulBytes:
    """No database keeps NUL bytes: drop them from questions, refuse forms that hold them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path.startswith("/api/"):  # the API refuses them, and names the parameter
            return self.get_response(request)
        if _has_nul(request):
            raise BadRequest("A NUL byte was sent.")
        asked = request.META.get("QUERY_STRING", "")
        if "%00" in asked:
            request.META["QUERY_STRING"] = asked.replace("%00", "")
        return self.get_response(request)


def _has_nul(request: HttpRequest) -> bool:
    if "\0" in request.path:
        return True
    if request.method != "POST":
        return False
    return any("\0" in text for name, texts in request.POST.lists() for text in (name, *texts))
