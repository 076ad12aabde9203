"""Tell whoever is hit that something is about to change."""

from __future__ import annotations

from collections.abc import Collection

from django.db import transaction

from catalog import policies
from catalog.events import NewEvent, record
from catalog.models import Dataset, Product, User
from catalog.visibility import PUBLIC
from lineage.graph_around import Focus
from lineage.graph_impact import impact


class MayNotAnnounce(PermissionError):
    """Only who may edit all that is about to change announces it."""


def announce_impact(focus: Focus, *, message: str, by: User) -> int:
    """Write an event for each product that is hit; its owners, followers and consumers are told of it.

    Return how many products. Only those that the one who announces may see are reached; the name of what
    changes is told where everybody who sees the product may know it. Raises MayNotAnnounce.
    """
    ids = {*focus.datasets, *(pk for pk, _ in focus.columns)}
    datasets = Dataset.objects.visible_to(by).filter(pk__in=ids).select_related("product", "domain")
    rows = list(datasets)
    if not rows or not all(policies.may(by, policies.Action.EDIT_DATASET, row) for row in rows):
        raise MayNotAnnounce("only who may edit what is about to change may announce it")
    found = impact(focus, user=by)
    hit = {row.node.product.id for row in found.products if row.node.product}
    products = Product.objects.visible_to(by).filter(pk__in=hit).select_related("domain")
    with transaction.atomic():
        events = [_event(row, _named(focus, rows, row), message, by) for row in products]
        record(events)
    return len(events)


def _named(focus: Focus, rows: Collection[Dataset], product: Product) -> str:
    """Name what changes, unless somebody who sees the product might not see that."""
    if any(row.audience not in (PUBLIC, product.audience) for row in rows):
        return ""
    names = sorted(row.display_name for row in rows)
    path = f".{focus.columns[0][1]}" if len(focus.columns) == 1 else ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{path}{more}"


def _event(product: Product, name: str, message: str, by: User) -> NewEvent:
    return NewEvent(
        type="lineage.announced",
        subject_kind="product",
        subject_key=str(product.ref),
        subject_id=product.pk,
        product_id=product.pk,
        audience=product.audience,
        actor=by,
        data={"what": name, "message": message},
    )
