"""The embedded queue of tasks: one SQLite file, for the processes of one machine.

A message is put in one statement and taken in one, so none is ever read half-written, by two, or seen again. What
a message is about stands in the database anyway (docs/adr/0007): this file may be lost, and work comes again.
"""

from __future__ import annotations

import json
import sqlite3
from functools import cached_property
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.transport import virtual

_TABLE = """CREATE TABLE IF NOT EXISTS message
    (id INTEGER PRIMARY KEY AUTOINCREMENT, queue TEXT NOT NULL, content TEXT NOT NULL)"""
_INDEX = "CREATE INDEX IF NOT EXISTS message_of_queue ON message (queue, id)"
PATIENCE = 30.0
"""Seconds to wait for another process that writes."""


def open_file(path: Path) -> sqlite3.Connection:
    """Open a queue; make its file and folder where there are none."""
    path.parent.mkdir(parents=True, exist_ok=True)
    file = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
    file.execute("PRAGMA journal_mode=WAL")
    file.execute("PRAGMA synchronous=NORMAL")
    file.execute(_TABLE)
    file.execute(_INDEX)
    return file


def waiting(path: Path) -> dict[str, int]:
    """Return how many messages wait in each queue that has any."""
    file = open_file(path)
    try:
        return dict(file.execute("SELECT queue, count(*) FROM message GROUP BY queue"))
    finally:
        file.close()


def empty(path: Path) -> None:
    """Drop every message."""
    file = open_file(path)
    try:
        file.execute("DELETE FROM message")
    finally:
        file.close()


class Channel(virtual.Channel):
    """What kombu wants of a queue, said in SQL."""

    @cached_property
    def _file(self) -> sqlite3.Connection:
        client = self.connection.client
        assert client is not None
        return open_file(Path((client.transport_options or {})["file"]))

    def _put(self, queue: str, message: dict[str, Any], **_: Any) -> None:
        said = (queue, json.dumps(message))
        self._file.execute("INSERT INTO message (queue, content) VALUES (?, ?)", said)

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        """Take the oldest message; the count of deleted rows tells who of several got it."""
        first = "SELECT id, content FROM message WHERE queue = ? ORDER BY id LIMIT 1"
        while found := self._file.execute(first, (queue,)).fetchone():
            if self._file.execute("DELETE FROM message WHERE id = ?", found[:1]).rowcount:
                return json.loads(found[1])
        raise Empty

    def _size(self, queue: str) -> int:
        counted = self._file.execute("SELECT count(*) FROM message WHERE queue = ?", (queue,))
        return int(counted.fetchone()[0])

    def _purge(self, queue: str) -> int:
        return self._file.execute("DELETE FROM message WHERE queue = ?", (queue,)).rowcount

    def close(self) -> None:
        """Give back what was taken and not done, then close the file."""
        super().close()
        if file := self.__dict__.pop("_file", None):
            file.close()


class Transport(virtual.Transport):
    """The embedded queue as Celery opens it: `broker_transport`, with the option `file`."""

    Channel = Channel
    driver_type = driver_name = "sqlite"
    connection_errors = (*virtual.Transport.connection_errors, sqlite3.Error)

    def driver_version(self) -> str:
        """Return the version of SQLite."""
        return sqlite3.sqlite_version
