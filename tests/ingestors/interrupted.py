"""Connectors that let a test act between two records of a real harvest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import ClassVar

import pytest

from ingestors.connectors import registry
from ingestors.connectors.base import NO_OVERRIDES, Found, Overrides, Record
from ingestors.connectors.files.connector import FilesConnector
from ingestors.connectors.sql.connector import SqlConnector

Deed = Callable[[], object]


class _Between:
    """What happens once after the first item was read, or after `Found` when `at_once`."""

    deed: ClassVar[Deed | None] = None
    at_once: ClassVar[bool] = False


def _interrupted(records: Iterator[Record]) -> Iterator[Record]:
    for record in records:
        yield record
        if _Between.deed and (_Between.at_once or not isinstance(record, Found)):
            deed, _Between.deed = _Between.deed, None
            deed()


class InterruptedSql(SqlConnector):
    """A database in which something happens while it is read."""

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Read as ever, and act once."""
        yield from _interrupted(super().read(overrides=overrides, at=at))


class InterruptedFiles(FilesConnector):
    """Files to which something happens while they are read."""

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Read as ever, and act once."""
        yield from _interrupted(super().read(overrides=overrides, at=at))


def interrupt(monkeypatch: pytest.MonkeyPatch, deed: Deed, *, at_once: bool = False) -> None:
    """Do something in the midst of the next harvest."""
    for name, found in (("sql", "InterruptedSql"), ("files", "InterruptedFiles")):
        monkeypatch.setitem(registry.BUILT_IN, name, f"{__name__}:{found}")
    monkeypatch.setattr(_Between, "deed", staticmethod(deed))
    monkeypatch.setattr(_Between, "at_once", at_once)
