"""Count the calls of each caller within a window: in Redis for all processes together, or in this process."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from threading import Lock
from typing import TYPE_CHECKING, Protocol

from django.conf import settings

if TYPE_CHECKING:
    from redis import Redis

log = logging.getLogger(__name__)

WINDOW = 60
#: Callers that one process keeps; over it, those whose window began first are forgotten.
MAX_CALLERS = 100_000
PREFIX = "gazetteer:calls:"
#: For so long a Redis that did not answer is not asked again.
PAUSE = 5.0
TIMEOUT = 0.25


@dataclass(frozen=True, slots=True)
class Counted:
    """The calls of a caller in the window that is open, this one among them, and the seconds until its end."""

    calls: int
    seconds: float


class Counters(Protocol):
    """Where calls are counted."""

    def count(self, callers: Sequence[str]) -> list[Counted]:
        """Count one call for each caller."""


class ProcessCounters:
    """Counts in the memory of this process."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._windows: dict[str, tuple[int, float]] = {}

    def count(self, callers: Sequence[str]) -> list[Counted]:
        """Count one call for each caller."""
        now = self._clock()
        with self._lock:
            return [self._count(caller, now) for caller in callers]

    def _count(self, caller: str, now: float) -> Counted:
        calls, end = self._windows.get(caller, (0, 0.0))
        if end <= now:  # a new window goes to the end: they stand in the order of their ends
            self._windows.pop(caller, None)
            calls, end = 0, now + WINDOW
            if len(self._windows) >= MAX_CALLERS:
                del self._windows[next(iter(self._windows))]
        self._windows[caller] = calls + 1, end
        return Counted(calls + 1, end - now)


class RedisCounters:
    """Counts in Redis, one way there and back for each call; while it is away, by `instead`."""

    def __init__(
        self,
        redis: Redis,
        instead: Counters,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._redis, self._instead, self._clock = redis, instead, clock
        self._rests_until = 0.0

    def count(self, callers: Sequence[str]) -> list[Counted]:
        """Count one call for each caller."""
        from redis import RedisError

        if self._clock() < self._rests_until:
            return self._instead.count(callers)
        try:
            return self._count(callers)
        except RedisError as error:
            log.warning("calls are counted by each process for itself: %s", error)
            self._rests_until = self._clock() + PAUSE
            return self._instead.count(callers)

    def _count(self, callers: Sequence[str]) -> list[Counted]:
        with self._redis.pipeline(transaction=True) as pipeline:
            for caller in callers:
                pipeline.set(PREFIX + caller, 0, ex=WINDOW, nx=True)
                pipeline.incr(PREFIX + caller)
                pipeline.pttl(PREFIX + caller)
            answers = pipeline.execute()
        return [
            Counted(int(calls), max(0, int(left)) / 1000)
            for calls, left in zip(answers[1::3], answers[2::3], strict=True)
        ]


@cache
def counters() -> Counters:
    """Return where this process counts."""
    here = ProcessCounters()
    if not settings.REDIS_URL:
        return here
    from redis import Redis
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    redis = Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=TIMEOUT,
        socket_connect_timeout=TIMEOUT,
        retry=Retry(NoBackoff(), 0),
    )
    return RedisCounters(redis, here)
