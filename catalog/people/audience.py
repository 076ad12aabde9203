"""The audience of datasets, which follows the products that serve them."""

from __future__ import annotations

from collections.abc import Sequence

from django.db.models import QuerySet

from catalog.db import bulk
from catalog.descriptors import Visibility
from catalog.models import Dataset, Domain, PortDataset, Product
from catalog.visibility import SIGNED_IN, audience_of, narrower, width


def refresh(*, products: Sequence[int], datasets: Sequence[int]) -> None:
    """Give each dataset the audience of the widest product that serves it, else of its domain.

    Looks at the datasets named, at those the products serve, and at those they served before.
    """
    touched = set(datasets)
    if products:
        links = PortDataset.objects.filter(port__product__among=products, dataset__isnull=False)
        touched.update(pk for pk in links.values_list("dataset_id", flat=True) if pk)
        touched.update(
            Dataset.objects.filter(product__among=products).order_by().values_list("pk", flat=True)
        )
    if not touched:
        return
    best: dict[int, tuple[int, int, str]] = {}
    served = PortDataset.objects.filter(dataset__among=touched, port__direction="out")
    for pk, product, audience in served.values_list(
        "dataset_id", "port__product_id", "port__product__audience"
    ):
        rank = (width(audience), product, audience)
        if pk not in best or rank < best[pk]:
            best[pk] = rank
    bulk.update(Dataset, _changed(touched, best))


def _changed(touched: set[int], best: dict[int, tuple[int, int, str]]) -> list[dict[str, object]]:
    rows: list[dict[str, object]] = []
    stored = Dataset.objects.filter(pk__among=touched).order_by()
    fields = ("pk", "product_id", "audience", "domain_id", "team_id", "kept_for")
    domains: dict[int, Domain] = {}
    for pk, product, audience, domain, team, kept_for in stored.values_list(*fields):
        if pk in best:
            wanted: tuple[int | None, str] = best[pk][1:]
        else:
            domains = domains or Domain.objects.in_bulk()
            wanted = (None, _own(domains[domain] if domain else None, team, kept_for))
        if wanted != (product, audience):
            rows.append({"id": pk, "product_id": wanted[0], "audience": wanted[1]})
    return rows


def _own(domain: Domain | None, team: int | None, kept_for: str) -> str:
    """Return the audience of a dataset that no product serves; what nobody owns is kept for who named it."""
    if domain is None:
        return kept_for or SIGNED_IN
    own = audience_of(domain.visibility, domain_id=domain.pk, team_id=team or domain.team_id)
    return own if own.startswith("team:") else narrower(own, domain.audience)


def audience_of_domain(domain: Domain) -> str:
    """Return the token a viewer of the domain needs."""
    return audience_of(domain.visibility, domain_id=domain.pk, team_id=domain.team_id)


def audience_of_product(visibility: str, domain: Domain, team: int | None) -> str:
    """Return the token a viewer of a product needs; only one that is its team's may be wider than its domain."""
    scope = audience_of(
        visibility or domain.visibility, domain_id=domain.pk, team_id=team or domain.team_id
    )
    return scope if visibility == Visibility.TEAM else narrower(scope, domain.audience)


def refresh_below(domain: Domain) -> None:
    """Recompute the audiences of everything in a domain, after its visibility changed."""
    refresh_of(Product.objects.filter(domain=domain), Dataset.objects.filter(domain=domain))


def refresh_of(products: QuerySet[Product], datasets: QuerySet[Dataset]) -> None:
    """Recompute the audiences of products and datasets, after what they follow changed."""
    found = list(products.select_related("domain"))
    rows: list[dict[str, object]] = []
    for product in found:
        audience = audience_of_product(product.visibility, product.domain, product.team_id)
        if audience != product.audience:
            rows.append({"id": product.pk, "audience": audience})
    bulk.update(Product, rows)
    own = datasets.values_list("pk", flat=True)
    refresh(products=[product.pk for product in found], datasets=list(own))
