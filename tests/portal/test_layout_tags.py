"""Structures that pages share are drawn by one tag each, and hold what a page puts inside."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.template import Context, Origin, Template
from django.template.engine import Engine

from portal.rendering.templates import Loader
from portal.templatetags.layout import Column, columns_of


def render(source: str, **context: object) -> str:
    """Render a template as the pages do, each run of blanks as one."""
    return re.sub(r"\s+", " ", Template(source).render(Context(context)))


def test_the_heads_of_a_table_are_read_from_one_text() -> None:
    assert columns_of("Run | #Found | (Actions)") == (
        Column("Run"),
        Column("Found", is_number=True),
        Column("Actions", is_hidden=True),
    )


def test_a_table_has_its_heads_around_the_rows_of_the_page() -> None:
    html = render(
        '{% table "Run | #Found" caption="Runs" dense=True %}'
        "{% for n in numbers %}<tr><td>{{ n }}</td></tr>{% endfor %}{% endtable %}",
        numbers=[1, 2],
    )
    assert '<table class="table table-dense">' in html
    assert '<caption class="visually-hidden">Runs</caption>' in html
    assert re.findall(r'<th scope="col"( class="num")?> (\w+) </th>', html) == [
        ("", "Run"),
        (' class="num"', "Found"),
    ]
    assert "<tbody><tr><td>1</td></tr><tr><td>2</td></tr></tbody>" in html


def test_a_head_has_only_the_parts_that_a_page_gives() -> None:
    alone = render("{% page_head %} Runs of {{ name }} {% endpage_head %}", name="<b>")
    assert "<h1>Runs of &lt;b&gt;</h1>" in alone
    assert "lead" not in alone
    assert "page-head-actions" not in alone
    whole = render(
        '{% page_head "row" %}Runs{% lead %}Why{% actions %}<a href="/">Go</a>{% endpage_head %}'
    )
    assert '<h1 class="row">Runs</h1> <p class="lead">Why</p>' in whole
    assert '<div class="page-head-actions"><a href="/">Go</a></div>' in whole


def test_an_empty_state_says_what_to_do_next() -> None:
    html = render(
        '{% empty_state "inbox" "Nothing" url="/new" action=word in_panel=True %}'
        "Write {{ word }}.{% endempty_state %}",
        word="<one>",
    )
    assert html.startswith('<div class="panel">')
    assert "<p>Write &lt;one&gt;.</p>" in html
    assert '<a class="btn" href="/new">&lt;one&gt;</a>' in html


def test_a_banner_has_a_role_only_when_it_is_given() -> None:
    assert 'role="alert"' in render('{% banner "bad" "x" role="alert" %}No{% endbanner %}')
    assert "role" not in render('{% banner "bad" "x" %}No{% endbanner %}')


def test_the_open_tab_is_marked_and_the_first_has_the_address_itself() -> None:
    html = render(
        '{% tabs "Pages" %}{% tab "all" "All" "/p" first=True %}'
        '{% tab "more" "More" "/p" count=0 tone="bad" %}{% endtabs %}',
        tab="more",
    )
    assert '<a href="/p">All</a>' in html
    assert '<a href="/p/more" aria-current="page">More <span class="n tone-bad">0</span>' in html


@pytest.mark.parametrize(("chosen", "selected"), [("b", ["b"]), (None, []), ("other", [])])
def test_the_chosen_option_is_selected(chosen: str | None, selected: list[str]) -> None:
    html = render("{% options pairs chosen %}", pairs=[("a", "A"), ("b", "B")], chosen=chosen)
    assert re.findall(r'value="(\w)" selected', html) == selected
    assert html.count("<option") == 2


def test_what_has_no_address_is_written_and_not_linked() -> None:
    assert render("{% link_to url text %}", url="/x", text="<i>") == '<a href="/x">&lt;i&gt;</a>'
    assert render("{% link_to url text %}", url=None, text="<i>") == "&lt;i&gt;"


def test_templates_are_sent_without_their_indentation(tmp_path: Path) -> None:
    (tmp_path / "page.html").write_text("<ul>\n    <li>one two</li>\n</ul>\n")
    origin = Origin(name=str(tmp_path / "page.html"))
    assert Loader(Engine()).get_contents(origin) == "<ul>\n<li>one two</li>\n</ul>\n"
