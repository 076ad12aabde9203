"""Work on many things some at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

_Item = TypeVar("_Item")


def batched(items: Iterable[_Item], size: int) -> Iterator[list[_Item]]:
    """Yield lists of at most `size` items, in their order; reads no further ahead than that."""
    if size < 1:
        raise ValueError(f"a batch holds at least one item, not {size}")
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch
