"""Every lock that the database holds for us, by name; and locks that die with their holder.

A lock of a transaction (`lock_until_commit`) lets one writer of something in at a time, on PostgreSQL; SQLite
has one writer anyway. A lock of a holder (`locks`) keeps one harvest of a source going, and needs no clock to
tell who lives: on PostgreSQL a lock belongs to a connection of its own; the server frees it when that connection ends,
however it ends. On SQLite, which is one machine, it is a lock on a file, which the kernel frees.
"""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from enum import IntEnum, unique
from hashlib import sha256
from pathlib import Path
from threading import Lock
from typing import Protocol

from django.conf import settings
from django.db import Error, connection
from django.db.backends.base.base import BaseDatabaseWrapper


@unique
class LockKey(IntEnum):
    """The numbers of PostgreSQL's advisory locks; nothing else in the database may use them.

    `HARVEST` is the first of two numbers, the second is the source: it shares nothing with the others.
    """

    EVENT_LOG = 7_305_808
    HARVEST = 7_305_809
    SEARCH_INDEX = 7_305_810
    LINEAGE_CHANGES = 7_305_811
    SIGN_IN = 7_305_812


_PAUSE = 0.1
_KEEPALIVE = (
    "SET tcp_keepalives_idle = 30",
    "SET tcp_keepalives_interval = 10",
    "SET tcp_keepalives_count = 3",
)


def lock_until_commit(key: LockKey) -> None:
    """Let no other writer of the same thing in until the caller's transaction ends."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [key])


class LockHandle(Protocol):
    """A lock in hand."""

    def is_held(self) -> bool:
        """Ask whether it still is; once lost, it stays lost."""

    def release(self) -> None:
        """Give it back; twice does no harm."""


class Locks(Protocol):
    """Where locks come from."""

    def take(self, number: int) -> LockHandle | None:
        """Take a lock at once, or return None where somebody holds it."""


class _Session:
    """An advisory lock of PostgreSQL, and the connection that it lives on."""

    def __init__(self, own: BaseDatabaseWrapper, number: int) -> None:
        self._own, self._number = own, number
        self._guard, self._is_lost = Lock(), False

    def is_held(self) -> bool:
        with self._guard:
            self._is_lost = self._is_lost or not self._own.is_usable()
            return not self._is_lost

    def release(self) -> None:
        with self._guard:
            if not self._is_lost:
                self._is_lost = True
                self._unlock()
            self._own.close()

    def _unlock(self) -> None:
        """Free the lock before the connection ends: a server notices the end of a connection a moment later."""
        with suppress(Error), self._own.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s, %s)", [LockKey.HARVEST, self._number])


class PostgresLocks:
    """Session advisory locks; no pooler that shares sessions may stand before the server."""

    def take(self, number: int) -> LockHandle | None:
        """Open a connection and try. Raises django.db.Error where the server is away."""
        own = connection.copy()
        own.inc_thread_sharing()  # a heartbeat asks after it from another thread
        try:
            with own.cursor() as cursor:
                for setting in _KEEPALIVE:  # a host that vanished is noticed within a minute
                    cursor.execute(setting)
                cursor.execute("SELECT pg_try_advisory_lock(%s, %s)", [LockKey.HARVEST, number])
                (is_mine,) = cursor.fetchone() or (False,)
        except Error:
            own.close()
            raise
        if is_mine:
            return _Session(own, number)
        own.close()
        return None


class _File:
    """A locked file."""

    def __init__(self, handle: int) -> None:
        self._handle: int | None = handle

    def is_held(self) -> bool:
        return self._handle is not None

    def release(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            os.close(handle)


class FileLocks:
    """Locks on files in a folder that only processes of this machine use."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def take(self, number: int) -> LockHandle | None:
        """Lock the file of that number."""
        self.folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(self.folder / f"{number}.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(handle)
            return None
        return _File(handle)


def locks() -> Locks:
    """Return the locks of the database in use."""
    if connection.vendor == "postgresql":
        return PostgresLocks()
    return FileLocks(settings.DATA_DIR / "locks" / _database())


@contextmanager
def hold_lock(number: int, *, wait: float = 0.0) -> Iterator[LockHandle | None]:
    """Hold a lock for a while; None where somebody else does, after `wait` seconds."""
    deadline = time.monotonic() + wait
    lock = locks().take(number)
    while lock is None and time.monotonic() < deadline:
        time.sleep(_PAUSE)
        lock = locks().take(number)
    try:
        yield lock
    finally:
        if lock is not None:
            lock.release()


def _database() -> str:
    """Name the database, so that two of them may share a data folder; one in memory is this process's."""
    name = str(connection.settings_dict["NAME"])
    if "memory" in name:
        name += str(os.getpid())
    return sha256(name.encode()).hexdigest()[:12]
