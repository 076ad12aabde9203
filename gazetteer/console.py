"""What a command says: words for a person, or one JSON document; colours where a terminal shows them."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from typing import Any

import click

_LEVELS = {"error": "red", "warning": "yellow", "info": "cyan"}
OUTCOMES = {
    "created": "green",
    "changed": "yellow",
    "unchanged": "bright_black",
    "refused": "red",
    "taken": "green",
}


def plain(text: object) -> str:
    """Return a text that cannot steer a terminal: control characters are written out."""
    words = str(text)
    if words.isprintable():
        return words
    return "".join(
        letter if letter.isprintable() or letter in "\n\t" else repr(letter)[1:-1]
        for letter in words
    )


def brief(value: object, most: int = 60) -> str:
    """Return a value in one line, as JSON writes it."""
    text = json.dumps(value, ensure_ascii=False)
    return plain(text if len(text) <= most else f"{text[:most]}…")


def colored(text: object, **style: Any) -> str:
    """Return a text in a colour or weight; printed elsewhere than to a terminal it has none."""
    return click.style(plain(text), **style)


def level(name: str) -> str:
    """Return a severity in its colour."""
    return colored(name, fg=_LEVELS.get(name, "white"))


def outcome(name: str, width: int = 10) -> str:
    """Return an outcome in its colour."""
    return colored(name.ljust(width), fg=OUTCOMES.get(name, "white"))


def line(text: str = "") -> None:
    """Say a line; it is made of `plain` and `colored` texts."""
    click.echo(text)


def aside(text: str) -> None:
    """Say what is no result: progress, warnings, errors."""
    click.echo(text, err=True)


def progress(text: str) -> None:
    """Say what takes a while, to a person who looks on."""
    if sys.stderr.isatty():
        aside(plain(text))


def document(content: object) -> None:
    """Write the one JSON document of a command with --json."""
    click.echo(json.dumps(content, ensure_ascii=False, indent=2))


def is_terminal() -> bool:
    """Tell whether a person looks on."""
    return sys.stdout.isatty()


def table(rows: Iterable[tuple[str, ...]]) -> None:
    """Write rows in columns; the last one may be as long as it likes."""
    held = [tuple(plain(cell) for cell in row) for row in rows]
    widths = [max(map(len, column)) for column in zip(*held, strict=True)]
    for row in held:
        cells = [cell.ljust(width) for cell, width in zip(row[:-1], widths, strict=False)]
        line("  ".join([*cells, row[-1]]).rstrip())
