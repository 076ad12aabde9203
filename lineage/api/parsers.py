"""Bodies of lineage events: plain or gzip, of a bounded size, read no further than that."""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.exceptions import APIException, ParseError, UnsupportedMediaType
from rest_framework.parsers import BaseParser
from rest_framework.request import Request

_PIECE = 64 * 1024


class BodyTooLarge(APIException):
    """A body is longer than is taken; the rest was not read."""

    status_code = 413

    def __init__(self) -> None:
        top = settings.LINEAGE_MAX_BODY
        super().__init__(f"At most {top} bytes are taken, unpacked as well; send smaller batches.")


class EventParser(BaseParser):
    """JSON, with or without `Content-Encoding: gzip`, up to `LINEAGE_MAX_BODY` bytes."""

    media_type = "application/json"

    def parse(
        self,
        stream: IO[bytes],
        media_type: str | None = None,
        parser_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return the document. Raises BodyTooLarge, ParseError and UnsupportedMediaType."""
        request: Request = (parser_context or {})["request"]
        refuse_large(request)
        encoding = request.headers.get("Content-Encoding", "").strip().lower()
        if encoding in {"", "identity"}:
            raw = _read(stream)
        elif encoding in {"gzip", "x-gzip"}:
            raw = _unpacked(stream)
        else:
            message = f"Content-Encoding {encoding[:40]!r} is not known; send gzip or none."
            raise UnsupportedMediaType(encoding, detail=message)
        try:
            return json.loads(raw)
        except UnicodeDecodeError as error:
            raise ParseError("JSON parse error - the body is no UTF-8") from error
        except RecursionError as error:
            message = "JSON parse error - the document is nested too deeply"
            raise ParseError(message) from error
        except ValueError as error:
            raise ParseError(f"JSON parse error - {error}") from error


def refuse_large(request: Request) -> None:
    """Refuse a body by the length it announces, before anything of it is read."""
    announced = request.headers.get("Content-Length") or "0"
    if announced.isdigit() and int(announced) > settings.LINEAGE_MAX_BODY:
        raise BodyTooLarge


def _read(stream: IO[bytes]) -> bytes:
    raw = stream.read(settings.LINEAGE_MAX_BODY + 1)
    if len(raw) > settings.LINEAGE_MAX_BODY:
        raise BodyTooLarge
    return raw


def _unpacked(stream: IO[bytes]) -> bytes:
    unpack = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    found = bytearray()
    try:
        while piece := stream.read(_PIECE):
            while piece:
                room = settings.LINEAGE_MAX_BODY + 1 - len(found)
                found += unpack.decompress(piece, room)
                if len(found) > settings.LINEAGE_MAX_BODY:
                    raise BodyTooLarge
                piece = unpack.unconsumed_tail
    except zlib.error as error:
        raise ParseError("The body is said to be gzip, and is not.") from error
    if not unpack.eof:
        raise ParseError("The gzip body ends too early.")
    return bytes(found)
