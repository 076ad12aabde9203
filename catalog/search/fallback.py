"""Ask the search engine, and the embedded index while the engine is away. Free of Django."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from threading import Lock
from typing import ClassVar, TypeVar

from catalog.search.base import Keeper, SearchBackend, SearchUnavailable
from catalog.search.types import Completion, Document, Health, Kind, Query, SearchResult, Viewers

SECONDS_OF_REST = 10.0
SECONDS_SUSPICIOUS = 0.4
T = TypeVar("T")
_log = logging.getLogger(__name__)


class Breaker:
    """Lets calls through while they succeed; after a failure, one every `rest` seconds.

    A call that has been running for `slow` seconds keeps others away, so that an engine that hangs
    slows one of them and not all.
    """

    def __init__(
        self,
        rest: float = SECONDS_OF_REST,
        slow: float = SECONDS_SUSPICIOUS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rest, self._slow, self._clock = rest, slow, clock
        self._lock = Lock()
        self._shut_until = 0.0
        self._has_failed = False
        self._running: dict[int, float] = {}
        self._next = 0

    @property
    def is_shut(self) -> bool:
        """Whether the last call failed and none has succeeded since."""
        return self._has_failed

    def enter(self) -> int | None:
        """Return the number of a call that may be made, or None."""
        with self._lock:
            now = self._clock()
            if self._has_failed:
                if now < self._shut_until:
                    return None
                self._shut_until = now + self._rest
            elif any(now - since > self._slow for since in self._running.values()):
                return None
            self._next += 1
            self._running[self._next] = now
            return self._next

    def leave(self, number: int, *, is_good: bool) -> None:
        """Say how a call ended."""
        with self._lock:
            self._running.pop(number, None)
            self._has_failed = not is_good
            if not is_good:
                self._shut_until = self._clock() + self._rest


class WithFallback:
    """A remote backend that asks an embedded one while it is away; answers say so.

    Writing goes to the remote one alone: whoever keeps indexes keeps both, each at its own pace.
    """

    remote: ClassVar[bool] = True

    def __init__(
        self, first: SearchBackend, second: SearchBackend, breaker: Breaker | None = None
    ) -> None:
        self.first, self.second = first, second
        self.breaker = breaker or Breaker()

    def search(self, query: Query) -> SearchResult:
        """Answer a question."""
        answer, is_simpler = self._ask(lambda backend: backend.search(query))
        return replace(answer, is_simpler=True) if is_simpler else answer

    def count(self, query: Query) -> int:
        """Count what a question finds."""
        return self._ask(lambda backend: backend.count(query))[0]

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete names."""
        return self._ask(lambda backend: backend.suggest(prefix, viewers=viewers, limit=limit))[0]

    def index(self, documents: Iterable[Document]) -> None:
        """Write to the remote index."""
        self.first.index(documents)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take out of the remote index."""
        self.first.delete(kind, ids)

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Build the remote index anew."""
        return self.first.rebuild(documents, catch_up)

    def known(self, kind: Kind) -> dict[int, str]:
        """Return what the remote index holds."""
        return self.first.known(kind)

    def is_current(self) -> bool:
        """Return whether the remote index is of this version."""
        return self.first.is_current()

    def check(self) -> Health:
        """Say how the remote index is."""
        return self.first.check()

    def close(self) -> None:
        """Close both."""
        self.first.close()
        self.second.close()

    def _ask(self, how: Callable[[SearchBackend], T]) -> tuple[T, bool]:
        number = self.breaker.enter()
        if number is not None:
            is_good = True
            try:
                return how(self.first), False
            except SearchUnavailable as error:
                is_good = False
                _log.warning("search answers from the embedded index: %s", error)
            finally:
                self.breaker.leave(number, is_good=is_good)
        return how(self.second), True
