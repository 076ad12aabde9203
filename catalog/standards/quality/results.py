"""The form in which results of every tool are recorded. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer, brief, path_of

#: Words of the tools for how a check ended. What is not known is no pass.
OUTCOMES: Mapping[str, str] = {
    "pass": "passed",
    "passed": "passed",
    "success": "passed",
    "warn": "warned",
    "warning": "warned",
    "fail": "failed",
    "failed": "failed",
    "error": "error",
    "runtime error": "error",
    "skip": "skipped",
    "skipped": "skipped",
    "no-op": "skipped",
    "info": "unknown",
    "unknown": "unknown",
}
DIMENSIONS: Mapping[str, str] = {
    "accuracy": "accuracy",
    "completeness": "completeness",
    "conformity": "validity",
    "validity": "validity",
    "consistency": "consistency",
    "coverage": "coverage",
    "timeliness": "timeliness",
    "freshness": "timeliness",
    "uniqueness": "uniqueness",
}
EARLIEST = 1970
#: What the name of a rule says of its dimension, the first that fits.
_HINTS = (
    ("uniqueness", ("unique", "duplicate", "distinct", "primary_key")),
    ("completeness", ("not_null", "null", "missing", "required", "row_count", "complete", "empty")),
    ("timeliness", ("fresh", "recen", "timel", "latency", "late")),
    ("consistency", ("relationship", "foreign", "reference", "equal", "match_ordered", "reconcil")),
    ("accuracy", ("mean", "sum", "stdev", "median", "anomal", "between_dates")),
)


class NotReadable(ValueError):
    """The document is of no known tool, or lacks what cannot be missing."""

    def __init__(self, pointer: Pointer, value: object, message: str) -> None:
        self.diagnostic = Diagnostic(path_of(pointer), brief(value), message)
        super().__init__(message)


@dataclass(frozen=True, slots=True)
class Asset:
    """What a check is about, as its tool names it. `namespace` and `contract` where they are known."""

    name: str = ""
    namespace: str = ""
    contract: str = ""
    #: Longer names that are tried first: `database.schema.table`.
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CheckResult:
    """How one check ended. Numbers are rows; `observed` and `expected` hold no values of rows."""

    key: str
    name: str
    asset: Asset
    dimension: str
    rule: str
    outcome: str
    column: str = ""
    severity: str = "error"
    observed: str = ""
    expected: str = ""
    rows_failed: int | None = None
    rows_total: int | None = None
    quality_id: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One run of one tool."""

    tool: str
    run_id: str
    at: datetime
    results: tuple[CheckResult, ...]
    unplaced: tuple[Diagnostic, ...] = ()


def dimension_of(value: object, rule: str) -> str:
    """Return the dimension a tool names, else the one that the name of the rule suggests."""
    if named := DIMENSIONS.get(str(value or "").lower()):
        return named
    text = rule.lower()
    return next((name for name, words in _HINTS if any(w in text for w in words)), "validity")


def outcome_of(value: object) -> str:
    """Return our word for how a check ended; unknown for a word that is not known."""
    return OUTCOMES.get(str(value or "").strip().lower(), "unknown")


def severity_of(value: object) -> str:
    """Return error or warning."""
    return "warning" if str(value or "").lower() in {"warn", "warning", "info", "low"} else "error"


def time_of(value: object, pointer: Pointer) -> datetime:
    """Read a time; raise NotReadable naming what is allowed. Without a zone it is UTC."""
    try:
        found = datetime.fromisoformat(str(value))
        at = (found if found.tzinfo else found.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotReadable(pointer, value, "write a time as 2026-11-20T10:07:30Z") from error
    if at.year < EARLIEST:
        raise NotReadable(pointer, value, f"lies before {EARLIEST}")
    return at


def text(value: object, longest: int = 300) -> str:
    """Return a text no longer than a row can hold, empty for nothing."""
    return "" if value is None else str(value).replace("\0", "")[:longest]


def count(value: object) -> int | None:
    """Return a whole number of rows, None for what is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value <= 2**62 else None


def figure(value: object) -> str:
    """Return a measured number as text; empty for anything else, which may be a value of a row."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return ""
    return format(value, ".10g")


def mapping(value: Any) -> dict[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, none for anything else."""
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
