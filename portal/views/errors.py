"""Pages for what went wrong. The 500 page needs no database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string

from catalog.api.problems import problem_response

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


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer 403 when a form was too old or came from elsewhere."""
    return render(request, "pages/errors/csrf.html", status=403)


def broken(request: HttpRequest) -> HttpResponse:
    """Answer 500 without touching the database."""
    if request.path.startswith(API):
        return problem_response(request, 500, "The error is logged; try again later.")
    return HttpResponseServerError(render_to_string("pages/errors/500.html"))
