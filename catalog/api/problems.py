"""One shape for every error: `application/problem+json` (RFC 9457).

Fields: `type`, `title`, `status`, `detail`, `instance`, and for bad input `errors`: a list of
`{path, value, message}`, where the message says what is allowed.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied, RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import set_rollback

from catalog.access import errors as access
from catalog.contracts import errors as contracts
from catalog.registry.outcomes import Problem

_log = logging.getLogger(__name__)
CONTENT_TYPE = "application/problem+json"
TITLES = {
    400: "Bad request",
    401: "Sign in first",
    403: "Not allowed",
    404: "Not found",
    405: "Method not allowed",
    406: "Not acceptable",
    409: "Conflict",
    411: "Length required",
    412: "Changed meanwhile",
    413: "Too large",
    415: "Unsupported media type",
    422: "Invalid input",
    429: "Too many requests",
    500: "Something broke on our side",
    503: "Not available right now",
}
#: The database is away, busy, or ended one of two transactions that waited for each other.
DATABASE_AWAY = (OperationalError, InterfaceError)
AWAY = "The database does not answer right now. Nothing was changed; try again in a moment."
SECONDS_TO_WAIT = 2


class Invalid(Exception):
    """The input cannot be used; each problem names its field."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))


class BadQuery(Invalid):
    """The address or a header cannot be used; each problem names its parameter."""


class ChangedMeanwhile(exceptions.APIException):
    """The version the caller holds is not the current one."""

    status_code = status.HTTP_412_PRECONDITION_FAILED
    default_detail = "The version named in If-Match is not the current one; read it again."


class LengthRequired(exceptions.APIException):
    """A body came in pieces, without saying how long it is."""

    status_code = status.HTTP_411_LENGTH_REQUIRED
    default_detail = "Send the body in one piece, with a Content-Length."


class NameReserved(exceptions.NotFound):
    """The name or GUID cannot be used; whether something hidden holds it is not told."""

    default_detail = "This name or GUID is reserved; choose another."


class Conflict(exceptions.APIException):
    """What was asked for stands against what is there."""

    status_code = status.HTTP_409_CONFLICT


_ACCESS: tuple[tuple[type[access.AccessError], int], ...] = (
    (access.InvalidRequest, 422),
    (access.NotAllowed, 403),
    (access.AccessError, 409),
)


def refusal(problems: Sequence[Problem]) -> Exception:
    """Return how a request about one subject fails that the door refused.

    404 where only a name is reserved (also by something hidden), 403 where only rights are missing, else 422.
    """
    kinds = {problem.refusal for problem in problems}
    if kinds == {"reserved"}:
        return NameReserved()
    if kinds and "invalid" not in kinds:
        reasons = (f"{p.path}: {p.message}." for p in problems if p.refusal == "forbidden")
        return PermissionDenied(" ".join(reasons))
    return Invalid(problems)


#: What a field of a request is called in a body.
_ACCESS_FIELDS = {"ends_on": "endsOn"}


def handle(error: Exception, context: dict[str, Any]) -> Response | None:
    """Turn an exception of a view into a problem document; None for our own bugs."""
    instance = context["request"].path if context.get("request") else ""
    headers: dict[str, str] = {}
    problems: list[dict[str, Any]] = []
    if isinstance(error, contracts.NotYours):
        error = PermissionDenied(str(error))
    elif isinstance(error, contracts.Refused):
        error = refusal(error.problems)
    if isinstance(error, Invalid):
        code, detail = 422, "Some fields cannot be used; errors names each."
        if isinstance(error, BadQuery):
            code, detail = 400, "Some parameters cannot be used; errors names each."
        problems = [
            {"path": p.path, "value": _brief(p.value), "message": p.message} for p in error.problems
        ]
    elif isinstance(error, access.AccessError):
        code = next(code for kind, code in _ACCESS if isinstance(error, kind))
        detail = str(error)
        if error.field:
            problems = [_of_access(error, context.get("request"))]
    elif isinstance(error, Http404):
        code, detail = 404, "There is nothing here that you may see."
    elif isinstance(error, RequestDataTooBig):
        code, detail = 413, f"At most {settings.DATA_UPLOAD_MAX_MEMORY_SIZE} bytes are taken."
    elif isinstance(error, PermissionDenied):
        code, detail = 403, str(error) or "You may not do this."
    elif isinstance(error, DATABASE_AWAY):
        _log.warning("a request was not answered: %s", error)
        code, detail, headers = 503, AWAY, {"Retry-After": str(SECONDS_TO_WAIT)}
    elif isinstance(error, exceptions.APIException):
        code, detail, problems = _of_framework(error, context)
        headers = _headers(error)
    else:
        return None
    set_rollback()
    body = document(code, detail, instance, problems)
    response = Response(body, status=code, headers=headers)
    response.content_type = CONTENT_TYPE
    return response


def _of_access(error: access.AccessError, request: Any) -> dict[str, Any]:
    path = _ACCESS_FIELDS.get(error.field, error.field)
    sent = getattr(request, "data", None)
    value = sent.get(path) if isinstance(sent, Mapping) else None
    return {"path": path, "value": _brief(value), "message": error.message}


def document(
    code: int, detail: str, instance: str, problems: Sequence[Mapping[str, Any]] = ()
) -> dict[str, Any]:
    """Return a problem document."""
    body: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES.get(code, "Error"),
        "status": code,
        "detail": detail,
        "instance": instance,
    }
    if problems:
        body["errors"] = list(problems)
    return body


def problem_response(request: HttpRequest, code: int, detail: str) -> JsonResponse:
    """Answer a request that no API view handles."""
    return JsonResponse(
        document(code, detail, request.path), status=code, content_type=CONTENT_TYPE
    )


def _of_framework(
    error: exceptions.APIException, context: dict[str, Any]
) -> tuple[int, str, list[dict[str, Any]]]:
    if isinstance(error, exceptions.ValidationError):
        request = context.get("request")
        sent = getattr(request, "data", {}) if request is not None else {}
        found = list(_leaves(error.detail, sent, ""))
        return 422, "Some fields cannot be used; errors names each.", found
    return error.status_code, str(error.detail), []


def _leaves(detail: Any, sent: Any, path: str) -> Iterator[dict[str, Any]]:
    if isinstance(detail, Mapping):
        for name, inner in detail.items():
            if isinstance(name, int):
                value = sent[name] if isinstance(sent, list) and name < len(sent) else None
                yield from _leaves(inner, value, f"{path}[{name}]")
                continue
            where = "" if name == "non_field_errors" else str(name)
            value = sent.get(name) if isinstance(sent, Mapping) and where else sent
            yield from _leaves(inner, value, f"{path}.{where}".strip("."))
    elif isinstance(detail, list | tuple):
        for place, inner in enumerate(detail):
            if isinstance(inner, Mapping | list):
                value = sent[place] if isinstance(sent, list) and place < len(sent) else None
                yield from _leaves(inner, value, f"{path}[{place}]")
            else:
                yield {"path": path, "value": _brief(sent), "message": str(inner)}
    else:
        yield {"path": path, "value": _brief(sent), "message": str(detail)}


def _brief(value: object) -> object:
    if isinstance(value, str) and len(value) > 200:
        return f"{value[:200]}… ({len(value)} characters)"
    if isinstance(value, int) and abs(value) > 2**63:
        return "a number of more than 64 bits"
    if value is None or isinstance(value, str | int | float | bool):
        return value
    return f"a {'list' if isinstance(value, list | tuple) else type(value).__name__}"


def _headers(error: exceptions.APIException) -> dict[str, str]:
    headers = {}
    if header := getattr(error, "auth_header", None):
        headers["WWW-Authenticate"] = str(header)
    if wait := getattr(error, "wait", None):
        headers["Retry-After"] = str(int(wait) + 1)
    return headers
