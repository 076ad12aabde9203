"""Draw what is hidden as few nameless nodes: paths through it stay true, what is there cannot be counted.

A hidden node is known by what it connects: the seen nodes that reach it through hidden ones alone, and those it
reaches so. Hidden nodes that connect the same are drawn as one, and in a hidden area one that connects no more
than another is not drawn. So a chain of hidden nodes looks like a single one, and so do twenty that stand side by
side; but no path is drawn that is not there.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx as nx

Pair = tuple[int, int]


@dataclass(frozen=True, slots=True)
class RestrictedArea:
    """One nameless node: what flows into it and out of it, and its level."""

    ups: frozenset[int]
    downs: frozenset[int]
    level: int


def restricted(
    pairs: Iterable[Pair], hidden: Collection[int], levels: Mapping[int, int]
) -> list[RestrictedArea]:
    """Return the nameless nodes for what is hidden among some flows, the uppermost first."""
    if not hidden:
        return []
    import networkx as nx

    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_nodes_from(hidden)
    ups: dict[int, set[int]] = {node: set() for node in hidden}
    downs: dict[int, set[int]] = {node: set() for node in hidden}
    for up, down in pairs:
        if up in ups and down in ups:
            graph.add_edge(up, down)
        elif down in ups:
            ups[down].add(up)
        elif up in downs:
            downs[up].add(down)
    reached = _gathered(graph, ups)
    reaching = _gathered(graph.reverse(copy=False), downs)
    drawn: dict[tuple[frozenset[int], frozenset[int]], int] = {}
    for area in nx.weakly_connected_components(graph):
        keys = {(reached[node], reaching[node]) for node in area}
        level = min((levels.get(node, 0) for node in area), key=abs)
        for key in keys:
            if not any(
                key != other and key[0] <= other[0] and key[1] <= other[1] for other in keys
            ):
                drawn[key] = min(drawn.get(key, level), _level(key, levels, level), key=abs)
    nodes = [RestrictedArea(ups, downs, level) for (ups, downs), level in drawn.items()]
    return sorted(nodes, key=lambda n: (n.level, sorted(n.ups), sorted(n.downs)))


def _level(
    key: tuple[frozenset[int], frozenset[int]], levels: Mapping[int, int], default: int
) -> int:
    """Return the level: one from the nearest seen node on the side of the focus."""
    ups = [levels[node] for node in key[0] if levels.get(node, -1) >= 0]
    downs = [levels[node] for node in key[1] if levels.get(node, 1) <= 0]
    near = [level + 1 for level in ups] + [level - 1 for level in downs]
    return min(near, key=abs) if near else default


def _gathered(graph: nx.DiGraph[int], own: Mapping[int, set[int]]) -> dict[int, frozenset[int]]:
    """Return for each node what it has itself and what all before it have."""
    import networkx as nx

    whole = nx.condensation(graph)
    sets: dict[int, frozenset[int]] = {}
    found: dict[int, frozenset[int]] = {}
    for group in nx.topological_sort(whole):
        members = whole.nodes[group]["members"]
        parts = [own[node] for node in members]
        parts += [set(sets[before]) for before in whole.predecessors(group)]
        sets[group] = frozenset().union(*parts)
        found |= dict.fromkeys(members, sets[group])
    return found
