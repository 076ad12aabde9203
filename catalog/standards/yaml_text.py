"""YAML text to plain values with their places, from the events of libyaml. Free of Django."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any, NoReturn

import yaml
from yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from catalog.standards.diagnostics import Diagnostic, Pointer, Unreadable, path_of
from catalog.standards.limits import DEEPEST, LARGEST, MAX_VALUES, text_fault

Place = tuple[int, int]
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_RULES: dict[str, list[tuple[str, re.Pattern[str]]]] = (
    yaml.resolver.Resolver.yaml_implicit_resolvers
)
_BOOLEANS = yaml.constructor.SafeConstructor.bool_values
_PREFIX = "tag:yaml.org,2002:"
_TAKEN = {f"{_PREFIX}{name}" for name in ("str", "int", "float", "bool", "null", "timestamp")}
_STR = f"{_PREFIX}str"
_MERGE = object()
_OTHER_BASE = re.compile(r"[-+]?0[0-7_]+$|.*:")
_NO_KEY = object()


@dataclass(slots=True)
class _Frame:
    """A mapping or list that is being read."""

    value: Any
    pointer: Pointer
    anchor: str | None
    size_before: int
    key: Any = _NO_KEY
    merged: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Loaded:
    """The one document of a text, and where each value begins."""

    content: object
    places: dict[Pointer, Place]
    has_aliases: bool


def load(text: str) -> Loaded:
    """Read the one document of a text. Raises Unreadable."""
    reader = _Reader()
    try:
        for event in yaml.parse(text, Loader=_LOADER):
            reader.take(event)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        message = f"no YAML: {error.problem or error.context}"
        raise Unreadable(Diagnostic("", None, message, line=line, column=column)) from error
    except yaml.YAMLError as error:
        message = f"no YAML: {str(error).splitlines()[0]}"
        raise Unreadable(Diagnostic("", None, message)) from error
    return Loaded(reader.root, reader.places, reader.has_aliases)


class _Reader:
    def __init__(self) -> None:
        self.root: object = None
        self.places: dict[Pointer, Place] = {}
        self._stack: list[_Frame] = []
        self._anchors: dict[str, tuple[Any, int]] = {}
        self._size = 0
        self._documents = 0
        self.has_aliases = False

    def take(self, event: Any) -> None:
        kind = type(event)
        if kind is ScalarEvent:
            self._scalar(event)
        elif kind is MappingStartEvent:
            self._open({}, event)
        elif kind is SequenceStartEvent:
            self._open([], event)
        elif kind in (MappingEndEvent, SequenceEndEvent):
            self._close()
        elif kind is AliasEvent:
            self._alias(event)
        elif kind is DocumentStartEvent:
            self._documents += 1
            if self._documents > 1:
                self._refuse(event, "a second document begins here; send one")

    def _pointer(self) -> Pointer:
        if not self._stack:
            return ()
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            return (*frame.pointer, len(frame.value))
        return (*frame.pointer, frame.key) if isinstance(frame.key, str) else frame.pointer

    def _scalar(self, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        self._size += 1
        if self._size > MAX_VALUES:
            self._count(event, 0)
        if fault := text_fault(event.value):
            self._refuse(event, fault)
        if frame is not None and frame.key is _NO_KEY and type(frame.value) is dict:
            frame.key = self._key(event, frame)
            return
        mark = event.start_mark
        self.places[self._pointer()] = (mark.line + 1, mark.column + 1)
        value = self._value(event)
        if event.anchor:
            self._anchors[event.anchor] = (value, 1)
        self._put(event, value)

    def _key(self, event: Any, frame: _Frame) -> object:
        if event.implicit[0] and event.value == "<<":
            return _MERGE
        if event.value in frame.value:
            self._refuse(event, "stands twice in one mapping", (*frame.pointer, event.value))
        return event.value

    def _value(self, event: Any) -> object:
        text: str = event.value
        tag = event.tag
        if tag is None or tag == "!":
            if not event.implicit[0] or text[:1] not in _RULES:
                return text
            tag = _implicit(text)
            if tag == _STR:
                return text
        elif tag not in _TAKEN:
            self._refuse(event, f"the tag {tag} is not taken; write plain values")
        return self._constructed(event, tag.removeprefix(_PREFIX), text)

    def _constructed(self, event: Any, kind: str, text: str) -> object:
        if kind == "null":
            return None
        if kind == "bool" and text.lower() in _BOOLEANS:
            return _BOOLEANS[text.lower()]
        if kind not in {"int", "float"} or _OTHER_BASE.match(text):
            return text
        try:
            number = _number(kind, text.replace("_", ""))
        except ValueError:
            return text
        if number is None:
            self._refuse(event, f"allowed are finite numbers, whole ones up to {LARGEST}")
        return number

    def _open(self, value: Any, event: Any) -> None:
        frame = self._stack[-1] if self._stack else None
        if frame is not None and isinstance(frame.value, dict) and frame.key is _NO_KEY:
            self._refuse(event, "the name of a field is a plain text")
        if event.tag not in {None, "!", f"{_PREFIX}map", f"{_PREFIX}seq"}:
            self._refuse(event, f"the tag {event.tag} is not taken; write plain values")
        pointer = self._pointer()
        if len(pointer) > DEEPEST:
            self._refuse(event, f"is nested deeper than {DEEPEST} levels")
        self.places[pointer] = (event.start_mark.line + 1, event.start_mark.column + 1)
        self._stack.append(_Frame(value, pointer, event.anchor, self._size))
        self._count(event, 1)

    def _close(self) -> None:
        frame = self._stack.pop()
        for other in frame.merged:
            for name, held in other.items():
                frame.value.setdefault(name, held)
        if frame.anchor:
            self._anchors[frame.anchor] = (frame.value, self._size - frame.size_before)
        self._put(None, frame.value)

    def _alias(self, event: Any) -> None:
        if event.anchor not in self._anchors:
            self._refuse(event, f"the alias *{event.anchor} means nothing that was read before")
        self.has_aliases = True
        value, size = self._anchors[event.anchor]
        self._count(event, size)
        frame = self._stack[-1]
        if isinstance(frame.value, dict) and frame.key is _NO_KEY:
            self._refuse(event, "the name of a field is a plain text")
        self._put(event, value)

    def _put(self, event: Any, value: Any) -> None:
        if not self._stack:
            self.root = value
            return
        frame = self._stack[-1]
        if isinstance(frame.value, list):
            frame.value.append(value)
            return
        if frame.key is _MERGE:
            others = value if isinstance(value, list) else [value]
            if not all(isinstance(other, dict) for other in others):
                self._refuse(event, "what << takes in is a mapping, or a list of them")
            frame.merged += others
        else:
            frame.value[frame.key] = value
        frame.key = _NO_KEY

    def _count(self, event: Any, size: int) -> None:
        self._size += size
        if self._size > MAX_VALUES:
            self._refuse(event, f"holds more than {MAX_VALUES} values, aliases written out")

    def _refuse(self, event: Any, message: str, pointer: Pointer | None = None) -> NoReturn:
        mark = event.start_mark if event is not None else None
        line, column = (mark.line + 1, mark.column + 1) if mark else (0, 0)
        where = path_of(self._pointer() if pointer is None else pointer)
        value = str(getattr(event, "value", "") or "")[:200] or None
        raise Unreadable(Diagnostic(where, value, message, line=line, column=column))


def _implicit(text: str) -> str:
    for tag, pattern in _RULES.get(text[:1], ()):
        if pattern.match(text):
            return tag
    return _STR


def _number(kind: str, text: str) -> int | float | None:
    """Return a number, None for one that cannot be kept; raise ValueError for none at all."""
    if kind == "int":
        if len(text) > 70:
            return None
        whole = int(text, 0)
        return whole if -LARGEST <= whole <= LARGEST else None
    if text.lower().lstrip("+-") in {".inf", ".nan"}:
        return None
    value = float(text)
    return value if abs(value) != float("inf") else None
