"""Compare two merged documents field by field. Pure, free of Django.

What was not said counts as its default: saying a default aloud changes nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from pydantic import BaseModel

from catalog.descriptors import (
    ITEM_KEYS,
    CheckDescriptor,
    ColumnDescriptor,
    ContractDescriptor,
    DatasetDescriptor,
    ObjectiveDescriptor,
    PortDescriptor,
    ProductDescriptor,
)
from catalog.registry.merge import Merged
from catalog.registry.paths import item_path

ITEM_TYPES: dict[str, type[BaseModel]] = {
    "ports": PortDescriptor,
    "contracts": ContractDescriptor,
    "objectives": ObjectiveDescriptor,
    "checks": CheckDescriptor,
    "columns": ColumnDescriptor,
}
SUBJECT_TYPES: dict[str, type[BaseModel]] = {
    "product": ProductDescriptor,
    "dataset": DatasetDescriptor,
}
IDENTITY = {"product": ("domain", "key"), "dataset": ("namespace", "name")}


@dataclass(frozen=True, slots=True)
class Change:
    """One field before and after; an item that came or went is one change."""

    path: str
    before: Any
    after: Any

    def as_data(self) -> dict[str, Any]:
        """Return it as JSON values."""
        return {"path": self.path, "before": self.before, "after": self.after}


@cache
def defaults(name: str) -> Mapping[str, Any]:
    """Return the default of each field of a subject (`product`, `dataset`) or list item (`columns`)."""
    model = SUBJECT_TYPES.get(name) or ITEM_TYPES[name]
    keys = IDENTITY.get(name) or ITEM_KEYS[name]
    return {
        field: _plain(info.get_default(call_default_factory=True))
        for field, info in model.model_fields.items()
        if field not in keys and field not in ITEM_KEYS and not info.is_required()
    }


def _plain(value: Any) -> Any:
    return getattr(value, "value", value)


def diff(kind: str, before: Merged, after: Merged) -> tuple[Change, ...]:
    """List what differs between two states of a product or dataset, in the order of paths."""
    changes = _fields("", before.fields, after.fields, defaults(kind))
    for name in before.items.keys() | after.items.keys():
        changes += _items(name, before.items.get(name, {}), after.items.get(name, {}))
    return tuple(sorted(changes, key=lambda change: change.path))


def _fields(
    base: str, before: Mapping[str, Any], after: Mapping[str, Any], default: Mapping[str, Any]
) -> list[Change]:
    if before == after:
        return []
    changes = []
    for name in before.keys() | after.keys():
        old, new = before.get(name, default.get(name)), after.get(name, default.get(name))
        if old != new:
            changes.append(Change(base + name, old, new))
    return changes


def _items(
    name: str,
    before: Mapping[tuple[str, ...], dict[str, Any]],
    after: Mapping[tuple[str, ...], dict[str, Any]],
) -> list[Change]:
    changes: list[Change] = []
    for key, item in before.items():
        if key not in after:
            changes.append(Change(item_path(name, key), item, None))
    for key, item in after.items():
        known = before.get(key)
        if known is None:
            changes.append(Change(item_path(name, key), None, item))
        elif known != item:
            changes += _fields(f"{item_path(name, key)}.", known, item, defaults(name))
    return changes
