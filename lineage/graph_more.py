"""How many neighbours of each node an answer does not hold, of those the asker may see."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping

import numpy as np
from numpy.typing import NDArray

from lineage.graph_answer import More
from lineage.questions.flows import Flows, Keys, Sieve, Sign

#: So many neighbours are looked at; beyond, numbers are a lower bound.
MOST_NEIGHBOURS = 5_000
#: And of one node no more than these.
MOST_OF_ONE = 1_000


def more_of(
    flows: Flows, shown: Collection[int], sieve: Sieve, seen: Callable[[Keys], NDArray[np.bool_]]
) -> Mapping[int, More]:
    """Return how many more there are of each shown node; nodes without more are left out."""
    nodes = np.array(sorted(shown), np.int64)
    up, up_cut = _counts(flows, nodes, -1, sieve, seen)
    down, down_cut = _counts(flows, nodes, 1, sieve, seen)
    keys = up.keys() | down.keys()
    return {
        key: More(up.get(key, 0), down.get(key, 0), key in up_cut or key in down_cut)
        for key in keys
    }


def _counts(
    flows: Flows, nodes: Keys, sign: Sign, sieve: Sieve, seen: Callable[[Keys], NDArray[np.bool_]]
) -> tuple[dict[int, int], set[int]]:
    arcs = sieve.keep(flows.arcs(nodes, sign, sieve.when), sign)
    near, far = (arcs.down, arcs.up) if sign < 0 else (arcs.up, arcs.down)
    beyond = ~np.isin(far, nodes)
    pairs = np.unique(np.stack([near[beyond], far[beyond]]), axis=1)
    if not pairs.size:
        return {}, set()
    near, far = pairs[0], pairs[1]
    _, starts, lengths = np.unique(near, return_index=True, return_counts=True)
    rank = np.arange(near.size) - np.repeat(starts, lengths)
    kept = rank < MOST_OF_ONE
    if int(kept.sum()) > MOST_NEIGHBOURS:
        share = max(1, MOST_NEIGHBOURS // starts.size)
        kept &= rank < share
    cut = set(near[~kept].tolist())
    near, far = near[kept], far[kept]
    ends = np.unique(far)
    visible = seen(ends)
    near = near[visible[np.searchsorted(ends, far)]]
    keys, counts = np.unique(near, return_counts=True)
    return dict(zip(keys.tolist(), counts.tolist(), strict=True)), cut
