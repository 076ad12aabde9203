"""A running harvest says that it lives, for people to see, and asks whether its lock still holds."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import DatabaseError, connection
from django.utils import timezone

from catalog.db.locks import LockHandle
from ingestors.models import Run, RunState

log = logging.getLogger(__name__)
BEAT = 10.0


@contextmanager
def heartbeat(run_id: int, lock: LockHandle) -> Iterator[threading.Event]:
    """Beat every few seconds from a thread of its own; the event given is set when the lock is lost."""
    stop, lost = threading.Event(), threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT):
            if not lock.is_held():
                lost.set()
                log.error("run %s lost its lock; it stops", run_id)
                break
            try:
                Run.objects.filter(pk=run_id, state=RunState.RUNNING).update(
                    heartbeat_at=timezone.now()
                )
            except DatabaseError as error:  # busy or away for a moment: the next beat counts
                log.warning("run %s missed a heartbeat: %s", run_id, error)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield lost
    finally:
        stop.set()
        thread.join(timeout=5)
