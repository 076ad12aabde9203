"""The figures beside their goals."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass

Figures = Mapping[str, float]
_ORDERS: dict[str, Callable[[float, float], bool]] = {"<=": operator.le, ">=": operator.ge}


@dataclass(frozen=True, slots=True)
class Goal:
    """One figure, and what it should be. Goals hold for 100,000 products on two cores."""

    said: str
    name: str
    order: str
    value: float
    unit: str = ""
    beside: str = ""

    def row(self, figures: Figures) -> str:
        """Return a row of the table."""
        found = figures.get(self.name)
        if found is None:
            return f"| {self.said} | not measured | {self._goal()} | |"
        note = f" ({figures[self.beside]:,.0f} by raw COPY)" if self.beside in figures else ""
        verdict = "met" if _ORDERS[self.order](found, self.value) else "missed"
        return f"| {self.said} | {_shown(found)} {self.unit}{note} | {self._goal()} | {verdict} |"

    def _goal(self) -> str:
        sign = "≤" if self.order == "<=" else "≥"
        return f"{sign} {_shown(self.value)} {self.unit}".rstrip()


GOALS = (
    Goal("search by API, Elasticsearch, p95", "search_elasticsearch_p95_ms", "<=", 60, "ms"),
    Goal(
        "the same beside its raw requests, p95", "search_elasticsearch_over_raw", "<=", 1.5, "times"
    ),
    Goal("search by API, PostgreSQL, p95", "search_postgresql_p95_ms", "<=", 150, "ms"),
    Goal("door, new", "door_new_per_second", ">=", 1000, "products/s", "copy_per_second"),
    Goal("door, unchanged", "door_unchanged_per_second", ">=", 5000, "products/s"),
    Goal("rebuild of 1.1 million documents", "rebuild_1100000_minutes", "<=", 10, "min"),
    Goal(
        "memory of a rebuild, growth after its first quarter", "rebuild_growth_mb", "<=", 50, "MB"
    ),
    Goal("event to searchable at 100 writes/s, p95", "event_to_searchable_p95_s", "<=", 2, "s"),
    Goal("product page, p95", "product_page_p95_ms", "<=", 100, "ms"),
    Goal("product page, queries", "product_page_queries", "<=", 15),
    Goal("200 mixed reads/s, two web processes, errors", "reading_at_200_errors", "<=", 0),
    Goal("200 mixed reads/s, two web processes, p99", "reading_at_200_p99_ms", "<=", 500, "ms"),
)


def derived(figures: Figures) -> dict[str, float]:
    """Return what follows from the figures."""
    found = {}
    if "search_elasticsearch_raw_p95_ms" in figures:
        found["search_elasticsearch_over_raw"] = (
            figures["search_elasticsearch_p95_ms"] / figures["search_elasticsearch_raw_p95_ms"]
        )
    if "rebuild_elasticsearch_documents_per_second" in figures:
        rate = figures["rebuild_elasticsearch_documents_per_second"]
        found["rebuild_1100000_minutes"] = 1_100_000 / rate / 60
        found["rebuild_growth_mb"] = (
            figures["rebuild_elasticsearch_mb_at_peak"]
            - figures["rebuild_elasticsearch_mb_after_a_quarter"]
        )
    return found


def table(figures: Figures) -> str:
    """Return the table in Markdown."""
    head = ["| what | result | goal | |", "|---|---|---|---|"]
    return "\n".join([*head, *(goal.row(figures) for goal in GOALS)])


def _shown(value: float) -> str:
    return f"{value:,.0f}" if value >= 100 or value == int(value) else f"{value:.2g}"
