"""The mesh as flows between domains, counted by the pairs of products that make them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import numpy as np

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


def mesh(
    *, user: Viewer, as_of: datetime | None = None, kinds: Collection[str] | None = None
) -> Mesh:
    """Return the domains one may see and the flows between products one may see."""
    rows = (
        Product.objects.visible_to(user).select_related("domain").order_by("-consumer_count", "pk")
    )
    listed = list(rows[: MOST_PRODUCTS + 1])
    products = {row.pk: row for row in listed[:MOST_PRODUCTS]}
    when = TimeWindow(None if as_of is None else moment(as_of))
    codes = None if kinds is None else tuple(KIND_CODES[kind] for kind in kinds)
    sieve = FlowFilter(when, codes)
    keys = np.array(sorted(products), np.int64)
    arcs = sieve.keep(ProductFlows(dataset_flows().flows).arcs(keys, 1, when), 1)
    between: dict[tuple[int, int], list[tuple[Product, Product]]] = defaultdict(list)
    for up, down in zip(arcs.up.tolist(), arcs.down.tolist(), strict=True):
        if up in products and down in products:
            first, second = products[up], products[down]
            if first.domain_id != second.domain_id:
                between[first.domain_id, second.domain_id].append((first, second))
    domains = _domains(products, user)
    names = {domain.id: domain.name for domain in domains}
    flows = [
        MeshFlow(names[up], names[down], len(pairs), _named(pairs))
        for (up, down), pairs in sorted(between.items())
        if up in names and down in names
    ]
    said = f"Only the {MOST_PRODUCTS} most used products are counted."
    return Mesh(domains, tuple(flows), said if len(listed) > MOST_PRODUCTS else "")


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
