"""What follows from datasets or columns: the walk behind the question what breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from catalog.db.batches import batched
from lineage.adjacency.ids import among
from lineage.adjacency.load import KIND_CODES
from lineage.adjacency.memory import Source, column_flows, dataset_flows
from lineage.adjacency.paths import INDIRECT, dataset_of
from lineage.graph.focus import Focus
from lineage.graph.neighbourhood import spread_columns
from lineage.graph.node_visibility import NodeVisibility
from lineage.models import ColumnEdge
from lineage.questions.flows import FlowFilter, Keys, Sign, TimeWindow
from lineage.questions.walk import walk


@dataclass(slots=True)
class ImpactWalk:
    """What was met: distances of datasets and columns, and which datasets are certain."""

    own: set[int]
    datasets: dict[int, int]
    columns: dict[int, int]
    certain: set[int]
    hidden: bool = False
    is_cut: bool = False
    paths: Source | None = None


def walk_datasets(
    focus: Focus, when: TimeWindow, depth: int, visibility: NodeVisibility
) -> ImpactWalk:
    """Follow whole datasets; each of them is certain."""
    source = dataset_flows()
    own = {source.meant(pk) for pk in focus.datasets}
    found = walk(
        source.flows,
        sorted(own),
        depth=depth,
        signs=(1,),
        flow_filter=FlowFilter(when),
        hidden=visibility.hidden,
    )
    levels = {pk: n for pk, n in found.levels.items() if pk not in found.hidden}
    kept = {pk: n for pk, n in levels.items() if pk not in visibility.missing}
    return ImpactWalk(own, kept, {}, set(kept), bool(found.hidden), found.is_cut)


def walk_columns(
    focus: Focus, when: TimeWindow, depth: int, visibility: NodeVisibility
) -> ImpactWalk:
    """Follow columns, with what only decides on rows; where columns are not known, whole datasets."""
    source = column_flows()
    keys = [source.paths.key(source.meant(pk), path) for pk, path in focus.columns]
    codes = tuple(KIND_CODES.values())

    def spread(nodes: Keys, sign: Sign) -> Keys:
        return spread_columns(source, nodes, sign)

    found = walk(
        source.flows,
        keys,
        depth=depth,
        signs=(1,),
        flow_filter=FlowFilter(when, codes + tuple(code | INDIRECT for code in codes)),
        hidden=visibility.hidden_columns,
        spread=spread,
    )
    columns = {key: n for key, n in found.levels.items() if key not in found.hidden}
    columns = {key: n for key, n in columns.items() if dataset_of(key) not in visibility.missing}
    datasets: dict[int, int] = {}
    for key, level in columns.items():
        datasets[dataset_of(key)] = min(level, datasets.get(dataset_of(key), level))
    reached: dict[int, int] = {}
    for key, level in found.levels.items():
        reached[dataset_of(key)] = min(level, reached.get(dataset_of(key), level))
    own = {source.meant(pk) for pk, _ in focus.columns}
    hit = ImpactWalk(
        own, datasets, columns, set(datasets), bool(found.hidden), found.is_cut, source
    )
    _unknown_columns(reached, hit, when, depth, visibility)
    return hit


def _unknown_columns(
    reached: Mapping[int, int],
    hit: ImpactWalk,
    when: TimeWindow,
    depth: int,
    visibility: NodeVisibility,
) -> None:
    """Add what reads a reached dataset in a way that is not known by column, and all that follows."""
    source = dataset_flows()
    arcs = source.flows.arcs(np.array(sorted(reached), np.int64), 1, when)
    loose = arcs.at(~np.isin(arcs.id, _known_by_column(arcs.id)))
    starts: dict[int, set[int]] = {}
    for up, down in zip(loose.up.tolist(), loose.down.tolist(), strict=True):
        if down not in hit.datasets:
            starts.setdefault(reached[up] + 1, set()).add(down)
    for distance in sorted(starts):
        first = np.array(sorted(starts[distance]), np.int64)
        hidden = set(first[visibility.hidden(first)].tolist())
        found = walk(
            source.flows,
            first.tolist(),
            depth=max(depth - distance, 0),
            signs=(1,),
            flow_filter=FlowFilter(when),
            hidden=visibility.hidden,
        )
        hit.hidden |= bool(found.hidden | hidden)
        hit.is_cut |= found.is_cut
        for pk, level in found.levels.items():
            if pk not in found.hidden | hidden | visibility.missing:
                known = hit.datasets.get(pk, depth)
                hit.datasets[pk] = known if pk in hit.certain else min(known, level + distance)


def _known_by_column(edges: Keys) -> Keys:
    """Return the edges of which it is known which columns they are made of."""
    known: set[int] = set()
    for part in batched(edges.tolist(), 5_000):
        rows = ColumnEdge.objects.filter(edge__in=among(part))
        known |= set(rows.order_by().values_list("edge_id", flat=True).distinct())
    return np.array(sorted(known), np.int64)
