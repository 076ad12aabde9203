"""Cycles: nodes that data comes back to."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from lineage.questions.flows import Arcs

if TYPE_CHECKING:
    import networkx as nx

#: No more loops than this are told of.
MOST_LOOPS = 200


def loops(arcs: Arcs) -> list[list[int]]:
    """Return each group of nodes that all reach one another, the largest first; each begins with its least id.

    Nodes without anything before or behind them are peeled off first, which leaves little of a big graph.
    """
    import networkx as nx

    arcs = _core(arcs)
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from(zip(arcs.up.tolist(), arcs.down.tolist(), strict=True))
    groups = [sorted(group) for group in nx.strongly_connected_components(graph) if len(group) > 1]
    return sorted(groups, key=lambda group: (-len(group), group))[:MOST_LOOPS]


def loop_of(arcs: Arcs, group: list[int]) -> list[int]:
    """Return one shortest cycle through the first node of a group."""
    import networkx as nx

    members = set(group)
    graph: nx.DiGraph[int] = nx.DiGraph()
    pairs = zip(arcs.up.tolist(), arcs.down.tolist(), strict=True)
    graph.add_edges_from(pair for pair in pairs if members.issuperset(pair))
    start = group[0]
    ways = (nx.shortest_path(graph, node, start) for node in graph.successors(start))
    return [start, *min(ways, key=len)[:-1]]


def _core(arcs: Arcs) -> Arcs:
    while arcs.size:
        both = np.intersect1d(arcs.up, arcs.down)
        mask = np.isin(arcs.up, both) & np.isin(arcs.down, both)
        if mask.all():
            break
        arcs = arcs.at(mask)
    return arcs
