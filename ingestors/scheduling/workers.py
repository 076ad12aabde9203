"""Workers say themselves that they live, in the database, where the operator looks."""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Sequence
from datetime import timedelta

from django.db import DatabaseError, connection
from django.db.models import Q
from django.utils import timezone

from ingestors.models import Worker

log = logging.getLogger(__name__)
BEAT = 15.0
#: A worker that is not heard of for so long is gone or hangs.
SILENT = timedelta(seconds=60)
FORGOTTEN = timedelta(days=1)


class Presence:
    """Says every few seconds that a worker lives, from a thread of its own."""

    def __init__(self, name: str, queues: Sequence[str]) -> None:
        self.name, self.queues = name, list(queues)
        self._began = timezone.now()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._go_on, daemon=True, name="presence")

    def begin(self) -> None:
        """Start to say so."""
        self._thread.start()

    def end(self) -> None:
        """Say that it leaves."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=2)
        try:
            Worker.objects.filter(name=self.name).delete()
        except DatabaseError as error:
            log.warning("cannot say that %s leaves: %s", self.name, error)

    def say(self) -> None:
        """Say once that the worker lives, and forget those that are gone."""
        now = timezone.now()
        said = {"queues": self.queues, "started_at": self._began, "heard_at": now}
        Worker.objects.update_or_create(name=self.name, defaults=said)
        gone = Q(heard_at__lt=now - FORGOTTEN) | Q(name__in=self._dead_neighbours())
        Worker.objects.filter(gone).delete()

    def _dead_neighbours(self) -> list[str]:
        """Return the workers of this machine whose process ended without saying so."""
        here = self.name.rpartition(":")[0] + ":"
        names = Worker.objects.filter(name__startswith=here).values_list("name", flat=True)
        others = (name for name in names if name != self.name)
        return [name for name in others if not _lives(name.removeprefix(here))]

    def _go_on(self) -> None:
        while True:
            try:
                self.say()
            except DatabaseError as error:
                log.warning("cannot say that %s lives: %s", self.name, error)
            finally:
                connection.close()  # a pool that forks must not share it
            if self._stop.wait(BEAT):
                return


def _lives(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError, OverflowError):
        return False
    except PermissionError:  # it is somebody else's
        pass
    return True
