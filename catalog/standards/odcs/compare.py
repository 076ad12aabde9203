"""What differs between two contracts, part by part: lists are matched by what names their items. Free of Django.

A rename is a removal and an addition. The order of items is no difference. What came or went is told once,
with all it holds.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from catalog.standards.odcs.contract import third

What = Literal["added", "removed", "changed"]
_KEYS: dict[str, tuple[str, ...]] = {
    "schema": ("name",),
    "properties": ("name",),
    "servers": ("server",),
    "slaProperties": ("property",),
    "roles": ("role",),
    "team": ("username",),
    "members": ("username",),
    "support": ("channel",),
    "quality": ("id", "name"),
    "relationships": ("id", "to"),
    "enum": ("value",),
    "synonyms": ("synonym",),
    "customProperties": ("property",),
    "authoritativeDefinitions": ("url", "type"),
}
#: Objects whose fields are compared even where one side has none.
_OPENED = frozenset({"description", "price", "logicalTypeOptions"})
#: Lists of plain values whose order says nothing.
_SETS = frozenset({"tags", "examples", "transformSourceObjects"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One part that came, went or changed. `path` is as `("schema", "orders", "properties", "id", "unique")`."""

    path: tuple[str, ...]
    what: What
    before: Any
    after: Any

    @property
    def name(self) -> str:
        """The last word of the path."""
        return self.path[-1]

    @property
    def address(self) -> str:
        """The path as one text."""
        return ".".join(self.path)


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[Difference]:
    """List what differs, in the order of the newer contract; what went comes last in its place."""
    return list(_fields((), third(before), third(after)))


def keyed(name: str, items: list[Any]) -> dict[str, Any]:
    """Return the items of a list by what names them; unnamed ones by their place."""
    found: dict[str, Any] = {}
    counts: Counter[str] = Counter()
    for place, item in enumerate(items):
        base = key = _key(name, item) or f"[{place}]"
        while key in found:  # more than once only where a key looks like a counted one
            counts[base] += 1
            key = f"{base}#{counts[base] + 1}"
        found[key] = item
    return found


def _key(name: str, item: Any) -> str:
    if not isinstance(item, Mapping):
        return ""
    if name == "slaProperties" and item.get("element") and item.get("property"):
        return str(item["property"])
    for part in _KEYS.get(name, ()):
        value = item.get(part)
        if value is not None and not isinstance(value, dict):
            return ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return ""


def _fields(
    path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    if before == after:
        return
    for name in [*after, *(name for name in before if name not in after)]:
        yield from _part((*path, name), before.get(name), after.get(name))


def _part(path: tuple[str, ...], old: Any, new: Any) -> Iterator[Difference]:
    if old == new and type(old) is type(new):
        return
    name = path[-1]
    opened = name in _OPENED and (old is None or new is None)
    if (isinstance(old, dict) or old is None) and (isinstance(new, dict) or new is None) and opened:
        yield from _fields(path, old or {}, new or {})
    elif isinstance(old, dict) and isinstance(new, dict):
        yield from _fields(path, old, new)
    elif _is_named(name, old) and _is_named(name, new):
        yield from _items(path, keyed(name, old or []), keyed(name, new or []))
    elif name in _SETS and _same_set(old, new):
        return
    elif old is None:
        yield Difference(path, "added", None, new)
    elif new is None:
        yield Difference(path, "removed", old, None)
    elif old != new:
        yield Difference(path, "changed", old, new)


def _items(
    path: tuple[str, ...], before: Mapping[str, Any], after: Mapping[str, Any]
) -> Iterator[Difference]:
    for key, item in after.items():
        if key not in before:
            yield Difference((*path, key), "added", None, item)
        elif isinstance(item, dict) and isinstance(before[key], dict):
            yield from _fields((*path, key), before[key], item)
        else:
            yield from _part((*path, key), before[key], item)
    for key, item in before.items():
        if key not in after:
            yield Difference((*path, key), "removed", item, None)


def _is_named(name: str, value: Any) -> bool:
    return name in _KEYS and (value is None or isinstance(value, list))


def _same_set(old: Any, new: Any) -> bool:
    if not isinstance(old, list) or not isinstance(new, list):
        return False
    return sorted(map(str, old)) == sorted(map(str, new))
