"""The breaker before a search engine: who is let through while it is away, and when it is tried again."""

from __future__ import annotations

import pytest

from catalog.search.backends.memory import MemoryBackend
from catalog.search.base import SearchUnavailable
from catalog.search.fallback import Breaker, WithFallback
from catalog.search.types import Query, SearchResult
from tests.contracts.search import document


class Clock:
    """A clock that a test moves."""

    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def breaker(clock: Clock) -> Breaker:
    return Breaker(rest=10, slow=2, clock=clock)


def fail(breaker: Breaker) -> None:
    number = breaker.enter()
    assert number is not None
    breaker.leave(number, is_good=False)


def test_after_a_failure_nobody_asks_before_the_rest_is_over(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker)
    clock.now = 9.9
    assert breaker.enter() is None
    clock.now = 10.0
    assert breaker.enter() is not None


def test_half_open_it_lets_one_call_try_and_the_others_wait_as_long_again(
    breaker: Breaker, clock: Clock
) -> None:
    fail(breaker)
    clock.now = 10.0
    trying = breaker.enter()
    assert trying is not None
    assert breaker.enter() is None, "one is enough to find out"
    clock.now = 19.9
    assert breaker.enter() is None
    clock.now = 20.0
    assert breaker.enter() is not None, "whoever tried first may never come back"


def test_one_good_call_opens_it_for_all(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now = 10.0
    trying = breaker.enter()
    assert trying is not None
    breaker.leave(trying, is_good=True)
    assert not breaker.is_shut
    assert breaker.enter() is not None
    assert breaker.enter() is not None


def test_a_bad_try_shuts_it_anew(breaker: Breaker, clock: Clock) -> None:
    fail(breaker)
    clock.now = 10.0
    trying = breaker.enter()
    assert trying is not None
    clock.now = 12.0
    breaker.leave(trying, is_good=False)
    clock.now = 21.9
    assert breaker.enter() is None
    clock.now = 22.0
    assert breaker.enter() is not None


def test_a_call_that_hangs_keeps_others_from_hanging_too(breaker: Breaker, clock: Clock) -> None:
    hanging = breaker.enter()
    assert hanging is not None
    clock.now = 2.1
    assert breaker.enter() is None
    breaker.leave(hanging, is_good=True)
    assert breaker.enter() is not None


class Away(MemoryBackend):
    """An engine that is away, and counts who asks."""

    asked = 0

    def search(self, query: Query) -> SearchResult:
        """Count and fail."""
        self.asked += 1
        raise SearchUnavailable("away")


def test_while_the_engine_is_away_the_embedded_index_answers_and_says_so(
    breaker: Breaker, clock: Clock
) -> None:
    engine, embedded = Away(), MemoryBackend()
    embedded.index([document(1, "Claims")])
    backend = WithFallback(engine, embedded, breaker)
    query = Query(text="claims", kind="product", viewers=None)
    for _ in range(3):
        found = backend.search(query)
        assert [hit.id for hit in found.hits] == [1]
        assert found.is_simpler
    assert engine.asked == 1
