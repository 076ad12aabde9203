"""The log: in order, append-only, followed by cursors."""

from __future__ import annotations

import pytest
from django.db import transaction
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.events.log import NewEvent, advance, read_after, record
from catalog.models import Cursor, Event


def happened(key: str) -> NewEvent:
    return NewEvent(type="team.saved", subject_kind="team", subject_key=key, data={"n": 1})


@pytest.mark.django_db
def test_events_are_numbered_in_the_order_they_are_given() -> None:
    ids = record([happened("a"), happened("b")]) + record([happened("c")])
    assert ids == sorted(ids)
    assert list(Event.objects.values_list("subject_key", flat=True)) == ["a", "b", "c"]
    assert Event.objects.values_list("actor_name", flat=True)[0] == "Gazetteer"


@pytest.mark.django_db
def test_recording_nothing_asks_nothing(
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    with django_assert_num_queries(0):
        assert record([]) == []


@pytest.mark.django_db
def test_a_follower_reads_on_from_where_it_was() -> None:
    ids = record([happened(key) for key in "abc"])
    assert [event.pk for event in read_after("search", 2)] == ids[:2]
    advance("search", ids[1])
    assert [event.pk for event in read_after("search")] == ids[2:]
    assert [event.pk for event in read_after("other")] == ids


@pytest.mark.django_db
def test_a_cursor_never_goes_back() -> None:
    advance("search", 9)
    advance("search", 3)
    assert Cursor.objects.get(name="search").event_id == 9


@pytest.mark.django_db
def test_an_event_of_a_change_that_is_undone_is_undone_with_it() -> None:
    with transaction.atomic():
        record([happened("a")])
        transaction.set_rollback(True)
    assert not Event.objects.exists()


@pytest.mark.django_db
def test_numbers_are_never_given_twice() -> None:
    (first,) = record([happened("a")])
    sid = transaction.savepoint()
    record([happened("b")])
    transaction.savepoint_rollback(sid)
    (third,) = record([happened("c")])
    assert third > first
