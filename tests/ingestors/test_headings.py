"""Headings of personal columns are understood in many languages and scripts."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.sensitivity import DATA, measure
from ingestors.sensitivity.classify import Candidate, classify
from tests.engines import material

WORDS = [
    (line.partition(": ")[0], word)
    for line in (Path(__file__).parent / "headings.txt").read_text(encoding="utf-8").splitlines()
    if not line.startswith("#")
    for word in line.partition(": ")[2].split()
]


@pytest.mark.parametrize(("expected", "heading"), WORDS)
def test_a_heading_tells_what_its_column_holds(expected: str, heading: str) -> None:
    found = classify("t1", [Candidate(heading, "string", "TEXT", ())])
    assert found[heading].sensitivity.value == expected


@pytest.mark.material
@pytest.mark.parametrize("split", ["development", "held-out"])
def test_names_of_real_columns_are_found_and_few_others(split: str) -> None:
    assert material("schemas", "spider").is_relative_to(DATA.resolve())
    score = measure(split)
    assert score.recall >= 0.90, score.missed
    assert score.precision >= 0.95, score.wrong
