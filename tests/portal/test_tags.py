"""Words, marks and figures of the pages."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.template import Context, Template

from portal.paging import Page
from portal.rendering import figures, formats, marks
from portal.rendering.markdown import first_line, to_html

NOW = datetime(2026, 5, 3, 12, 0, tzinfo=UTC)


def render(source: str, **context: object) -> str:
    """Render a template as the pages do."""
    return Template(source).render(Context(context))


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (timedelta(seconds=20), "just now"),
        (timedelta(minutes=5), "5 min ago"),
        (timedelta(hours=26), "1 day ago"),
        (timedelta(days=3), "3 days ago"),
        (timedelta(days=20), "2 weeks ago"),
        (timedelta(days=120), "3 months ago"),
        (timedelta(days=-2), "in 2 days"),
        (timedelta(days=800), "2 years ago"),
    ],
)
def test_times_are_said_relative_to_now(span: timedelta, words: str) -> None:
    assert formats.relative(NOW - span, NOW) == words


def test_numbers_are_short_and_never_lie_about_the_ends() -> None:
    assert formats.short(12_345) == "12.3k"
    assert formats.short(1_200_000) == "1.2M"
    assert formats.bytes_text(12_400) == "12.4 kB"
    assert formats.percent(0.0001) == "<0.1 %"
    assert formats.percent(0.99999) == ">99.9 %"
    assert formats.percent(1) == "100 %"
    assert formats.number(1204.5) == "1,204.5"
    assert formats.thousands(None) == "–"


@pytest.mark.parametrize(
    "evil",
    [
        "<script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "<img src=x onerror=alert(1)>",
        "<a href='data:text/html,x'>y</a>",
        "![x](http://example.org/spy.png)",
        "<iframe src='//example.org'></iframe>",
    ],
)
def test_markdown_lets_no_foreign_markup_through(evil: str) -> None:
    html = to_html(evil)
    tags = re.findall(r"<(\w+)", html)
    assert not {"script", "img", "iframe"} & set(tags)
    assert 'href="javascript' not in html
    assert 'href="data' not in html


def test_markdown_survives_what_is_broken_and_huge() -> None:
    assert "<table>" in to_html("| a | b |\n|---|---|\n| 1 | 2 |")
    assert to_html("[" * 5000 + "*" * 5000)
    huge = to_html("word " * 2_000_000)
    assert len(huge) < 200_000
    assert "10,000,000 characters" in huge


def test_the_first_line_of_a_text_is_plain() -> None:
    assert first_line("**One** row & [more](http://x.y)\n\nRest") == "One row & more"
    assert first_line("x " * 400, 20).endswith("…")
    assert first_line("") == ""


def test_a_state_is_always_icon_and_word() -> None:
    html = render('{% status "outcome" "failed" %}')
    assert "Failed" in html
    assert "#circle-x" in html
    assert 'data-tone="bad"' in html


def test_an_unknown_state_is_shown_as_its_own_word() -> None:
    assert marks.mark_of("status", "half-done").word == "Half done"


def test_values_in_figures_are_escaped() -> None:
    html = figures.histogram([("<b>", "&", 3)])
    assert "<b>" not in html


def test_a_strip_says_how_many_days_failed() -> None:
    assert "1 with failures" in figures.strip([("passed", "a"), ("failed", "b")])


def test_a_dot_takes_one_of_twelve_hues() -> None:
    assert 'data-hue="1"' in render("{% dot 13 %}")


def test_quality_that_was_not_measured_is_never_a_number() -> None:
    assert "not measured" in render("{% quality score %}", score=None)
    assert ">94<" in render("{% quality score %}", score=94.7)


@pytest.mark.parametrize(
    ("value", "text"),
    [(True, "yes"), (["a", 1], "a, 1"), ([{"name": "x"}], "name: x"), ("t" * 3000, "…")],
)
def test_values_of_documents_are_written_for_people(value: object, text: str) -> None:
    assert text in render("{{ value|as_text }}", value=value)


def test_every_icon_used_is_in_the_set() -> None:
    root = Path(settings.BASE_DIR) / "portal"
    known = set(json.loads((root / "frontend" / "src" / "icons.json").read_text()))
    used = {
        name
        for path in (root / "templates").rglob("*.html")
        for name in re.findall(r'{% icon "([a-z0-9-]+)"', path.read_text())
    }
    used |= {mark.icon for family in marks.FAMILIES.values() for mark in family.values()}
    assert used <= known, used - known


def test_no_template_carries_inline_style_or_script() -> None:
    root = Path(settings.BASE_DIR) / "portal" / "templates"
    for path in root.rglob("*.html"):
        text = path.read_text()
        assert " style=" not in text, path
        assert not re.search(r"<script(?![^>]*\bsrc=)", text), path
        assert not re.search(r"\son[a-z]+=", text), path


def test_page_links_show_ends_and_neighbours() -> None:
    page = Page(["x"], number=9, size=10, total=400)
    assert page.numbers == [1, None, 7, 8, 9, 10, 11, None, 40]
    assert (page.first, page.last, page.previous, page.next) == (81, 90, 8, 10)
    assert Page([], 1, 10, 0).numbers == [1]
