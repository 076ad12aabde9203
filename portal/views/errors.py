"""Pages for what went wrong. Those of 500 and 503 need no database."""

from __future__ import annotations

import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from catalog.api.problems import AWAY, DATABASE_AWAY, SECONDS_TO_WAIT, problem_response

API = "/api/"


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: nothing here, or nothing this person may see."""
    if request.path.startswith(API):
        return problem_response(request, 404, "There is nothing at this address.")
    return render(request, "pages/errors/404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 403 with the reason, where there is one."""
    reason = str(exception) if exception.args else ""
    return render(request, "pages/errors/403.html", {"reason": reason}, status=403)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 400, or 413 when what was sent is too long to be read."""
    too_big = isinstance(exception, RequestDataTooBig)
    status = 413 if too_big else 400
    limit = settings.DATA_UPLOAD_MAX_MEMORY_SIZE
    if request.path.startswith(API):
        message = f"More than {limit:,} bytes were sent." if too_big else "This cannot be read."
        return problem_response(request, status, message)
    context = {"too_big": too_big, "limit": limit}
    return HttpResponse(render_to_string("pages/errors/400.html", context), status=status)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when a form was too old or came from elsewhere."""
    return render(request, "pages/errors/csrf.html", status=403)


def unavailable(request: HttpRequest) -> HttpResponse:
    """Answer 503 while the database is away, without touching it."""
    if request.path.startswith(API):
        answer: HttpResponse = problem_response(request, 503, AWAY)
    else:
        answer = HttpResponse(render_to_string("pages/errors/503.html"), status=503)
    answer["Retry-After"] = str(SECONDS_TO_WAIT)
    return answer


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database, or 503 where its absence is the reason."""
    if isinstance(sys.exc_info()[1], DATABASE_AWAY):
        return unavailable(request)
    if request.path.startswith(API):
        return problem_response(request, 500, "The error is logged; try again later.")
    return HttpResponseServerError(render_to_string("pages/errors/500.html"))
