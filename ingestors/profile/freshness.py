"""Which column tells when the data last changed. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence

from ingestors.profile.subject import DATES, Field
from ingestors.sensitivity.words import split_identifier

_CHANGE = frozenset(
    [
        "updated",
        "update",
        "modified",
        "changed",
        "change",
        "lastmodified",
        "mtime",
        "refreshed",
        "synced",
        "loaded",
        "ingested",
        "upserted",
    ]
)
_EVENT = frozenset(
    [
        "created",
        "inserted",
        "event",
        "occurred",
        "logged",
        "recorded",
        "received",
        "posted",
        "processed",
        "played",
        "started",
        "timestamp",
        "ts",
        "added",
        "registered",
        "reported",
        "submitted",
        "issued",
        "sent",
        "paid",
        "completed",
        "ordered",
    ]
)
_MOMENT = frozenset(["date", "at", "time", "datetime", "day", "dt", "on", "when"])
_OTHER = frozenset(
    [
        "birth",
        "born",
        "dob",
        "expiry",
        "expires",
        "expiration",
        "expire",
        "due",
        "valid",
        "planned",
        "scheduled",
        "end",
        "ends",
        "until",
        "effective",
        "renewal",
        "deadline",
        "target",
        "forecast",
        "next",
        "start",
        "hire",
        "hired",
        "required",
        "sunset",
        "future",
        "maturity",
        "termination",
        "death",
        "release",
        "closing",
        "promised",
        "estimated",
        "expected",
    ]
)


def rank(column: Field, *, reads_text: bool) -> int:
    """Return how well a column tells of change: 3 updates, 2 events, 1 some date, 0 not at all."""
    words = set(split_identifier(column.path.split(".")[-1]))
    if words & _OTHER:
        return 0
    is_date = column.type in DATES
    if not is_date and not (reads_text and column.type == "string" and words & (_MOMENT | {"ts"})):
        return 0
    if words & _CHANGE:
        return 3
    if words & _EVENT:
        return 2
    return 1 if words & _MOMENT or is_date else 0


def dated(columns: Sequence[Field], *, reads_text: bool) -> list[list[str]]:
    """Return the paths of the columns that tell of change, best rank first."""
    ranked: dict[int, list[str]] = {}
    for column in columns:
        found = rank(column, reads_text=reads_text)
        if found:
            ranked.setdefault(found, []).append(column.path)
    return [ranked[key] for key in sorted(ranked, reverse=True)]
