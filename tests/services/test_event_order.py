"""Many writers at once on PostgreSQL: every follower sees every event once, in one order."""

from __future__ import annotations

import random
import time
from concurrent.futures import ThreadPoolExecutor
from threading import Event as Signal

import pytest
from django.db import connection, transaction

from catalog.events.log import NewEvent, advance, read_after, record
from catalog.models import Cursor, Event

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
WRITERS = 8
SECONDS = 4.0


def said(key: str) -> NewEvent:
    return NewEvent(type="product.updated", subject_kind="product", subject_key=key)


def test_a_late_commit_gets_no_number_below_what_was_read() -> None:
    began, go_on = Signal(), Signal()

    def slow() -> None:
        with transaction.atomic():
            record([said("slow")])
            began.set()
            go_on.wait(5)
        connection.close()

    def quick() -> None:
        record([said("quick")])
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(slow)
        assert began.wait(5)
        second = pool.submit(quick)
        time.sleep(0.2)
        assert read_after("search") == [], "the quick one waits for its number"
        go_on.set()
        first.result()
        second.result()
    assert [event.subject_key for event in read_after("search")] == ["slow", "quick"]


def test_followers_of_eight_writers_miss_nothing_and_see_nothing_twice() -> None:
    over = Signal()

    def write(number: int) -> list[str]:
        rng, end = random.Random(number), time.monotonic() + SECONDS
        mine: list[str] = []
        while time.monotonic() < end:
            keys = [f"{number}-{len(mine) + i}" for i in range(rng.randint(1, 5))]
            with transaction.atomic():
                record([said(key) for key in keys])
                time.sleep(rng.random() * 0.01)
                if rng.random() < 0.1:
                    transaction.set_rollback(True)
                    continue
            mine += keys
        connection.close()
        return mine

    def follow(name: str) -> list[tuple[int, str]]:
        seen: list[tuple[int, str]] = []
        while True:
            is_last = over.is_set()
            events = read_after(name, 50)
            if events:
                seen += [(event.pk, event.subject_key) for event in events]
                advance(name, events[-1].pk)
            elif is_last:
                connection.close()
                return seen

    with ThreadPoolExecutor(WRITERS + 2) as pool:
        followers = [pool.submit(follow, name) for name in ("search", "notifications")]
        written = [key for done in pool.map(write, range(WRITERS)) for key in done]
        over.set()
        first, second = (one.result() for one in followers)
    assert first == second
    assert sorted(key for _, key in first) == sorted(written)
    assert [number for number, _ in first] == sorted(number for number, _ in first)
    assert Event.objects.count() == len(written)
    assert Cursor.objects.filter(event_id=first[-1][0]).count() == 2
