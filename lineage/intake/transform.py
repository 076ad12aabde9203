"""What a tool says of how a dataset is made. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass

from catalog.names import DatasetRef


@dataclass(frozen=True, slots=True)
class Transform:
    """A dataset that a tool makes of others. `sql` is the statement it is made by, empty where it is not known."""

    makes: DatasetRef
    reads: tuple[DatasetRef, ...]
    note: str = ""
    sql: str = ""
