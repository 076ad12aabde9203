"""Many things some at a time: all of them, in order, and read no further ahead than needed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from catalog.db.batches import batched


@given(items=st.lists(st.integers()), size=st.integers(1, 7))
def test_batches_hold_everything_in_order_and_only_the_last_is_short(
    items: list[int], size: int
) -> None:
    batches = list(batched(items, size))
    assert [item for batch in batches for item in batch] == items
    assert all(len(batch) == size for batch in batches[:-1])
    assert all(batches)


def test_it_reads_one_batch_ahead_and_no_more() -> None:
    taken: list[int] = []

    def endless() -> Iterator[int]:
        for number in range(1_000_000):
            taken.append(number)
            yield number

    assert next(batched(endless(), 3)) == [0, 1, 2]
    assert taken == [0, 1, 2]


def test_a_batch_of_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="not 0"):
        next(batched([1], 0))
