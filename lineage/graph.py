"""Graphs that people look at: what a product or dataset is made of, and what is made of it.

Read level by level in sets: the number of queries depends on the depth, never on the number of nodes.
What the viewer may not see is one nameless `restricted` node each time; the path through it stays.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet, Value
from django.urls import reverse

from catalog.models import Dataset, Domain, Objective, PortDataset, Product, User
from catalog.models.products import Port
from lineage.models import Edge, EdgeKind

Viewer = User | AnonymousUser
Direction = Literal["upstream", "downstream", "both"]
Pair = tuple[int, int]
#: The direction it was met in (-1 upstream, 1 downstream, 0 a reference), the pair, its kind.
Flow = tuple[int, Pair, str]
_Rows = QuerySet[Any, tuple[Any, ...]]

MAX_NODES = 300
MAX_DEPTH = 10


@dataclass(frozen=True, slots=True)
class Node:
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
class GraphEdge:
    """Data flows from `source` to `target`; kind `foreign-key` is a relation, not a flow."""

    source: str
    target: str
    kind: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Graph:
    """Nodes and edges; `truncated` says why and where the graph was cut."""

    nodes: tuple[Node, ...]
    edges: tuple[GraphEdge, ...]
    truncated: str | None = None

    @property
    def upstream_count(self) -> int:
        """How many nodes stand before the focus."""
        return sum(node.level < 0 for node in self.nodes)

    @property
    def downstream_count(self) -> int:
        """How many nodes stand after the focus."""
        return sum(node.level > 0 for node in self.nodes)


@dataclass(slots=True)
class _Walk:
    """Ids and their level, and the edges between them, while walking."""

    levels: dict[int, int]
    edges: dict[Pair, str] = field(default_factory=dict)
    is_cut: bool = False

    def step(self, found: Iterable[Flow]) -> dict[int, set[int]]:
        """Take the flows of one level; return the nodes that are new, by direction."""
        fresh: dict[int, set[int]] = {}
        for sign, (up, down), kind in found:
            if up == down:
                continue
            near, far = (down, up) if sign < 0 else (up, down)
            if far not in self.levels:
                if len(self.levels) >= MAX_NODES:
                    self.is_cut = True
                    continue
                self.levels[far] = self.levels[near] + sign
                fresh.setdefault(sign, set()).add(far)
            self.edges.setdefault((up, down), kind)
        return fresh

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
    focus: int, depth: int, direction: Direction, kind: Literal["product", "dataset"]
) -> _Walk:
    """Walk both ways at once: one query for each level, however many nodes it has."""
    walk = _Walk({focus: 0})
    signs = {"upstream": (-1,), "downstream": (1,), "both": (-1, 1)}[direction]
    selects = _product_selects if kind == "product" else _dataset_selects
    frontiers = {sign: {focus} for sign in signs}
    references: list[Pair] = []
    for level in range(max(1, min(depth, MAX_DEPTH))):
        queries = [query for sign, ids in frontiers.items() for query in selects(ids, sign)]
        if level == 0:
            queries.append(_references(focus, kind))
        found = _read(queries)
        references += [pair for sign, pair, _ in found if sign == 0]
        frontiers = walk.step(flow for flow in found if flow[0])
        if not frontiers:
            break
    walk.refer(references, focus)
    return walk


def _read(queries: Sequence[_Rows]) -> list[Flow]:
    first, *more = [query.order_by() for query in queries]
    rows = first.union(*more) if more else first
    return sorted((sign, (up, down), kind) for up, down, kind, sign in rows if up and down)


def _product_selects(ids: set[int], sign: int) -> list[_Rows]:
    way = Value(sign)
    side = "product" if sign < 0 else "upstream"
    stated = Port.objects.filter(
        direction="in", upstream__isnull=False, **{f"{side}__in": ids}
    ).values_list("upstream_id", "product_id", Value("declared"), way)
    side = "port__product" if sign < 0 else "dataset__product"
    read = PortDataset.objects.filter(
        port__direction="in", dataset__product__isnull=False, **{f"{side}__in": ids}
    ).values_list("dataset__product_id", "port__product_id", Value("declared"), way)
    side = "downstream__product" if sign < 0 else "upstream__product"
    views = Edge.objects.filter(
        kind__in=(EdgeKind.VIEW, EdgeKind.DECLARED), ended_at__isnull=True, **{f"{side}__in": ids}
    ).values_list("upstream__product_id", "downstream__product_id", Value("view"), way)
    return [stated, read, views]


def _dataset_selects(ids: set[int], sign: int) -> list[_Rows]:
    side = "downstream" if sign < 0 else "upstream"
    rows = Edge.objects.filter(
        kind__in=(EdgeKind.VIEW, EdgeKind.DECLARED), ended_at__isnull=True, **{f"{side}__in": ids}
    )
    return [rows.values_list("upstream_id", "downstream_id", "kind", Value(sign))]


def _references(focus: int, kind: Literal["product", "dataset"]) -> _Rows:
    suffix = "__product_id" if kind == "product" else "_id"
    up, down = f"upstream{suffix}", f"downstream{suffix}"
    rows = Edge.objects.filter(kind=EdgeKind.FOREIGN_KEY, ended_at__isnull=True)
    near = rows.filter(Q(**{up: focus}) | Q(**{down: focus}))
    return near.values_list(up, down, "kind", Value(0))


def product_flows(ids: set[int], sign: int) -> list[tuple[Pair, str]]:
    """Return the flows into (sign -1) or out of (sign 1) products: one query."""
    return [(pair, kind) for _, pair, kind in _read(_product_selects(ids, sign))]


def product_graph(
    product: Product, *, user: Viewer, depth: int = 3, direction: Direction = "both"
) -> Graph:
    """Return the products a product is made of and the ones made of it."""
    walk = _walk(product.pk, depth, direction, "product")
    rows = Product.objects.visible_to(user).filter(pk__in=walk.levels).select_related("domain")
    shown = {row.pk: _product_node(row, walk.levels[row.pk], product.pk) for row in rows}
    return _graph(walk, shown, "p")


def dataset_graph(
    dataset: Dataset, *, user: Viewer, depth: int = 3, direction: Direction = "both"
) -> Graph:
    """Return the datasets a dataset is made of and the ones made of it."""
    walk = _walk(dataset.pk, depth, direction, "dataset")
    rows = Dataset.objects.visible_to(user).filter(pk__in=walk.levels).select_related("domain")
    shown = {row.pk: _dataset_node(row, walk.levels[row.pk], dataset.pk) for row in rows}
    return _graph(walk, shown, "d")


def _graph(walk: _Walk, shown: Mapping[int, Node], prefix: str) -> Graph:
    names: dict[int, str] = {}
    nodes: list[Node] = []
    hidden = 0
    for pk, level in sorted(walk.levels.items(), key=lambda item: (item[1], item[0])):
        node = shown.get(pk)
        if node is None:
            hidden += 1
            node = Node(f"restricted-{hidden}", "restricted", "Restricted", level=level)
        names[pk] = node.id
        nodes.append(node)
    edges = tuple(
        GraphEdge(names[up], names[down], kind) for (up, down), kind in sorted(walk.edges.items())
    )
    cut = (
        f"Only the nearest {MAX_NODES} are shown; choose one of them to go on."
        if walk.is_cut
        else None
    )
    return Graph(tuple(nodes), edges, cut)


def _product_node(row: Product, level: int, focus: int) -> Node:
    score = "not measured" if row.quality_score is None else f"quality {row.quality_score:.0f}"
    return Node(
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


def _dataset_node(row: Dataset, level: int, focus: int) -> Node:
    domain = row.domain
    return Node(
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
    ids = set(products)
    seen: dict[Pair, str] = {}
    for pair, kind in product_flows(ids, 1):
        if pair[0] in ids and pair[1] in ids and pair[0] != pair[1]:
            seen.setdefault(pair, kind)
    return list(seen.items())


def mesh_graph(*, user: Viewer) -> Graph:
    """Return the domains and products a person may see, and the flows between the products."""
    domains = Domain.objects.visible_to(user)
    rows = Product.objects.visible_to(user).select_related("domain").order_by("-consumer_count")
    shown = list(rows[: MAX_NODES * 5 + 1])
    cut = len(shown) > MAX_NODES * 5
    products = {row.pk: row for row in shown[: MAX_NODES * 5]}
    nodes = [
        Node(
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
    edges = [GraphEdge(f"p{up}", f"p{down}", kind) for (up, down), kind in mesh_flows(products)]
    said = f"Only the {MAX_NODES * 5} most used products are drawn." if cut else None
    return Graph(tuple(nodes), tuple(edges), said)


@dataclass(frozen=True, slots=True)
class DomainFlow:
    """Products of one domain read products of another."""

    domain: Domain
    direction: Literal["in", "out"]
    pairs: tuple[tuple[Product, Product], ...]


def domain_flows(domain: Domain, *, user: Viewer) -> tuple[DomainFlow, ...]:
    """Return what flows into a domain and out of it, between products the viewer may see."""
    own = set(Product.objects.visible_to(user).filter(domain=domain).values_list("pk", flat=True))
    if not own:
        return ()
    pairs = {pair for sign in (-1, 1) for pair, _ in product_flows(own, sign)}
    ids = {pk for pair in pairs for pk in pair}
    rows = Product.objects.visible_to(user).filter(pk__in=ids).select_related("domain")
    shown = {row.pk: row for row in rows}
    grouped: dict[tuple[int, Literal["in", "out"]], list[tuple[Product, Product]]] = {}
    for up, down in sorted(pairs):
        if up not in shown or down not in shown or (up in own) == (down in own):
            continue
        far, way = (shown[up], "in") if down in own else (shown[down], "out")
        key: tuple[int, Literal["in", "out"]] = (far.domain_id, "in" if way == "in" else "out")
        grouped.setdefault(key, []).append((shown[up], shown[down]))
    flows = []
    for (_, way), found in sorted(grouped.items()):
        other = found[0][0].domain if way == "in" else found[0][1].domain
        flows.append(DomainFlow(other, way, tuple(found)))
    return tuple(flows)


def stale_inputs(product: Product, *, user: Viewer) -> list[Objective]:
    """Return the broken freshness promises of the products a product reads directly."""
    inputs = {up for (up, _), _ in product_flows({product.pk}, -1)} - {product.pk}
    if not inputs:
        return []
    visible = Product.objects.visible_to(user).filter(pk__in=inputs)
    rows = Objective.objects.filter(product__in=visible, indicator="freshness", is_kept=False)
    return list(rows.select_related("product__domain").order_by("product__name"))
