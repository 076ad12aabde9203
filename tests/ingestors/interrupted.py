"""Let a test act between two records of a real harvest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ingestors.connectors.base import Found, Record
from ingestors.isolation.reader import Isolated

Deed = Callable[[], object]


def interrupt(monkeypatch: pytest.MonkeyPatch, deed: Deed, *, at_once: bool = False) -> None:
    """Do something once in the midst of the next harvest: after its first item, or after `Found` when `at_once`.

    The process that reads works on a record when it is asked for it, so it sees what was done.
    """
    deeds = [deed]
    read = Isolated.read

    def interrupted(reader: Isolated, **said: Any) -> Iterator[Record]:
        for record in read(reader, **said):
            yield record
            if deeds and (at_once or not isinstance(record, Found)):
                deeds.pop()()

    monkeypatch.setattr(Isolated, "read", interrupted)
