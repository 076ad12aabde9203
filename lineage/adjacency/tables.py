"""The same flows read from the tables, a set of nodes at a time: where there is no graph in memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from catalog.db.batches import batched
from lineage.adjacency.load import EdgeSelection, read_aliases, read_columns, read_edges
from lineage.adjacency.paths import ColumnPaths, dataset_of, datasets_of
from lineage.models import ColumnEdge
from lineage.questions.flows import Arcs, Keys, Sign, TimeWindow

#: How many nodes are asked for at once.
AT_ONCE = 2_000


_ANY_TIME = TimeWindow(0, 0)


class TableFlows:
    """Flows between datasets (`questions.flows.Flows`)."""

    def __init__(self) -> None:
        self.aliases = read_aliases()
        self._names: dict[int, list[int]] = {}
        for alias, node in self.aliases.items():
            self._names.setdefault(node, []).append(alias)

    def arcs(self, nodes: Keys, sign: Sign, when: TimeWindow) -> Arcs:
        """Return the flows into or out of any of the nodes that there are at a time."""
        found = [self._some(part, sign, when) for part in batched(nodes.tolist(), AT_ONCE)]
        return Arcs.joined([arcs for arcs in found if arcs.size])

    def both(self, into: Keys, out_of: Keys, when: TimeWindow) -> tuple[Arcs, Arcs]:
        """Return the flows into some nodes and those out of others: one query where they are few."""
        if into.size + out_of.size > AT_ONCE or not (into.size and out_of.size):
            return self.arcs(into, -1, when), self.arcs(out_of, 1, when)
        first = self.where(into.tolist(), -1, when)
        second = self.where(out_of.tolist(), 1, when)
        asked = replace(first, either=(second.column, second.ids))
        arcs = read_edges(self.aliases, asked)
        arcs = arcs.at(when.holds(arcs.first, arcs.ended)) if arcs.size else arcs
        return arcs.at(np.isin(arcs.down, into)), arcs.at(np.isin(arcs.up, out_of))

    def _some(self, nodes: list[int], sign: Sign, when: TimeWindow) -> Arcs:
        arcs = read_edges(self.aliases, self.where(nodes, sign, when))
        return arcs.at(when.holds(arcs.first, arcs.ended)) if arcs.size else arcs

    def where(self, datasets: list[int], sign: Sign, when: TimeWindow) -> EdgeSelection:
        """Return which edges there may be at some datasets at a time."""
        named = self.names_of(datasets)
        is_current = when.at is None and when.since is None
        return EdgeSelection("downstream_id" if sign < 0 else "upstream_id", named, is_current)

    def names_of(self, datasets: list[int]) -> list[int]:
        """Return datasets and those that are other names of them."""
        return [*datasets, *(name for pk in datasets for name in self._names.get(pk, ()))]


class ColumnTableFlows:
    """Flows between columns (`questions.flows.Flows`)."""

    def __init__(self, paths: ColumnPaths) -> None:
        self._paths = paths
        self._datasets = TableFlows()

    def arcs(self, nodes: Keys, sign: Sign, when: TimeWindow) -> Arcs:
        """Return the flows into or out of any of the columns that there are at a time."""
        datasets = np.unique(datasets_of(nodes))
        found: list[Arcs] = []
        for part in batched(datasets.tolist(), AT_ONCE):
            where = self._datasets.where(part, sign, _ANY_TIME)
            arcs = read_columns(self._datasets.aliases, self._paths, where)
            near = arcs.down if sign < 0 else arcs.up
            found.append(arcs.at(np.isin(near, nodes) & when.holds(arcs.first, arcs.ended)))
        joined = Arcs.joined([arcs for arcs in found if arcs.size])
        return joined.at(np.argsort(joined.id, kind="stable"))

    def within(self, first: int, last: int) -> Keys:
        """Return the columns of one dataset, by any of its names, that take part in flows."""
        dataset = dataset_of(first)
        named = self._datasets.names_of([dataset])
        paths: set[str] = set()
        for end in ("upstream", "downstream"):
            rows = ColumnEdge.objects.filter(**{f"edge__{end}__in": named}).order_by()
            paths |= set(rows.values_list(f"{end}_path", flat=True).distinct())
        return np.array(sorted(self._paths.key(dataset, path) for path in paths), np.int64)
