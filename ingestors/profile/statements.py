"""The statements of a profile and how their answers are read. Free of Django.

One scan gives all aggregates of up to `BATCH` columns; histograms and frequent values are one
further statement each.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from catalog.descriptors import FrequentValue
from ingestors.profile.dialects import Dialect
from ingestors.profile.subject import DATES, NUMBERS, SCALARS, Field, Reference, Unique
from ingestors.values import (
    STATISTIC_LENGTH,
    moment,
    number_text,
    real,
    shortened,
    text_of,
    whole,
)

BATCH = 60
BINS = 12
FREQUENT = 10
LOW_CARDINALITY = 50


@dataclass(slots=True)
class Facts:
    """What is known of one column so far."""

    rows: int = 0
    filled: int = 0
    distinct: int | None = None
    minimum: object = None
    maximum: object = None
    mean: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    emails: int = 0
    newest: float | None = None  # seconds since 1970, not in the future
    low: float | None = None  # of the histogram
    high: float | None = None
    histogram: list[tuple[str, str, int]] = field(default_factory=list)
    frequent: list[FrequentValue] = field(default_factory=list)


Setter = Callable[[Facts, object], None]


def expression(dialect: Dialect, column: Field) -> str:
    """Return the SQL by which a column is compared and counted."""
    if column.type in NUMBERS:
        return dialect.number(column.expression)
    if column.type == "string" or column.type == "time":
        return dialect.text(column.expression)
    return column.expression


def aggregates(
    dialect: Dialect,
    relation: str,
    columns: Sequence[Field],
    *,
    approximate: bool,
    few: bool,
    dated: Sequence[str],
    now: float,
) -> tuple[str, list[tuple[str, Setter]]]:
    """Return one aggregate statement, and where each of its results belongs.

    The first result is the number of rows. `dated` are the columns whose newest moment is asked.
    """
    selected = ["COUNT(*)"]
    setters: list[tuple[str, Setter]] = []
    for column in columns:
        for sql, setter in _of_column(dialect, column, approximate, few, column.path in dated, now):
            selected.append(sql)
            setters.append((column.path, setter))
    return f"SELECT {', '.join(selected)} FROM {relation}", setters


def _of_column(
    dialect: Dialect, column: Field, approximate: bool, few: bool, is_dated: bool, now: float
) -> Iterator[tuple[str, Setter]]:
    yield f"COUNT({column.expression})", _set_filled
    if column.type not in SCALARS:
        return
    value = expression(dialect, column)
    yield dialect.distinct(value, approximate=approximate, few=few), _set_distinct
    if column.type != "boolean":
        yield (
            f"MIN({value})" if column.type not in DATES else _day(dialect, f"MIN({value})"),
            _set_minimum,
        )
        yield (
            f"MAX({value})" if column.type not in DATES else _day(dialect, f"MAX({value})"),
            _set_maximum,
        )
    if column.type in NUMBERS:
        number = dialect.real(value)
        yield f"AVG({number})", _set_mean
        yield f"MIN({number})", _set_low
        yield f"MAX({number})", _set_high
    if column.type in DATES:
        epoch = dialect.epoch(column.expression, column.native_type)
        yield f"MIN({epoch})", _set_low
        yield f"MAX({epoch})", _set_high
    if column.type == "string":
        yield f"MIN({dialect.length(value)})", _set_min_length
        yield f"MAX({dialect.length(value)})", _set_max_length
        yield f"SUM(CASE WHEN {dialect.holds_email(value)} THEN 1 ELSE 0 END)", _set_emails
    if is_dated:
        yield newest(dialect, column, now), _set_newest


def newest(dialect: Dialect, column: Field, now: float) -> str:
    """Return the aggregate for the newest moment that is not in the future."""
    epoch = dialect.epoch(column.expression, column.native_type)
    return f"MAX(CASE WHEN {epoch} <= {now:.0f} THEN {epoch} END)"


def _day(dialect: Dialect, sql: str) -> str:
    return dialect.text(sql) if dialect.name == "duckdb" else sql


def histograms(
    dialect: Dialect, relation: str, columns: Sequence[Field], facts: Mapping[str, Facts]
) -> str:
    """Return one statement that yields (column number, bin, count)."""
    parts = []
    for index, column in enumerate(columns):
        known = facts[column.path]
        if known.low is None or known.high is None:
            continue
        value = (
            dialect.epoch(column.expression, column.native_type)
            if column.type in DATES
            else dialect.real(expression(dialect, column))
        )
        scaled = f"({value} - {known.low!r}) * {BINS}.0 / {known.high - known.low!r}"
        parts.append(
            f"SELECT {index}, {dialect.floor(scaled)} AS bin, COUNT(*) FROM {relation}"
            f" WHERE {value} IS NOT NULL GROUP BY 2"
        )
    return " UNION ALL ".join(parts)


def fill_histograms(
    rows: Sequence[Sequence[object]], columns: Sequence[Field], facts: Mapping[str, Facts]
) -> None:
    """Put the bins of `histograms` into the facts."""
    counts: dict[int, list[int]] = {}
    for row in rows:
        bins = counts.setdefault(whole(row[0]), [0] * BINS)
        bins[min(max(whole(row[1]), 0), BINS - 1)] += whole(row[2])
    for index, bins in counts.items():
        column = columns[index]
        known = facts[column.path]
        if known.low is None or known.high is None:
            continue
        step = (known.high - known.low) / BINS
        edges = [known.low + step * i for i in range(BINS)] + [known.high]
        shown = [_edge(column, edge) for edge in edges]
        known.histogram = [(shown[i], shown[i + 1], bins[i]) for i in range(BINS)]


def _edge(column: Field, edge: float) -> str:
    if column.type in NUMBERS:
        return number_text(edge)
    at = moment(edge)
    if at is None:
        return ""
    return at.date().isoformat() if column.type == "date" else at.strftime("%Y-%m-%d %H:%M")


def frequent(dialect: Dialect, relation: str, columns: Sequence[Field]) -> str:
    """Return one statement that yields (column number, value as text, count)."""
    parts = []
    for index, column in enumerate(columns):
        value = expression(dialect, column)
        parts.append(
            f"SELECT * FROM (SELECT {index} AS i, {dialect.text(value)} AS v, COUNT(*) AS n"
            f" FROM {relation} WHERE {value} IS NOT NULL GROUP BY 2"
            f" ORDER BY 3 DESC, 2 LIMIT {FREQUENT}) AS f{index}"
        )
    return " UNION ALL ".join(parts)


def fill_frequent(
    rows: Sequence[Sequence[object]], columns: Sequence[Field], facts: Mapping[str, Facts]
) -> None:
    """Put the values of `frequent` into the facts, the most frequent first."""
    ordered = sorted(rows, key=lambda row: (whole(row[0]), -whole(row[2]), text_of(row[1])))
    for row in ordered:
        value = shortened(text_of(row[1]), STATISTIC_LENGTH)
        facts[columns[whole(row[0])].path].frequent.append(
            FrequentValue(value=value, count=whole(row[2]))
        )


def unique(relation: str, key: Unique) -> str:
    """Return a statement for (rows with the whole key, rows beyond the first of each key)."""
    filled = " AND ".join(f"{e} IS NOT NULL" for e in key.expressions)
    columns = ", ".join(key.expressions)
    return (
        "SELECT COALESCE(SUM(n), 0), COALESCE(SUM(n - 1), 0) FROM"
        f" (SELECT COUNT(*) AS n FROM {relation} WHERE {filled} GROUP BY {columns}) AS g"
    )


def missing_key(relation: str, key: Unique) -> str:
    """Return a statement for the number of rows in which a part of a primary key is missing."""
    absent = " OR ".join(f"{e} IS NULL" for e in key.expressions)
    return f"SELECT COUNT(*) FROM {relation} WHERE {absent}"


def orphans(relation: str, reference: Reference) -> str:
    """Return a statement for (rows that refer, rows whose target is not there)."""
    filled = " AND ".join(f"{e} IS NOT NULL" for e in reference.expressions)
    chosen = ", ".join(f"{e} AS k{i}" for i, e in enumerate(reference.expressions))
    match = " AND ".join(f"r.{target} = c.k{i}" for i, target in enumerate(reference.references))
    return (
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN EXISTS"
        f" (SELECT 1 FROM {reference.relation} r WHERE {match}) THEN 0 ELSE 1 END), 0)"
        f" FROM (SELECT {chosen} FROM {relation} WHERE {filled}) AS c"
    )


def _set_filled(facts: Facts, value: object) -> None:
    facts.filled = whole(value)


def _set_distinct(facts: Facts, value: object) -> None:
    facts.distinct = min(whole(value), facts.filled)


def _set_minimum(facts: Facts, value: object) -> None:
    facts.minimum = value


def _set_maximum(facts: Facts, value: object) -> None:
    facts.maximum = value


def _set_mean(facts: Facts, value: object) -> None:
    facts.mean = real(value)


def _set_low(facts: Facts, value: object) -> None:
    facts.low = real(value)


def _set_high(facts: Facts, value: object) -> None:
    facts.high = real(value)


def _set_min_length(facts: Facts, value: object) -> None:
    facts.min_length = None if value is None else whole(value)


def _set_max_length(facts: Facts, value: object) -> None:
    facts.max_length = None if value is None else whole(value)


def _set_emails(facts: Facts, value: object) -> None:
    facts.emails = whole(value)


def _set_newest(facts: Facts, value: object) -> None:
    facts.newest = real(value)
