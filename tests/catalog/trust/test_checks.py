"""Which checks follow from what is stated, and how each rule is judged."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from catalog.descriptors import ColumnProfile, ForeignKey, FrequentValue, KeyFinding
from catalog.trust.check_evaluation import Asked, Verdict, judge, worst
from catalog.trust.derive import derive
from catalog.trust.facts import ColumnFacts, DatasetFacts

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


def facts(**more: object) -> DatasetFacts:
    base = DatasetFacts(
        1,
        "sqlite://shop",
        "main.claims",
        "claims",
        columns=(
            ColumnFacts("id", "integer", False, True, False),
            ColumnFacts("note", "string", True, False, False),
        ),
        primary_key=("id",),
        row_count=100,
    )
    return replace(base, **more)  # type: ignore[arg-type]


def profiled(path: str, **more: object) -> DatasetFacts:
    said = {"path": path, "rows": 100, "nulls": 0, **more}
    column = ColumnFacts(path, "string", True, False, False)
    profile = ColumnProfile.model_validate(said)
    return facts(columns=(column,), primary_key=(), profiles={path: profile})


def values(*pairs: tuple[str, int]) -> list[FrequentValue]:
    return [FrequentValue(value=value, count=count) for value, count in pairs]


def outcome(asked: Asked, about: DatasetFacts) -> str:
    return judge(asked, about, NOW).outcome


def test_a_schema_gives_checks_of_filled_and_unique_keys() -> None:
    assert [check.key for check in derive(facts())] == [
        "completeness:rows",
        "completeness:not-null:id",
        "completeness:filled",
        "uniqueness:key:id",
    ]


def test_a_foreign_key_gives_a_check_of_consistency() -> None:
    foreign = ForeignKey(columns=["policy"], namespace="n", name="policies", references=["id"])
    found = derive(facts(foreign_keys=(foreign,)))[-1]
    assert (found.key, found.dimension) == (
        "consistency:foreign-key:policy->policies",
        "consistency",
    )


def test_a_contract_gives_checks_of_what_it_promises() -> None:
    column = ColumnFacts("note", "string", True, False, False, True, True, "string")
    keys = {check.key for check in derive(facts(columns=(column,), missing_promised=("day",)))}
    assert {
        "completeness:not-null:note",
        "uniqueness:key:note",
        "validity:type:note",
        "validity:present:day",
    } <= keys


def test_no_promise_of_freshness_no_check_of_it() -> None:
    assert not [c for c in derive(facts()) if c.dimension == "timeliness"]
    found = derive(facts(promised_hours=24.0, is_promise_strict=True))[-1]
    assert (found.key, found.severity, found.params) == ("timeliness:fresh", "error", {"hours": 24})


def test_a_long_key_is_cut_and_stays_different() -> None:
    columns = tuple(ColumnFacts("x" * 300 + str(n), "string", False, False, False) for n in (1, 2))
    keys = [c.key for c in derive(facts(columns=columns, primary_key=()))]
    assert len(set(keys)) == len(keys)
    assert max(map(len, keys)) <= 300


@pytest.mark.parametrize(("nulls", "expected"), [(0, "passed"), (3, "failed")])
def test_not_null_counts_empty_values(nulls: int, expected: str) -> None:
    verdict = judge(Asked("not-null", "a"), profiled("a", nulls=nulls), NOW)
    assert (verdict.outcome, verdict.rows_failed, verdict.rows_total) == (expected, nulls, 100)


def test_a_warning_never_fails() -> None:
    assert outcome(Asked("not-null", "a", severity="warning"), profiled("a", nulls=1)) == "warned"


def test_a_column_that_is_gone_fails_its_check() -> None:
    assert outcome(Asked("not-null", "gone"), profiled("a")) == "failed"


@pytest.mark.parametrize(("violations", "expected"), [(0, "passed"), (2, "failed")])
def test_keys_are_judged_by_findings(violations: int, expected: str) -> None:
    key = KeyFinding(kind="unique", columns=["a", "b"], rows=10, violations=violations)
    foreign = KeyFinding(
        kind="foreign-key", columns=["p"], references="pol", rows=10, violations=violations
    )
    about = facts(keys=(key, foreign))
    assert outcome(Asked("unique", params={"columns": ["a", "b"]}), about) == expected
    asked = Asked("foreign-key", params={"columns": ["p"], "references": "pol"})
    assert outcome(asked, about) == expected


def test_uniqueness_falls_back_to_exact_distinct_counts() -> None:
    asked = Asked("unique", "a")
    assert outcome(asked, profiled("a", distinct=100)) == "passed"
    assert outcome(asked, profiled("a", distinct=98)) == "failed"
    rough = profiled("a", distinct=98, distinct_is_approximate=True)
    assert outcome(asked, rough) == "skipped"


def test_an_enumeration_passes_only_when_all_values_were_seen() -> None:
    asked = Asked("enum", "a", {"values": ["x", "y"]})
    assert outcome(asked, profiled("a", frequent=values(("x", 60), ("y", 40)))) == "passed"
    assert outcome(asked, profiled("a", frequent=values(("x", 60), ("z", 1)))) == "failed"
    assert outcome(asked, profiled("a", frequent=values(("x", 60)))) == "skipped"
    assert outcome(asked, profiled("a", masked="e-mail")) == "skipped"


def test_a_pattern_matches_whole_values_in_linear_time() -> None:
    about = profiled("a", frequent=values(("a" * 40 + "!", 100)))
    assert outcome(Asked("pattern", "a", {"pattern": "(a+)+"}), about) == "failed"
    assert outcome(Asked("pattern", "a", {"pattern": "a+!"}), about) == "passed"
    broken = judge(Asked("pattern", "a", {"pattern": "("}), about, NOW)
    assert broken.outcome == "error"
    long = judge(Asked("pattern", "a", {"pattern": "a" * 1_001}), about, NOW)
    assert (long.outcome, "at most 1000" in long.observed) == ("error", True)


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"minimum": 0}, "passed"),
        ({"min": 10}, "failed"),
        ({"maximum": 100, "minimum": 5}, "passed"),
        ({"maximum": 99.5}, "failed"),
        ({}, "error"),
    ],
)
def test_ranges_compare_as_numbers(params: dict[str, object], expected: str) -> None:
    assert (
        outcome(Asked("range", "a", params), profiled("a", minimum="9", maximum="100")) == expected
    )


def test_ranges_of_dates_compare_as_dates() -> None:
    about = profiled("a", minimum="2025-01-31", maximum="2026-02-01")
    assert outcome(Asked("range", "a", {"minimum": "2025-01-01"}), about) == "passed"
    assert outcome(Asked("range", "a", {"maximum": "2026-01-31"}), about) == "failed"


def test_row_counts_and_freshness() -> None:
    assert outcome(Asked("row-count", params={"minimum": 100}), facts()) == "passed"
    assert outcome(Asked("row-count", params={"minimum": 101}), facts()) == "failed"
    assert outcome(Asked("row-count", params={"minimum": "many"}), facts()) == "error"
    fresh = Asked("fresh", params={"hours": 24})
    assert outcome(fresh, facts()) == "skipped"
    assert outcome(fresh, facts(data_updated_at=NOW - timedelta(hours=23))) == "passed"
    assert outcome(fresh, facts(data_updated_at=NOW - timedelta(hours=25))) == "failed"


def test_types_are_compared_by_meaning() -> None:
    about = facts()
    assert outcome(Asked("type", "id", {"type": "number"}), about) == "passed"
    assert outcome(Asked("type", "id", {"type": "string"}), about) == "failed"
    assert outcome(Asked("present", "id"), about) == "passed"
    assert outcome(Asked("present", "day"), about) == "failed"


def test_an_unknown_rule_is_skipped_never_passed() -> None:
    assert outcome(Asked("custom"), facts()) == "skipped"


def test_the_worst_of_several_datasets_counts() -> None:
    both = worst([Verdict("passed", rows_failed=0, rows_total=5), Verdict("failed", "2", "", 2, 5)])
    assert (both.outcome, both.rows_failed, both.rows_total) == ("failed", 2, 10)
    assert worst([Verdict("skipped"), Verdict("passed")]).outcome == "passed"
