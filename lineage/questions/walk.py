"""Walk from nodes up and down, level by level."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from lineage.questions.flows import EMPTY, Arcs, FlowFilter, Flows, Keys, Sign, arcs_both

#: Which of some nodes the asker may not see.
Hidden = Callable[[Keys], NDArray[np.bool_]]
#: Nodes that are reached together with a node: all columns where something bears on every row.
Spread = Callable[[Keys, Sign], Keys]

#: No walk meets more nodes than this.
MOST_WALKED = 50_000
_MOST_HIDDEN_STEPS = 50


def nothing_hidden(nodes: Keys) -> NDArray[np.bool_]:
    """Hide nothing."""
    return np.zeros(nodes.size, np.bool_)


@dataclass(slots=True)
class Walk:
    """What a walk met: nodes with their level (negative upstream, 0 the focus), and the flows between."""

    levels: dict[int, int] = field(default_factory=dict)
    hidden: set[int] = field(default_factory=set)
    parts: list[Arcs] = field(default_factory=list)
    is_cut: bool = False

    @property
    def arcs(self) -> Arcs:
        """All flows met, each once, in the order of their ids."""
        whole = Arcs.joined(self.parts)
        _, first = np.unique(whole.id, return_index=True)
        return whole.at(first)

    def nearest(self) -> list[int]:
        """Return the nodes, the nearest first."""
        return sorted(self.levels, key=lambda key: (abs(self.levels[key]), key))


@dataclass(slots=True)
class _Way:
    """One direction of a walk."""

    sign: Sign
    frontier: Keys
    seen: Keys


def walk(
    flows: Flows,
    focus: Sequence[int],
    *,
    depth: int,
    signs: Sequence[Sign] = (-1, 1),
    flow_filter: FlowFilter | None = None,
    hidden: Hidden = nothing_hidden,
    spread: Spread | None = None,
    most: int = MOST_WALKED,
) -> Walk:
    """Follow flows from the focus, upstream only upwards, downstream only downwards.

    What is hidden costs one step together with all that is hidden behind it, so that distances do not tell
    how much there is. A node met both ways stands at its nearer level, upstream if equal.
    """
    start = np.unique(np.array(focus, np.int64))
    found = Walk(dict.fromkeys(start.tolist(), 0))
    rules = flow_filter or FlowFilter()
    ways = [_Way(sign, start, start) for sign in signs]
    for level in range(1, depth + 1):
        going = [way for way in ways if way.frontier.size]
        fresh = _follow_all(flows, going, rules, spread, found)
        if len(fresh) > 1:
            hidden(np.unique(np.concatenate(fresh)))  # asked of all at once, it remembers
        for way, keys in zip(going, fresh, strict=True):
            _step(flows, way, keys, level, rules, hidden, spread, found, most)
    return found


def _step(
    flows: Flows,
    way: _Way,
    fresh: Keys,
    level: int,
    flow_filter: FlowFilter,
    hidden: Hidden,
    spread: Spread | None,
    found: Walk,
    most: int,
) -> None:
    masked = hidden(fresh)
    behind, frontier = fresh[masked], [fresh]
    for _ in range(_MOST_HIDDEN_STEPS):
        if not behind.size:
            break
        found.hidden.update(behind.tolist())
        way.seen = np.concatenate([way.seen, behind])
        further = _follow(flows, way, behind, flow_filter, spread, found)
        behind = further[hidden(further)]
        frontier.append(behind)
    whole = frontier[0]
    if len(frontier) > 1:
        whole = np.unique(np.concatenate(frontier))
    room = most - len(found.levels)
    if whole.size > room:
        found.is_cut = True
        whole = whole[: max(room, 0)]
    way.seen = np.concatenate([way.seen, whole])
    way.frontier = whole
    for key in whole.tolist():
        found.levels.setdefault(key, level * way.sign)


def _follow_all(
    flows: Flows, ways: Sequence[_Way], flow_filter: FlowFilter, spread: Spread | None, found: Walk
) -> list[Keys]:
    """Take the flows of every frontier, two at once; return the far ends not met before, way by way."""
    if len(ways) != 2 or ways[0].sign == ways[1].sign:
        return [_follow(flows, way, way.frontier, flow_filter, spread, found) for way in ways]
    into, out_of = sorted(ways, key=lambda way: way.sign)
    asked = (_asked(into, into.frontier, spread), _asked(out_of, out_of.frontier, spread))
    arcs = dict(zip((-1, 1), arcs_both(flows, *asked, flow_filter.when), strict=True))
    return [_take(arcs[way.sign], way, flow_filter, found) for way in ways]


def _follow(
    flows: Flows,
    way: _Way,
    nodes: Keys,
    flow_filter: FlowFilter,
    spread: Spread | None,
    found: Walk,
) -> Keys:
    """Take the flows of some nodes; return the far ends not met before."""
    arcs = flows.arcs(_asked(way, nodes, spread), way.sign, flow_filter.when)
    return _take(arcs, way, flow_filter, found)


def _asked(way: _Way, nodes: Keys, spread: Spread | None) -> Keys:
    return nodes if spread is None else np.union1d(nodes, spread(nodes, way.sign))


def _take(arcs: Arcs, way: _Way, flow_filter: FlowFilter, found: Walk) -> Keys:
    arcs = flow_filter.keep(arcs, way.sign)
    arcs = arcs.at(arcs.up != arcs.down) if arcs.size else arcs
    if not arcs.size:
        return EMPTY
    found.parts.append(arcs)
    fresh = np.unique(arcs.far(way.sign))
    return fresh[~np.isin(fresh, way.seen)]
