"""Look into JSON cells: which keys there are, and what stands in their leaves."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

_FIELD = re.compile(r'[(,]\s*"?([A-Za-z_][\w ]*?)"?\s+[A-Z]')
MAX_LEAVES = 5_000


def looks_like_json(values: Sequence[str]) -> bool:
    """Tell whether most texts are JSON objects or arrays."""
    shaped = sum(v[:1] in "{[" and v[-1:] in "}]" for v in values if v)
    return bool(values) and shaped / len(values) >= 0.8 and shaped > 0


def leaves(values: Sequence[str], native_type: str) -> dict[str, tuple[str, ...]]:
    """Return the leaf values under each key; keys that only the type names come empty."""
    found: dict[str, list[str]] = {name: [] for name in _FIELD.findall(native_type)}
    total = 0
    for value in values:
        try:
            document = json.loads(value)
        except (ValueError, RecursionError):
            document = value
        for key, leaf in _walk(document, "value", 0):
            found.setdefault(key, []).append(leaf)
            total += 1
            if total >= MAX_LEAVES:
                return {key: tuple(items) for key, items in found.items()}
    return {key: tuple(items) for key, items in found.items()}


def _walk(node: object, key: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > 20:
        return
    if isinstance(node, dict):
        for name, inner in node.items():
            yield from _walk(inner, str(name), depth + 1)
    elif isinstance(node, list):
        for inner in node:
            yield from _walk(inner, key, depth + 1)
    elif node is not None and not isinstance(node, bool):
        yield key, str(node)
