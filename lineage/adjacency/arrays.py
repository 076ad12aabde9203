"""A graph in arrays: compressed adjacency of what was there when it was built, and a little beside it.

Free of Django. 45 bytes a flow. A `Graph` is replaced, not changed, when flows are added; that a flow ends is
written into its place, so whoever holds an older graph may see it end early, but sees nothing half.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lineage.questions.flows import EMPTY, Arcs, Keys, Sign, TimeWindow

#: More flows than this beside the compressed ones are compressed with them.
MOST_BESIDE = 20_000
_Places = NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Side:
    """The flows of each node on one side: those of node i are `places[starts[i]:starts[i + 1]]`."""

    starts: NDArray[np.int64]
    places: _Places

    @classmethod
    def of(cls, nodes: _Places, count: int) -> Side:
        """Sort flows by their node."""
        places = np.argsort(nodes, kind="stable").astype(np.int32)
        starts = np.zeros(count + 1, np.int64)
        np.cumsum(np.bincount(nodes, minlength=count), out=starts[1:])
        return cls(starts, places)

    def of_nodes(self, nodes: NDArray[np.int64]) -> Keys:
        """Return the places of all flows of some nodes, in order."""
        begin, end = self.starts[nodes], self.starts[nodes + 1]
        lengths = end - begin
        total = int(lengths.sum())
        if not total:
            return EMPTY
        offsets = np.repeat(begin - np.concatenate(([0], np.cumsum(lengths)[:-1])), lengths)
        found: Keys = self.places[np.arange(total) + offsets].astype(np.int64)
        found.sort()
        return found


@dataclass(frozen=True)
class Graph:
    """Flows in memory (`questions.flows.Flows`)."""

    nodes: Keys
    arcs_built: Arcs
    ups: _Places
    downs: _Places
    out: Side
    into: Side
    beside: Arcs

    @classmethod
    def build(cls, arcs: Arcs) -> Graph:
        """Compress flows."""
        if arcs.size and not (np.diff(arcs.id) > 0).all():
            arcs = arcs.at(np.argsort(arcs.id, kind="stable"))
        nodes = np.unique(np.concatenate([arcs.up, arcs.down]))
        ups = np.searchsorted(nodes, arcs.up).astype(np.int32)
        downs = np.searchsorted(nodes, arcs.down).astype(np.int32)
        return cls(
            nodes,
            arcs,
            ups,
            downs,
            Side.of(ups, len(nodes)),
            Side.of(downs, len(nodes)),
            Arcs.none(),
        )

    @property
    def size(self) -> int:
        """How many flows there are, ended ones too."""
        return self.arcs_built.size + self.beside.size

    @property
    def byte_size(self) -> int:
        """How much memory the arrays take."""
        held = (
            self.nodes,
            self.ups,
            self.downs,
            *(side.starts for side in (self.out, self.into)),
            *(side.places for side in (self.out, self.into)),
            *(getattr(self.arcs_built, name) for name in Arcs.__slots__),
        )
        return sum(array.nbytes for array in held)

    def arcs(self, nodes: Keys, sign: Sign, when: TimeWindow) -> Arcs:
        """Return the flows into or out of any of the nodes that there are at a time."""
        if not nodes.size:
            return Arcs.none()
        found: list[Arcs] = []
        places = self._positions(nodes, sign)
        if places.size:
            built = self.arcs_built
            mask = when.holds(built.first[places], built.ended[places])
            if mask.any():
                found.append(built.at(places[mask]))
        if self.beside.size:
            near = self.beside.down if sign < 0 else self.beside.up
            mask = np.isin(near, nodes) & when.holds(self.beside.first, self.beside.ended)
            if mask.any():
                found.append(self.beside.at(mask))
        return Arcs.joined(found)

    def _positions(self, nodes: Keys, sign: Sign) -> Keys:
        if not self.nodes.size:
            return EMPTY
        at = np.minimum(np.searchsorted(self.nodes, nodes), len(self.nodes) - 1)
        known = at[self.nodes[at] == nodes]
        return (self.into if sign < 0 else self.out).of_nodes(known)

    def every(self, when: TimeWindow) -> Arcs:
        """Return all flows that there are at a time."""
        parts = [self.arcs_built, self.beside]
        return Arcs.joined([a.at(when.holds(a.first, a.ended)) for a in parts if a.size])

    def within(self, first: int, last: int) -> Keys:
        """Return the nodes from a number to another, both included."""
        low, high = np.searchsorted(self.nodes, [first, last + 1])
        more = np.concatenate([self.beside.up, self.beside.down])
        more = more[(more >= first) & (more <= last)]
        found: Keys = np.union1d(self.nodes[low:high], more)
        return found

    def drop(self, ids: Keys) -> None:
        """Forget flows whose rows are no more, at any time."""
        for arcs in (self.arcs_built, self.beside):
            mask = np.isin(arcs.id, ids)
            arcs.ended[mask] = 0
            arcs.first[mask] = 0

    def put(self, arcs: Arcs) -> Graph:
        """Return a graph with these flows as they are now: new ones, or others at their ids."""
        if not arcs.size:
            return self
        at, known = _find(self.arcs_built.id, arcs.id)
        moved = known.copy()
        moved[known] = (self.arcs_built.up[at] != arcs.up[known]) | (
            self.arcs_built.down[at] != arcs.down[known]
        )
        self.arcs_built.first[at] = arcs.first[known]
        self.arcs_built.ended[at] = arcs.ended[known]
        if moved.any():
            whole = _replaced(Arcs.joined([self.arcs_built, self.beside]), arcs)
            return Graph.build(whole)
        made = replace(self, beside=_replaced(self.beside, arcs.at(~known)))
        if made.beside.size > MOST_BESIDE:
            return Graph.build(Arcs.joined([made.arcs_built, made.beside]))
        return made


def _find(ids: Keys, wanted: Keys) -> tuple[Keys, NDArray[np.bool_]]:
    """Return the places of wanted ids among sorted ones, and which of them are there."""
    if not ids.size:
        return EMPTY, np.zeros(wanted.size, np.bool_)
    at = np.minimum(np.searchsorted(ids, wanted), ids.size - 1)
    known = ids[at] == wanted
    return at[known], known


def _replaced(old: Arcs, new: Arcs) -> Arcs:
    """Return flows in the order of their ids, the newer wherever both have one."""
    kept = old.at(~np.isin(old.id, new.id))
    whole = Arcs.joined([kept, new])
    return whole.at(np.argsort(whole.id, kind="stable"))
