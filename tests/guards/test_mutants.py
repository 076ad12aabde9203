"""The list of planted faults keeps up with the code: each text stands once in its file, each test file is there."""

from __future__ import annotations

from pathlib import Path

from tests.mutants.faults import FAULTS

ROOT = Path(__file__).parents[2]


def test_every_fault_can_be_planted() -> None:
    stale = [str(f) for f in FAULTS if (ROOT / f.file).read_text().count(f.before) != 1]
    assert stale == []


def test_every_fault_names_tests_that_are_there() -> None:
    assert [str(f) for f in FAULTS if not all((ROOT / t).exists() for t in f.tests.split())] == []


def test_there_are_at_least_fifty() -> None:
    assert len({(f.file, f.before) for f in FAULTS}) >= 50
