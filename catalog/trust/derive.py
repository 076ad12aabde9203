"""Which checks follow from a schema, a contract and a promise. Free of Django."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from catalog.descriptors import Dimension, JsonValue
from catalog.trust.facts import ColumnFacts, DatasetFacts

#: A dataset with more empty cells than this gets a warning.
MAX_EMPTY_SHARE = 0.3

Params = dict[str, JsonValue | list[JsonValue]]


@dataclass(frozen=True, slots=True)
class DerivedCheck:
    """A check that nobody wrote down: it follows from what is stated. `key` is stable."""

    key: str
    name: str
    dimension: str
    rule: str
    column: str = ""
    severity: str = "error"
    params: Params = field(default_factory=dict)
    description: str = ""


def derive(facts: DatasetFacts) -> list[DerivedCheck]:
    """Return the checks of one dataset, each key once."""
    found = [
        *_completeness(facts),
        *_uniqueness(facts),
        *_validity(facts),
        *_consistency(facts),
        *_timeliness(facts),
    ]
    return list({check.key: check for check in found}.values())


def _completeness(facts: DatasetFacts) -> Iterator[DerivedCheck]:
    yield DerivedCheck(
        "completeness:rows",
        "Has rows",
        Dimension.COMPLETENESS.value,
        "row-count",
        params={"minimum": 1},
        description="A dataset without a row is taken for a failed load.",
    )
    for column in facts.columns:
        if column.is_required:
            yield DerivedCheck(
                _key("completeness:not-null:", column.path),
                f"{column.path} is always filled",
                Dimension.COMPLETENESS.value,
                "not-null",
                column.path,
                description=_why_required(column),
            )
    if any(not column.is_required for column in facts.columns):
        yield DerivedCheck(
            "completeness:filled",
            f"At most {MAX_EMPTY_SHARE:.0%} of all cells are empty",
            Dimension.COMPLETENESS.value,
            "filled",
            severity="warning",
            params={"max_empty_share": MAX_EMPTY_SHARE},
        )


def _why_required(column: ColumnFacts) -> str:
    if column.promised_required:
        return "The contract requires it."
    return "Part of the primary key." if column.primary_key else "The store declares it NOT NULL."


def _uniqueness(facts: DatasetFacts) -> Iterator[DerivedCheck]:
    keys: dict[tuple[str, ...], str] = {}
    for column in facts.columns:
        if column.promised_unique:
            keys[(column.path,)] = "The contract promises it."
        elif column.unique:
            keys[(column.path,)] = "The store declares it unique."
    for unique in facts.unique_keys:
        keys.setdefault(unique, "A unique index of the store.")
    if facts.primary_key:
        keys[facts.primary_key] = "The primary key."
    for columns, why in keys.items():
        label = ", ".join(columns)
        yield DerivedCheck(
            _key("uniqueness:key:", ",".join(columns)),
            f"{label} is unique" if len(columns) == 1 else f"{label} together are unique",
            Dimension.UNIQUENESS.value,
            "unique",
            columns[0] if len(columns) == 1 else "",
            params={"columns": list(columns)},
            description=why,
        )


def _validity(facts: DatasetFacts) -> Iterator[DerivedCheck]:
    for column in facts.columns:
        if column.promised_type:
            yield DerivedCheck(
                _key("validity:type:", column.path),
                f"{column.path} is of type {column.promised_type}",
                Dimension.VALIDITY.value,
                "type",
                column.path,
                params={"type": column.promised_type},
                description="The contract promises the type.",
            )
    for path in facts.missing_promised:
        yield DerivedCheck(
            _key("validity:present:", path),
            f"{path} exists",
            Dimension.VALIDITY.value,
            "present",
            path,
            description="The contract promises the column.",
        )


def _consistency(facts: DatasetFacts) -> Iterator[DerivedCheck]:
    for foreign in facts.foreign_keys:
        label = ", ".join(foreign.columns)
        yield DerivedCheck(
            _key("consistency:foreign-key:", f"{','.join(foreign.columns)}->{foreign.name}"),
            f"{label} refers to rows of {foreign.name}",
            Dimension.CONSISTENCY.value,
            "foreign-key",
            foreign.columns[0] if len(foreign.columns) == 1 else "",
            params={"columns": list(foreign.columns), "references": foreign.name},
            description="A foreign key of the store.",
        )


def _timeliness(facts: DatasetFacts) -> Iterator[DerivedCheck]:
    if facts.promised_hours is not None:
        yield DerivedCheck(
            "timeliness:fresh",
            f"Newest data is at most {facts.promised_hours:g} hours old",
            Dimension.TIMELINESS.value,
            "fresh",
            severity="error" if facts.is_promise_strict else "warning",
            params={"hours": facts.promised_hours},
            description="The product promises the freshness.",
        )


def _key(prefix: str, rest: str) -> str:
    """Make a key of at most 300 characters; very long column lists keep both ends."""
    key = prefix + rest
    return key if len(key) <= 300 else f"{key[:180]}~{key[-110:]}"
