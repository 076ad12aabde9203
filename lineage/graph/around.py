"""What a dataset, product, column or job is made of, and what is made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from django.db.models import Q

from lineage.adjacency.paths import dataset_of
from lineage.graph.edge_details import (
    RESTRICTED,
    NodeFlow,
    column_edges,
    dataset_edges,
    flows_of,
    plain_edges,
    references,
)
from lineage.graph.focus import Focus
from lineage.graph.neighbour_counts import more_of
from lineage.graph.neighbourhood import (
    GraphQuery,
    LevelGraph,
    Neighbourhood,
    filter_of,
    find_neighbourhood,
)
from lineage.graph.node_visibility import Viewer
from lineage.graph.nodes import columns_of, dataset_nodes, job_node, product_nodes
from lineage.graph.types import Direction, GraphEdge, GraphNode, Level, LineageGraph, Truncated
from lineage.models import Edge, EdgeKind, Job, JobDataset
from lineage.questions.restricted import Pair

_Drawn = tuple[list[GraphNode], list[GraphEdge]]


def around(focus: Focus, query: GraphQuery, *, user: Viewer) -> LineageGraph:
    """Answer with the nodes near a focus and the flows between them."""
    near = find_neighbourhood(focus, query, user)
    nodes = _nodes(near, query, user)
    names = {key: node.id for key, node in nodes.items()}
    flows = [f for f in flows_of(near.arcs) if f.up in names and f.down in names]
    whole, edges = [*nodes.values()], edges_of(query, flows, names, user)
    left_out = 0
    for more_nodes, more_edges in (_restricted(near, names), _job(focus, query, near, names)):
        whole += more_nodes
        edges += more_edges
    if focus.job is None and len(near.graph.focus) == 1 and query.level in query.relations_on:
        room = query.limit - len(names)
        more_nodes, more_edges, left_out = _relations(query.level, near, names, room, user)
        whole += more_nodes
        edges += more_edges
    return LineageGraph(
        focus.name,
        query.level,
        query.direction,
        query.depth,
        tuple(sorted(whole, key=lambda node: (node.level, node.id))),
        tuple(edges),
        query.as_of,
        query.changed_since,
        _truncated(near, query, left_out),
    )


def _nodes(near: Neighbourhood, query: GraphQuery, user: Viewer) -> dict[int, GraphNode]:
    levels = near.levels
    nodes = nodes_of(query.level, levels, near.graph, user, statuses=query.with_details)
    if query.with_more:
        more = more_of(near.graph.flows, levels, filter_of(query), near.graph.seen)
        nodes |= {key: replace(nodes[key], more=more[key]) for key in more.keys() & nodes.keys()}
    return _with_columns(nodes, query.columns_of) if query.columns_of else nodes


def nodes_of(
    level: Level,
    levels: Mapping[int, int],
    graph: LevelGraph,
    user: Viewer,
    *,
    statuses: bool = True,
) -> dict[int, GraphNode]:
    """Return the nodes of a level that may be seen, by key."""
    focus = set(graph.focus)
    if level == "product":
        return product_nodes(levels, user=user, focus=focus)
    if level == "dataset":
        return dataset_nodes(levels, user=user, focus=focus, statuses=statuses)
    parents = {dataset_of(key): 0 for key in levels}
    rows = dataset_nodes(parents, user=user)
    nodes: dict[int, GraphNode] = {}
    for key, distance in levels.items():
        dataset, path = graph.source.paths.column(key)
        if (row := rows.get(dataset)) is not None:
            nodes[key] = replace(
                row,
                id=f"c{dataset}:{path}",
                kind="column",
                name=path or "all rows",
                level=distance,
                is_focus=key in focus,
                parent=f"d{dataset}",
                parent_name=row.name,
                type="column",
            )
    return nodes


def _with_columns(nodes: dict[int, GraphNode], asked: Collection[int]) -> dict[int, GraphNode]:
    columns = columns_of([key for key in asked if key in nodes])
    return {
        key: replace(node, columns=columns[key]) if key in columns else node
        for key, node in nodes.items()
    }


def edges_of(
    query: GraphQuery, flows: Sequence[NodeFlow], names: Mapping[int, str], user: Viewer
) -> list[GraphEdge]:
    """Return the flows between shown nodes as an answer tells them."""
    if not query.with_details:
        return plain_edges(flows, names, query.when, query.level[0])
    if query.level == "dataset":
        return dataset_edges(
            flows, names, user=user, when=query.when, with_columns_of=set(query.columns_of)
        )
    if query.level == "column":
        return column_edges(flows, names, user=user, when=query.when)
    return plain_edges(flows, names, query.when, "f")


def _restricted(near: Neighbourhood, names: Mapping[int, str]) -> _Drawn:
    """Draw what is hidden without telling how much it is."""
    nodes, edges = [], []
    for number, area in enumerate(near.restricted_areas(frozenset(names)), 1):
        own = f"restricted-{number}"
        nodes.append(GraphNode(own, "restricted", "Restricted", area.level, status="ok"))
        for up in sorted(area.ups):
            edges.append(GraphEdge(f"r{number}-{names[up]}", names[up], own, RESTRICTED))
        for down in sorted(area.downs):
            edges.append(GraphEdge(f"r{number}+{names[down]}", own, names[down], RESTRICTED))
    return nodes, edges


def _job(focus: Focus, query: GraphQuery, near: Neighbourhood, names: Mapping[int, str]) -> _Drawn:
    if focus.job is None:
        return [], []
    return [job_node(focus.job)], _job_edges(focus.job, names, near.graph, query.direction)


def _job_edges(
    job: Job, names: Mapping[int, str], graph: LevelGraph, direction: Direction
) -> list[GraphEdge]:
    edges = []
    for pk, way in JobDataset.objects.filter(job=job).values_list("dataset_id", "direction"):
        name = names.get(graph.source.meant(pk))
        if name is None or ((direction == "downstream") == (way == "in") and direction != "both"):
            continue
        ends = (name, f"j{job.pk}") if way == "in" else (f"j{job.pk}", name)
        edges.append(GraphEdge(f"j{job.pk}-{way}-{pk}", *ends, kind="job"))
    return edges


def _relations(
    level: Level, near: Neighbourhood, names: Mapping[int, str], room: int, user: Viewer
) -> tuple[list[GraphNode], list[GraphEdge], int]:
    """Return the foreign keys at the focus and what they refer to, and how many there was no room for."""
    focus = near.graph.focus[0]
    edges = _dataset_relations(focus) if level == "dataset" else _product_relations(focus)
    levels = {
        other: -1 if other == up else 1
        for up, down in edges
        for other in (up, down)
        if other != focus and other not in names
    }
    find = dataset_nodes if level == "dataset" else product_nodes
    beside = find(levels, user=user) if levels else {}
    added = {key: beside[key] for key in list(levels)[: max(0, room)] if key in beside}
    known = {**names, **{key: node.id for key, node in added.items()}}
    drawn = [
        replace(edge, source=known[up], target=known[down])
        for (up, down), many in edges.items()
        if up in known and down in known
        for edge in many
    ]
    return list(added.values()), drawn, len(beside) - len(added)


def _dataset_relations(focus: int) -> dict[Pair, list[GraphEdge]]:
    found: dict[Pair, list[GraphEdge]] = {}
    for row in references(focus):
        if row.upstream_id == row.downstream_id:
            continue
        edge = GraphEdge(
            f"e{row.pk}",
            "",
            "",
            EdgeKind.FOREIGN_KEY.value,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            origin=row.source,
            confidence=row.confidence,
        )
        found.setdefault((row.upstream_id, row.downstream_id), []).append(edge)
    return found


def _product_relations(focus: int) -> dict[Pair, list[GraphEdge]]:
    near = Q(upstream__product=focus) | Q(downstream__product=focus)
    rows = Edge.objects.current().filter(near, kind=EdgeKind.FOREIGN_KEY)
    pairs = set(rows.values_list("upstream__product_id", "downstream__product_id"))
    return {
        (up, down): [GraphEdge(f"k{up}-{down}", "", "", EdgeKind.FOREIGN_KEY.value)]
        for up, down in sorted((up, down) for up, down in pairs if up and down)
        if up != down
    }


def _truncated(near: Neighbourhood, query: GraphQuery, left_out: int) -> Truncated | None:
    left = len(near.visible) - len(near.shown) + left_out
    is_cut = near.walk.is_cut
    if not left and not is_cut:
        return None
    kept, all_of_them = set(near.shown), set(near.visible)
    cut = sum(all_of_them.issuperset(pair) and not kept.issuperset(pair) for pair in near.pairs())
    more = "at least " if is_cut else ""
    message = (
        f"Only the nearest {len(near.shown)} are shown; {more}{left} more are within {query.depth} steps. "
        "Choose one of them to go on."
    )
    return Truncated(left, cut, is_cut, message)
