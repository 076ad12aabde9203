"""Markdown pages of a product folder: they become parts of the product's description.

The standard gives a description three parts, all in markdown: purpose, usage and limitations. In the folder itself
`README.md` is the purpose (where the product's document says none), and pages called after a part are that part.
Anywhere below, a page is what has front matter with a title, a part, or both:

    ---
    title: How to join claims
    part: usage
    ---

Pages without a part follow the usage, each under its title. A heading that begins a page is its title and left
out. Other markdown files are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

PARTS = ("purpose", "usage", "limitations")
_NAMED = {"readme": "purpose", **{part: part for part in PARTS}}
_FRONT = re.compile(r"\A---[ \t]*\r?\n(.*?)^---[ \t]*\r?\n?", re.DOTALL | re.MULTILINE)
_HEADING = re.compile(r"\A\s*#[ \t]+(.+?)[ \t]*#*[ \t]*(?:\r?\n|\Z)")
_LINK = re.compile(r"\]\((?!https?://|mailto:|#|/)([^)\s]+)")


@dataclass(frozen=True, slots=True)
class Page:
    """A page; `part` is one of PARTS, or empty for one that stands under its title."""

    path: str
    title: str
    part: str
    text: str
    is_readme: bool = False  # a purpose that gives way to the document's own
    notes: tuple[tuple[int, str], ...] = ()  # line, what is odd


def is_named(stem: str) -> bool:
    """Tell whether a file is a page by its name alone."""
    return stem.lower() in _NAMED


def read_page(path: str, text: str) -> Page | None:
    """Read a page; None for what is none. Raises ValueError for a part that is none."""
    front = _FRONT.match(text)
    front_matter = _front(front[1]) if front else {}
    if not is_named(PurePath(path).stem) and not front_matter.keys() & {"title", "part"}:
        return None
    body = text[front.end() :] if front else text
    stem = PurePath(path).stem.lower()
    part = front_matter.get("part", _NAMED.get(stem, "")).lower()
    if part not in {"", *PARTS}:
        raise ValueError(f"part: {part!r}; allowed are {', '.join(PARTS)}")
    heading = _HEADING.match(body)
    title = front_matter.get("title") or (heading[1] if heading else PurePath(path).stem)
    if heading:
        body = body[heading.end() :]
    before = text[: len(text) - len(body)].count("\n")
    is_readme = stem == "readme" and "part" not in front_matter
    return Page(path, title, part, body.strip(), is_readme, tuple(_notes(body, before)))


def _front(text: str) -> dict[str, str]:
    pairs = (line.partition(":") for line in text.splitlines())
    return {
        name.strip().lower(): value.strip().strip("\"'")
        for name, colon, value in pairs
        if colon and value.strip()
    }


def _notes(body: str, before: int) -> Iterable[tuple[int, str]]:
    for number, line in enumerate(body.splitlines(), before + 1):
        for found in _LINK.finditer(line):
            yield number, f"the link to {found[1]} leads nowhere outside of this folder"


def described(content: Mapping[str, Any], pages: Iterable[Page]) -> dict[str, Any]:
    """Return a product's document whose description holds the pages too."""
    texts: dict[str, str] = {}
    more: list[str] = []
    for page in pages:
        if page.part and not (page.is_readme and _said(content).get(page.part)):
            texts[page.part] = page.text
        elif page.part:
            continue
        elif page.text:
            more.append(f"### {page.title}\n\n{page.text}")
    if more:
        own = texts.get("usage") or _said(content).get("usage") or ""
        texts["usage"] = "\n\n".join(text for text in (own, *more) if text)
    texts = {part: text for part, text in texts.items() if text}
    if not texts:
        return dict(content)
    return {**content, "description": {**_said(content), **texts}}


def said_twice(content: Mapping[str, Any], pages: Iterable[Page]) -> list[tuple[Page, str]]:
    """Return pages whose part is said already, by the document or by another page, and by which."""
    held = {part: "the product's description" for part in PARTS if _said(content).get(part)}
    found = []
    for page in pages:
        if page.part and page.part in held:
            found.append((page, held[page.part]))
        elif page.part:
            held[page.part] = page.path
    return found


def _said(content: Mapping[str, Any]) -> Mapping[str, Any]:
    description = content.get("description")
    return description if isinstance(description, dict) else {}
