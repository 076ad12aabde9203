"""What a line says: one JSON object, read strictly, in an envelope or a document of a standard. Free of Django."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

import orjson

from catalog.names import first_repeated
from catalog.push.body import Raw
from catalog.registry.outcomes import Problem
from catalog.standards.diagnostics import Unreadable, brief
from catalog.standards.limits import DEEPEST, LARGEST
from catalog.standards.reading import of_value

#: What stands beside `kind` and `document` in an envelope; in the order in which a batch is taken.
BESIDE: Mapping[str, tuple[str, ...]] = {
    "dataset": (),
    "product": (),
    "descriptor": ("domain", "team"),
    "contract": ("product", "port"),
    "check": (),
    "lineage": (),
    "results": ("product",),
}
#: Escapes of NUL and of half a surrogate pair: whoever writes them is looked at closely.
_ODD = re.compile(rb"\\u(?:0000|[dD][89a-fA-F])")
#: What may end a name: nothing in a text has fewer of these than names.
_NAME = re.compile(rb'"\s*:')
_LONG_NUMBER = re.compile(rb"\d{18}")
_HOLDERS = (dict, list)
_SHOWN = 80


@dataclass(frozen=True, slots=True)
class Line:
    """One statement: its kind, its document, and what stands beside the document."""

    number: int
    kind: str
    document: dict[str, Any]
    beside: Mapping[str, str]
    size: int


class Faulty(Exception):
    """The line says nothing that can be used; each problem names its field."""

    def __init__(self, *problems: Problem, kind: str = "") -> None:
        self.problems = problems
        self.kind = kind
        super().__init__("; ".join(f"{p.path}: {p.message}" for p in problems))


def parse(raw: Raw) -> Line:
    """Read a line. Raises Faulty."""
    if raw.fault:
        raise Faulty(Problem("", None, raw.fault))
    text = raw.text.removeprefix(b"\xef\xbb\xbf")
    content = load(text)
    if not isinstance(content, dict):
        raise Faulty(Problem("", brief(content), "a line is one JSON object"))
    kind, document, beside = _recognise(content)
    return Line(raw.number, kind, document, beside, len(raw.text))


def load(text: bytes) -> object:
    """Read JSON that can be kept as it is: no name twice, numbers of 64 bits, Unicode. Raises Faulty."""
    content = _quick(text)
    if content is None:
        content = _strict(text)
    if text.count(b"{") + text.count(b"[") > DEEPEST or _ODD.search(text):
        try:
            of_value(content if isinstance(content, dict) else {"": content})
        except Unreadable as error:
            fault = error.diagnostic
            raise Faulty(Problem(fault.path, fault.value, fault.message)) from error
    return content


def _quick(text: bytes) -> object:
    """Read what is surely plain; None for anything that has to be looked at closely.

    The names that are read are counted: fewer than the text may have, and one might stand twice.
    """
    if _LONG_NUMBER.search(text):
        return None
    try:
        content = orjson.loads(text)
    except orjson.JSONDecodeError:
        return None
    return content if len(_NAME.findall(text)) == _count_names(content) else None


def _count_names(content: object) -> int:
    count, waiting = 0, [content]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            count += len(one)
            waiting += [part for part in one.values() if part.__class__ in _HOLDERS]
        elif isinstance(one, list):
            waiting += [part for part in one if part.__class__ in _HOLDERS]
    return count


def _strict(text: bytes) -> object:
    try:
        return json.loads(
            text.decode(),
            object_pairs_hook=_pairs,
            parse_constant=lambda word: _refuse(word, "is no number that can be kept"),
            parse_int=_whole,
            parse_float=_real,
        )
    except UnicodeDecodeError as error:
        raise Faulty(Problem("", None, f"is no UTF-8 at byte {error.start + 1}")) from error
    except json.JSONDecodeError as error:
        shown = text[:_SHOWN].decode(errors="replace")
        message = f"is no JSON: {error.msg} at character {error.pos + 1}"
        raise Faulty(Problem("", shown, message)) from error
    except RecursionError as error:
        message = f"is nested deeper than {DEEPEST} levels"
        raise Faulty(Problem("", None, message)) from error


def _whole(digits: str) -> int:
    if len(digits) > len(str(LARGEST)) + 1 or abs(int(digits)) > LARGEST:
        _refuse(digits, f"allowed are whole numbers of 64 bits, up to {LARGEST}")
    return int(digits)


def _real(digits: str) -> float:
    number = float(digits)
    if abs(number) == float("inf"):
        _refuse(digits, "is no finite number")
    return number


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        twice = first_repeated(name for name, _ in pairs)
        raise Faulty(Problem(twice[:200], None, "stands twice in one object"))
    return made


def _refuse(value: str, message: str) -> NoReturn:
    raise Faulty(Problem("", value[:_SHOWN], message))


def _recognise(content: dict[str, Any]) -> tuple[str, dict[str, Any], dict[str, str]]:
    """Return the kind, the document and what stands beside it. Raises Faulty."""
    kind = content.get("kind")
    if "document" not in content and (found := _standard(content, kind)):
        return found, content, {}
    if not isinstance(kind, str) or kind not in BESIDE:
        message = f"allowed are {', '.join(BESIDE)}, or a document of a standard as it is"
        raise Faulty(Problem("kind", brief(kind), message))
    allowed = ("kind", "document", *BESIDE[kind])
    problems = [
        Problem(name[:200], brief(value), f"unknown field; allowed are {', '.join(allowed)}")
        for name, value in content.items()
        if name not in allowed
    ]
    document = content.get("document")
    if not isinstance(document, dict):
        problems.append(Problem("document", brief(document), "write an object"))
        document = {}
    beside = {name: content[name] for name in BESIDE[kind] if name in content}
    problems += [
        Problem(name, brief(value), "write a text of 1 to 200 characters")
        for name, value in beside.items()
        if not isinstance(value, str) or not 0 < len(value) <= 200
    ]
    if problems:
        raise Faulty(*problems, kind=kind)
    return kind, document, beside


def _standard(content: Mapping[str, Any], kind: object) -> str:
    """Return the kind that a document of a standard is; empty for none."""
    if kind == "DataContract" or "dataContractSpecification" in content:
        return "contract"
    if kind == "DataProduct":
        return "descriptor"
    has_part = any(name in content for name in ("run", "job", "dataset"))
    return "lineage" if kind is None and "eventTime" in content and has_part else ""
