"""Indexes follow the log: pauses while an engine is away, dead letters, rebuilds beside what answers."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from typing import ClassVar

import pytest
from django.utils import timezone

from catalog.models import Cursor, DeadLetter, Event
from catalog.search import follow as module
from catalog.search.backends.memory import MemoryBackend
from catalog.search.base import DocumentsRejected, Keeper, Rejection, SearchUnavailable
from catalog.search.fallback import Breaker, WithFallback
from catalog.search.types import Document, Kind, Query, SearchResult
from tests.conftest import Mesh
from tests.contracts.search import SHELF
from tests.factories import make_product

ALL = Query(viewers=None)


class Remote(MemoryBackend):
    """An index in memory that can be away, and refuses some documents."""

    remote: ClassVar[bool] = True

    def __init__(self) -> None:
        super().__init__()
        self.is_away = False
        self.poison = ""
        self.asked = 0
        self.between: Callable[[], object] | None = None
        self.current = [True]
        self.builds = 0

    def index(self, documents: Iterable[Document]) -> None:
        """Write, or fail as told."""
        self._reach()
        good = [d for d in documents if not self.poison or self.poison not in d.name]
        bad = [d for d in documents if self.poison and self.poison in d.name]
        super().index(good)
        if bad:
            raise DocumentsRejected([Rejection(d.kind, d.id, "cannot be read") for d in bad])

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Delete, or fail."""
        self._reach()
        super().delete(kind, ids)

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Rebuild, with something happening in between."""
        self._reach()
        self.builds, self.current = self.builds + 1, [True]
        made = list(documents)
        if self.between:
            self.between()
        return super().rebuild(made, catch_up)

    def is_current(self) -> bool:
        """Answer when here; the last answer stays."""
        self._reach()
        return self.current.pop(0) if len(self.current) > 1 else self.current[0]

    def search(self, query: Query) -> SearchResult:
        """Answer, or fail."""
        self.asked += 1
        self._reach()
        return super().search(query)

    def _reach(self) -> None:
        if self.is_away:
            raise SearchUnavailable("away")


@pytest.fixture
def remote(monkeypatch: pytest.MonkeyPatch) -> Remote:
    """The only index kept."""
    index = Remote()
    monkeypatch.setattr(module, "kept", lambda: {"search:test": index})
    return index


def total(index: MemoryBackend) -> int:
    """Count products found."""
    return index.count(ALL)


def test_an_engine_that_was_away_catches_up_by_itself(mesh: Mesh, remote: Remote) -> None:
    remote.is_away = True
    make_product("p1")
    assert module.follow() == 0
    cursor = Cursor.objects.get(name="search:test")
    assert (cursor.failures, cursor.problem) == (1, "away")
    assert cursor.retry_at
    assert cursor.retry_at > timezone.now()
    remote.is_away = False
    assert module.follow() == 0, "it rests first"
    Cursor.objects.update(retry_at=timezone.now() - timedelta(seconds=1))
    assert module.follow() > 0
    assert total(remote) == 1
    cursor.refresh_from_db()
    assert (cursor.failures, cursor.problem) == (0, "")
    assert cursor.retry_at is None


def test_a_pause_is_over_when_the_clock_went_back(mesh: Mesh, remote: Remote) -> None:
    make_product("p1")
    later = timezone.now() + timedelta(hours=2)
    Cursor.objects.create(name="search:test", failures=1, retry_at=later)
    assert module.follow() > 0
    assert total(remote) == 1


def test_what_an_index_refuses_is_kept_aside_and_blocks_nothing(mesh: Mesh, remote: Remote) -> None:
    remote.poison = "P2"
    for key in ("p1", "p2", "p3"):
        make_product(key)
    module.follow()
    assert total(remote) == 2
    letter = DeadLetter.objects.get()
    assert (letter.index, letter.kind, letter.reason) == (
        "search:test",
        "product",
        "cannot be read",
    )
    remote.poison = ""
    module.refresh("search:test", remote, "product", [letter.object_id])
    assert not DeadLetter.objects.exists()
    assert total(remote) == 3


def test_a_missing_index_is_built_once(mesh: Mesh, remote: Remote) -> None:
    make_product("p1")
    remote.current = [False]
    module.follow()
    assert (remote.builds, total(remote)) == (1, 1)
    module.follow()
    assert remote.builds == 1


def test_what_another_follower_has_built_meanwhile_is_not_built_again(
    mesh: Mesh, remote: Remote
) -> None:
    make_product("p1")
    remote.current = [False, True]
    module.follow()
    assert (remote.builds, total(remote)) == (0, 1)


def test_what_happens_during_a_rebuild_is_in_it(mesh: Mesh, remote: Remote) -> None:
    make_product("before")
    remote.between = lambda: make_product("meanwhile")
    module.rebuild()
    assert total(remote) == 2
    last = Event.objects.order_by("-id")[0].pk
    assert Cursor.objects.get(name="search:test").event_id == last


def test_a_failed_rebuild_leaves_everything_as_it_was(mesh: Mesh, remote: Remote) -> None:
    make_product("p1")
    module.follow()
    seen = Cursor.objects.get(name="search:test").event_id
    remote.is_away = True
    with pytest.raises(SearchUnavailable):
        module.rebuild()
    remote.is_away = False
    assert Cursor.objects.get(name="search:test").event_id == seen
    assert total(remote) == 1


def test_while_the_engine_is_away_the_embedded_index_answers_and_says_so() -> None:
    now = [0.0]
    first, second = Remote(), MemoryBackend()
    first.index(SHELF)
    second.index(SHELF[:2])
    search = WithFallback(first, second, Breaker(rest=10, clock=lambda: now[0]))
    assert search.search(ALL).total == 5
    assert not search.search(ALL).is_simpler
    first.is_away, first.asked = True, 0
    for _ in range(20):
        answer = search.search(ALL)
        assert (answer.total, answer.is_simpler) == (2, True)
    assert first.asked == 1, "one request pays for the engine that is away"
    now[0] = 11
    search.search(ALL)
    search.search(ALL)
    assert first.asked == 2, "and one more after ten seconds"
    first.is_away = False
    now[0] = 22
    assert search.search(ALL).total == 5
    assert search.search(ALL).total == 5


def test_an_engine_that_hangs_slows_one_request_not_all() -> None:
    now = [0.0]
    breaker = Breaker(rest=10, slow=0.4, clock=lambda: now[0])
    hanging = breaker.enter()
    assert hanging
    now[0] = 0.5
    assert breaker.enter() is None
    breaker.leave(hanging, is_good=False)
    assert breaker.is_shut
    assert breaker.enter() is None


def test_no_index_waits_until_another_has_read_all(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    taken: list[str] = []
    step = module._step

    def told(name: str, index: MemoryBackend) -> int:
        taken.append(name)
        return step(name, index)

    first, second = MemoryBackend(), MemoryBackend()
    monkeypatch.setattr(module, "kept", lambda: {"one": first, "two": second})
    monkeypatch.setattr(module, "_step", told)
    monkeypatch.setattr(module, "BATCH", 1)
    for key in ("p1", "p2", "p3"):
        make_product(key)
    module.follow()
    assert taken[:4] == ["one", "two", "one", "two"]
    assert (total(first), total(second)) == (3, 3)
