"""The ways from one thing to another."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lineage.graph.around import edges_of, nodes_of
from lineage.graph.edge_details import RESTRICTED, flows_of
from lineage.graph.focus import Focus
from lineage.graph.neighbourhood import MAX_DEPTH, GraphQuery, LevelGraph, filter_of, level_graph
from lineage.graph.node_visibility import Viewer
from lineage.graph.types import GraphEdge, GraphNode
from lineage.questions.flows import EMPTY, Keys
from lineage.questions.restricted import RestrictedArea, restricted
from lineage.questions.routes import routes

MOST_PATHS = 50


@dataclass(frozen=True, slots=True)
class Paths:
    """Ways as ids of nodes, the shortest first. What is hidden on a way is one nameless node."""

    paths: tuple[tuple[str, ...], ...]
    nodes: tuple[GraphNode, ...]
    edges: tuple[GraphEdge, ...]
    is_cut: bool


def paths_between(
    start: Focus, end: Focus, query: GraphQuery, *, user: Viewer, most: int = MOST_PATHS
) -> Paths:
    """Return the ways data takes from one node to another, of at most `query.depth` steps.

    A stretch of hidden nodes counts as one, so that lengths do not tell how many there are.
    """
    graph = level_graph(start, query, user)
    ends = level_graph(end, query, user).focus if query.level != "column" else _keys(graph, end)
    flow_filter = replace(filter_of(query), among=None)
    if len(graph.focus) != 1 or len(ends) != 1:
        return Paths((), (), (), False)
    looked = routes(
        graph.flows,
        graph.focus[0],
        ends[0],
        depth=MAX_DEPTH,
        most=MOST_PATHS,
        flow_filter=flow_filter,
    )
    keys = _array({key for route in looked.found for key in route})
    hidden = set(keys[graph.hidden(keys)].tolist()) if keys.size else set()
    pairs = {pair for route in looked.found for pair in itertools.pairwise(route)}
    levels = {key: at for route in looked.found for at, key in enumerate(route)}
    nodes = nodes_of(query.level, {k: n for k, n in levels.items() if k not in hidden}, graph, user)
    areas = restricted(sorted(pairs), hidden, levels)
    named = dict.fromkeys(_named(route, hidden, nodes, areas) for route in looked.found)
    kept = sorted((way for way in named if 0 < len(way) <= query.depth + 1), key=len)
    shown = kept[:most]
    ids = {name for way in shown for name in way}
    near = _array(set(nodes))
    arcs = flow_filter.keep(graph.flows.arcs(near, 1, query.when), 1)
    flows = [f for f in flows_of(arcs) if (f.up, f.down) in pairs]
    names = {key: node.id for key, node in nodes.items() if node.id in ids}
    edges = edges_of(query, [f for f in flows if f.up in names and f.down in names], names, user)
    drawn = [
        GraphNode(f"restricted-{n}", "restricted", "Restricted", area.level)
        for n, area in enumerate(areas, 1)
        if f"restricted-{n}" in ids
    ]
    return Paths(
        tuple(shown),
        (*(node for node in nodes.values() if node.id in ids), *drawn),
        (*edges, *_hidden_edges(shown)),
        looked.is_cut or len(kept) > len(shown),
    )


def _keys(graph: LevelGraph, end: Focus) -> list[int]:
    paths, meant = graph.source.paths, graph.source.meant
    return [paths.key(meant(pk), path) for pk, path in end.columns]


def _array(keys: set[int]) -> Keys:
    return np.array(sorted(keys), np.int64) if keys else EMPTY


def _named(
    route: Sequence[int],
    hidden: set[int],
    nodes: dict[int, GraphNode],
    areas: Sequence[RestrictedArea],
) -> tuple[str, ...]:
    """Return a way by ids of nodes; empty where it cannot be shown."""
    named: list[str] = []
    before = route[0]
    stretch = False
    for key in route:
        if key in hidden:
            stretch = True
            continue
        if key not in nodes:
            return ()
        if stretch:
            area = next(
                (n for n, a in enumerate(areas, 1) if before in a.ups and key in a.downs), 0
            )
            if not area:
                return ()
            named.append(f"restricted-{area}")
        named.append(nodes[key].id)
        before, stretch = key, False
    return tuple(named)


def _hidden_edges(ways: Sequence[Sequence[str]]) -> list[GraphEdge]:
    pairs = {pair for way in ways for pair in itertools.pairwise(way)}
    return [
        GraphEdge(f"{up}>{down}", up, down, RESTRICTED)
        for up, down in sorted(pairs)
        if up.startswith("restricted") or down.startswith("restricted")
    ]
