"""What an objective measures, whether it is kept, and what is left of its budget. Free of Django.

The error budget is a share of the window: an availability objective allows what its target leaves
(99 % leaves 1 %), every other one 5 %. A measurement counts until the next one, so a promise that stays
broken eats the budget by the hour, however often somebody looks.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal

from catalog.trust.facts import DatasetFacts

BUDGET_SHARE = 0.05
_HOURS = {"hour": 1.0, "minute": 1 / 60, "second": 1 / 3600, "day": 24.0, "week": 168.0}


@dataclass(frozen=True, slots=True)
class Point:
    """A value at a time, and whether the promise was kept."""

    at: datetime
    value: float
    is_kept: bool


def is_kept(value: float, comparison: str, target: Decimal) -> bool:
    """Compare a value with a target."""
    seen = Decimal(str(value))
    return {
        "<=": seen <= target,
        ">=": seen >= target,
        "<": seen < target,
        ">": seen > target,
        "=": seen == target,
    }[comparison]


def hours_in(unit: str) -> float:
    """Return how many hours one unit of time is; hours when nothing is said."""
    word = unit.strip().lower().rstrip("s")
    short = {"h": "hour", "hr": "hour", "m": "minute", "min": "minute", "d": "day", "w": "week"}
    return _HOURS.get(short.get(word, word), 1.0)


def value_of(
    indicator: str, datasets: Sequence[DatasetFacts], *, column: str, unit: str, at: datetime
) -> float | None:
    """Measure an indicator on datasets; None when they do not tell."""
    if indicator == "freshness":
        return _freshness(datasets, unit, at)
    if indicator == "completeness":
        return _completeness(datasets, column)
    if indicator == "uniqueness":
        return _uniqueness(datasets, column)
    if indicator == "volume":
        counts = [d.row_count for d in datasets if d.row_count is not None]
        return float(sum(counts)) if counts else None
    return None


def budget_left(
    points: Sequence[Point], *, indicator: str, target: Decimal, window_days: int, at: datetime
) -> float | None:
    """Return the share of the error budget left, 0 to 1; None before the first measurement.

    `points` are in order and include the last one before the window began.
    """
    if not points:
        return None
    start = at - timedelta(days=window_days)
    broken = timedelta(0)
    ends = [point.at for point in points[1:]] + [at]
    for point, end in zip(points, ends, strict=True):
        if not point.is_kept:
            broken += max(timedelta(0), min(end, at) - max(point.at, start))
    allowed = BUDGET_SHARE
    if indicator == "availability":
        allowed = max(0.0, 1 - float(target) / 100)
    used = broken / timedelta(days=window_days)
    if allowed == 0:
        return 1.0 if not used else 0.0
    return round(max(0.0, 1 - used / allowed), 4)


def availability(points: Sequence[Point], start: datetime) -> float | None:
    """Return the percentage of attempts since `start` that reached the store."""
    tried = [point for point in points if point.at >= start]
    if not tried:
        return None
    return round(100 * sum(1 for p in tried if p.value >= 100) / len(tried), 4)


def _freshness(datasets: Sequence[DatasetFacts], unit: str, at: datetime) -> float | None:
    """Return the age of the newest row of all datasets."""
    times = [d.data_updated_at for d in datasets if d.data_updated_at is not None]
    if not times:
        return None
    return round(max(0.0, (at - max(times)) / timedelta(hours=hours_in(unit))), 2)


def _completeness(datasets: Sequence[DatasetFacts], column: str) -> float | None:
    """Return the filled share of a column, else of the required columns, else of all columns."""
    seen = [(d.column(path), profile) for d in datasets for path, profile in d.profiles.items()]
    required = [p for stated, p in seen if stated is not None and stated.is_required]
    chosen = (
        [p for _, p in seen if p.path == column] if column else required or [p for _, p in seen]
    )
    rows = sum(p.rows for p in chosen)
    return round(100 * (rows - sum(p.nulls for p in chosen)) / rows, 4) if rows else None


def _uniqueness(datasets: Sequence[DatasetFacts], column: str) -> float | None:
    """Return the distinct share of a column, else of all keys, where they were counted exactly."""
    found = [pair for d in datasets for pair in _keys(d, column)]
    rows = sum(total for total, _ in found)
    return round(100 * (rows - sum(bad for _, bad in found)) / rows, 4) if rows else None


def _keys(dataset: DatasetFacts, column: str) -> Iterator[tuple[int, int]]:
    """Give the rows and the surplus rows of each key of a dataset."""
    judged = set()
    for key in dataset.keys:
        if key.kind == "unique" and (not column or key.columns == [column]):
            judged.add(tuple(key.columns))
            yield key.rows, key.violations
    for one in dataset.columns:
        profile = dataset.profiles.get(one.path)
        wanted = one.path == column if column else one.unique or one.promised_unique
        if not wanted or (one.path,) in judged or profile is None or profile.distinct is None:
            continue
        if not profile.distinct_is_approximate:
            filled = profile.rows - profile.nulls
            yield filled, max(0, filled - profile.distinct)
