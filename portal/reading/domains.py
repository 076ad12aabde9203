"""Domains with their numbers, and what flows between them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Avg, Count, Q, QuerySet

from catalog.models import Check, Dataset, Domain, Port, Product, User
from catalog.visibility import viewer_tokens

Viewer = User | AnonymousUser
PRESENT = ~Q(status="retired")


@dataclass(frozen=True, slots=True)
class DomainRow:
    """A domain with what a person sees of it, sub-domains not counted."""

    domain: Domain
    products: int
    datasets: int
    quality: float | None
    incidents: int


@dataclass(frozen=True, slots=True)
class DomainGroup:
    """A domain at the top with all below it; alone when there is nothing below."""

    top: DomainRow
    rows: tuple[DomainRow, ...]

    @property
    def products(self) -> int:
        """How many products the group has together."""
        return sum(row.products for row in self.rows)


@dataclass(frozen=True, slots=True)
class Flow:
    """How many product-to-product dependencies go between two domains."""

    domain: Domain
    count: int
    examples: tuple[tuple[Product, Product], ...]


def domain_rows(user: Viewer) -> list[DomainRow]:
    """Return the visible domains in tree order with their numbers; four queries."""
    products: dict[int, dict[str, Any]] = {
        row["domain"]: dict(row)
        for row in Product.objects.visible_to(user)
        .filter(PRESENT)
        .order_by()
        .values("domain")
        .annotate(n=Count("pk"), quality=Avg("quality_score"))
    }
    visible = Dataset.objects.visible_to(user).present().order_by()
    datasets: dict[int | None, int] = dict(visible.values_list("domain").annotate(n=Count("pk")))
    failing = (
        Check.objects.visible_to(user)
        .filter(dataset__in=visible.values("pk"), last_outcome__in=("failed", "error"))
        .order_by()
    )
    incidents: dict[int | None, int] = dict(
        failing.values_list("dataset__domain").annotate(n=Count("dataset", distinct=True))
    )
    return [
        DomainRow(
            domain,
            products.get(domain.pk, {}).get("n", 0),
            datasets.get(domain.pk, 0),
            products.get(domain.pk, {}).get("quality"),
            incidents.get(domain.pk, 0),
        )
        for domain in Domain.objects.visible_to(user)
    ]


def with_totals(rows: Sequence[DomainRow]) -> list[DomainRow]:
    """Give a domain that only holds others the sum of what is below it."""
    found = []
    for row in rows:
        below = [one for one in rows if one.domain.path.startswith(row.domain.path)]
        measured = [one for one in below if one.quality is not None]
        weight = sum(one.products for one in measured)
        if row.products or row.datasets or len(below) == 1:
            found.append(row)
            continue
        quality = sum((one.quality or 0) * one.products for one in measured)
        found.append(
            DomainRow(
                row.domain,
                sum(one.products for one in below),
                sum(one.datasets for one in below),
                quality / weight if weight else None,
                sum(one.incidents for one in below),
            )
        )
    return found


def grouped(rows: Sequence[DomainRow]) -> list[DomainGroup]:
    """Group domains under the one at their top; a top with no products of its own is no member."""
    tops: dict[str, list[DomainRow]] = {}
    for row in rows:
        tops.setdefault(row.domain.path.split("/")[0], []).append(row)
    found = []
    for members in tops.values():
        top = members[0]
        has_own = top.products or top.datasets or len(members) == 1
        found.append(DomainGroup(top, tuple(members if has_own else members[1:])))
    return found


def flows(user: Viewer, domain: Domain) -> tuple[list[Flow], list[Flow]]:
    """Return what flows into a domain's products and out of them, by other domain; two queries."""
    inside = Q(product__domain__path__startswith=domain.path)
    reads = Q(upstream__domain__path__startswith=domain.path)
    into = [(p.upstream, p.product) for p in _links(user).filter(inside).exclude(reads)]
    out = [(p.upstream, p.product) for p in _links(user).filter(reads).exclude(inside)]
    return _grouped(into, 0), _grouped(out, 1)


def _links(user: Viewer) -> QuerySet[Port]:
    rows = (
        Port.objects.filter(direction="in", upstream__isnull=False)
        .select_related("product__domain", "upstream__domain")
        .order_by("upstream__name", "product__name")
    )
    tokens = viewer_tokens(user)
    if tokens is None:
        return rows
    return rows.filter(product__audience__in=tokens, upstream__audience__in=tokens)


def _grouped(pairs: Sequence[tuple[Product | None, Product]], other: int) -> list[Flow]:
    found: dict[int, list[tuple[Product, Product]]] = {}
    for source, target in pairs:
        if source is not None:
            pair = (source, target)
            found.setdefault(pair[other].domain_id, []).append(pair)
    flows_found = [Flow(p[0][other].domain, len(p), tuple(p[:12])) for p in found.values()]
    return sorted(flows_found, key=lambda flow: (-flow.count, flow.domain.name))
