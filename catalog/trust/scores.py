"""Quality from 0 to 100, with its arithmetic in words. Free of Django.

A check that passed earns all its points, one that failed half the share of rows that are good (so never
more than half). A check of severity error has 3 points, a warning 1. A dimension is what its checks
earned of what they could; the overall score is the plain mean of the dimensions that were measured, so
a hundred filled columns do not hide one broken key. What was not judged counts neither way, and a
dimension without a judged check is not measured: it has no score, and is left out of the mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.descriptors import Dimension, JsonValue

POINTS: Mapping[str, int] = {"error": 3, "warning": 1}
#: The dimensions every product shows; the others appear where they have checks.
SHOWN = (
    Dimension.COMPLETENESS,
    Dimension.UNIQUENESS,
    Dimension.VALIDITY,
    Dimension.CONSISTENCY,
    Dimension.TIMELINESS,
)


@dataclass(frozen=True, slots=True)
class Judged:
    """One check as it ended."""

    dimension: str
    severity: str
    outcome: str
    rows_failed: int | None = None
    rows_total: int | None = None

    @property
    def is_judged(self) -> bool:
        """It passed, warned or failed: neither skipped nor broken."""
        return self.outcome in {"passed", "warned", "failed"}

    @property
    def earned(self) -> float:
        """The share of its points, 0 to 1."""
        if self.outcome == "passed":
            return 1.0
        if not self.rows_total or self.rows_failed is None:
            return 0.0
        return 0.5 * (1 - min(self.rows_failed, self.rows_total) / self.rows_total)


@dataclass(frozen=True, slots=True)
class DimensionScore:
    """One dimension. `score` None: not measured."""

    dimension: str
    score: float | None
    passed: int
    warned: int
    failed: int
    error: int
    skipped: int
    text: str

    def as_data(self) -> dict[str, JsonValue]:
        """Return it as JSON values."""
        return {
            "dimension": self.dimension,
            "score": self.score,
            "passed": self.passed,
            "warned": self.warned,
            "failed": self.failed,
            "error": self.error,
            "skipped": self.skipped,
            "weight": 0 if self.score is None else 1,
            "text": self.text,
        }


@dataclass(frozen=True, slots=True)
class QualityScore:
    """The score of a product or dataset, dimension by dimension."""

    overall: float | None
    dimensions: tuple[DimensionScore, ...]
    text: str

    def as_data(self) -> dict[str, object]:
        """Return the arithmetic as JSON values."""
        return {
            "dimensions": [one.as_data() for one in self.dimensions],
            "overall": self.overall,
            "text": self.text,
        }


def score(checks: Iterable[Judged]) -> QualityScore:
    """Compute the score of all current checks of one subject."""
    groups: dict[str, list[Judged]] = {dimension.value: [] for dimension in SHOWN}
    for check in checks:
        groups.setdefault(check.dimension, []).append(check)
    dimensions = tuple(_dimension(name, group) for name, group in groups.items())
    measured = [d for d in dimensions if d.score is not None]
    if not measured:
        return QualityScore(None, dimensions, "Not measured: no check was judged.")
    overall = round(sum(d.score or 0.0 for d in measured) / len(measured), 1)
    terms = " + ".join(f"{d.dimension} {d.score:g}" for d in measured)
    if len(measured) == 1:
        return QualityScore(overall, dimensions, f"{terms}; the only dimension measured.")
    return QualityScore(overall, dimensions, f"({terms}) / {len(measured)} = {overall:g}")


def _dimension(name: str, checks: Sequence[Judged]) -> DimensionScore:
    counts = {
        outcome: sum(1 for c in checks if c.outcome == outcome)
        for outcome in ("passed", "warned", "failed", "error")
    }
    skipped = len(checks) - sum(counts.values())
    judged = [c for c in checks if c.is_judged]
    value, text = None, "not measured"
    if judged:
        could = sum(POINTS.get(c.severity, 3) for c in judged)
        did = sum(POINTS.get(c.severity, 3) * c.earned for c in judged)
        value = _percent(did, could)
        text = f"{counts['passed']} of {len(judged)} checks passed: {did:.4g} of {could} points"
    elif checks:
        text = f"not measured: none of {len(checks)} checks could be judged"
    if judged and len(judged) < len(checks):
        text += f"; {len(checks) - len(judged)} not judged"
    return DimensionScore(
        name,
        value,
        counts["passed"],
        counts["warned"],
        counts["failed"],
        counts["error"],
        skipped,
        text,
    )


def _percent(did: float, could: int) -> float:
    """Round to one decimal, but never up to 100 while a point is missing."""
    value = round(100 * did / could, 1)
    return 99.9 if value >= 100 and did < could else value
