"""What is known of datasets, as plain values: what checks and objectives are judged on. Free of Django."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from catalog.descriptors import ColumnProfile, ForeignKey, KeyFinding


@dataclass(frozen=True, slots=True)
class ColumnFacts:
    """A column as the schema and the contracts state it."""

    path: str
    type: str
    nullable: bool
    primary_key: bool
    unique: bool
    promised_required: bool = False
    promised_unique: bool = False
    promised_type: str = ""

    @property
    def is_required(self) -> bool:
        """Must be filled in every row."""
        return not self.nullable or self.primary_key or self.promised_required


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset as stated and as last observed."""

    id: int
    namespace: str
    name: str
    display_name: str
    columns: tuple[ColumnFacts, ...] = ()
    primary_key: tuple[str, ...] = ()
    unique_keys: tuple[tuple[str, ...], ...] = ()
    foreign_keys: tuple[ForeignKey, ...] = ()
    missing_promised: tuple[str, ...] = ()
    promised_hours: float | None = None  # freshness promised of it
    is_promise_strict: bool = False  # the promise names it, or the product serves nothing else
    observed_at: datetime | None = None
    row_count: int | None = None
    data_updated_at: datetime | None = None
    profiles: Mapping[str, ColumnProfile] = field(default_factory=dict)
    keys: tuple[KeyFinding, ...] = ()

    def column(self, path: str) -> ColumnFacts | None:
        """Return a column by its path."""
        return next((c for c in self.columns if c.path == path), None)

    def finding(
        self, kind: str, columns: tuple[str, ...], references: str = ""
    ) -> KeyFinding | None:
        """Return how a key held in the data; `references` narrows foreign keys."""
        for key in self.keys:
            meant = not references or not key.references or key.references == references
            if key.kind == kind and tuple(key.columns) == columns and meant:
                return key
        return None

    def part(self, element: str) -> str | None:
        """Return which column an objective's element names here: a path, empty for the whole dataset.

        None: the element names something else.
        """
        for name in (self.name, self.display_name):
            if element in {"", name}:
                return ""
            if element.startswith(f"{name}."):
                path = element.removeprefix(f"{name}.")
                return path if self.column(path) else None
        return None
