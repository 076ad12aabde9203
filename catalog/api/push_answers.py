"""Answers of a push, of bounded size: chosen lines with the counts as JSON, or a line for each line as NDJSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Protocol

import orjson
from django.http import HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase

from catalog.api.renderers import ProblemRenderer
from catalog.push.results import LineResult, Summary

NDJSON = "application/x-ndjson"
#: How many refused lines, other lines, and bytes of them stand in an answer as JSON.
MOST_REFUSED, MOST_OTHERS, MOST_BYTES = 100, 1000, 8 * 1024 * 1024
_IN_MEMORY = 1024 * 1024
_PIECE = 64 * 1024


class NdjsonRenderer(ProblemRenderer):
    """Lets callers accept `application/x-ndjson`; a problem stays JSON."""

    media_type = NDJSON
    format = "ndjson"


class PushResponse(Protocol):
    """Collects what became of lines."""

    def tell(self, result: LineResult) -> None:
        """Take note of a line."""

    def response(self, summary: Summary) -> HttpResponseBase:
        """Answer."""

    def close(self) -> None:
        """Forget everything: there will be no answer."""


class ChosenLines:
    """Refused lines, those of a dry run that would change something, and the counts."""

    def __init__(self, *, is_dry: bool) -> None:
        self._is_dry = is_dry
        self.refused: list[bytes] = []
        self._others: list[tuple[int, bytes]] = []
        self._places: list[int] = []
        self._size = 0
        self._left_off = 0

    def tell(self, result: LineResult) -> None:
        """Keep a line that is worth it, while there is room."""
        is_refused = result.outcome == "refused"
        if not is_refused and not (self._is_dry and result.outcome != "unchanged"):
            return
        kept, most = (self.refused, MOST_REFUSED) if is_refused else (self._others, MOST_OTHERS)
        if len(kept) >= most:
            self._left_off += 1
            return
        text = as_json(result.as_data(is_dry=self._is_dry))
        self._size += len(text)
        if self._size > MOST_BYTES:
            self._left_off += 1
        elif is_refused:
            self.refused.append(text)
            self._places.append(result.line)
        else:
            self._others.append((result.line, text))

    def response(self, summary: Summary) -> HttpResponseBase:
        """Answer with the counts and the lines kept, in their order."""
        lines = sorted([*zip(self._places, self.refused, strict=True), *self._others])
        return json_answer(summary.as_data(), [text for _, text in lines], self._left_off)

    def close(self) -> None:
        """Do nothing."""


class EveryLine:
    """Every line, held in a file until the body is read: who sends does not read yet."""

    def __init__(self, *, is_dry: bool) -> None:
        self._is_dry = is_dry
        self._file: IO[bytes] = SpooledTemporaryFile(max_size=_IN_MEMORY)  # noqa: SIM115

    def tell(self, result: LineResult) -> None:
        """Write a line."""
        self._file.write(as_json(result.as_data(is_dry=self._is_dry)) + b"\n")

    def response(self, summary: Summary) -> HttpResponseBase:
        """Answer with all lines, and the counts in the last."""
        self._file.write(as_json({"summary": summary.as_data()}) + b"\n")
        self._file.seek(0)
        return StreamingHttpResponse(self._read(), content_type=NDJSON)

    def close(self) -> None:
        """Remove the file."""
        self._file.close()

    def _read(self) -> Iterator[bytes]:
        with self._file:
            while piece := self._file.read(_PIECE):
                yield piece


def json_answer(summary: Mapping[str, Any], lines: list[bytes], left_off: int) -> HttpResponse:
    """Answer with counts and lines that are JSON already."""
    body = b'{"summary":%s,"lines":[%s],"linesLeftOff":%d}' % (
        as_json(summary),
        b",".join(lines),
        left_off,
    )
    return HttpResponse(body, content_type="application/json")


def as_json(value: Any) -> bytes:
    """Return JSON; what JSON does not know becomes its text."""
    return orjson.dumps(value, default=str)
