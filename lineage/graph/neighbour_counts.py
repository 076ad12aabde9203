"""How many neighbours of each node an answer does not hold, of those the asker may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from lineage.graph.types import MoreNeighbours
from lineage.questions.flows import Arcs, FlowFilter, Flows, Keys, Sign, arcs_both

#: So many neighbours are looked at; beyond, numbers are a lower bound.
MOST_NEIGHBOURS = 2_000
#: And of one node no more than these.
MOST_OF_ONE = 200
SIGNS: tuple[Sign, Sign] = (-1, 1)


def more_of(
    flows: Flows,
    shown: Collection[int],
    flow_filter: FlowFilter,
    seen: Callable[[Keys], NDArray[np.bool_]],
) -> Mapping[int, MoreNeighbours]:
    """Return how many more there are of each shown node; nodes without more are left out."""
    nodes = np.array(sorted(shown), np.int64)
    around = arcs_both(flows, nodes, nodes, flow_filter.when)
    sides = [
        _beyond(arcs, nodes, sign, flow_filter) for arcs, sign in zip(around, SIGNS, strict=True)
    ]
    ends = np.unique(np.concatenate([far for _, far, _ in sides]))
    kept = ends[seen(ends)]
    up, down = (_counts(near, far, kept) for near, far, _ in sides)
    cut = sides[0][2] | sides[1][2]
    return {
        key: MoreNeighbours(up.get(key, 0), down.get(key, 0), key in cut)
        for key in up.keys() | down.keys()
    }


def _beyond(
    arcs: Arcs, nodes: Keys, sign: Sign, flow_filter: FlowFilter
) -> tuple[Keys, Keys, set[int]]:
    """Return neighbours that are not shown, as (node, neighbour), and the nodes with still more."""
    arcs = flow_filter.keep(arcs, sign)
    near, far = (arcs.down, arcs.up) if sign < 0 else (arcs.up, arcs.down)
    mask = ~np.isin(far, nodes)
    pairs = np.unique(np.stack([near[mask], far[mask]]), axis=1)
    near, far = pairs[0], pairs[1]
    if near.size <= MOST_OF_ONE:
        return near, far, set()
    _, starts, lengths = np.unique(near, return_index=True, return_counts=True)
    rank = np.arange(near.size) - np.repeat(starts, lengths)
    most = min(MOST_OF_ONE, max(1, MOST_NEIGHBOURS // starts.size))
    kept = rank < most
    return near[kept], far[kept], set(near[~kept].tolist())


def _counts(near: Keys, far: Keys, seen: Keys) -> dict[int, int]:
    keys, counts = np.unique(near[np.isin(far, seen)], return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True))
