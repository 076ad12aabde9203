"""The one interface every question is asked over: the flows into or out of some nodes, at a time.

A node is a whole number: the id of a dataset (or product), or a column's number. Moments are whole
microseconds since 1970 in UTC.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.int64]
#: -1: what flows into the nodes; 1: what flows out of them.
Sign = Literal[-1, 1]

#: The end of what has not ended.
NEVER = np.iinfo(np.int64).max
EMPTY: Keys = np.empty(0, np.int64)


@dataclass(frozen=True, slots=True)
class Arcs:
    """Flows, one at each place of the arrays: its id, nodes, kind, job (0: none), and when it held."""

    id: Keys
    up: Keys
    down: Keys
    kind: NDArray[np.uint8]
    job: Keys
    first: Keys
    ended: Keys

    @classmethod
    def none(cls) -> Arcs:
        """Return no flows."""
        return cls(EMPTY, EMPTY, EMPTY, np.empty(0, np.uint8), EMPTY, EMPTY, EMPTY)

    @classmethod
    def joined(cls, many: Sequence[Arcs]) -> Arcs:
        """Return flows together."""
        if len(many) == 1:
            return many[0]
        if not many:
            return cls.none()
        return cls(
            np.concatenate([a.id for a in many]),
            np.concatenate([a.up for a in many]),
            np.concatenate([a.down for a in many]),
            np.concatenate([a.kind for a in many]),
            np.concatenate([a.job for a in many]),
            np.concatenate([a.first for a in many]),
            np.concatenate([a.ended for a in many]),
        )

    def at(self, places: NDArray[np.int64] | NDArray[np.bool_]) -> Arcs:
        """Return the flows at some places, or where a mask is true."""
        return Arcs(
            self.id[places],
            self.up[places],
            self.down[places],
            self.kind[places],
            self.job[places],
            self.first[places],
            self.ended[places],
        )

    def far(self, sign: Sign) -> Keys:
        """Return the ends away from where one came from."""
        return self.up if sign < 0 else self.down

    @property
    def size(self) -> int:
        """How many there are."""
        return len(self.id)


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """A time to look at: a moment (None: now), and since when what ended is still shown (None: not)."""

    at: int | None = None
    since: int | None = None

    def holds(self, first: Keys, ended: Keys) -> NDArray[np.bool_]:
        """Return which flows there are: from `first` until before `ended`."""
        if self.at is None:
            ends = NEVER - 1 if self.since is None else self.since
            return ended > ends
        return (first <= self.at) & (ended > (self.at if self.since is None else self.since))


@dataclass(frozen=True, slots=True)
class FlowFilter:
    """Which flows to follow: codes of kinds, ids of jobs, what to stay among (nodes, or their groups); None: any."""

    when: TimeWindow = field(default_factory=TimeWindow)
    kinds: tuple[int, ...] | None = None
    jobs: tuple[int, ...] | None = None
    among: Keys | None = None
    group_of: Callable[[Keys], Keys] | None = None

    def keep(self, arcs: Arcs, sign: Sign) -> Arcs:
        """Return the flows that pass, but for the time."""
        mask = np.ones(arcs.size, np.bool_)
        if self.kinds is not None:
            mask &= np.isin(arcs.kind, np.array(self.kinds, np.uint8))
        if self.jobs is not None:
            mask &= np.isin(arcs.job, np.array(self.jobs, np.int64))
        if self.among is not None:
            far = arcs.far(sign)
            mask &= np.isin(far if self.group_of is None else self.group_of(far), self.among)
        return arcs if mask.all() else arcs.at(mask)


class Flows(Protocol):
    """Where flows are read from: arrays in memory, or tables."""

    def arcs(self, nodes: Keys, sign: Sign, when: TimeWindow) -> Arcs:
        """Return the flows into (-1) or out of (1) any of the nodes that there are at a time.

        Foreign keys are no flows. The order is by id.
        """
        ...


@runtime_checkable
class TwoWay(Protocol):
    """Flows that can be read in both directions at once, in one query."""

    def both(self, into: Keys, out_of: Keys, when: TimeWindow) -> tuple[Arcs, Arcs]:
        """Return the flows into some nodes and those out of others."""
        ...


def arcs_both(flows: Flows, into: Keys, out_of: Keys, when: TimeWindow) -> tuple[Arcs, Arcs]:
    """Return the flows into some nodes and those out of others."""
    if isinstance(flows, TwoWay):
        return flows.both(into, out_of, when)
    return flows.arcs(into, -1, when), flows.arcs(out_of, 1, when)


def moment(at: datetime) -> int:
    """Return a moment in microseconds."""
    delta = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (delta.days * 86_400 + delta.seconds) * 1_000_000 + delta.microseconds
