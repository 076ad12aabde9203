"""Graphs: how far they reach, which way, what stays nameless."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Dataset, Product
from catalog.people.domains import save_domain
from lineage.api.short_lineage import MAX_NODES, short_graph
from lineage.graph.around import around
from lineage.graph.focus import Focus
from lineage.graph.mesh import mesh_map
from lineage.graph.neighbourhood import GraphQuery
from lineage.graph.node_visibility import Viewer
from lineage.graph.types import Direction, LineageGraph
from lineage.models import Edge, EdgeKind
from tests.conftest import Mesh
from tests.factories import declare, make_dataset, make_product, product_descriptor


def dataset_graph(
    row: Dataset,
    *,
    user: Viewer,
    depth: int = 3,
    direction: Direction = "both",
    limit: int = MAX_NODES,
) -> LineageGraph:
    """Ask for the datasets around one."""
    query = GraphQuery(
        depth=depth, direction=direction, limit=limit, with_more=False, with_details=False
    )
    return around(Focus("", datasets=(row.pk,)), query, user=user)


def product_graph(row: Product, *, user: Viewer) -> LineageGraph:
    """Ask for the products around one."""
    query = GraphQuery(
        level="product", with_more=False, with_details=False, relations_on=("dataset", "product")
    )
    return around(Focus("", products=(row.pk,)), query, user=user)


def link(*pairs: tuple[Dataset, Dataset], kind: str = EdgeKind.VIEW) -> None:
    """Say that data flows from one to the other."""
    Edge.objects.bulk_create(
        [Edge(upstream=up, downstream=down, kind=kind, source="tests") for up, down in pairs]
    )


def serves(row: Dataset) -> PortDescriptor:
    """Describe a port that serves a dataset."""
    address = DatasetAddress(namespace=row.namespace, name=row.name)
    return PortDescriptor(direction="out", name="sql", technology="postgres", datasets=[address])


def chain(*names: str, **fields: Any) -> list[Dataset]:
    """Make datasets of which each feeds the next."""
    rows = [make_dataset(name, **fields) for name in names]
    link(*itertools.pairwise(rows))
    return rows


def levels(graph: LineageGraph) -> dict[str, int]:
    """Return the level of each node by its label."""
    return {node.name: node.level for node in graph.nodes}


def flows(graph: LineageGraph) -> set[tuple[str, str]]:
    """Return the edges by label."""
    labels = {node.id: node.name for node in graph.nodes}
    return {(labels[edge.source], labels[edge.target]) for edge in graph.edges}


def test_levels_count_away_from_the_focus(mesh: Mesh) -> None:
    rows = chain("a", "b", "c", "d", "e")
    graph = dataset_graph(rows[2], user=mesh.alice, depth=3)
    assert levels(graph) == {"a": -2, "b": -1, "c": 0, "d": 1, "e": 2}
    assert flows(graph) == {("a", "b"), ("b", "c"), ("c", "d"), ("d", "e")}
    assert [node.name for node in graph.nodes if node.is_focus] == ["c"]
    assert (graph.upstream_count, graph.downstream_count, graph.truncated) == (2, 2, None)


@pytest.mark.parametrize(
    ("depth", "direction", "expected"),
    [
        (1, "both", {"b", "c", "d"}),
        (2, "upstream", {"a", "b", "c"}),
        (1, "downstream", {"c", "d"}),
        (99, "both", {"a", "b", "c", "d", "e"}),
    ],
)
def test_depth_and_direction_are_kept(
    mesh: Mesh, depth: int, direction: Direction, expected: set[str]
) -> None:
    rows = chain("a", "b", "c", "d", "e")
    graph = dataset_graph(rows[2], user=mesh.alice, depth=depth, direction=direction)
    assert set(levels(graph)) == expected


def test_a_cycle_ends(mesh: Mesh) -> None:
    a, _, c = chain("a", "b", "c")
    link((c, a))
    graph = dataset_graph(a, user=mesh.alice, depth=10)
    assert set(levels(graph)) == {"a", "b", "c"}
    assert flows(graph) == {("a", "b"), ("b", "c"), ("c", "a")}


def test_two_ways_to_one_node_show_it_once_at_the_nearer_level(mesh: Mesh) -> None:
    a, _, c = chain("a", "b", "c")
    link((a, c))
    graph = dataset_graph(a, user=mesh.alice)
    assert levels(graph) == {"a": 0, "b": 1, "c": 1}
    assert flows(graph) == {("a", "b"), ("b", "c"), ("a", "c")}


def test_an_ended_edge_is_not_followed(mesh: Mesh) -> None:
    a, _ = chain("a", "b")
    Edge.objects.update(ended_at="2026-05-03T06:00:00Z")
    assert levels(dataset_graph(a, user=mesh.alice)) == {"a": 0}


def test_what_is_hidden_is_nameless_and_the_path_goes_on(mesh: Mesh) -> None:
    save_domain("siu", name="Investigations", by=None, visibility="team", team=mesh.other_team)
    open_one = make_dataset("open")
    hidden = make_dataset("suspects", domain="siu", team="policy-team")
    other = make_dataset("informants", domain="siu", team="policy-team")
    beyond = make_dataset("beyond")
    link((open_one, hidden), (hidden, beyond), (other, beyond))
    graph = dataset_graph(open_one, user=mesh.alice)
    said = repr(graph)
    for secret in ("suspects", "informants", "siu", "Investigations", f"d{hidden.pk}'"):
        assert secret not in said
    assert levels(graph) == {"open": 0, "Restricted": 1, "beyond": 2}
    assert flows(graph) == {("open", "Restricted"), ("Restricted", "beyond")}
    restricted = next(node for node in graph.nodes if node.kind == "restricted")
    assert (restricted.url, restricted.product, restricted.domain) == ("", None, None)

    both = dataset_graph(beyond, user=mesh.alice)
    assert [node.name for node in both.nodes].count("Restricted") == 2
    assert len({node.id for node in both.nodes}) == 4

    seen = dataset_graph(open_one, user=mesh.charlie)
    assert levels(seen) == {"open": 0, "suspects": 1, "beyond": 2}


def test_foreign_keys_are_shown_beside_the_focus_and_not_followed(mesh: Mesh) -> None:
    far, near, focus, child = (make_dataset(name) for name in ("far", "near", "focus", "child"))
    link((far, near), (near, focus), (focus, child), kind=EdgeKind.FOREIGN_KEY)
    graph = dataset_graph(focus, user=mesh.alice)
    assert levels(graph) == {"near": -1, "focus": 0, "child": 1}
    assert {edge.kind for edge in graph.edges} == {"foreign-key"}


def test_a_cut_graph_says_so(mesh: Mesh) -> None:
    focus = make_dataset("focus")
    link(*((focus, make_dataset(f"v{n}")) for n in range(5)))
    graph = dataset_graph(focus, user=mesh.alice, limit=3)
    assert len(graph.nodes) == 3
    assert graph.truncated is not None
    assert (graph.truncated.nodes, graph.truncated.at_least) == (3, False)
    cut = short_graph(graph)["truncated"]
    assert cut == "Only the nearest 300 are shown; choose one of them to go on."


def test_foreign_keys_beyond_the_limit_are_left_out_and_counted(mesh: Mesh) -> None:
    focus = make_dataset("focus")
    rows = [make_dataset(f"v{n}") for n in range(4)]
    link(*((focus, row) for row in rows), kind=EdgeKind.FOREIGN_KEY)
    graph = dataset_graph(focus, user=mesh.alice, limit=3)
    assert len(graph.nodes) == len(graph.edges) + 1 == 3
    assert graph.truncated is not None
    assert graph.truncated.nodes == 2


def test_foreign_keys_between_products_stand_beside_the_product_on_the_short_address_alone(
    mesh: Mesh,
) -> None:
    rows = [make_dataset(name) for name in ("orders", "customers")]
    made = [make_product(row.name, ports=[serves(row)]) for row in rows]
    link((rows[0], rows[1]), kind=EdgeKind.FOREIGN_KEY)
    assert flows(product_graph(made[0], user=mesh.alice)) == {(made[0].name, made[1].name)}
    plain = around(Focus("", products=(made[0].pk,)), GraphQuery(level="product"), user=mesh.alice)
    assert (len(plain.nodes), plain.edges) == (1, ())


def test_products_follow_declared_inputs_and_the_views_of_their_datasets(mesh: Mesh) -> None:
    made = make_product("settled-claims")
    reads = PortDescriptor(direction="in", name="input", upstream="claims/settled-claims")
    declare(product_descriptor("late-claims", ports=[reads]))
    declare(product_descriptor("whisper", ports=[reads], visibility="team"))
    graph = product_graph(made, user=mesh.alice)
    assert levels(graph) == {"Settled claims": 0, "Late claims": 1, "Whisper": 1}
    stranger = product_graph(made, user=mesh.charlie)
    assert levels(stranger) == {"Settled claims": 0, "Late claims": 1, "Restricted": 1}
    assert "hisper" not in repr(mesh_map(user=mesh.charlie))
    assert len(mesh_map(user=mesh.charlie).flows) == 1


@pytest.mark.parametrize("width", [1, 30])
def test_the_number_of_queries_depends_on_the_depth_alone(
    mesh: Mesh, width: int, django_assert_max_num_queries: Callable[..., Any]
) -> None:
    focus, middle = make_dataset("focus"), [make_dataset(f"m{n}") for n in range(width)]
    last = make_dataset("last")
    link(*((focus, row) for row in middle), *((row, last) for row in middle))
    with django_assert_max_num_queries(12):
        graph = dataset_graph(focus, user=mesh.alice, depth=3)
    assert len(graph.nodes) == width + 2


@pytest.mark.parametrize("seed", range(4))
def test_a_walk_finds_exactly_what_is_near_enough(mesh: Mesh, seed: int) -> None:
    choose = random.Random(seed)
    rows = [make_dataset(f"n{number}") for number in range(9)]
    pairs = {(choose.randrange(9), choose.randrange(9)) for _ in range(4 + seed * 5)}
    link(*((rows[up], rows[down]) for up, down in pairs))
    for depth in (1, 2, 4):
        graph = dataset_graph(rows[0], user=mesh.alice, depth=depth, direction="downstream")
        reached, frontier = {0: 0}, {0}
        for level in range(1, depth + 1):
            frontier = {down for up, down in pairs if up in frontier and down not in reached}
            reached |= dict.fromkeys(frontier, level)
        assert levels(graph) == {f"n{number}": level for number, level in reached.items()}
        near = {up for up, level in reached.items() if level < depth}
        assert flows(graph) == {
            (f"n{up}", f"n{down}") for up, down in pairs if up in near and up != down
        }
