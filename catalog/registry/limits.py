"""What the database can hold, told of a descriptor before anything is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from django.db import models

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
RENAMED = {"port": "port_name", "column": "column_path", "upstream": "upstream_ref"}
#: Written cut to the length of their column, or kept elsewhere.
CUT = frozenset({"type", "native_type", "sensitivity_reason", "display_name@dataset", "successor"})
BIGGEST = 2_147_483_647


@cache
def _lengths(name: str) -> Mapping[str, int]:
    return {
        field.name: field.max_length
        for field in MODELS[name]._meta.concrete_fields
        if isinstance(field, models.CharField) and field.max_length
    }


def check_limits(descriptor: Descriptor) -> Iterator[Problem]:
    """Yield a problem for each value that no row could hold."""
    kind = "product" if isinstance(descriptor, ProductDescriptor) else "dataset"
    for name in descriptor.model_fields_set:
        value = getattr(descriptor, name)
        if name not in ITEM_KEYS:
            yield from _check(kind, name, name, value)
            continue
        for item in value:
            said = {field: getattr(item, field) for field in item.model_fields_set}
            base = ""
            for field, part in said.items():
                for problem in _check(name, field, field, part):
                    base = base or item_path(name, item_key(name, said))
                    yield Problem(f"{base}.{field}", problem.value, problem.message)


def _check(owner: str, field: str, path: str, value: Any) -> Iterator[Problem]:
    if isinstance(value, str):
        limit = _lengths(owner).get(RENAMED.get(field, field))
        if limit and len(value) > limit and not {field, f"{field}@{owner}"} & CUT:
            said = f"has {len(value)} characters; at most {limit} are allowed"
            yield Problem(path, value[:200], said)
    elif isinstance(value, int):
        if not 0 <= value <= BIGGEST:
            yield Problem(path, value, f"allowed are 0 to {BIGGEST}")
        return
    if value and _has_nul(value):
        yield Problem(path, "…", "holds the character NUL (U+0000), which no text may hold")


def _has_nul(value: Any) -> bool:
    if isinstance(value, str):
        return "\0" in value
    if isinstance(value, Mapping):
        return any(_has_nul(key) or _has_nul(part) for key, part in value.items())
    if isinstance(value, list | tuple):
        return any(map(_has_nul, value))
    fields = getattr(value, "__dict__", None)
    return bool(fields) and not hasattr(value, "as_tuple") and _has_nul(fields)
