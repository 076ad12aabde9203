"""The graph of this process: read when it is first asked for, brought up to date by the log of changes.

One query at the start of a question tells what changed since, so whoever wrote something sees it. Small graphs
are read from the tables, which costs as little; so are graphs too big to hold, and any question that comes
while another thread is still reading the graph.
"""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from django.conf import settings

from catalog.db.batches import batched
from lineage.adjacency.arrays import Graph
from lineage.adjacency.load import EdgeSelection, read_aliases, read_columns, read_edges
from lineage.adjacency.paths import ColumnPaths, first_and_last
from lineage.adjacency.tables import ColumnTableFlows, TableFlows
from lineage.models import Edge, LineageChange
from lineage.questions.flows import EMPTY, Arcs, Flows, Keys

_MOST_CHANGES = 500


@dataclass(slots=True)
class _Cache:
    """What is in memory, and up to which change."""

    version: int = 0
    version_at: datetime | None = None
    aliases: dict[int, int] = field(default_factory=dict)
    paths: ColumnPaths = field(default_factory=ColumnPaths)
    datasets: Graph | None = None
    columns: Graph | None = None
    seconds: float = 0.0


_cache = _Cache()
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Source:
    """Where the flows of one question come from."""

    flows: Flows
    paths: ColumnPaths
    aliases: dict[int, int]
    graph: Graph | None

    def meant(self, dataset: int) -> int:
        """Return the dataset that is meant where this may be only another name."""
        return self.aliases.get(dataset, dataset)

    def columns_of(self, dataset: int) -> Keys:
        """Return the columns of a dataset that take part in flows."""
        first, last = first_and_last(dataset)
        if self.graph is not None:
            return self.graph.within(first, last)
        if isinstance(self.flows, ColumnTableFlows):
            return self.flows.within(first, last)
        return EMPTY


def forget() -> None:
    """Drop the graph of this process; the next question reads it anew."""
    global _cache
    _cache = _Cache()


def byte_size() -> int:
    """Return how much memory the graph of this process takes."""
    return sum(graph.byte_size for graph in (_cache.datasets, _cache.columns) if graph)


def dataset_flows() -> Source:
    """Return the flows between datasets as they are now."""
    if source := _cached(with_columns=False):
        return source
    flows = TableFlows()
    return Source(flows, ColumnPaths(), flows.aliases, None)


def column_flows() -> Source:
    """Return the flows between columns as they are now."""
    if source := _cached(with_columns=True):
        return source
    paths = ColumnPaths()
    return Source(ColumnTableFlows(paths), paths, read_aliases(), None)


def _cached(*, with_columns: bool) -> Source | None:
    """Return the flows from memory, brought up to date; None where the tables are asked instead."""
    if not _fits() or not _lock.acquire(timeout=0.05):
        return None
    try:
        _sync(with_columns=with_columns)
        graph = _cache.columns if with_columns else _cache.datasets
        return None if graph is None else Source(graph, _cache.paths, _cache.aliases, graph)
    finally:
        _lock.release()


def _fits() -> bool:
    """Whether the graph is neither so small nor so big that the tables are the better place."""
    if settings.LINEAGE_GRAPH == "tables":
        return False
    if settings.LINEAGE_GRAPH == "memory" or _cache.datasets is not None:
        return True
    newest = Edge.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    return settings.LINEAGE_GRAPH_LEAST <= newest <= settings.LINEAGE_GRAPH_MOST


def _sync(*, with_columns: bool) -> None:
    """Read the graph, or what changed in it: one query where nothing did."""
    started = time.perf_counter()
    changes = list(
        LineageChange.objects.filter(pk__gte=_cache.version).order_by("pk")[: _MOST_CHANGES + 2]
    )
    known = changes[0] if changes and changes[0].pk == _cache.version else None
    is_same = _cache.version == 0 or (known is not None and known.at == _cache.version_at)
    new = [change for change in changes if change.pk > _cache.version]
    is_whole = len(new) > _MOST_CHANGES or any(c.is_whole or c.has_aliases for c in new)
    if _cache.datasets is None or not is_same or is_whole:
        _read_anew()
    elif new:
        _take({pk for change in new for pk in change.edges})
        _cache.version, _cache.version_at = new[-1].pk, new[-1].at
    if with_columns and _cache.columns is None:
        _cache.columns = Graph.build(read_columns(_cache.aliases, _cache.paths))
    _cache.seconds = time.perf_counter() - started


def _read_anew() -> None:
    forget()
    newest = LineageChange.objects.order_by("-pk").first()
    _cache.aliases = read_aliases()
    _cache.datasets = Graph.build(read_edges(_cache.aliases))
    if newest is not None:
        _cache.version, _cache.version_at = newest.pk, newest.at


def _take(edges: set[int]) -> None:
    ids = sorted(edges)
    assert _cache.datasets is not None  # read before changes are taken
    parts = list(batched(ids, 2_000))
    now = [read_edges(_cache.aliases, EdgeSelection("id", part)) for part in parts]
    arcs = Arcs.joined(now)
    gone = np.setdiff1d(np.array(ids, np.int64), arcs.id)
    if gone.size:
        _cache.datasets.drop(gone)
    _cache.datasets = _cache.datasets.put(arcs)
    if _cache.columns is not None:
        columns = [
            read_columns(_cache.aliases, _cache.paths, EdgeSelection("id", part)) for part in parts
        ]
        _cache.columns = _cache.columns.put(Arcs.joined(columns))
