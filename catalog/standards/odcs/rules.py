"""What the text of the standard asks for and no schema can say. Free of Django.

Source: Open Data Contract Standard 3.2, "Fundamentals", "References", "Relationships", "Data Quality".
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer
from catalog.standards.odcs.versions import NEW_TYPES, NEWEST, SINCE, is_older
from catalog.standards.odcs.walk import parts
from catalog.standards.reading import Document

#: What tells the items of a list apart, by the list.
NATURAL_KEYS = {
    "schema": "name",
    "properties": "name",
    "servers": "server",
    "slaProperties": "property",
    "roles": "role",
    "members": "username",
}
#: Said several times on purpose: one promise for each element, one server for each environment.
_REPEATABLE = {"slaProperties", "servers", "roles", "members"}
_BETWEEN = ("mustBeBetween", "mustNotBeBetween")


def faults(document: Document) -> list[Diagnostic]:
    """List what the text of the standard forbids or advises against; the shape is right already."""
    declared = str(document.content.get("apiVersion") or NEWEST)
    known = _references(document.content)
    found: list[Diagnostic] = []
    for kind, pointer, part in parts(document.content):
        found += _too_new(document, declared, kind, pointer, part)
        found += _twice(document, pointer, part)
        if kind == "relationship":
            found += _relationship(document, pointer, part, known)
        elif kind == "quality":
            found += _bounds(document, pointer, part)
    return found


def _too_new(
    document: Document, declared: str, kind: str, pointer: Pointer, part: dict[str, Any]
) -> Iterator[Diagnostic]:
    for name in part:
        since = SINCE.get((kind, name))
        if since and is_older(declared, since):
            message = f"came with {since}; the contract declares {declared}"
            yield document.diagnostic((*pointer, name), message, severity="warning")
    since = NEW_TYPES.get(str(part.get("logicalType"))) if kind == "property" else None
    if since and is_older(declared, since):
        message = f"came with {since}; the contract declares {declared}"
        yield document.diagnostic((*pointer, "logicalType"), message, severity="warning")


def _twice(document: Document, pointer: Pointer, part: dict[str, Any]) -> Iterator[Diagnostic]:
    for name, items in part.items():
        if not isinstance(items, list) or not items or not isinstance(items[0], dict):
            continue
        yield from _repeated(document, (*pointer, name), items, "id", "error")
        if (key := NATURAL_KEYS.get(name)) and name not in _REPEATABLE:
            yield from _repeated(document, (*pointer, name), items, key, "warning")


def _repeated(
    document: Document, pointer: Pointer, items: list[Any], key: str, severity: Any
) -> Iterator[Diagnostic]:
    seen: set[object] = set()
    for place, item in enumerate(items):
        value = item.get(key) if isinstance(item, dict) else None
        if not isinstance(value, str):
            continue
        if value in seen:
            message = f"is the {key} of another item of this list; each needs its own"
            yield document.diagnostic((*pointer, place, key), message, severity=severity)
        seen.add(value)


def _references(content: dict[str, Any]) -> frozenset[str]:
    """Return what may be pointed at: `object.property`, and `schema/<id>/properties/<id>`."""
    known: set[str] = set()
    for thing in content.get("schema") or ():
        named = [("", thing)]
        while named:
            base, holder = named.pop()
            for inner in holder.get("properties") or ():
                path = f"{base}.{inner.get('name')}".removeprefix(".")
                known.add(f"{thing.get('name')}.{path}")
                known.add(f"schema/{thing.get('id')}/properties/{inner.get('id')}")
                named.append((path, inner))
    return frozenset(known)


def _relationship(
    document: Document, pointer: Pointer, part: dict[str, Any], known: frozenset[str]
) -> Iterator[Diagnostic]:
    start, end = part.get("from"), part.get("to")
    if isinstance(start, list) != isinstance(end, list) and start is not None:
        message = "from and to are both lists, or neither is"
        yield document.diagnostic((*pointer, "to"), message)
    elif isinstance(start, list) and isinstance(end, list) and len(start) != len(end):
        message = f"has {len(end)} properties; from has {len(start)}"
        yield document.diagnostic((*pointer, "to"), message)
    for name, value in (("from", start), ("to", end)):
        for one in value if isinstance(value, list) else [value]:
            inside = isinstance(one, str) and "#" not in one and one.removeprefix("/") not in known
            if inside:
                message = "the contract has no such property; write object.property"
                yield document.diagnostic((*pointer, name), message, severity="warning")


def _bounds(document: Document, pointer: Pointer, part: dict[str, Any]) -> Iterator[Diagnostic]:
    for name in _BETWEEN:
        bounds = part.get(name)
        if isinstance(bounds, list) and len(bounds) == 2 and bounds[0] > bounds[1]:
            yield document.diagnostic((*pointer, name), "the smaller number stands first")
