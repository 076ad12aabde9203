"""Wake the followers of the event log soon after something was recorded. Free of Django.

A thread of its own sends, so that nobody who records waits for the broker: many events within a moment are
one message. What cannot be sent is forgotten; the followers look by themselves every few seconds.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable

from kombu.exceptions import OperationalError

log = logging.getLogger(__name__)
PAUSE = 0.2
REST = 5.0


class Debouncer:
    """Calls `send` soon after each call, never more often than every `pause` seconds."""

    def __init__(self, send: Callable[[], None], pause: float = PAUSE, rest: float = REST) -> None:
        self._send, self._pause, self._rest = send, pause, rest
        self._wanted = threading.Event()
        self._guard = threading.Lock()
        self._thread = threading.Thread(name="debounce")

    def call(self) -> None:
        """Ask for a message; returns at once."""
        if not self._thread.is_alive():  # as in a process that was forked
            with self._guard:
                if not self._thread.is_alive():
                    self._thread = threading.Thread(
                        target=self._go_on, daemon=True, name="debounce"
                    )
                    self._thread.start()
        self._wanted.set()

    def _go_on(self) -> None:
        while True:
            self._wanted.wait()
            time.sleep(self._pause)
            self._wanted.clear()
            try:
                self._send()
            except OperationalError as error:
                log.warning("the broker is away, followers look by themselves: %s", error)
                time.sleep(self._rest)
