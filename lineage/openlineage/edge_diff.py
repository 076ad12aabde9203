"""What must be written so that the stored edges of jobs are those that follow from their runs. Free of Django."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lineage.openlineage.fold import Interval


class EdgeKey(NamedTuple):
    """A job (None: said of the dataset itself) and the two datasets between which data flows."""

    job: int | None
    upstream: int
    downstream: int


class EdgeState(NamedTuple):
    """All that may change of an edge: when it held, how sure it is, and the newest run that showed it."""

    interval: Interval
    confidence: str
    last_run: int | None


class StoredEdge(NamedTuple):
    """The row of an edge."""

    id: int
    state: EdgeState


class EdgeUpdate(NamedTuple):
    """A row and the state it must have."""

    stored: StoredEdge
    wanted: EdgeState

    @property
    def is_material(self) -> bool:
        """Whether the graph changes; that an edge was merely seen again is no change of it."""
        old, new = self.stored.state, self.wanted
        return (old.interval.first, old.interval.ended, old.confidence) != (
            new.interval.first,
            new.interval.ended,
            new.confidence,
        )


@dataclass(slots=True)
class EdgeDiff:
    """Rows to add, update and remove; `ids` of the rows that stay, by key and start."""

    added: list[tuple[EdgeKey, EdgeState]] = field(default_factory=list)
    updated: list[EdgeUpdate] = field(default_factory=list)
    removed: list[int] = field(default_factory=list)
    ids: dict[tuple[EdgeKey, datetime], int] = field(default_factory=dict)


def diff(
    stored: Mapping[EdgeKey, Sequence[StoredEdge]], wanted: Mapping[EdgeKey, Sequence[EdgeState]]
) -> EdgeDiff:
    """Compare the rows of some keys with all states they must have; both in the order of time."""
    found = EdgeDiff()
    for key in dict.fromkeys([*stored, *wanted]):
        rows, states = stored.get(key, ()), wanted.get(key, ())
        used: set[int] = set()
        for state, row in _paired(rows, states):
            if row is None:
                found.added.append((key, state))
                continue
            used.add(row.id)
            found.ids[key, state.interval.first] = row.id
            if row.state != state:
                found.updated.append(EdgeUpdate(row, state))
        found.removed += [row.id for row in rows if row.id not in used]
    return found


def _paired(
    rows: Sequence[StoredEdge], states: Sequence[EdgeState]
) -> Iterator[tuple[EdgeState, StoredEdge | None]]:
    """Yield each state with the row that stands for it: of the same start, else the first that is free."""
    by_start = {row.state.interval.first: row for row in rows}
    starts = {state.interval.first for state in states}
    free = iter([row for row in rows if row.state.interval.first not in starts])
    for state in states:
        yield state, by_start.get(state.interval.first) or next(free, None)
