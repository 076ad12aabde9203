"""The shelf in memory follows what any process writes, and never shows what was taken back."""

from __future__ import annotations

import numpy as np
import pytest
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from catalog.models import SearchChange
from catalog.search.backends.database import DatabaseBackend
from catalog.search.backends.database import backend as module
from catalog.search.doc_values import DocValues, card_of
from catalog.search.types import Query
from tests.contracts.search import NOW, PUBLIC, document


def names(backend: DatabaseBackend) -> list[int]:
    """Return what one process finds."""
    return [h.id for h in backend.search(Query(viewers=PUBLIC, now=NOW, sort="name")).hits]


@pytest.mark.django_db
def test_another_process_sees_what_was_written_changed_and_deleted() -> None:
    writer, reader = DatabaseBackend(), DatabaseBackend()
    assert names(reader) == []
    writer.index([document(1, "a"), document(2, "b")])
    assert names(reader) == [1, 2]
    writer.index([document(2, "A"), document(3, "c")])
    writer.delete("product", [1])
    assert names(reader) == [2, 3]
    writer.rebuild([document(7, "z")])
    assert names(reader) == names(writer) == [7]


@pytest.mark.django_db
def test_a_process_that_slept_through_many_changes_reads_everything_anew(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "CHANGES_KEPT", 2)
    writer, reader = DatabaseBackend(), DatabaseBackend()
    writer.index([document(1, "a")])
    assert names(reader) == [1]
    for n in range(2, 7):
        writer.index([document(n, "b")])
    writer.delete("product", [1])
    assert names(reader) == [2, 3, 4, 5, 6]
    assert SearchChange.objects.count() <= 3


@pytest.mark.django_db
def test_what_was_rolled_back_is_forgotten() -> None:
    backend = DatabaseBackend()
    backend.index([document(1, "a")])
    with transaction.atomic():
        backend.index([document(2, "b")])
        assert names(backend) == [1, 2]
        transaction.set_rollback(True)
    assert names(backend) == [1]
    backend.index([document(3, "c")])
    assert names(backend) == [1, 3]


@given(
    st.lists(st.tuples(st.integers(1, 6), st.sampled_from(["x", "y"]), st.booleans()), max_size=40)
)
def test_a_shelf_is_what_was_put_last(steps: list[tuple[int, str, bool]]) -> None:
    shelf, held = DocValues(), dict[int, tuple[int, str]]()
    for key, (pk, tag, leaves) in enumerate(steps, 1):
        gone = [held.pop(pk)[0]] if pk in held else []
        if leaves:
            shelf = shelf.put([], gone)
            continue
        held[pk] = (key, tag)
        shelf = shelf.put([card_of(key, document(pk, "n", facets={"tag": (tag,)}))], gone)
    for packed in (shelf, shelf._packed()):
        everything = packed.visible(PUBLIC)
        assert sorted(packed.ids[everything]) == sorted(held)
        counts = packed.counts("tag", everything, NOW)
        assert sum(counts.values()) == len(held)
        tagged = packed.ids[everything & packed.having("tag", ["x"])]
        assert set(tagged) == {pk for pk, (_, tag) in held.items() if tag == "x"}
        assert np.array_equal(np.sort(packed.keys), packed.keys)
