"""Why a command ended, as a pipeline tells it: by the exit code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any


class Exit(IntEnum):
    """What a command ends with."""

    FINE = 0
    REFUSED = 1  # the folder, or what the server says of it
    BREAKING = 2
    FORBIDDEN = 3  # no token, an unknown one, or one that may not
    NOT_FOUND = 4
    UNAVAILABLE = 5  # no server, no answer in time, no Gazetteer
    USAGE = 64  # as sysexits.h
    INTERRUPTED = 130


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: `path` as in a problem document, `value` as it was sent."""

    path: str
    value: object
    message: str


class Failure(Exception):
    """A command cannot go on; `str()` is for a person."""

    exit = Exit.REFUSED

    def __init__(self, message: str, faults: Sequence[Fault] = ()) -> None:
        self.faults = tuple(faults)
        super().__init__(message)


class Refused(Failure):
    """What was sent cannot be used."""


class Forbidden(Failure):
    """The token is missing, unknown, or may not do this."""

    exit = Exit.FORBIDDEN


class NotFound(Failure):
    """There is nothing that the token may see."""

    exit = Exit.NOT_FOUND


class Unavailable(Failure):
    """The server does not answer, or what answers is no Gazetteer."""

    exit = Exit.UNAVAILABLE


class UsageError(Failure):
    """A setting or an argument cannot be used."""

    exit = Exit.USAGE


def faults_of(body: Any) -> list[Fault]:
    """Read the `errors` of a problem document (RFC 9457); what has no such form is left out."""
    rows = body.get("errors") if isinstance(body, dict) else None
    return [
        Fault(str(row.get("path") or ""), row.get("value"), str(row.get("message") or ""))
        for row in (rows if isinstance(rows, list) else ())
        if isinstance(row, dict)
    ]
