"""The stages of a batch on its way through the door: incoming, decided, written. Each is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any, Literal

from catalog.descriptors import Descriptor, LayerKind
from catalog.models import Dataset, Layer, Product, User
from catalog.people.authority import Authority
from catalog.registry.diff import Change
from catalog.registry.merge import Merged
from catalog.registry.outcomes import Outcome, Problem

Kind = Literal["product", "dataset"]
#: The kind and the stable key under which the layers of a product or dataset are kept.
SubjectKey = tuple[Kind, str]


@dataclass(frozen=True, slots=True)
class Author:
    """Who states something, in which layer, when, and with whose authority."""

    layer: LayerKind
    source: str
    by: User | None
    at: datetime
    authority: Authority
    stamps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_now: bool = False

    def after(self, own: Layer | None) -> Author:
        """Return the author, dated after what its source stated last when it speaks now.

        Clocks may go back and differ between hosts; what is stated later counts all the same.
        """
        if not self.is_now or own is None or self.at > own.stated_at:
            return self
        return replace(self, at=own.stated_at + timedelta(microseconds=1))


@dataclass(frozen=True, slots=True)
class Incoming:
    """One descriptor as it arrived: whom it is about, what it states of it, and the digest of that."""

    descriptor: Descriptor
    kind: Kind
    key: str
    content: Mapping[str, Any]
    digest: str

    @property
    def subject(self) -> SubjectKey:
        """The kind and key under which its layers are kept."""
        return self.kind, self.key


@dataclass(frozen=True, slots=True)
class PendingChange:
    """What was decided of one descriptor: refused for its problems, or what will be written of it.

    `row` is the product or dataset as it is stored, None for a new one. `layer` is the statement to
    store, None where nothing is to be stored; `has_layer` tells that the source stated something before.
    """

    incoming: Incoming
    row: Product | Dataset | None = None
    problems: tuple[Problem, ...] = ()
    layer: Mapping[str, Any] | None = None
    has_layer: bool = False
    merged: Merged = field(default_factory=Merged)
    changes: tuple[Change, ...] = ()
    is_stale: bool = False
    is_back: bool = False
    renamed_from: str = ""

    @property
    def kind(self) -> Kind:
        """Whether it is about a product or a dataset."""
        return self.incoming.kind

    @property
    def key(self) -> str:
        """The key of its subject."""
        return self.incoming.key

    @property
    def is_new(self) -> bool:
        """Whether there is no row of its subject yet."""
        return self.row is None

    @property
    def moves(self) -> bool:
        """Whether rows have to be written."""
        return not self.problems and (self.row is None or bool(self.changes))

    def touches(self, name: str) -> bool:
        """Tell whether something of a list (or a field) changes."""
        if self.row is None:
            return True
        return any(c.path == name or c.path.startswith(f"{name}[") for c in self.changes)

    def outcome(self, row_id: int | None = None) -> Outcome:
        """Return what becomes of the descriptor; `row_id` is that of a new row."""
        kind, ref = self.kind, self.incoming.descriptor.ref
        if self.problems:
            return Outcome("refused", kind, ref, None, (), self.problems)
        if self.row is None:
            return Outcome("created", kind, ref, row_id, self.changes)
        if self.changes:
            return Outcome("changed", kind, ref, self.row.pk, self.changes)
        return Outcome("stale" if self.is_stale else "unchanged", kind, ref, self.row.pk)


@dataclass(frozen=True, slots=True)
class WrittenChange:
    """A change with the id of the row that holds it."""

    change: PendingChange
    row_id: int

    @property
    def subject(self) -> tuple[Kind, int]:
        """The kind and id of its row."""
        return self.change.kind, self.row_id

    @property
    def is_new(self) -> bool:
        """Whether the row was not there before."""
        return self.change.row is None

    @property
    def merged(self) -> Merged:
        """What all sources state together."""
        return self.change.merged
