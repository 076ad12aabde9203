"""Markdown of strangers to safe HTML."""

from __future__ import annotations

import nh3
from markdown_it import MarkdownIt

#: Longer texts are cut before rendering; a page is no place for megabytes.
LIMIT = 100_000

_PARSER = MarkdownIt("commonmark", {"html": False, "linkify": False, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
_TAGS = {
    "a", "blockquote", "br", "code", "del", "em", "h1", "h2", "h3", "h4", "h5", "h6", "hr", "li",
    "ol", "p", "pre", "s", "strong", "table", "tbody", "td", "th", "thead", "tr", "ul",
}  # fmt: skip


def to_html(text: str) -> str:
    """Render markdown; scripts, images and foreign markup never survive, whatever the text."""
    cut = text[:LIMIT]
    html = nh3.clean(
        _PARSER.render(cut),
        tags=_TAGS,
        attributes={"a": {"href", "title"}},
        url_schemes={"http", "https", "mailto"},
        link_rel="nofollow noopener",
    )
    html = html.replace("<pre>", '<pre tabindex="0">')  # what scrolls must be reachable by keyboard
    if len(text) > LIMIT:
        html += f"<p><em>Shown up to here: the text has {len(text):,} characters.</em></p>"
    return html


def first_line(text: str, limit: int = 300) -> str:
    """Return the plain words of the first paragraph, for lists and page heads."""
    paragraph = next((part for part in text[:LIMIT].strip().split("\n\n") if part.strip()), "")
    plain = nh3.clean(_PARSER.render(paragraph[: limit * 4]), tags=set())
    words = " ".join(_unescape(plain).split())
    return words if len(words) <= limit else words[: limit - 1].rsplit(" ", 1)[0] + "…"


def after_lead(text: str, limit: int = 300) -> str:
    """Drop the first paragraph when the lead of the page says just that: plain and whole."""
    head, _, rest = text.strip().partition("\n\n")
    plain = " ".join(head.split())
    return rest if plain and plain == first_line(text, limit) else text


def _unescape(text: str) -> str:
    from html import unescape

    return unescape(text)
