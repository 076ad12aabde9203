"""The threat model names tests that are there."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]


def rows() -> list[list[str]]:
    """Return the rows of the tables whose last column names tests."""
    text = (ROOT / "docs/security.md").read_text().split("## What stops them")[1]
    lines = [line for line in text.splitlines() if line.startswith("|") and "---" not in line]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def test_every_protection_names_its_test() -> None:
    body = [row for row in rows() if row[-1] != "test"]
    assert len(body) > 10
    for row in body:
        named = re.findall(r"`(tests/[\w/]+\.py)`", row[-1])
        assert named or row[-1].startswith("none:"), row
        assert all((ROOT / name).is_file() for name in named), row


def test_how_to_report_a_fault_is_found() -> None:
    assert "Report a vulnerability" in (ROOT / "SECURITY.md").read_text()
