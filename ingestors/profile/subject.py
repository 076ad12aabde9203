"""What is profiled, and who runs the statements. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from catalog.names import DatasetRef
from ingestors.errors import Unreadable
from ingestors.profile.dialects import Dialect

NUMBERS = ("integer", "number")
DATES = ("date", "timestamp")
#: Types whose values can be compared, counted and shown one by one.
SCALARS = (*NUMBERS, *DATES, "string", "boolean", "time")


@dataclass(frozen=True, slots=True)
class Field:
    """A column to look at."""

    path: str
    expression: str  # SQL over the relation
    type: str  # logical type
    native_type: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Reference:
    """A foreign key to test. `relation` is the SQL of the other side; expressions are SQL too."""

    columns: tuple[str, ...]
    expressions: tuple[str, ...]
    name: str  # dataset name of the other side
    relation: str
    references: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Unique:
    """A key to test."""

    columns: tuple[str, ...]
    expressions: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Subject:
    """A dataset to profile."""

    ref: DatasetRef
    relation: str  # SQL that may stand after FROM
    fields: tuple[Field, ...]
    uniques: tuple[Unique, ...] = ()
    references: tuple[Reference, ...] = ()
    row_count: int | None = None  # known without counting, e.g. from a file's footer
    row_estimate: int | None = None
    byte_size: int | None = None
    updated_at: datetime | None = None  # the file's own time
    notes: tuple[str, ...] = ()  # what is to be said of the way it is read
    is_fragile: bool = False  # a part that cannot be read means that nothing of it is right


class TimedOut(Unreadable):
    """A statement took longer than it may."""


class BadValue(Unreadable):
    """A cell cannot be read as its column says; other columns may be."""


class ItemMissing(Unreadable):
    """The dataset was there a moment ago and is not any more."""


class Runner(Protocol):
    """Runs a read statement in the store."""

    @property
    def dialect(self) -> Dialect:
        """How the store speaks."""
        ...

    def rows(self, statement: str, *, seconds: float) -> Sequence[Sequence[object]]:
        """Return all rows of a statement.

        Raises TimedOut after `seconds`, ItemMissing when the dataset went away, Unreadable (with a
        text free of data) when the store refuses.
        """
        ...
