"""Text of a standard document to plain JSON values, safely. Free of Django.

YAML 1.1 as the standards' own tools read it (PyYAML), without its traps: dates and times stay text, numbers
of base 8 and 60 stay text, a key may stand once, aliases cannot grow without bound, no tag makes an object.
JSON the same way. Nothing that a document points at is ever opened.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from catalog.names import first_repeated
from catalog.standards import yaml_text
from catalog.standards.diagnostics import Diagnostic, Pointer, Unreadable, brief, path_of
from catalog.standards.limits import DEEPEST, LARGEST, MAX_BYTES, MAX_VALUES, text_fault

Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Document:
    """A document as plain JSON values, and where in the text each value stands (line, column from 1)."""

    content: dict[str, Any]
    places: Mapping[Pointer, Place] = field(default_factory=dict)

    def place_of(self, pointer: Pointer) -> Place:
        """Return where a value stands, or the nearest that holds it; (0, 0) when nothing is known."""
        for length in range(len(pointer), -1, -1):
            if found := self.places.get(pointer[:length]):
                return found
        return (0, 0)

    def diagnostic(self, pointer: Pointer, message: str, **said: Any) -> Diagnostic:
        """Say something of a value; its value is read from the document."""
        line, column = self.place_of(pointer)
        value = said.pop("value", None) or brief(self.value_at(pointer))
        return Diagnostic(path_of(pointer), value, message, line=line, column=column, **said)

    def value_at(self, pointer: Pointer) -> object:
        """Return the value a pointer names, None where there is none."""
        found: Any = self.content
        for part in pointer:
            try:
                found = found[part]
            except (KeyError, IndexError, TypeError):
                return None
        return found


def read(text: bytes | str) -> Document:
    """Read YAML or JSON; raise Unreadable saying what is wrong and where."""
    said = _decode(text)
    if said.lstrip()[:1] == "{":
        try:
            return _checked(_json(said), {})
        except json.JSONDecodeError as error:
            if not _is_flow_yaml(said):
                refuse(f"no JSON: {error.msg}", line=error.lineno, column=error.colno)
    loaded = yaml_text.load(said)
    if loaded.has_aliases or not isinstance(loaded.content, dict):
        return _checked(
            loaded.content, loaded.places
        )  # what is shared may nest deeper than it looks
    return Document(loaded.content, loaded.places)


def of_value(content: object) -> Document:
    """Take a document that is parsed already; raise Unreadable for what cannot be kept."""
    return _checked(content, {})


def refuse(message: str, **said: Any) -> NoReturn:
    """Raise Unreadable."""
    raise Unreadable(Diagnostic(said.pop("path", ""), said.pop("value", None), message, **said))


def _decode(text: bytes | str) -> str:
    if len(text) > MAX_BYTES:
        refuse(f"is longer than {MAX_BYTES} bytes")
    if isinstance(text, str):
        return text.removeprefix("\ufeff")
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text[: error.start].count(b"\n") + 1
        refuse("is no UTF-8", line=line, column=error.start - text.rfind(b"\n", 0, error.start))


def _is_flow_yaml(text: str) -> bool:
    """Tell YAML in braces from broken JSON: only the former leaves its keys bare."""
    return text.lstrip()[1:].lstrip()[:1] not in {'"', ""}


def _json(text: str) -> object:
    try:
        return json.loads(
            text,
            object_pairs_hook=_pairs,
            parse_constant=lambda word: refuse(f"{word} is no number that can be kept"),
            parse_int=_whole,
        )
    except RecursionError:
        refuse(f"is nested deeper than {DEEPEST} levels")


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST)) + 1:
        refuse(f"a number of {len(digits)} digits; allowed are 64 bits")
    return int(digits)


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = first_repeated(name for name, _ in pairs)
        refuse("stands twice in one object", path=twice, value=twice)
    return made


def _checked(content: object, places: Mapping[Pointer, Place]) -> Document:
    if not isinstance(content, dict):
        refuse("a document is an object: fields with names", value=brief(content))
    document = Document(content, places)
    for seen, (pointer, value) in enumerate(_walk(content)):
        fault = fault_of(value)
        if len(pointer) > DEEPEST:
            fault = f"is nested deeper than {DEEPEST} levels"
        if seen >= MAX_VALUES:
            fault = f"holds more than {MAX_VALUES} values"
        if fault:
            raise Unreadable(document.diagnostic(pointer[:DEEPEST], fault, value="…"))
    return document


def _walk(content: object) -> Iterator[tuple[Pointer, object]]:
    waiting: list[tuple[Pointer, object]] = [((), content)]
    while waiting:
        pointer, value = waiting.pop()
        yield pointer, value
        inner: Iterable[tuple[str | int, object]] = ()
        if isinstance(value, dict):
            inner = value.items()
            for key in value:
                yield (*pointer, key), key
        elif isinstance(value, list):
            inner = enumerate(value)
        waiting += [((*pointer, part), held) for part, held in inner]


def fault_of(value: object) -> str:
    """Say why a value cannot be kept; empty: it can."""
    if isinstance(value, str):
        return text_fault(value)
    if isinstance(value, float) and (value != value or abs(value) == float("inf")):
        return "is no finite number"
    if isinstance(value, int) and not -LARGEST <= value <= LARGEST:
        return f"allowed are whole numbers of 64 bits, up to {LARGEST}"
    return ""
