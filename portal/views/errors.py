"""Pages for what went wrong. The 500 page needs no database."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse, HttpResponseServerError
from django.shortcuts import render
from django.template.loader import render_to_string


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer 404: nothing here, or nothing this person may see."""
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
    return HttpResponseServerError(render_to_string("pages/errors/500.html"))
