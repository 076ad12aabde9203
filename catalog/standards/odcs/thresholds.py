"""Which values a quality rule or a bound lets pass, compared. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.standards.odcs.directions import (
    BOTH,
    LOOSENS,
    TIGHTENS,
    UNDETERMINED,
    UNTESTED,
    Direction,
)

OPERATORS = (
    "mustBe",
    "mustNotBe",
    "mustBeGreaterThan",
    "mustBeGreaterOrEqualTo",
    "mustBeLessThan",
    "mustBeLessOrEqualTo",
    "mustBeBetween",
    "mustNotBeBetween",
)
_SECONDS = {
    "s": 1.0,
    "second": 1.0,
    "m": 60.0,
    "min": 60.0,
    "minute": 60.0,
    "h": 3600.0,
    "hour": 3600.0,
    "d": 86400.0,
    "day": 86400.0,
    "w": 604800.0,
    "week": 604800.0,
    "mo": 2629800.0,
    "month": 2629800.0,
    "y": 31557600.0,
    "yr": 31557600.0,
    "year": 31557600.0,
    "ms": 0.001,
}


def passes(rule: Mapping[str, Any], value: float) -> bool:
    """Tell whether a measured value keeps a rule; the bounds of Between do not belong to it."""
    bounds = [(name, bound) for name, bound in rule.items() if name in OPERATORS]
    return all(_keeps(name, bound, value) for name, bound in bounds)


def _keeps(name: str, bound: Any, value: float) -> bool:
    if name in {"mustBeBetween", "mustNotBeBetween"}:
        inside = bool(bound[0] < value < bound[1])
        return inside == (name == "mustBeBetween")
    found: bool = {
        "mustBe": value == bound,
        "mustNotBe": value != bound,
        "mustBeGreaterThan": value > bound,
        "mustBeGreaterOrEqualTo": value >= bound,
        "mustBeLessThan": value < bound,
        "mustBeLessOrEqualTo": value <= bound,
    }[name]
    return found


def compare_rules(before: Mapping[str, Any], after: Mapping[str, Any]) -> Direction:
    """Say whether the newer rule lets fewer values pass (tightens), more (loosens), or others (both)."""
    old = {name: before[name] for name in OPERATORS if name in before}
    new = {name: after[name] for name in OPERATORS if name in after}
    if old == new:
        return UNTESTED
    bounds = [*_numbers(old), *_numbers(new)]
    if None in bounds:
        return UNDETERMINED
    probes = sorted({probe for bound in bounds if bound is not None for probe in _around(bound)})
    was = [passes(old, probe) for probe in probes]
    now = [passes(new, probe) for probe in probes]
    gained = any(b and not a for a, b in zip(was, now, strict=True))
    lost = any(a and not b for a, b in zip(was, now, strict=True))
    if gained and lost:
        return BOTH
    return LOOSENS if gained else TIGHTENS if lost else UNTESTED


def _numbers(rule: Mapping[str, Any]) -> list[float | None]:
    found: list[float | None] = []
    for value in rule.values():
        for bound in value if isinstance(value, list) else [value]:
            is_number = isinstance(bound, int | float) and not isinstance(bound, bool)
            found.append(float(bound) if is_number else None)
    return found


def _around(bound: float) -> tuple[float, float, float]:
    step = max(abs(bound) * 1e-6, 1e-6)
    return (bound - step, bound, bound + step)


def seconds(value: object, unit: object) -> float | None:
    """Return a time span in seconds, None where it is no number or the unit is not known."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        try:
            value = float(str(value))
        except ValueError:
            return None
    text = str(unit or "").strip().lower()
    factor = _SECONDS.get(text) or _SECONDS.get(text.rstrip("s"))
    return None if factor is None else float(value) * factor
