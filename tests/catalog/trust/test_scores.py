"""The arithmetic of quality."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from catalog.trust.scores import Judged, score

OUTCOMES = ("passed", "warned", "failed", "error", "skipped", "unknown")
CHECKS = st.lists(
    st.builds(
        Judged,
        st.sampled_from(["completeness", "uniqueness", "accuracy"]),
        st.sampled_from(["error", "warning"]),
        st.sampled_from(OUTCOMES),
        st.integers(0, 100),
        st.integers(0, 100),
    ),
    max_size=20,
)


def check(outcome: str, dimension: str = "completeness", severity: str = "error") -> Judged:
    return Judged(dimension, severity, outcome)


def test_no_check_is_not_measured() -> None:
    found = score([])
    assert found.overall is None
    assert found.text == "Not measured: no check was judged."
    assert {one.text for one in found.dimensions} == {"not measured"}
    assert len(found.dimensions) == 5


def test_one_failure_among_a_thousand_is_not_rounded_up_to_100() -> None:
    found = score([check("passed")] * 1000 + [check("failed", severity="warning")])
    assert found.overall == 99.9
    assert score([check("passed")] * 1000).overall == 100


def test_skipped_and_broken_checks_measure_nothing() -> None:
    assert score([check("skipped"), check("unknown"), check("error")]).overall is None


def test_errors_weigh_three_times_warnings() -> None:
    failing = score([check("failed"), check("passed", severity="warning")])
    warning = score([check("passed"), check("warned", severity="warning")])
    assert (failing.overall, warning.overall) == (25.0, 75.0)


def test_a_failed_check_earns_half_the_share_of_good_rows() -> None:
    found = score([Judged("uniqueness", "error", "failed", 10, 100)])
    assert found.overall == 45.0
    assert found.dimensions[1].text == "0 of 1 checks passed: 1.35 of 3 points"


def test_dimensions_count_alike_however_many_checks_they_have() -> None:
    many = [check("passed") for _ in range(100)]
    found = score([*many, check("failed", "uniqueness")])
    assert found.overall == 50.0
    assert found.text == "(completeness 100 + uniqueness 0) / 2 = 50"


@given(CHECKS)
def test_a_score_lies_between_0_and_100_and_is_100_only_when_all_passed(
    checks: list[Judged],
) -> None:
    found = score(checks)
    judged = [one for one in checks if one.is_judged]
    assert (found.overall is None) == (not judged)
    if found.overall is not None:
        assert 0 <= found.overall <= 100
        if found.overall == 100:
            assert all(one.outcome == "passed" for one in judged)


@given(CHECKS)
def test_the_arithmetic_counts_every_check_once(checks: list[Judged]) -> None:
    found = score(checks)
    counted = sum(d.passed + d.warned + d.failed + d.error + d.skipped for d in found.dimensions)
    assert counted == len(checks)
