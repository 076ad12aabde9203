"""What the database can hold, told of a descriptor before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.db import models
from pydantic import BaseModel

from catalog.descriptors import ITEM_KEYS, Descriptor, ProductDescriptor
from catalog.models import Check, Column, Contract, Dataset, Objective, Port, Product
from catalog.registry.outcomes import Problem
from catalog.registry.paths import item_key, item_path

MODELS: dict[str, type[models.Model]] = {
    "product": Product,
    "dataset": Dataset,
    "ports": Port,
    "contracts": Contract,
    "objectives": Objective,
    "checks": Check,
    "columns": Column,
}
#: Fields of documents whose column has another name.
RENAMED = {
    "port": "port_name",
    "column": "column_path",
    "upstream": "upstream_ref",
    "contract": "contract_key",
}
#: Written cut to the length of their column, or kept elsewhere.
CUT = frozenset({"type", "native_type", "sensitivity_reason", "display_name@dataset", "successor"})
BIGGEST = 2_147_483_647


@cache
def _lengths(name: str) -> Mapping[str, int]:
    """Return how long each text of a document may be, by the document's name of the field."""
    columns = {
        field.name: field.max_length
        for field in MODELS[name]._meta.concrete_fields
        if isinstance(field, models.CharField) and field.max_length
    }
    lengths = {**columns, **{n: columns[c] for n, c in RENAMED.items() if c in columns}}
    return {n: limit for n, limit in lengths.items() if not {n, f"{n}@{name}"} & CUT}


def check_limits(descriptor: Descriptor) -> Iterator[Problem]:
    """Yield a problem for each value that no row could hold."""
    kind = "product" if isinstance(descriptor, ProductDescriptor) else "dataset"
    for name in descriptor.model_fields_set:
        value = getattr(descriptor, name)
        if name not in ITEM_KEYS:
            yield from _problems(name, value, _lengths(kind).get(name, BIGGEST))
            continue
        lengths = _lengths(name)
        for item in value:
            values = item.__dict__
            for field in item.model_fields_set:
                part = values[field]
                if not _is_plain(part, lengths.get(field, BIGGEST)):
                    key = item_key(name, {f: getattr(item, f) for f in ITEM_KEYS[name]})
                    path = f"{item_path(name, key)}.{field}"
                    yield from _problems(path, part, lengths.get(field, BIGGEST))


def _is_plain(value: object, limit: int) -> bool:
    """Tell quickly that a value is fine, as nearly all are; defaults always are."""
    kind = value.__class__
    if kind is str:
        return not value or (len(value) <= limit and "\0" not in value)  # type: ignore[arg-type,operator]
    if kind is int:
        return 0 <= value <= BIGGEST  # type: ignore[operator]
    return value is None or kind is bool or (kind is list and not value)


def _problems(path: str, value: Any, limit: int) -> Iterator[Problem]:
    if isinstance(value, str) and len(value) > limit:
        message = f"has {len(value)} characters; at most {limit} are allowed"
        yield Problem(path, value[:200], message)
    elif isinstance(value, int) and not 0 <= value <= BIGGEST:
        yield Problem(path, value, f"allowed are 0 to {BIGGEST}")
    if value and _has_nul(value):
        yield Problem(path, "…", "holds the character NUL (U+0000), which no text may hold")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return any(map(_has_nul, value))
    return isinstance(value, BaseModel) and _has_nul(value.__dict__)
