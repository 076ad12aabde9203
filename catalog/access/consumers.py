"""How many consumers a product has: the people and teams that hold a current grant."""

from __future__ import annotations

from collections.abc import Iterable

from django.db.models import Count, IntegerField, OuterRef, Subquery
from django.db.models.functions import Coalesce

from catalog.models import Grant, GrantState, Product


def recount_consumers(product_ids: Iterable[int]) -> None:
    """Set `Product.consumer_count` of these products; one query."""
    current = Grant.objects.filter(port__product=OuterRef("pk"), state=GrantState.ACTIVE).order_by()
    counted = current.values("port__product").annotate(
        n=Count("user", distinct=True) + Count("team", distinct=True)
    )
    Product.objects.filter(pk__in=set(product_ids)).update(
        consumer_count=Coalesce(Subquery(counted.values("n")), 0, output_field=IntegerField())
    )
