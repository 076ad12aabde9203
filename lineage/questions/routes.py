"""Ways from one node to another."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lineage.questions.flows import FlowFilter, Flows, Keys
from lineage.questions.walk import walk

#: No search for ways looks at more steps than this.
MOST_STEPS = 50_000


@dataclass(frozen=True, slots=True)
class Routes:
    """Ways as nodes in their order, the shortest first; whether there may be more."""

    found: tuple[tuple[int, ...], ...]
    is_cut: bool = False


def routes(
    flows: Flows,
    start: int,
    end: int,
    *,
    depth: int,
    most: int,
    flow_filter: FlowFilter | None = None,
) -> Routes:
    """Return the ways data flows from one node to another, without repeating a node.

    `most` 1 gives a shortest one. Walks up from the end first, so that a search down never leaves the way.
    """
    rules = flow_filter or FlowFilter()
    above = walk(flows, [end], depth=depth, signs=(-1,), flow_filter=rules)
    if start not in above.levels or start == end:
        return Routes((), above.is_cut)
    left = {key: -level for key, level in above.levels.items()}
    after: dict[int, list[int]] = defaultdict(list)
    arcs = above.arcs
    for up, down in sorted(set(zip(arcs.up.tolist(), arcs.down.tolist(), strict=True))):
        after[up].append(down)
    found: list[tuple[int, ...]] = []
    steps = 0
    for length in range(left[start], depth + 1):
        for route in _of_length(after, left, start, end, length):
            steps += 1
            if route:
                found.append(route)
            if len(found) >= most or steps > MOST_STEPS:
                return Routes(tuple(found), most > 1 or above.is_cut)
    return Routes(tuple(found), above.is_cut)


def _of_length(
    after: dict[int, list[int]], left: dict[int, int], start: int, end: int, length: int
) -> Iterator[tuple[int, ...]]:
    """Yield the ways of exactly this many steps; an empty one for each step looked at, to be counted."""
    stack: list[tuple[int, ...]] = [(start,)]
    while stack:
        route = stack.pop()
        if route[-1] == end:
            if len(route) == length + 1:
                yield route
            continue
        yield ()
        room = length - len(route)
        nexts = [
            node
            for node in after[route[-1]]
            if left.get(node, length + 1) <= room and node not in route
        ]
        stack += [(*route, node) for node in reversed(nexts)]


def between(
    flows: Flows, start: int, end: int, *, depth: int, flow_filter: FlowFilter | None = None
) -> Keys:
    """Return all nodes on any way from one node to another, both included."""
    rules = flow_filter or FlowFilter()
    below = walk(flows, [start], depth=depth, signs=(1,), flow_filter=rules)
    above = walk(flows, [end], depth=depth, signs=(-1,), flow_filter=rules)
    both = below.levels.keys() & above.levels.keys()
    return np.array(sorted(both), np.int64)
