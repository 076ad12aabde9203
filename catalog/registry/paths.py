"""Paths of fields: `description`, `columns[customer_id].description`. Free of Django."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from catalog.descriptors import ITEM_KEYS

ItemKey = tuple[str, ...]

_ITEM = re.compile(r"^([a-z_]+)\[(.+)\](?:\.([a-z_]+))?$", re.DOTALL)
_FIELD = re.compile(r"^[a-z_]+$")
_DEFAULT_PART = {"major": 1}


@dataclass(frozen=True, slots=True)
class Path:
    """A parsed path: a field, an item of a list, or a field of an item."""

    name: str
    item: ItemKey | None = None
    field: str | None = None

    @classmethod
    def parse(cls, text: str) -> Path:
        """Read a path; raise ValueError naming what is allowed."""
        if _FIELD.match(text) and text not in ITEM_KEYS:
            return cls(text)
        match = _ITEM.match(text)
        if match is None or match[1] not in ITEM_KEYS:
            lists = ", ".join(f"{name}[…]" for name in ITEM_KEYS)
            raise ValueError(f"{text!r} is no path of a field; write a field's name or {lists}")
        parts = len(ITEM_KEYS[match[1]])
        key = tuple(match[2].rsplit(",", parts - 1))
        if len(key) != parts:
            raise ValueError(
                f"{text!r} is no path of a field; write {match[1]}[{','.join(ITEM_KEYS[match[1]])}]"
            )
        return cls(match[1], key, match[3])

    def __str__(self) -> str:
        if self.item is None:
            return self.name
        return item_path(self.name, self.item) + (f".{self.field}" if self.field else "")


def item_path(name: str, key: ItemKey) -> str:
    """Return the path of one item of a list."""
    return f"{name}[{','.join(key)}]"


def item_key(name: str, item: Mapping[str, Any]) -> ItemKey:
    """Return what tells an item from the others in its list."""
    return tuple(str(item.get(part, _DEFAULT_PART.get(part, ""))) for part in ITEM_KEYS[name])


def overlap(first: str, second: str) -> bool:
    """Tell whether two paths name the same field, or one holds the other."""
    return first == second or first.startswith(f"{second}.") or second.startswith(f"{first}.")
