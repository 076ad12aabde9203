"""What is hidden is drawn as few nameless nodes, and the ways between what is seen stay exactly as they are."""

from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from lineage.adjacency import arrays
from lineage.adjacency.arrays import Graph
from lineage.questions.flows import NEVER, Arcs, TimeWindow
from lineage.questions.restricted import restricted
from lineage.questions.walk import walk
from tests.budget import examples

PAIRS = st.sets(st.tuples(st.integers(1, 9), st.integers(1, 9)), max_size=25)
HIDDEN = st.sets(st.integers(1, 9), max_size=6)


def reached(pairs: set[tuple[object, object]], seen: set[int]) -> set[tuple[int, int]]:
    graph: nx.DiGraph[object] = nx.DiGraph()
    graph.add_nodes_from(seen)
    graph.add_edges_from(pairs)
    return {
        (a, b) for a in seen for b in nx.descendants(graph, a) if b in seen and isinstance(b, int)
    }


@given(PAIRS, HIDDEN)
@settings(max_examples=examples(150), deadline=None)
def test_ways_between_what_is_seen_are_the_same(
    pairs: set[tuple[int, int]], hidden: set[int]
) -> None:
    seen = set(range(1, 10)) - hidden
    drawn: set[tuple[object, object]] = {p for p in pairs if seen.issuperset(p)}
    for number, area in enumerate(restricted(sorted(pairs), hidden, {})):
        drawn |= {(up, f"r{number}") for up in area.ups}
        drawn |= {(f"r{number}", down) for down in area.downs}
    whole: set[tuple[object, object]] = {(up, down) for up, down in pairs}
    assert reached(drawn, seen) == reached(whole, seen)


def test_a_row_and_a_crowd_look_like_one() -> None:
    row = restricted([(1, 2), (2, 3), (3, 4), (4, 9)], {2, 3, 4}, {})
    assert [(set(a.ups), set(a.downs)) for a in row] == [({1}, {9})]
    crowd = [(1, n) for n in (2, 3, 4)] + [(n, 9) for n in (2, 3, 4)]
    assert len(restricted(crowd, {2, 3, 4}, {})) == 1


def arcs(pairs: list[tuple[int, int]], first: int = 0) -> Arcs:
    count = len(pairs)
    return Arcs(
        np.arange(first, first + count),
        np.array([up for up, _ in pairs], np.int64),
        np.array([down for _, down in pairs], np.int64),
        np.zeros(count, np.uint8),
        np.zeros(count, np.int64),
        np.zeros(count, np.int64),
        np.full(count, NEVER),
    )


@given(PAIRS, PAIRS)
@settings(max_examples=examples(60), deadline=None)
def test_flows_that_come_later_are_as_those_there_from_the_start(
    before: set[tuple[int, int]], after: set[tuple[int, int]]
) -> None:
    old, new = sorted(before), sorted(after)
    grown = Graph.build(arcs(old)).put(arcs(new, len(old)))
    whole = Graph.build(arcs(old + new))
    for focus in range(1, 10):
        first = walk(grown, [focus], depth=5)
        second = walk(whole, [focus], depth=5)
        assert first.levels == second.levels
        assert first.arcs.id.tolist() == second.arcs.id.tolist()


def test_many_flows_beside_are_compressed() -> None:
    graph = Graph.build(arcs([(1, 2)]))
    grown = graph.put(arcs([(2, n) for n in range(3, arrays.MOST_BESIDE + 5)], 1))
    assert grown.beside.size == 0
    assert grown.arcs(np.array([2]), 1, TimeWindow()).size == arrays.MOST_BESIDE + 2
