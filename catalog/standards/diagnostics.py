"""What is wrong with a document, and where. Free of Django."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

#: The way to a value: keys and places in lists, from the root.
Pointer = tuple[str | int, ...]
Severity = Literal["error", "warning"]
LONGEST = 200


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One fault of a document: the path of the field, its value, and what is allowed.

    `line` and `column` count from 1; 0 where the text is not known.
    """

    path: str
    value: object
    message: str
    severity: Severity = "error"
    line: int = 0
    column: int = 0


class Unreadable(Exception):
    """The text is no document that can be used."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic
        super().__init__(diagnostic.message)


def path_of(pointer: Sequence[str | int]) -> str:
    """Write a pointer as `schema[0].properties[2].logicalType`; empty for the whole document."""
    text = ""
    for part in pointer:
        text += f"[{part}]" if isinstance(part, int) else f".{part}"
    return text.removeprefix(".")


def brief(value: object) -> object:
    """Return a value short enough for a message; what is no plain value is told by its kind."""
    if isinstance(value, str):
        cut = value[:LONGEST]
        return cut if cut == value else f"{cut}… ({len(value)} characters)"
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, list | tuple):
        return f"a list of {len(value)}"
    return f"an object of {len(value)} fields" if isinstance(value, dict) else type(value).__name__


def errors(found: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Keep what makes a document unusable."""
    return [one for one in found if one.severity == "error"]
