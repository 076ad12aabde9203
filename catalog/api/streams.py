"""Bodies that are read as they come: never held, plain or gzip, with or without a length."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from django.conf import settings
from rest_framework.exceptions import APIException, UnsupportedMediaType
from rest_framework.request import Request

from catalog.api.problems import LengthRequired
from catalog.push.body import at_most, pieces, unpacked


class BodyTooLarge(APIException):
    """A body announces more than is taken; nothing of it was read."""

    status_code = 413

    def __init__(self) -> None:
        super().__init__(f"At most {settings.PUSH_MAX_BODY} bytes are taken, unpacked; send parts.")


def parts_of(request: Request, types: Collection[str]) -> Iterator[bytes]:
    """Return the bytes of a body, a piece at a time. Reading raises Stopped where it cannot go on.

    Raises UnsupportedMediaType, BodyTooLarge and LengthRequired before anything is read.
    """
    media_type = str(request.content_type or "").partition(";")[0].strip().lower()
    if media_type not in types:
        detail = f"Content-Type {media_type[:80]!r} is not taken; send {', '.join(types)}."
        raise UnsupportedMediaType(media_type, detail=detail)
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding not in {"", "identity", "gzip", "x-gzip"}:
        detail = f"Content-Encoding {encoding[:40]!r} is not known; send gzip or none."
        raise UnsupportedMediaType(encoding, detail=detail)
    raw = pieces(*_source(request))
    plain = unpacked(raw) if encoding.endswith("gzip") else raw
    return at_most(plain, settings.PUSH_MAX_BODY)


def _source(request: Request) -> tuple[Any, int | None]:
    """Return what to read from, and the length announced; None where the body comes in pieces."""
    sock = request.META.get("gunicorn.socket")
    if sock is not None:
        sock.settimeout(settings.PUSH_IDLE_SECONDS)  # gunicorn sets its own before the next call
    if request.headers.get("Transfer-Encoding"):
        if not request.META.get("wsgi.input_terminated"):
            raise LengthRequired
        return request.META["wsgi.input"], None
    announced = request.META.get("CONTENT_LENGTH") or "0"
    length = int(announced) if announced.isdigit() else 0
    if length > settings.PUSH_MAX_BODY:
        raise BodyTooLarge
    return request._request, length
