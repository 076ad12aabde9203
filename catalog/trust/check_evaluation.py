"""How one check ends on what was observed. Free of Django.

What cannot be told from the observation (masked values, no profile, a rule judged elsewhere) is
skipped with the reason; it never counts as passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Protocol

from catalog.descriptors import ColumnProfile
from catalog.trust.facts import DatasetFacts

PASSED, WARNED, FAILED, ERROR, SKIPPED = "passed", "warned", "failed", "error", "skipped"


#: RE2 takes time linear in the value and in the pattern; so both are bounded (values by the profile).
MAX_PATTERN = 1_000


class Rule(Protocol):
    """What a check asks; rows of the table and derived checks both have it."""

    @property
    def rule(self) -> str: ...
    @property
    def column_path(self) -> str: ...
    @property
    def params(self) -> Mapping[str, object]: ...
    @property
    def severity(self) -> str: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as a plain value."""

    rule: str
    column_path: str = ""
    params: Mapping[str, object] = field(default_factory=dict)
    severity: str = "error"


@dataclass(frozen=True, slots=True)
class Verdict:
    """How a check ended, in words and rows."""

    outcome: str
    observed: str = ""
    expected: str = ""
    rows_failed: int | None = None
    rows_total: int | None = None


class Malformed(Exception):
    """The parameters of a check cannot be used."""


def judge(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    """Judge one check on one dataset as it was observed; `at` is the time of judging."""
    method = _METHODS.get(rule.rule)
    if method is None:
        return Verdict(SKIPPED, "judged outside; no result was sent")
    try:
        verdict = method(rule, facts, at)
    except Malformed as error:
        return Verdict(ERROR, str(error)[:300])
    if verdict.outcome == FAILED and rule.severity == "warning":
        return Verdict(
            WARNED, verdict.observed, verdict.expected, verdict.rows_failed, verdict.rows_total
        )
    return verdict


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """Combine the verdicts of several datasets: the worst counts, rows add up."""
    order = [FAILED, ERROR, WARNED, PASSED, SKIPPED]
    top = min(verdicts, key=lambda v: order.index(v.outcome))
    failed = [v.rows_failed for v in verdicts if v.rows_failed is not None]
    total = [v.rows_total for v in verdicts if v.rows_total is not None]
    return Verdict(
        top.outcome,
        top.observed,
        top.expected,
        sum(failed) if failed else None,
        sum(total) if total else None,
    )


def _rows(failed: int, total: int, expected: str) -> Verdict:
    failed = max(0, min(failed, total))
    observed = f"{failed:,} of {total:,} rows" if failed else f"none of {total:,} rows"
    return Verdict(FAILED if failed else PASSED, observed, expected, failed, total)


def _profile(rule: Rule, facts: DatasetFacts) -> ColumnProfile | Verdict:
    path = rule.column_path
    if not path:
        raise Malformed(f"a check of rule {rule.rule!r} needs a column")
    profile = facts.profiles.get(path)
    if profile is not None:
        return profile
    if facts.columns and facts.column(path) is None:
        return Verdict(FAILED, f"there is no column {path}", "the column exists")
    return Verdict(SKIPPED, "the column was not profiled")


def _not_null(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    profile = _profile(rule, facts)
    if isinstance(profile, Verdict):
        return profile
    return _rows(profile.nulls, profile.rows, "no empty value")


def _filled(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    limit = _number(rule, "max_empty_share")
    cells = sum(p.rows for p in facts.profiles.values())
    if not cells:
        return Verdict(SKIPPED, "no row was profiled")
    share = sum(p.nulls for p in facts.profiles.values()) / cells
    outcome = PASSED if Decimal(str(share)) <= limit else FAILED
    return Verdict(outcome, f"{share:.1%} of the cells are empty", f"at most {limit:.0%}")


def _row_count(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    if facts.row_count is None:
        return Verdict(SKIPPED, "rows were not counted")
    low, high = _bounds(rule)
    ok = (low is None or facts.row_count >= low) and (high is None or facts.row_count <= high)
    return Verdict(PASSED if ok else FAILED, f"{facts.row_count:,} rows", _span(low, high, " rows"))


def _unique(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    columns = _columns(rule)
    finding = facts.finding("unique", columns)
    if finding is not None:
        return _rows(finding.violations, finding.rows, "no duplicate")
    if len(columns) != 1:
        return Verdict(SKIPPED, "the key was not looked at")
    profile = facts.profiles.get(columns[0])
    if profile is None or profile.distinct is None:
        return Verdict(SKIPPED, "distinct values were not counted")
    if profile.distinct_is_approximate:
        return Verdict(SKIPPED, "distinct values were only estimated")
    return _rows(profile.rows - profile.nulls - profile.distinct, profile.rows, "no duplicate")


def _foreign_key(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    finding = facts.finding("foreign-key", _columns(rule), str(rule.params.get("references") or ""))
    if finding is None:
        return Verdict(SKIPPED, "the reference was not looked at")
    return _rows(finding.violations, finding.rows, "no orphan")


def _enum(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    allowed = rule.params.get("values")
    if not isinstance(allowed, list) or not allowed:
        raise Malformed("`values` must list what is allowed")
    wanted = {str(value) for value in allowed}
    return _each(rule, facts, lambda values: [v in wanted for v in values], "one of the values")


def _pattern(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    pattern = rule.params.get("pattern")
    if not isinstance(pattern, str) or not pattern:
        raise Malformed("`pattern` must be a regular expression (RE2)")
    if len(pattern) > MAX_PATTERN:
        raise Malformed(f"`pattern` has {len(pattern)} characters; at most {MAX_PATTERN} are used")
    return _each(rule, facts, lambda values: matches(pattern, values), f"matches {pattern}")


def matches(pattern: str, values: Sequence[str]) -> list[bool]:
    """Match whole values in linear time (RE2, by DuckDB): a pattern from outside cannot stall us."""
    import duckdb  # 20 MB that only a worker needs

    sql = "SELECT regexp_full_match(v, $p) FROM (SELECT unnest($v::VARCHAR[]) AS v)"
    with duckdb.connect(":memory:") as connection:
        try:
            rows = connection.execute(sql, {"p": pattern, "v": list(values)}).fetchall()
        except duckdb.Error as error:
            raise Malformed(f"{pattern!r} is no RE2 expression: {error}") from error
    return [bool(row[0]) for row in rows]


def _each(
    rule: Rule,
    facts: DatasetFacts,
    test: Callable[[Sequence[str]], list[bool]],
    expected: str,
) -> Verdict:
    """Judge by the most frequent values: a failure is sure; a pass only when they are all there is."""
    profile = _profile(rule, facts)
    if isinstance(profile, Verdict):
        return profile
    if profile.masked:
        return Verdict(SKIPPED, f"values are masked ({profile.masked})", expected)
    filled = profile.rows - profile.nulls
    values = [item.value for item in profile.frequent]
    good = test(values) if values else []
    bad = [item for item, ok in zip(profile.frequent, good, strict=True) if not ok]
    seen = sum(item.count for item in profile.frequent)
    if bad:
        count = min(filled, sum(item.count for item in bad))
        shown = ", ".join(item.value[:40] for item in bad[:3])
        return Verdict(FAILED, f"{shown}: {count:,} of {filled:,} values", expected, count, filled)
    if seen >= filled:
        return Verdict(PASSED, f"all {filled:,} values", expected, 0, filled)
    if not values:
        return Verdict(SKIPPED, "too many different values to keep any", expected)
    return Verdict(SKIPPED, f"only the {len(values)} most frequent values were looked at", expected)


def _range(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    profile = _profile(rule, facts)
    if isinstance(profile, Verdict):
        return profile
    low, high = _bound(rule, "minimum"), _bound(rule, "maximum")
    if low is None and high is None:
        raise Malformed("a range needs `minimum`, `maximum` or both")
    expected = _span(low, high, "")
    if profile.masked or profile.minimum is None or profile.maximum is None:
        return Verdict(SKIPPED, "smallest and largest value are not known", expected)
    ok = (low is None or _order(profile.minimum, low) >= 0) and (
        high is None or _order(profile.maximum, high) <= 0
    )
    return Verdict(PASSED if ok else FAILED, f"{profile.minimum} to {profile.maximum}", expected)


def _fresh(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    hours = _number(rule, "hours")
    if facts.data_updated_at is None:
        return Verdict(SKIPPED, "the data carries no time")
    age = max(timedelta(0), at - facts.data_updated_at) / timedelta(hours=1)
    outcome = PASSED if age <= float(hours) else FAILED
    return Verdict(outcome, f"{age:,.1f} hours old", f"at most {float(hours):g} hours")


def _type(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    column = facts.column(rule.column_path)
    wanted = str(rule.params.get("type") or "")
    if column is None:
        return Verdict(FAILED, "there is no such column", wanted)
    if not column.type:
        return Verdict(SKIPPED, "the store names no type", wanted)
    seen, promised = _plain_type(column.type), _plain_type(wanted)
    same = seen == promised or (seen, promised) == ("integer", "number")
    return Verdict(PASSED if same else FAILED, column.type, wanted)


def _present(rule: Rule, facts: DatasetFacts, at: datetime) -> Verdict:
    is_there = facts.column(rule.column_path) is not None
    return Verdict(
        PASSED if is_there else FAILED, "" if is_there else "missing", "the column exists"
    )


def _plain_type(name: str) -> str:
    low = name.strip().lower()
    same = {"int": "integer", "text": "string", "bool": "boolean", "datetime": "timestamp"}
    return same.get(low, low)


def _columns(rule: Rule) -> tuple[str, ...]:
    listed = rule.params.get("columns")
    columns = tuple(map(str, listed)) if isinstance(listed, list) else ()
    if not columns and not rule.column_path:
        raise Malformed(f"a check of rule {rule.rule!r} needs a column or `columns`")
    return columns or (rule.column_path,)


def _number(rule: Rule, name: str) -> Decimal:
    number = _as_number(name, rule.params.get(name))
    if number is None:
        raise Malformed(f"`{name}` is missing; a number is needed")
    return number


def _bounds(rule: Rule) -> tuple[Decimal | None, Decimal | None]:
    low, high = _bound(rule, "minimum"), _bound(rule, "maximum")
    if low is None and high is None:
        raise Malformed("a row count needs `minimum`, `maximum` or both")
    return _as_number("minimum", low), _as_number("maximum", high)


def _bound(rule: Rule, name: str) -> object:
    """Return a bound, under its full or its short name (`minimum`, `min`)."""
    return rule.params.get(name, rule.params.get(name[:3]))


def _as_number(name: str, value: object) -> Decimal | None:
    number = None if value is None else _decimal(value)
    if value is not None and number is None:
        raise Malformed(f"`{name}` is {value!r}; a number is needed")
    return number


def _span(low: object, high: object, unit: str) -> str:
    if low is None:
        return f"at most {high}{unit}"
    return f"at least {low}{unit}" if high is None else f"{low} to {high}{unit}"


def _decimal(value: object) -> Decimal | None:
    try:
        return Decimal(str(value).replace(",", ""))
    except InvalidOperation:
        return None


def _order(first: object, second: object) -> int:
    """Compare as numbers when both are, else as text (ISO dates order as text)."""
    one, two = _decimal(first), _decimal(second)
    if one is not None and two is not None:
        return (one > two) - (one < two)
    left, right = str(first), str(second)
    return (left > right) - (left < right)


_METHODS: Mapping[str, Callable[[Rule, DatasetFacts, datetime], Verdict]] = {
    "not-null": _not_null,
    "filled": _filled,
    "row-count": _row_count,
    "unique": _unique,
    "foreign-key": _foreign_key,
    "enum": _enum,
    "pattern": _pattern,
    "range": _range,
    "fresh": _fresh,
    "type": _type,
    "present": _present,
}
