"""Merge what several sources say of one subject. Pure, free of Django.

Curated wins over declared wins over harvested; among sources of one kind the newer statement wins, then the
source's name. This holds field by field, and for each item of a keyed list (`ITEM_KEYS`) field by field.
The portal's curated statement only annotates items unless it stamps the item itself: a note on a column
does not keep the column alive after its table lost it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from catalog.descriptors import ITEM_KEYS, LayerKind
from catalog.registry.paths import ItemKey, item_key, item_path

Content = Mapping[str, Any]
_RANK = {kind.value: rank for rank, kind in enumerate(LayerKind)}


@dataclass(frozen=True, slots=True)
class Stamp:
    """When one field was said, and by whom (id of a user)."""

    at: datetime
    by: int | None = None

    @classmethod
    def parse(cls, data: Mapping[str, Any]) -> Stamp:
        """Read a stamp as a layer keeps it."""
        return cls(datetime.fromisoformat(data["at"]), data.get("by"))


@dataclass(frozen=True, slots=True)
class Statement:
    """The newest thing one source said of a subject."""

    kind: str
    source: str
    content: Content
    stated_at: datetime
    by: int | None = None
    stamps: Mapping[str, Stamp] = field(default_factory=dict)

    @property
    def rank(self) -> tuple[int, datetime, str]:
        """Order of precedence; the highest wins."""
        return (_RANK[self.kind], self.stated_at, self.source)

    def introduces(self, path: str) -> bool:
        """Tell whether a person says that an item exists, or merely something about it."""
        return path in self.stamps


@dataclass(slots=True)
class Merged:
    """The result: plain fields, and the items of each keyed list by their key."""

    fields: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[ItemKey, dict[str, Any]]] = field(default_factory=dict)

    def content(self) -> dict[str, Any]:
        """Return it in the form of a document."""
        lists = {name: list(items.values()) for name, items in self.items.items()}
        return {**self.fields, **lists}


@dataclass(frozen=True, slots=True)
class Claim:
    """Who said a field, when, and what."""

    kind: str
    source: str
    value: Any
    at: datetime
    by: int | None = None
    by_name: str = ""


def merge(statements: Iterable[Statement]) -> Merged:
    """Merge statements of distinct sources; the result does not depend on their order."""
    ordered = sorted(statements, key=lambda statement: statement.rank)
    merged = Merged()
    introduced: dict[str, set[ItemKey]] = {}
    for statement in ordered:
        _overlay(merged, statement, introduced)
    for name, items in merged.items.items():
        merged.items[name] = {key: items[key] for key in sorted(introduced[name])}
    return merged


def _overlay(merged: Merged, statement: Statement, introduced: dict[str, set[ItemKey]]) -> None:
    is_curated = statement.kind == LayerKind.CURATED
    for name, value in statement.content.items():
        if name not in ITEM_KEYS:
            merged.fields[name] = value
            continue
        items = merged.items.setdefault(name, {})
        known = introduced.setdefault(name, set())
        for item in value:
            key = item_key(name, item)
            if key in items:
                items[key].update(item)
            else:
                items[key] = dict(item)
            if not is_curated or statement.introduces(item_path(name, key)):
                known.add(key)


def origins(statements: Iterable[Statement]) -> dict[str, tuple[Claim, ...]]:
    """Say of every field who said it, the winner first, then whom it covers."""
    claims: dict[str, list[Claim]] = {}
    for statement in sorted(statements, key=lambda s: s.rank, reverse=True):
        for path, value in leaves(statement.content):
            stamp = statement.stamps.get(path) or _item_stamp(statement, path)
            claims.setdefault(path, []).append(
                Claim(
                    statement.kind,
                    statement.source,
                    value,
                    stamp.at if stamp else statement.stated_at,
                    stamp.by if stamp else statement.by,
                )
            )
    return {path: tuple(found) for path, found in claims.items()}


def _item_stamp(statement: Statement, path: str) -> Stamp | None:
    head, dot, _ = path.rpartition(".")
    return statement.stamps.get(head) if dot else None


def leaves(content: Content) -> list[tuple[str, Any]]:
    """List the path and value of every field said, the keys of items left out."""
    found: list[tuple[str, Any]] = []
    for name, value in content.items():
        if name not in ITEM_KEYS:
            found.append((name, value))
            continue
        for item in value:
            base = item_path(name, item_key(name, item))
            parts: Sequence[str] = ITEM_KEYS[name]
            found.extend(
                (f"{base}.{part}", part_value)
                for part, part_value in item.items()
                if part not in parts
            )
    return found
