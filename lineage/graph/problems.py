"""What is odd in the graph: data that comes back to where it was, and datasets nothing flows through."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from django.db.models import Exists, OuterRef

from catalog.models import Dataset
from lineage.adjacency.load import read_edges
from lineage.adjacency.memory import dataset_flows
from lineage.adjacency.tables import TableFlows
from lineage.graph.node_visibility import NodeVisibility, Viewer
from lineage.graph.nodes import dataset_nodes
from lineage.graph.types import GraphNode
from lineage.models import Edge
from lineage.questions.flows import Arcs, TimeWindow
from lineage.questions.loops import loop_of, loops

MOST_ORPHANS = 200
MOST_COUNTED = 10_000


@dataclass(frozen=True, slots=True)
class Cycle:
    """A way that leads back, in its order; hidden stretches are one nameless node. `size`: seen members."""

    nodes: tuple[GraphNode, ...]


@dataclass(frozen=True, slots=True)
class Problems:
    """Cycles and orphans that a person may see."""

    cycles: tuple[Cycle, ...]
    orphans: tuple[GraphNode, ...]
    orphan_count: int
    is_counted: bool
    said: str


def problems(*, user: Viewer, domains: tuple[int, ...] | None = None) -> Problems:
    """Return the cycles of the graph and the datasets that nothing flows into or out of."""
    rows = Dataset.objects.visible_to(user).present().filter(alias__isnull=True)
    if domains is not None:
        rows = rows.filter(domain__in=domains)
    current = Edge.objects.current().flows()
    alone = rows.filter(
        ~Exists(current.filter(upstream=OuterRef("pk"))),
        ~Exists(current.filter(downstream=OuterRef("pk"))),
    ).order_by("pk")
    ids = list(alone.values_list("pk", flat=True)[: MOST_COUNTED + 1])
    shown = dataset_nodes(dict.fromkeys(ids[:MOST_ORPHANS], 0), user=user)
    is_counted = len(ids) <= MOST_COUNTED
    said = ""
    if len(ids) > MOST_ORPHANS:
        count = len(ids) if is_counted else f"more than {MOST_COUNTED}"
        said = f"The first {MOST_ORPHANS} of {count} datasets without lineage are listed."
    return Problems(
        tuple(_cycles(user, domains)),
        tuple(sorted(shown.values(), key=lambda node: (node.name, node.id))),
        min(len(ids), MOST_COUNTED),
        is_counted,
        said,
    )


def _cycles(user: Viewer, domains: tuple[int, ...] | None) -> list[Cycle]:
    arcs = _every()
    groups = loops(arcs)
    keys = np.array(sorted({key for group in groups for key in group}), np.int64)
    visibility = NodeVisibility(user, Dataset)
    hidden = set(keys[visibility.hidden(keys)].tolist()) if keys.size else set()
    found = []
    for group in groups:
        way = loop_of(arcs, group)
        nodes = dataset_nodes(dict.fromkeys(way, 0), user=user)
        if domains is not None and not _is_of(nodes, domains):
            continue
        if any(key in nodes for key in way):
            found.append(Cycle(tuple(_cycle_nodes(way, nodes, hidden))))
    return found


def _is_of(nodes: dict[int, GraphNode], domains: tuple[int, ...]) -> bool:
    return Dataset.objects.filter(pk__in=nodes, domain__in=domains).exists()


def _cycle_nodes(way: list[int], nodes: dict[int, GraphNode], hidden: set[int]) -> list[GraphNode]:
    """Return a cycle from its first seen node, each hidden stretch as one nameless node."""
    start = next(at for at, key in enumerate(way) if key in nodes)
    drawn: list[GraphNode] = []
    for key in [*way[start:], *way[:start]]:
        if key in nodes:
            drawn.append(nodes[key])
        elif key in hidden and drawn[-1].kind != "restricted":
            drawn.append(GraphNode(f"restricted-{len(drawn)}", "restricted", "Restricted", 0))
    return drawn


def _every() -> Arcs:
    """Return all current flows; from the tables only where they are few."""
    source = dataset_flows()
    if source.graph is not None:
        return source.graph.every(TimeWindow())
    assert isinstance(source.flows, TableFlows)  # the only other source
    arcs = read_edges(source.flows.aliases)
    return arcs.at(TimeWindow().holds(arcs.first, arcs.ended)) if arcs.size else arcs
