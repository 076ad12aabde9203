"""Middleware of the portal."""

from __future__ import annotations

import logging
import time
import warnings
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, HttpResponsePermanentRedirect
from whitenoise.middleware import WhiteNoiseMiddleware

from catalog.api.problems import DATABASE_AWAY
from catalog.models import Domain, Team
from catalog.names import KEY
from catalog.people.keys import key_today
from portal import logs
from portal.views.errors import unavailable

log = logging.getLogger(__name__)

_access = logging.getLogger("gazetteer.access")
Answer = Callable[[HttpRequest], HttpResponse]


class RequestLog:
    """Number each request, give the number back, and write a line about it without its query string.

    `X-Request-ID` of a proxy is taken when it is 1 to 128 letters, digits, dots, colons, hyphens, underscores.
    """

    #: Asked every few seconds, or once for each file of a page: told when LOG_LEVEL is DEBUG.
    QUIET = ("/healthz", "/readyz", "/metrics", "/static/")

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        number = logs.request_id(request.headers.get("X-Request-ID", ""))
        started = time.perf_counter()
        with logs.bound(request, number):
            response = self.get_response(request)
            facts = {
                "method": request.method,
                "path": request.path,
                "status": response.status_code,
                "ms": round(1000 * (time.perf_counter() - started), 1),
            }
            quiet = request.path.startswith(self.QUIET) and response.status_code < 500
            _access.log(logging.DEBUG if quiet else logging.INFO, "request", extra=facts)
        response.headers["X-Request-ID"] = number
        return response


#: Which segment of an address holds the key of what: pages, and the API below its version.
_KEYED: dict[str, type[Domain] | type[Team]] = {
    "domains": Domain,
    "products": Domain,
    "teams": Team,
}


def former_addresses(get_response: Answer) -> Answer:
    """Lead addresses with the former key of a domain or team on to where it is today."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if response.status_code != 404 or (address := _address_today(request)) is None:
            return response
        query = request.META.get("QUERY_STRING", "")
        moved = HttpResponsePermanentRedirect(f"{address}?{query}" if query else address)
        if request.method not in ("GET", "HEAD"):
            moved.status_code = 308  # the method and the body stay
        return moved

    return answer


def _address_today(request: HttpRequest) -> str | None:
    root = "/api/v1/" if request.path.startswith("/api/v1/") else "/"
    kind, _, rest = request.path.removeprefix(root).partition("/")
    key, cut, rest = rest.partition("/")
    if kind not in _KEYED or not KEY.match(key):
        return None
    today = key_today(_KEYED[kind], key, request.user)
    return f"{root}{kind}/{today}{cut}{rest}" if today else None


def static_files(get_response: Answer) -> Answer:
    """Serve static files; before `collectstatic` has made its folder, those of the apps alone."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="No directory at")
        serve: Answer = WhiteNoiseMiddleware(get_response)
    return serve


#: Pages and documents about the API, the same for everybody who is not signed in.
ABOUT_API = ("/api/docs", "/api/schema", "/api/v1/openapi.json")


def private_answers(get_response: Answer) -> Answer:
    """Let nobody keep what is answered to a person or by the API: not a proxy, not a browser after signing out."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        is_of_api = request.path.startswith("/api/") and not request.path.startswith(ABOUT_API)
        session = settings.SESSION_COOKIE_NAME
        if is_of_api or session in request.COOKIES or session in response.cookies:
            response.headers["Cache-Control"] = "private, no-store"
        return response

    return answer


class ContentSecurityPolicy:
    """Allow scripts, styles, images and fonts from this site alone; no inline script."""

    POLICY = (
        "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; worker-src 'self' blob:; object-src 'none'; base-uri 'none'; "
        "form-action 'self'; frame-ancestors 'none'"
    )

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", self.POLICY)
        return response


class DatabaseAway:
    """Answer 503 to what cannot be answered while the database is away; the next try may do."""

    def __init__(self, get_response: Answer) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Take the errors of the database alone."""
        if not isinstance(error, DATABASE_AWAY):
            return None
        log.warning("%s was not answered: %s", request.path, error)
        return unavailable(request)


class NoNulBytes:
    """No database keeps NUL bytes: drop them from questions, refuse forms that hold them."""

    def __init__(self, get_response: Answer) -> None:
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
