"""Structures that pages share, around what each page puts inside; every template has them without loading.

Each draws one partial of `templates/partials`, so that a structure stands in one place:

    {% table "Run | State | #Found | (Actions)" %} <tr>…</tr> {% endtable %}
    {% page_head %} Title {% lead %} What it is for {% actions %} <a class="btn">…</a> {% endpage_head %}
    {% empty_state "inbox" "Nothing yet" %} Why, and what to do next. {% endempty_state %}
    {% banner "warn" "clock" %} What somebody should know. {% endbanner %}
    {% tabs "Pages of this product" %} {% tab "schema" "Schema" home count=12 %} {% endtabs %}
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from django import template
from django.template.base import NodeList, Parser, Token
from django.template.context import Context
from django.template.loader import get_template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

register = template.Library()
NOTHING = SafeString("")
HERE = SafeString(' aria-current="page"')
SELECTED = SafeString(" selected")


@dataclass(frozen=True, slots=True)
class Column:
    """The head of a column: numbers stand at the right, a hidden name is only read aloud."""

    name: str
    is_number: bool = False
    is_hidden: bool = False


@lru_cache(maxsize=256)
def columns_of(names: str) -> tuple[Column, ...]:
    """Read the heads of a table: `"Name | #Number | (Hidden)"`."""
    return tuple(_column(name.strip()) for name in names.split("|"))


def _column(name: str) -> Column:
    if name.startswith("#"):
        return Column(name[1:], is_number=True)
    if name.startswith("("):
        return Column(name[1:-1], is_hidden=True)
    return Column(name)


def _draw(partial: str, **values: object) -> SafeString:
    return SafeString(get_template(f"partials/{partial}.html").render(values))


@register.simple_block_tag
def table(
    content: SafeString,
    names: str,
    *,
    dense: bool = False,
    tall: bool = False,
    in_panel: bool = False,
    caption: str = "",
    region: str = "",
) -> SafeString:
    """Draw a table around its rows; `region` names one that scrolls within itself."""
    return _draw(
        "_table",
        columns=columns_of(names),
        rows=content,
        is_dense=dense,
        is_tall=tall,
        in_panel=in_panel,
        caption=caption,
        region=region,
    )


@register.simple_block_tag
def empty_state(
    content: SafeString,
    icon: str,
    title: str,
    *,
    url: str = "",
    action: str = "",
    in_panel: bool = False,
) -> SafeString:
    """Say why a list is empty and what to do next."""
    drawn = _draw("_empty", icon=icon, title=title, text=content, url=url, action=action)
    return format_html('<div class="panel">{}</div>', drawn) if in_panel else drawn


@register.simple_block_tag
def banner(content: SafeString, tone: str, icon: str, *, role: str = "") -> SafeString:
    """Tell something that concerns the whole page; `role` is alert or status."""
    return _draw("_banner", tone=tone, icon=icon, role=role, text=content)


@register.simple_block_tag
def tabs(content: SafeString, label: str) -> SafeString:
    """Draw the tabs of a page around its `tab`s."""
    return _draw("_tabs", label=label, links=content)


@register.simple_tag(takes_context=True)
def tab(
    context: Context,
    name: str,
    label: str,
    home: str,
    *,
    count: int | None = None,
    tone: str = "",
    first: bool = False,
) -> SafeString:
    """Link to one tab below the address `home` (the first has that address itself)."""
    number = format_html(' <span class="{}">{}</span>', f"n tone-{tone}" if tone else "n", count)
    return format_html(
        '<a href="{}"{}>{}{}</a>',
        home if first else f"{home}/{name}",
        HERE if context.get("tab") == name else NOTHING,
        label,
        "" if count is None else number,
    )


@register.simple_tag
def options(choices: Iterable[tuple[object, object]], chosen: object = None) -> SafeString:
    """Draw the options of a select from pairs of value and label."""
    return format_html_join(
        "",
        '<option value="{}"{}>{}</option>',
        ((value, SELECTED if value == chosen else NOTHING, label) for value, label in choices),
    )


@register.simple_tag
def link_to(url: str | None, text: object) -> SafeString:
    """Link a text, or write it alone where there is no address one may open."""
    return format_html('<a href="{}">{}</a>', url, text) if url else format_html("{}", text)


class PageHead(template.Node):
    """The title of a page with its lead and its actions, each where given."""

    child_nodelists = ("title", "lead", "actions")

    def __init__(self, title: NodeList, parts: dict[str, NodeList], classes: str) -> None:
        self.title = title
        self.lead = parts.get("lead", NodeList())
        self.actions = parts.get("actions", NodeList())
        self.names = frozenset(parts)
        self.classes = classes

    def render(self, context: Context) -> SafeString:
        """Draw the head around its parts."""
        return _draw(
            "_page_head",
            title=_trimmed(self.title, context),
            classes=self.classes,
            lead=_trimmed(self.lead, context) if "lead" in self.names else None,
            actions=self.actions.render(context) if "actions" in self.names else None,
        )


def _trimmed(nodes: NodeList, context: Context) -> SafeString:
    return SafeString(nodes.render(context).strip())


@register.tag
def page_head(parser: Parser, token: Token) -> PageHead:
    """Parse `{% page_head "classes of the title" %}Title{% lead %}…{% actions %}…{% endpage_head %}`."""
    classes = token.split_contents()[1:]
    title = parser.parse(("lead", "actions", "endpage_head"))
    parts: dict[str, NodeList] = {}
    while (name := parser.next_token().contents) != "endpage_head":
        parts[name] = parser.parse(("actions", "endpage_head"))
    return PageHead(title, parts, classes[0].strip('"') if classes else "")
