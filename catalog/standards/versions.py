"""The order of versions: semantic ones by number, others by when they came. Free of Django."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

_SEMANTIC = re.compile(
    r"^v?(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?(?:-([0-9A-Za-z.-]+))?(?:\+.*)?$"
)
Number = tuple[int, int, int]


class Versioned(Protocol):
    """A version of a contract."""

    version: str
    status: str
    created_at: datetime


_Row = TypeVar("_Row", bound=Versioned)


def number_of(version: str) -> Number | None:
    """Return (major, minor, patch), None for a text that is no semantic version."""
    found = _SEMANTIC.match(version.strip())
    return (int(found[1]), int(found[2] or 0), int(found[3] or 0)) if found else None


def order_of(row: Versioned) -> tuple[Any, ...]:
    """Return what versions are sorted by: numbers, pre-releases before them, then when they came."""
    return place_of(row.version, row.created_at)


def place_of(version: str, at: datetime) -> tuple[Any, ...]:
    """Return the place of a version that came at a time."""
    found = _SEMANTIC.match(version.strip())
    is_whole = found is not None and not found[4]
    return (number_of(version) or (-1, 0, 0), is_whole, at)


def newest_first(rows: Iterable[_Row]) -> list[_Row]:
    """Sort versions, the newest first."""
    return sorted(rows, key=order_of, reverse=True)


def current(rows: Sequence[_Row]) -> _Row | None:
    """Return the version in force: the newest that is neither a draft nor retired, else the newest."""
    ordered = newest_first(rows)
    in_force = [row for row in ordered if row.status not in {"draft", "proposed", "retired"}]
    return next(iter(in_force or ordered), None)


def shared_out(rows: Iterable[_Row], majors: Collection[int]) -> dict[int, list[_Row]]:
    """Split the versions of a contract among the majors of its port that are served side by side.

    Each takes the versions of its number. What has no number, or that of no port, goes with the newest; a port that
    stands alone takes all.
    """
    parts: dict[int, list[_Row]] = {major: [] for major in majors}
    for row in rows:
        number = number_of(row.version)
        is_served = number is not None and number[0] in parts
        parts[number[0] if number and is_served else max(parts)].append(row)
    return parts


def bumped(version: str, part: str) -> str:
    """Return the next version: `major`, `minor` or `patch` raised; a `v` in front stays."""
    number = number_of(version)
    if number is None:
        return ""
    major, minor, patch = number
    raised = {
        "major": (major + 1, 0, 0),
        "minor": (major, minor + 1, 0),
        "patch": (major, minor, patch + 1),
    }[part]
    return ("v" if version.strip().startswith("v") else "") + ".".join(map(str, raised))
