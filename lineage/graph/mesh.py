"""The mesh: flows between products as a map, and between domains, counted by the pairs that make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import numpy as np
from django.urls import reverse

from catalog.models import Domain, Product
from lineage.adjacency.load import KIND_CODES
from lineage.adjacency.memory import dataset_flows
from lineage.adjacency.products import ProductFlows
from lineage.graph.node_visibility import Viewer
from lineage.graph.nodes import domain_name, product_name
from lineage.graph.types import DomainName, ProductName
from lineage.questions.flows import FlowFilter, TimeWindow, moment

#: No more products than these are looked at, the most used first.
MOST_PRODUCTS = 5_000
MOST_NAMED = 10
#: And on a map no more than these are drawn.
MOST_DRAWN = 1_500


@dataclass(frozen=True, slots=True)
class MeshDomain:
    """A domain and how many products of it one may see."""

    id: int
    name: DomainName
    product_count: int


@dataclass(frozen=True, slots=True)
class MeshFlow:
    """Products of one domain read products of another; the first pairs by name."""

    source: DomainName
    target: DomainName
    count: int
    pairs: tuple[tuple[ProductName, ProductName], ...]


@dataclass(frozen=True, slots=True)
class Mesh:
    """Domains, and the flows between two different ones."""

    domains: tuple[MeshDomain, ...]
    flows: tuple[MeshFlow, ...]
    said: str


@dataclass(frozen=True, slots=True)
class MapNode:
    """A domain or a product on the map."""

    id: str
    kind: Literal["domain", "product"]
    label: str
    domain: str
    domain_name: str
    hue: int | None
    url: str


@dataclass(frozen=True, slots=True)
class MeshMap:
    """Domains and products to draw, and the flows between products; `truncated` says why some are missing."""

    domains: tuple[MapNode, ...]
    products: tuple[tuple[MapNode, int], ...]  # with how many use it
    flows: tuple[tuple[MapNode, MapNode], ...]
    truncated: str | None


def mesh(
    *, user: Viewer, as_of: datetime | None = None, kinds: Collection[str] | None = None
) -> Mesh:
    """Return the domains one may see and the flows between products one may see."""
    products, is_cut = _most_used(user, MOST_PRODUCTS)
    when = TimeWindow(None if as_of is None else moment(as_of))
    codes = None if kinds is None else tuple(KIND_CODES[kind] for kind in kinds)
    between: dict[tuple[int, int], list[tuple[Product, Product]]] = defaultdict(list)
    for first, second in _flows(products, FlowFilter(when, codes)):
        if first.domain_id != second.domain_id:
            between[first.domain_id, second.domain_id].append((first, second))
    domains = _domains(products, user)
    names = {domain.id: domain.name for domain in domains}
    flows = [
        MeshFlow(names[up], names[down], len(pairs), _named(pairs))
        for (up, down), pairs in sorted(between.items())
        if up in names and down in names
    ]
    message = f"Only the {MOST_PRODUCTS} most used products are counted."
    return Mesh(domains, tuple(flows), message if is_cut else "")


def mesh_map(*, user: Viewer) -> MeshMap:
    """Return the domains and products a person may see, and the flows between the products."""
    products, is_cut = _most_used(user, MOST_DRAWN)
    drawn = {pk: _map_node(row) for pk, row in products.items()}
    domains = [
        MapNode(
            f"domain-{d.pk}",
            "domain",
            d.name,
            d.key,
            d.name,
            d.hue,
            reverse("domain", args=[d.key]),
        )
        for d in Domain.objects.visible_to(user)
    ]
    message = f"Only the {MOST_DRAWN} most used products are drawn." if is_cut else None
    return MeshMap(
        tuple(domains),
        tuple((drawn[pk], row.consumer_count) for pk, row in products.items()),
        tuple((drawn[up.pk], drawn[down.pk]) for up, down in _flows(products, FlowFilter())),
        message,
    )


def _map_node(row: Product) -> MapNode:
    home = row.domain
    url = reverse("product", args=[home.key, row.key])
    return MapNode(f"p{row.pk}", "product", row.name, home.key, home.name, home.hue, url)


def _most_used(user: Viewer, most: int) -> tuple[dict[int, Product], bool]:
    """Return the products one may see, the most used first, and whether there are more."""
    rows = Product.objects.visible_to(user).select_related("domain")
    listed = list(rows.order_by("-consumer_count", "pk")[: most + 1])
    return {row.pk: row for row in listed[:most]}, len(listed) > most


def _flows(
    products: Mapping[int, Product], flow_filter: FlowFilter
) -> Iterator[tuple[Product, Product]]:
    """Yield each flow between two of some products."""
    keys = np.array(sorted(products), np.int64)
    found = ProductFlows(dataset_flows().flows).arcs(keys, 1, flow_filter.when)
    arcs = flow_filter.keep(found, 1)
    for up, down in zip(arcs.up.tolist(), arcs.down.tolist(), strict=True):
        if up in products and down in products:
            yield products[up], products[down]


def _domains(products: dict[int, Product], user: Viewer) -> tuple[MeshDomain, ...]:
    counts: dict[int, int] = defaultdict(int)
    for row in products.values():
        counts[row.domain_id] += 1
    found = []
    for domain in Domain.objects.visible_to(user).order_by("path"):
        name = domain_name(domain, user)
        if name is not None:
            found.append(MeshDomain(domain.pk, name, counts[domain.pk]))
    return tuple(found)


def _named(pairs: list[tuple[Product, Product]]) -> tuple[tuple[ProductName, ProductName], ...]:
    ordered = sorted(pairs, key=lambda pair: (pair[0].name, pair[1].name))
    return tuple((product_name(up), product_name(down)) for up, down in ordered[:MOST_NAMED])
