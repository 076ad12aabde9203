"""Stored edges and those that must be: what is added, updated, removed, and which row stands for which interval."""

from __future__ import annotations

from datetime import UTC, datetime

from lineage.openlineage.edge_diff import EdgeKey, EdgeState, StoredEdge, diff
from lineage.openlineage.fold import Interval

KEY = EdgeKey(1, 10, 20)
OTHER = EdgeKey(1, 11, 20)


def at(minute: int) -> datetime:
    return datetime(2026, 5, 3, 6, minute, tzinfo=UTC)


def state(first: int, last: int, ended: int | None = None, run: int | None = 7) -> EdgeState:
    interval = Interval(at(first), at(last), None if ended is None else at(ended))
    return EdgeState(interval, "derived", run)


def test_what_is_stored_as_it_must_be_is_left_alone() -> None:
    found = diff({KEY: [StoredEdge(1, state(0, 5))]}, {KEY: [state(0, 5)]})
    assert (found.added, found.updated, found.removed) == ([], [], [])
    assert found.ids == {(KEY, at(0)): 1}


def test_new_keys_are_added_and_rows_that_nothing_asks_for_are_removed() -> None:
    found = diff({KEY: [StoredEdge(1, state(0, 5))], OTHER: []}, {OTHER: [state(1, 2)]})
    assert found.added == [(OTHER, state(1, 2))]
    assert found.removed == [1]


def test_a_row_that_is_seen_again_is_updated_and_the_graph_is_the_same() -> None:
    found = diff({KEY: [StoredEdge(1, state(0, 5))]}, {KEY: [state(0, 9, run=8)]})
    [update] = found.updated
    assert (update.stored.id, update.wanted, update.is_material) == (1, state(0, 9, run=8), False)


def test_an_edge_that_ends_or_starts_earlier_changes_the_graph() -> None:
    for wanted in (state(0, 5, 6), state(1, 5), EdgeState(state(0, 5).interval, "stated", 7)):
        [update] = diff({KEY: [StoredEdge(1, state(0, 5))]}, {KEY: [wanted]}).updated
        assert update.is_material


def test_an_interval_found_later_in_between_takes_no_other_ones_row() -> None:
    stored = {KEY: [StoredEdge(1, state(0, 5, 6)), StoredEdge(2, state(8, 9))]}
    found = diff(stored, {KEY: [state(0, 2, 3), state(4, 5, 6), state(8, 9)]})
    assert [update.stored.id for update in found.updated] == [1]
    assert found.added == [(KEY, state(4, 5, 6))]
    assert found.ids == {(KEY, at(0)): 1, (KEY, at(8)): 2}


def test_a_row_of_another_start_stands_for_what_has_none() -> None:
    stored = {KEY: [StoredEdge(1, state(2, 5)), StoredEdge(2, state(8, 9))]}
    found = diff(stored, {KEY: [state(1, 5)]})
    assert found.ids == {(KEY, at(1)): 1}
    assert found.removed == [2]
