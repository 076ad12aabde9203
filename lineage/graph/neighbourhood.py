"""What is near a focus, as far as a person may see it: walked, restricted and cut in this one place."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from catalog.models import Dataset, Product
from lineage.adjacency.load import KIND_CODES
from lineage.adjacency.memory import Source, column_flows, dataset_flows
from lineage.adjacency.paths import INDIRECT, dataset_of, datasets_of
from lineage.adjacency.products import ProductFlows
from lineage.graph.focus import Focus
from lineage.graph.node_visibility import NodeVisibility, Viewer
from lineage.graph.types import Direction, Level
from lineage.models import Job, JobDataset
from lineage.questions.flows import Arcs, FlowFilter, Flows, Keys, Sign, TimeWindow, moment
from lineage.questions.restricted import Pair, RestrictedArea, restricted
from lineage.questions.walk import Spread, Walk, walk

MAX_DEPTH = 20
MAX_NODES = 2_000
MOST_AHEAD = 10_000

SIGNS: dict[Direction, tuple[Sign, ...]] = {
    "upstream": (-1,),
    "downstream": (1,),
    "both": (-1, 1),
}


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
    #: How nodes fare, and where edges come from: four queries more.
    with_details: bool = True
    #: The levels on which foreign keys of the focus are shown beside it.
    relations_on: tuple[Level, ...] = ("dataset",)

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
    visibility: NodeVisibility
    source: Source
    spread: Spread | None = None

    def hidden(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which nodes may not be seen."""
        if self.spread is not None:
            return self.visibility.hidden_columns(keys)
        return self.visibility.hidden(keys)

    def seen(self, keys: Keys) -> NDArray[np.bool_]:
        """Return which nodes exist and may be seen."""
        return self.visibility.seen(datasets_of(keys) if self.spread is not None else keys)


@dataclass(frozen=True, slots=True)
class Neighbourhood:
    """What a walk met: `visible` nodes, the nearest first, and the `shown` ones: no more than were asked for."""

    graph: LevelGraph
    walk: Walk
    arcs: Arcs
    visible: list[int]
    shown: list[int]

    @property
    def levels(self) -> dict[int, int]:
        """The levels of what is shown."""
        return {key: self.walk.levels[key] for key in self.shown}

    def restricted_areas(self, shown: frozenset[int]) -> list[RestrictedArea]:
        """Return what is hidden between shown nodes, without telling how much it is."""
        if not self.walk.hidden:
            return []
        kept = shown | self.walk.hidden
        near = [pair for pair in self.pairs() if kept.issuperset(pair)]
        touched = {node for pair in near for node in pair} & self.walk.hidden
        return restricted(near, touched, self.walk.levels)

    def pairs(self) -> list[Pair]:
        """Return the pairs of nodes that flows connect, each once."""
        arcs = self.arcs
        return sorted(set(zip(arcs.up.tolist(), arcs.down.tolist(), strict=True)))


def find_neighbourhood(focus: Focus, query: GraphQuery, user: Viewer) -> Neighbourhood:
    """Walk from a focus; leave out what may not be seen, and the farthest beyond the limit."""
    graph = level_graph(focus, query, user)
    found = _walk(focus, query, graph)
    missing = graph.visibility.missing
    visible = [key for key in found.nearest() if key not in found.hidden]
    if missing:
        node_of = dataset_of if query.level == "column" else int
        visible = [key for key in visible if node_of(key) not in missing]
    return Neighbourhood(graph, found, found.arcs, visible, visible[: query.limit])


def _walk(focus: Focus, query: GraphQuery, graph: LevelGraph) -> Walk:
    flow_filter = filter_of(query)
    if focus.job is not None:
        return _around_job(focus.job, graph, query, flow_filter)
    if graph.source.graph is not None and query.depth > 2:
        _look_ahead(graph, query, flow_filter)
    return walk(
        graph.flows,
        graph.focus,
        depth=query.depth,
        signs=SIGNS[query.direction],
        flow_filter=flow_filter,
        hidden=graph.hidden,
        spread=graph.spread,
    )


def _look_ahead(graph: LevelGraph, query: GraphQuery, flow_filter: FlowFilter) -> None:
    """Learn at once what may be seen of all that is near: a walk in memory costs less than queries."""
    near = walk(
        graph.flows,
        graph.focus,
        depth=query.depth,
        signs=SIGNS[query.direction],
        flow_filter=flow_filter,
        spread=graph.spread,
        most=MOST_AHEAD,
    )
    graph.hidden(np.array(sorted(near.levels), np.int64))


def _around_job(job: Job, graph: LevelGraph, query: GraphQuery, flow_filter: FlowFilter) -> Walk:
    """Walk from what a job reads upwards and from what it writes downwards."""
    rows = list(JobDataset.objects.filter(job=job).values_list("dataset_id", "direction"))
    whole = Walk()
    for sign in SIGNS[query.direction]:
        side = {graph.source.meant(pk) for pk, way in rows if way == ("in" if sign < 0 else "out")}
        if not side:
            continue
        near = np.array(sorted(side), np.int64)
        found = walk(
            graph.flows,
            near.tolist(),
            depth=query.depth - 1,
            signs=(sign,),
            flow_filter=flow_filter,
            hidden=graph.hidden,
        )
        whole.hidden |= found.hidden | set(near[graph.hidden(near)].tolist())
        whole.parts += found.parts
        whole.is_cut |= found.is_cut
        for key, level in found.levels.items():
            whole.levels.setdefault(key, level + sign)
    return whole


def level_graph(focus: Focus, query: GraphQuery, user: Viewer) -> LevelGraph:
    """Return what a level is asked over."""
    if query.level == "column":
        source = column_flows()
        named = [(source.meant(pk), path) for pk, path in focus.columns]
        keys = [source.paths.key(pk, path) for pk, path in named]
        for pk in focus.datasets:
            keys += source.columns_of(source.meant(pk)).tolist()

        def spread(keys: Keys, sign: Sign) -> Keys:
            return spread_columns(source, keys, sign)

        return LevelGraph(source.flows, keys, NodeVisibility(user, Dataset), source, spread)
    source = dataset_flows()
    if query.level == "product":
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


def filter_of(query: GraphQuery) -> FlowFilter:
    """Return which flows are followed."""
    names = query.kinds or tuple(KIND_CODES)
    codes = tuple(KIND_CODES[name] for name in names if name in KIND_CODES)
    kinds: tuple[int, ...] | None = codes if query.kinds else None
    if query.level == "column":
        influences = tuple(code | INDIRECT for code in codes)
        kinds = codes + influences if query.with_influences else codes
    among = None
    if query.domains is not None:
        model = Product if query.level == "product" else Dataset
        rows = model._default_manager.filter(domain__in=query.domains).order_by()
        among = np.array(sorted(rows.values_list("pk", flat=True)), np.int64)
    return FlowFilter(
        query.when, kinds, query.jobs, among, datasets_of if query.level == "column" else None
    )
