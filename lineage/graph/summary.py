"""The graphs of the mesh map and of the two short lineage addresses, over the same flows as all questions.

What the viewer may not see is a nameless `restricted` node; the path through it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from django.contrib.auth.models import AnonymousUser
from django.db.models import Q
from django.urls import reverse

from catalog.models import Dataset, Domain, Product, User
from lineage.adjacency.load import KINDS
from lineage.adjacency.memory import dataset_flows
from lineage.adjacency.products import ProductFlows
from lineage.graph.around import SIGNS, Focus, GraphQuery, ground_of
from lineage.graph.edge_details import RESTRICTED
from lineage.graph.types import Direction, Level
from lineage.models import Edge, EdgeKind
from lineage.questions.flows import TimeWindow
from lineage.questions.restricted import RestrictedArea, restricted
from lineage.questions.walk import walk

Viewer = User | AnonymousUser
Pair = tuple[int, int]

MAX_NODES = 300
MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class MapNode:
    """Something in a graph; `level` is negative upstream of the focus, positive downstream."""

    id: str
    kind: Literal["product", "dataset", "domain", "restricted"]
    label: str
    domain: str = ""
    domain_name: str = ""
    hue: int | None = None
    url: str = ""
    is_focus: bool = False
    level: int = 0
    status: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class MapEdge:
    """Data flows from `source` to `target`; kind `foreign-key` is a relation, not a flow."""

    source: str
    target: str
    kind: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges; `truncated` says why and where the graph was cut."""

    nodes: tuple[MapNode, ...]
    edges: tuple[MapEdge, ...]
    truncated: str | None = None

    @property
    def upstream_count(self) -> int:
        """How many nodes stand before the focus."""
        return sum(node.level < 0 for node in self.nodes)

    @property
    def downstream_count(self) -> int:
        """How many nodes stand after the focus."""
        return sum(node.level > 0 for node in self.nodes)


def product_graph(
    product: Product, *, user: Viewer, depth: int = 3, direction: Direction = "both"
) -> Graph:
    """Return the products a product is made of and the ones made of it."""
    focus = Focus("", products=(product.pk,))
    found, _ = _walk(focus, "product", depth, direction, user)
    found.refer(_references(product.pk, "product"), product.pk)
    rows = Product.objects.visible_to(user).filter(pk__in=found.levels).select_related("domain")
    shown = {row.pk: _product_node(row, found.levels[row.pk], product.pk) for row in rows}
    return _graph(found, shown)


def dataset_graph(
    dataset: Dataset, *, user: Viewer, depth: int = 3, direction: Direction = "both"
) -> Graph:
    """Return the datasets a dataset is made of and the ones made of it."""
    found, focus = _walk(Focus("", datasets=(dataset.pk,)), "dataset", depth, direction, user)
    found.refer(_references(focus, "dataset"), focus)
    rows = Dataset.objects.visible_to(user).filter(pk__in=found.levels).select_related("domain")
    shown = {row.pk: _dataset_node(row, found.levels[row.pk], focus) for row in rows}
    return _graph(found, shown)


@dataclass(slots=True)
class _Walk:
    """What a walk met, cut to what is shown: levels of what may be seen, flows, and what is hidden."""

    levels: dict[int, int]
    edges: dict[Pair, str]
    areas: list[RestrictedArea]
    is_cut: bool = False

    def refer(self, pairs: Iterable[Pair], focus: int) -> None:
        """Add what foreign keys of the focus refer to, and who refers to it; never followed."""
        for first, second in pairs:
            if first == second:
                continue
            far, level = (first, -1) if second == focus else (second, 1)
            if far not in self.levels:
                if len(self.levels) >= MAX_NODES:
                    self.is_cut = True
                    continue
                self.levels[far] = level
            self.edges.setdefault((first, second), EdgeKind.FOREIGN_KEY.value)


def _walk(
    focus: Focus, level: Level, depth: int, direction: Direction, user: Viewer
) -> tuple[_Walk, int]:
    """Walk from a focus; return it with the node that stands for it."""
    ask = GraphQuery(level=level, direction=direction, depth=max(1, min(depth, MAX_DEPTH)))
    ground = ground_of(focus, ask, user)
    found = walk(
        ground.flows, ground.focus, depth=ask.depth, signs=SIGNS[direction], hidden=ground.hidden
    )
    gone = ground.sight.gone
    visible = [key for key in found.nearest() if key not in found.hidden and key not in gone]
    levels = {key: found.levels[key] for key in visible[:MAX_NODES]}
    arcs = found.arcs
    edges: dict[Pair, str] = {}
    for up, down, kind in zip(
        arcs.up.tolist(), arcs.down.tolist(), arcs.kind.tolist(), strict=True
    ):
        edges.setdefault((up, down), KINDS[kind])
    kept = levels.keys() | found.hidden
    near = [pair for pair in edges if kept.issuperset(pair)]
    areas = restricted(near, {n for pair in near for n in pair} & found.hidden, found.levels)
    shown = {pair: kind for pair, kind in edges.items() if levels.keys() >= set(pair)}
    is_cut = found.is_cut or len(visible) > MAX_NODES
    return _Walk(levels, shown, areas, is_cut), ground.focus[0]


def _references(focus: int, kind: Literal["product", "dataset"]) -> list[Pair]:
    suffix = "__product_id" if kind == "product" else "_id"
    up, down = f"upstream{suffix}", f"downstream{suffix}"
    rows = Edge.objects.filter(kind=EdgeKind.FOREIGN_KEY, ended_at__isnull=True)
    near = rows.filter(Q(**{up: focus}) | Q(**{down: focus}))
    return sorted({(a, b) for a, b in near.values_list(up, down) if a and b})


def _graph(found: _Walk, shown: Mapping[int, MapNode]) -> Graph:
    """Draw what was met; a foreign key to what is hidden is left out."""
    nodes = sorted(shown.values(), key=lambda node: (node.level, node.id))
    edges = [
        MapEdge(shown[up].id, shown[down].id, kind)
        for (up, down), kind in sorted(found.edges.items())
        if up in shown and down in shown
    ]
    for number, area in enumerate(found.areas, 1):
        own = f"restricted-{number}"
        nodes.append(MapNode(own, "restricted", "Restricted", level=area.level))
        edges += [MapEdge(shown[up].id, own, RESTRICTED) for up in sorted(area.ups)]
        edges += [MapEdge(own, shown[down].id, RESTRICTED) for down in sorted(area.downs)]
    cut = (
        f"Only the nearest {MAX_NODES} are shown; choose one of them to go on."
        if found.is_cut
        else None
    )
    return Graph(tuple(sorted(nodes, key=lambda n: (n.level, n.id))), tuple(edges), cut)


def _product_node(row: Product, level: int, focus: int) -> MapNode:
    score = "not measured" if row.quality_score is None else f"quality {row.quality_score:.0f}"
    return MapNode(
        f"p{row.pk}",
        "product",
        row.name,
        row.domain.key,
        row.domain.name,
        row.domain.hue,
        reverse("product", args=[row.domain.key, row.key]),
        row.pk == focus,
        level,
        row.status,
        f"{row.domain.name}, {row.status}, {score}",
    )


def _dataset_node(row: Dataset, level: int, focus: int) -> MapNode:
    domain = row.domain
    return MapNode(
        f"d{row.pk}",
        "dataset",
        row.display_name,
        domain.key if domain else "",
        domain.name if domain else "",
        domain.hue if domain else None,
        reverse("dataset", args=[row.pk]),
        row.pk == focus,
        level,
        "gone" if row.gone_at else "",
        f"{row.kind}, {row.technology}" if row.technology else row.kind,
    )


def mesh_flows(products: Mapping[int, Product]) -> list[tuple[Pair, str]]:
    """Return each flow between two of these products once."""
    keys = np.array(sorted(products), np.int64)
    arcs = ProductFlows(dataset_flows().flows).arcs(keys, 1, TimeWindow())
    rows = zip(arcs.up.tolist(), arcs.down.tolist(), arcs.kind.tolist(), strict=True)
    return [
        ((up, down), KINDS[kind]) for up, down, kind in rows if up in products and down in products
    ]


def mesh_graph(*, user: Viewer) -> Graph:
    """Return the domains and products a person may see, and the flows between the products."""
    domains = Domain.objects.visible_to(user)
    rows = Product.objects.visible_to(user).select_related("domain").order_by("-consumer_count")
    shown = list(rows[: MAX_NODES * 5 + 1])
    cut = len(shown) > MAX_NODES * 5
    products = {row.pk: row for row in shown[: MAX_NODES * 5]}
    nodes = [
        MapNode(
            f"domain-{d.pk}",
            "domain",
            d.name,
            d.key,
            d.name,
            d.hue,
            reverse("domain", args=[d.key]),
            hint=d.description,
        )
        for d in domains
    ]
    nodes += [_product_node(row, 0, 0) for row in products.values()]
    edges = [MapEdge(f"p{up}", f"p{down}", kind) for (up, down), kind in mesh_flows(products)]
    said = f"Only the {MAX_NODES * 5} most used products are drawn." if cut else None
    return Graph(tuple(nodes), tuple(edges), said)
