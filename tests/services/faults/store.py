"""A store that is harvested, quickly or for minutes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.services.faults.rig import Rig, eventually

SOURCE = """
from catalog.models import Domain
from ingestors.services.sources import create_source
create_source(
    name="Store", key="store", connector="sql", domain=Domain.objects.get(key="claims"),
    config={{"url": "sqlite:///{path}", "namespace": "sqlite://store",
            "limits": {{"max_rows": 1_000_000_000, "max_seconds": 3600}}}},
    by=None,
)
"""
QUEUE = """
from ingestors.models import Source
from ingestors.services.runs import enqueue
answer = enqueue(Source.objects.get(key="store")).pk
"""
#: Profiling it takes minutes, so a worker is in the midst of it whenever it is killed.
ENDLESS = """
CREATE VIEW payment AS
  WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 900000000) SELECT id FROM n
"""


@dataclass(frozen=True)
class Store:
    """A SQLite file and the source that reads it."""

    rig: Rig
    path: Path

    def change(self, statement: str) -> None:
        """Change the store."""
        with sqlite3.connect(self.path) as db:
            db.execute(statement)
        db.close()

    def harvest(self) -> int:
        """Queue a harvest; return its number."""
        return int(self.rig.do(QUEUE))

    def state(self, run: int) -> str:
        """Return how a harvest is."""
        return str(self.rig.one("SELECT state FROM ingestors_run WHERE id = %s", run))

    def ends(self, run: int, state: str, seconds: float = 60) -> None:
        """Wait until a harvest has ended that way."""
        eventually(lambda: self.state(run) == state, f"run {run} is {state}", seconds)

    @contextmanager
    def endless(self) -> Iterator[tuple[int, int]]:
        """Keep a worker harvesting; give the run and the process that does it."""
        self.change(ENDLESS)
        try:
            run = self.harvest()
            self.ends(run, "running")
            worker = self.rig.one("SELECT worker FROM ingestors_run WHERE id = %s", run)
            yield run, int(str(worker).rpartition(":")[2])
        finally:
            self.change("DROP VIEW payment")
