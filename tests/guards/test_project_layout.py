"""The shape of the repository is a rule, not a habit."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TOP = {
    ".ci",
    ".dockerignore",
    ".gitignore",
    "CHANGELOG.md",
    "CONTRIBUTING.md",
    "Dockerfile",
    "LICENSE",
    "Makefile",
    "README.md",
    "SECURITY.md",
    "benchmarks",
    "catalog",
    "docker-compose.yml",
    "docs",
    "gazetteer",
    "ingestors",
    "lineage",
    "manage.py",
    "packaging",
    "portal",
    "pyproject.toml",
    "tests",
    "uv.lock",
}
#: Word lists are data; they may be longer than code.
LISTS = {"ingestors/sensitivity/vocabulary.py"}
DRAWERS = {"utils", "helpers", "common", "misc", "util"}


def tracked() -> list[Path]:
    run = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if run.returncode:
        pytest.skip("not a git work tree")
    return [ROOT / name for name in run.stdout.split("\0") if name and (ROOT / name).exists()]


def test_the_top_level_holds_nothing_unexpected() -> None:
    assert {path.relative_to(ROOT).parts[0] for path in tracked()} <= TOP


def test_no_file_is_above_one_megabyte() -> None:
    assert [p for p in tracked() if p.stat().st_size > 1_000_000] == []


def test_no_module_is_a_drawer() -> None:
    assert [p for p in tracked() if p.suffix == ".py" and p.stem in DRAWERS] == []


def test_no_python_module_is_above_four_hundred_lines() -> None:
    long = {
        str(path.relative_to(ROOT)): lines
        for path in tracked()
        if path.suffix == ".py" and "migrations" not in path.parts
        if str(path.relative_to(ROOT)) not in LISTS
        if (lines := len(path.read_text().splitlines())) > 400
    }
    assert long == {}


def test_nothing_is_left_to_do_in_comments() -> None:
    mark = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    here = Path(__file__)
    left = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".html", ".ts", ".css"} and path != here
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if mark.search(line)
    ]
    assert left == []
