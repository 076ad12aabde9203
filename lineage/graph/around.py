"""What a dataset, product, column or job is made of, and what is made of it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from catalog.models import Dataset, Product
from lineage.adjacency.load import KIND_CODES
from lineage.adjacency.memory import Source, column_flows, dataset_flows
from lineage.adjacency.paths import INDIRECT, dataset_of, datasets_of
from lineage.adjacency.products import ProductFlows
from lineage.graph.edge_details import (
    RESTRICTED,
    NodeFlow,
    column_edges,
    dataset_edges,
    flows_of,
    plain_edges,
    references,
)
from lineage.graph.neighbour_counts import more_of
from lineage.graph.node_visibility import NodeVisibility, Viewer
from lineage.graph.nodes import columns_of, dataset_nodes, job_node, product_nodes
from lineage.graph.types import Direction, GraphEdge, GraphNode, Level, LineageGraph, Truncated
from lineage.models import EdgeKind, Job, JobDataset
from lineage.questions.flows import Arcs, FlowFilter, Flows, Keys, Sign, TimeWindow, moment
from lineage.questions.restricted import restricted
from lineage.questions.walk import Spread, Walk, walk

MAX_DEPTH = 20
MAX_NODES = 2_000
MOST_AHEAD = 10_000

SIGNS: dict[Direction, tuple[Sign, ...]] = {
    "upstream": (-1,),
    "downstream": (1,),
    "both": (-1, 1),
}


@dataclass(frozen=True, slots=True)
class Focus:
    """What is asked about: ids of datasets or products, columns as (dataset, path), perhaps a job."""

    name: str
    datasets: tuple[int, ...] = ()
    products: tuple[int, ...] = ()
    columns: tuple[tuple[int, str], ...] = ()
    job: Job | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GraphQuery:
    """How far, which way, when and what of."""

    level: Level = "dataset"
    direction: Direction = "both"
    depth: int = 3
    as_of: datetime | None = None
    changed_since: datetime | None = None
    kinds: tuple[str, ...] | None = None
    jobs: tuple[int, ...] | None = None
    domains: tuple[int, ...] | None = None
    with_influences: bool = False
    limit: int = 500
    columns_of: tuple[int, ...] = ()
    with_more: bool = True
    with_references: bool = True

    @property
    def when(self) -> TimeWindow:
        """The time to look at."""
        at = None if self.as_of is None else moment(self.as_of)
        since = None if self.changed_since is None else moment(self.changed_since)
        return TimeWindow(at, since)


@dataclass(slots=True)
class LevelGraph:
    """What one level is asked over."""

    flows: Flows
    focus: list[int]
    sight: NodeVisibility
    source: Source
    spread: Spread | None = None

    def hidden(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which nodes may not be seen."""
        if self.spread is not None:
            return self.sight.hidden_columns(keys)
        return self.sight.hidden(keys)

    def seen(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which nodes exist and may be seen."""
        return self.sight.seen(datasets_of(keys) if self.spread is not None else keys)


def around(focus: Focus, ask: GraphQuery, *, user: Viewer) -> LineageGraph:
    """Answer with the nodes near a focus and the flows between them."""
    ground = ground_of(focus, ask, user)
    sieve = sieve_of(ask)
    if focus.job is not None:
        found = _around_job(focus.job, ground, ask, sieve)
    else:
        signs = SIGNS[ask.direction]
        if ground.source.graph is not None and ask.depth > 2:
            _look_ahead(ground, ask, sieve)
        found = walk(
            ground.flows,
            ground.focus,
            depth=ask.depth,
            signs=signs,
            sieve=sieve,
            hidden=ground.hidden,
            spread=ground.spread,
        )
    return _answer(focus, ask, ground, found, user)


def _look_ahead(ground: LevelGraph, ask: GraphQuery, sieve: FlowFilter) -> None:
    """Learn at once what may be seen of all that is near: a walk in memory costs less than queries."""
    near = walk(
        ground.flows,
        ground.focus,
        depth=ask.depth,
        signs=SIGNS[ask.direction],
        sieve=sieve,
        spread=ground.spread,
        most=MOST_AHEAD,
    )
    ground.hidden(np.array(sorted(near.levels), np.int64))


def ground_of(focus: Focus, ask: GraphQuery, user: Viewer) -> LevelGraph:
    """Return what a level is asked over."""
    if ask.level == "column":
        source = column_flows()
        named = [(source.meant(pk), path) for pk, path in focus.columns]
        keys = [source.paths.key(pk, path) for pk, path in named]
        for pk in focus.datasets:
            keys += source.columns_of(source.meant(pk)).tolist()

        def spread(keys: Keys, sign: Sign) -> Keys:
            return spread_columns(source, keys, sign)

        return LevelGraph(source.flows, keys, NodeVisibility(user, Dataset), source, spread)
    source = dataset_flows()
    if ask.level == "product":
        flows = ProductFlows(source.flows)
        return LevelGraph(flows, list(focus.products), NodeVisibility(user, Product), source)
    ids = [source.meant(pk) for pk in focus.datasets]
    return LevelGraph(source.flows, ids, NodeVisibility(user, Dataset), source)


def spread_columns(source: Source, keys: Keys, sign: Sign) -> Keys:
    """Return what is reached with columns: what bears on all rows of a dataset reaches all its columns."""
    codes = keys & ((1 << 28) - 1)
    if sign < 0:
        return keys - codes
    found = [source.columns_of(dataset_of(int(key))) for key in keys[codes == 0]]
    return np.unique(np.concatenate([keys, *found])) if found else keys


def sieve_of(ask: GraphQuery) -> FlowFilter:
    """Return which flows are followed."""
    names = ask.kinds or tuple(KIND_CODES)
    codes = tuple(KIND_CODES[name] for name in names if name in KIND_CODES)
    kinds: tuple[int, ...] | None = codes if ask.kinds else None
    if ask.level == "column":
        influences = tuple(code | INDIRECT for code in codes)
        kinds = codes + influences if ask.with_influences else codes
    among = None
    if ask.domains is not None:
        model = Product if ask.level == "product" else Dataset
        rows = model._default_manager.filter(domain__in=ask.domains).order_by()
        among = np.array(sorted(rows.values_list("pk", flat=True)), np.int64)
    return FlowFilter(
        ask.when, kinds, ask.jobs, among, datasets_of if ask.level == "column" else None
    )


def _around_job(job: Job, ground: LevelGraph, ask: GraphQuery, sieve: FlowFilter) -> Walk:
    """Walk from what a job reads upwards and from what it writes downwards."""
    rows = list(JobDataset.objects.filter(job=job).values_list("dataset_id", "direction"))
    whole = Walk()
    for sign in SIGNS[ask.direction]:
        side = {ground.source.meant(pk) for pk, way in rows if way == ("in" if sign < 0 else "out")}
        if not side:
            continue
        near = np.array(sorted(side), np.int64)
        found = walk(
            ground.flows,
            near.tolist(),
            depth=ask.depth - 1,
            signs=(sign,),
            sieve=sieve,
            hidden=ground.hidden,
        )
        whole.hidden |= found.hidden | set(near[ground.hidden(near)].tolist())
        whole.parts += found.parts
        whole.is_cut |= found.is_cut
        for key, level in found.levels.items():
            whole.levels.setdefault(key, level + sign)
    return whole


def _answer(
    focus: Focus, ask: GraphQuery, ground: LevelGraph, found: Walk, user: Viewer
) -> LineageGraph:
    gone = ground.sight.gone
    arcs = found.arcs
    visible = [key for key in found.nearest() if key not in found.hidden]
    if gone:
        node_of = dataset_of if ask.level == "column" else int
        visible = [key for key in visible if node_of(key) not in gone]
    shown = visible[: ask.limit]
    levels = {key: found.levels[key] for key in shown}
    nodes = nodes_of(ask.level, levels, ground, user)
    if ask.with_more:
        more = more_of(ground.flows, levels, sieve_of(ask), ground.seen)
        nodes |= {key: replace(nodes[key], more=more[key]) for key in more.keys() & nodes.keys()}
    if ask.columns_of:
        nodes = _with_columns(nodes, ask.columns_of)
    names = {key: node.id for key, node in nodes.items()}
    flows = [f for f in flows_of(arcs) if f.up in names and f.down in names]
    edges = edges_of(ask, flows, names, user)
    hidden_nodes, hidden_edges = _restricted(found, names, arcs_pairs(arcs))
    whole = [*nodes.values(), *hidden_nodes]
    edges += hidden_edges
    if focus.job is not None:
        whole.append(job_node(focus.job))
        edges += _job_edges(focus.job, names, ground, ask.direction)
    elif ask.level == "dataset" and len(ground.focus) == 1 and ask.with_references:
        more_nodes, more_edges = _references(ground, names, user)
        whole += more_nodes
        edges += more_edges
    return LineageGraph(
        focus.name,
        ask.level,
        ask.direction,
        ask.depth,
        tuple(sorted(whole, key=lambda node: (node.level, node.id))),
        tuple(edges),
        ask.as_of,
        ask.changed_since,
        _truncated(found, visible, shown, arcs, ask),
    )


def arcs_pairs(arcs: Arcs) -> list[tuple[int, int]]:
    """Return the pairs of nodes that flows connect, each once."""
    return sorted(set(zip(arcs.up.tolist(), arcs.down.tolist(), strict=True)))


def nodes_of(
    level: Level, levels: Mapping[int, int], ground: LevelGraph, user: Viewer
) -> dict[int, GraphNode]:
    """Return the nodes of a level that may be seen, by key."""
    focus = set(ground.focus)
    if level == "product":
        return product_nodes(levels, user=user, focus=focus)
    if level == "dataset":
        return dataset_nodes(levels, user=user, focus=focus)
    parents = {dataset_of(key): 0 for key in levels}
    rows = dataset_nodes(parents, user=user)
    nodes: dict[int, GraphNode] = {}
    for key, distance in levels.items():
        dataset, path = ground.source.paths.column(key)
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
    ask: GraphQuery, flows: Sequence[NodeFlow], names: Mapping[int, str], user: Viewer
) -> list[GraphEdge]:
    """Return the flows between shown nodes as an answer tells them."""
    if ask.level == "dataset":
        return dataset_edges(
            flows, names, user=user, when=ask.when, with_columns_of=set(ask.columns_of)
        )
    if ask.level == "column":
        return column_edges(flows, names, user=user, when=ask.when)
    return plain_edges(flows, names, ask.when, "f")


def _restricted(
    found: Walk, names: Mapping[int, str], pairs: Collection[tuple[int, int]]
) -> tuple[list[GraphNode], list[GraphEdge]]:
    """Draw what is hidden without telling how much it is."""
    kept = names.keys() | found.hidden
    near = [pair for pair in pairs if pair[0] in kept and pair[1] in kept]
    touched = {node for pair in near for node in pair} & found.hidden
    nodes, edges = [], []
    for number, area in enumerate(restricted(near, touched, found.levels), 1):
        own = f"restricted-{number}"
        nodes.append(GraphNode(own, "restricted", "Restricted", area.level, status="ok"))
        for up in sorted(area.ups):
            edges.append(GraphEdge(f"r{number}-{names[up]}", names[up], own, RESTRICTED))
        for down in sorted(area.downs):
            edges.append(GraphEdge(f"r{number}+{names[down]}", own, names[down], RESTRICTED))
    return nodes, edges


def _references(
    ground: LevelGraph, names: dict[int, str], user: Viewer
) -> tuple[list[GraphNode], list[GraphEdge]]:
    """Add the foreign keys at the focus; what they refer to is shown beside it."""
    focus = ground.focus[0]
    rows = references(focus)
    levels = {
        other: -1 if other == row.upstream_id else 1
        for row in rows
        for other in (row.upstream_id, row.downstream_id)
        if other != focus and other not in names
    }
    added = dataset_nodes(levels, user=user) if levels else {}
    known = {**names, **{pk: node.id for pk, node in added.items()}}
    edges = [
        GraphEdge(
            f"e{row.pk}",
            known[row.upstream_id],
            known[row.downstream_id],
            EdgeKind.FOREIGN_KEY.value,
            first_seen_at=row.first_seen_at,
            last_seen_at=row.last_seen_at,
            origin=row.source,
            confidence=row.confidence,
        )
        for row in rows
        if row.upstream_id in known and row.downstream_id in known
        if row.upstream_id != row.downstream_id
    ]
    return list(added.values()), edges


def _job_edges(
    job: Job, names: Mapping[int, str], ground: LevelGraph, direction: Direction
) -> list[GraphEdge]:
    edges = []
    for pk, way in JobDataset.objects.filter(job=job).values_list("dataset_id", "direction"):
        name = names.get(ground.source.meant(pk))
        if name is None or ((direction == "downstream") == (way == "in") and direction != "both"):
            continue
        ends = (name, f"j{job.pk}") if way == "in" else (f"j{job.pk}", name)
        edges.append(GraphEdge(f"j{job.pk}-{way}-{pk}", *ends, kind="job"))
    return edges


def _truncated(
    found: Walk, visible: Sequence[int], shown: Sequence[int], arcs: Arcs, ask: GraphQuery
) -> Truncated | None:
    left = len(visible) - len(shown)
    if not left and not found.is_cut:
        return None
    kept, all_of_them = set(shown), set(visible)
    cut = sum(
        up in all_of_them and down in all_of_them and not (up in kept and down in kept)
        for up, down in arcs_pairs(arcs)
    )
    more = "at least " if found.is_cut else ""
    said = (
        f"Only the nearest {len(shown)} are shown; {more}{left} more are within {ask.depth} steps. "
        "Choose one of them to go on."
    )
    return Truncated(left, cut, found.is_cut, said)
