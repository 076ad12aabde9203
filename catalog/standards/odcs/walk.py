"""Walk through a contract of version 3, saying of each part what it is. Free of Django."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from catalog.standards.diagnostics import Pointer

Part = tuple[str, Pointer, dict[str, Any]]
_LISTS = {
    "schema": "object",
    "servers": "server",
    "slaProperties": "sla",
    "roles": "role",
    "support": "support",
    "properties": "property",
    "quality": "quality",
    "relationships": "relationship",
    "synonyms": "synonym",
    "customProperties": "customProperty",
    "authoritativeDefinitions": "authoritativeDefinition",
    "members": "member",
    "enum": "enumValue",
}
_OBJECTS = ("description", "price", "team", "logicalTypeOptions")


def parts(content: dict[str, Any]) -> Iterator[Part]:
    """Yield the kind, the way and the content of every part, holders before what they hold."""
    yield from _parts("contract", (), content)


def _parts(kind: str, pointer: Pointer, content: dict[str, Any]) -> Iterator[Part]:
    yield kind, pointer, content
    for name, value in content.items():
        if isinstance(value, list) and (inner := _LISTS.get(name)):
            for place, item in enumerate(value):
                if isinstance(item, dict):
                    yield from _parts(inner, (*pointer, name, place), item)
        elif isinstance(value, dict) and name in _OBJECTS:
            yield from _parts(name, (*pointer, name), value)
        elif isinstance(value, dict) and name == "items":
            yield from _parts("property", (*pointer, name), value)
        elif isinstance(value, dict) and name == "map":
            for side in ("key", "value"):
                if isinstance(value.get(side), dict):
                    yield from _parts("property", (*pointer, name, side), value[side])
        elif kind == "contract" and name == "team" and isinstance(value, list):
            for place, item in enumerate(value):
                yield from _parts("member", (*pointer, name, place), item)
