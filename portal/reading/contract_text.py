"""A contract as it is written in the portal: its text, the form beside it, and how both are judged."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser

from catalog.contracts.changes import before_of
from catalog.contracts.selectors import document_for, versions_of
from catalog.models import Product, User
from catalog.standards.diagnostics import Diagnostic, Unreadable, errors
from catalog.standards.odcs.contract import key_of, ordered
from catalog.standards.odcs.convert import convert
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.verdicts import Comparison, judge
from catalog.standards.odcs.versions import NEWEST
from catalog.standards.reading import read
from catalog.standards.versions import bumped, current
from catalog.standards.writing import to_yaml

#: Fields of the form and where they stand in the document.
FIELDS: Mapping[str, tuple[str, ...]] = {
    "id": ("id",),
    "version": ("version",),
    "status": ("status",),
    "name": ("name",),
    "purpose": ("description", "purpose"),
    "usage": ("description", "usage"),
    "limitations": ("description", "limitations"),
}
STATUSES = ("draft", "proposed", "active", "deprecated", "retired")
_MOST_COLUMNS = 1000


@dataclass(frozen=True, slots=True)
class Judged:
    """A text, how it was judged, and what it would change."""

    text: str
    content: dict[str, Any]
    found: tuple[Diagnostic, ...]
    comparison: Comparison | None = None

    @property
    def is_valid(self) -> bool:
        """Tell whether it may be published."""
        return not errors(self.found)

    @property
    def fields(self) -> dict[str, str]:
        """What the form shows of the text."""
        return {name: _at(self.content, path) for name, path in FIELDS.items()}

    @property
    def breaking(self) -> list[str]:
        """What breaks those who read the data."""
        changes = self.comparison.changes if self.comparison else ()
        return [f"{one.path}: {one.reason}" for one in changes if one.consumer == "error"]


def judged(text: str, user: User | AnonymousUser) -> Judged:
    """Judge a text and compare it with the version it would follow."""
    try:
        document = read(text)
    except Unreadable as error:
        return Judged(text, {}, (error.diagnostic,))
    found = tuple(lint(document))
    if errors(found):
        return Judged(text, document.content, found)
    key, version = key_of(document.content)
    rows = versions_of(key, user)
    same = next((row for row in rows if row.version == version), None)
    before = same or before_of(version, rows)
    comparison = judge(document_for(before, user), document.content) if before else None
    return Judged(text, document.content, found, comparison)


def with_form(text: str, sent: Mapping[str, str]) -> str:
    """Write the fields of the form into a text; a text that cannot be read stays as it is."""
    try:
        content = deepcopy(read(text).content)
    except Unreadable:
        return text
    for name, path in FIELDS.items():
        value = sent.get(name, "").strip()
        holder = content
        for part in path[:-1]:
            inner = holder.get(part)
            holder = inner if isinstance(inner, dict) else holder.setdefault(part, {})
        if value:
            holder[path[-1]] = value.replace("\r\n", "\n")
        else:
            holder.pop(path[-1], None)
    if content.get("description") == {}:
        del content["description"]
    return to_yaml(ordered(content))


def first_text(product: Product, key: str, user: User | AnonymousUser) -> str:
    """Return where writing begins: the version in force with the next number, or what was found."""
    rows = versions_of(key, user) if key else []
    newest = current([row for row in rows if row.product_id == product.pk])
    if newest is None:
        return to_yaml(_found(product))
    content = convert(document_for(newest, user), NEWEST).content
    content["version"] = bumped(newest.version, "minor") or newest.version
    return to_yaml(ordered(content))


def _found(product: Product) -> dict[str, Any]:
    """Return a draft that promises what was harvested."""
    tables = []
    left = _MOST_COLUMNS
    datasets = product.served_datasets.prefetch_related("columns").order_by("name")[:20]
    for dataset in datasets:
        columns = list(dataset.columns.all())[:left]
        left -= len(columns)
        name = dataset.display_name or dataset.name
        tables.append(
            {
                "name": name,
                "physicalName": dataset.name,
                "properties": [
                    {
                        "name": column.path,
                        "physicalType": column.native_type or column.type or "unknown",
                        "required": not column.nullable,
                    }
                    for column in columns
                ],
            }
        )
    draft: dict[str, Any] = {
        "apiVersion": NEWEST,
        "kind": "DataContract",
        "id": f"{product.key}-contract",
        "version": "0.1.0",
        "status": "draft",
        "dataProduct": str(product.ref),
        "description": {"purpose": f"What {product.name} promises."},
    }
    return {**draft, "schema": tables} if tables else draft


def _at(content: Mapping[str, Any], path: tuple[str, ...]) -> str:
    value: Any = content
    for part in path:
        value = value.get(part) if isinstance(value, Mapping) else None
    return "" if value is None else str(value)
