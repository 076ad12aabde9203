"""Templates are read by people: short lines, no scripts, and a first line that says what a template needs."""

from __future__ import annotations

import re
from pathlib import Path

TEMPLATES = Path(__file__).parents[2] / "portal" / "templates"
LONGEST_LINE = 120
#: Structures that stand in one partial each, drawn by a tag of `portal.templatetags.layout`.
DRAWN_BY_TAGS = {
    '<nav class="tabs': "partials/_tabs.html",
    'include "partials/_empty.html"': "",
    'include "partials/_table.html"': "",
    'include "partials/_page_head.html"': "",
}


def lines() -> list[tuple[str, int, str]]:
    return [
        (str(path.relative_to(TEMPLATES)), number, line)
        for path in sorted(TEMPLATES.rglob("*.html"))
        for number, line in enumerate(path.read_text().splitlines(), 1)
    ]


def test_no_line_is_above_one_hundred_and_twenty_characters() -> None:
    long = [f"{name}:{number}" for name, number, line in lines() if len(line) > LONGEST_LINE]
    assert long == []


def test_no_template_holds_a_script() -> None:
    """The content policy forbids them; behaviour belongs to `portal/frontend`."""
    script = re.compile(r"<script(?![^>]*\bsrc=)", re.IGNORECASE)
    handler = re.compile(r"\s(on[a-z]+|hx-on[:\w-]*)\s*=", re.IGNORECASE)
    held = [
        f"{name}:{number}"
        for name, number, line in lines()
        if script.search(line) or handler.search(line) or "javascript:" in line.lower()
    ]
    assert held == []


def test_each_template_begins_with_what_it_needs() -> None:
    silent = [name for name, number, line in lines() if number == 1 and not line.startswith("{# ")]
    assert silent == []


def test_a_shared_structure_stands_in_its_partial_alone() -> None:
    apart = [
        f"{name}:{number}"
        for name, number, line in lines()
        for markup, partial in DRAWN_BY_TAGS.items()
        if markup in line and name != partial
    ]
    assert apart == []
