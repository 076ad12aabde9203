"""Rows of products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.db import bulk
from catalog.descriptors import Status
from catalog.fields import PRODUCT_FIELDS
from catalog.models import Product
from catalog.names import ProductRef, new_guid
from catalog.people.audience import audience_of_product
from catalog.registry.preload import BatchContext
from catalog.registry.stages import WrittenChange

#: What only measurements and services write; a new product starts with it.
FRESH: dict[str, Any] = {
    "quality_score": None,
    "promises_kept": 0,
    "promises_total": 0,
    "data_updated_at": None,
    "consumer_count": 0,
}


def write(changes: Sequence[WrittenChange], context: BatchContext, at: datetime) -> None:
    """Insert new products and update changed ones; then successors, which may be in the same batch."""
    new = [_values(one, context, at) for one in changes if one.is_new]
    bulk.insert(Product, [row | FRESH | {"created_at": at} for row in new])
    bulk.update(Product, [_values(one, context, at) for one in changes if not one.is_new])
    _write_successors(changes, context)


def _values(one: WrittenChange, context: BatchContext, at: datetime) -> dict[str, Any]:
    said = one.merged.fields
    row = one.change.row if isinstance(one.change.row, Product) else None
    domain = context.domains[one.change.incoming.descriptor.domain or ""]
    team = context.teams.get(said.get("team") or "")
    audience = audience_of_product(said.get("visibility") or "", domain, team.pk if team else None)
    key = ProductRef.parse(one.change.key).key
    return {
        "id": one.row_id,
        "guid": said.get("guid") or (row.guid if row else new_guid()),
        "domain_id": domain.pk,
        "key": key,
        "name": said.get("name") or key.replace("-", " ").capitalize(),
        "team_id": team.pk if team else None,
        "status": said.get("status") or Status.ACTIVE.value,
        "sunset_on": said.get("sunset_on"),
        "certified": bool(said.get("certified")),
        "extra": said.get("extra") or {},
        "audience": audience,
        "successor_id": None,
        "revision_number": (row.revision_number if row else 0) + 1,
        "updated_at": at if row is None else max(at, row.updated_at),
        **{one.name: said.get(one.name) or "" for one in PRODUCT_FIELDS if one.is_stored_as_text},
    }


def _write_successors(changes: Sequence[WrittenChange], context: BatchContext) -> None:
    here = {one.change.key: one.row_id for one in changes}
    rows = []
    for one in changes:
        if heir := one.merged.fields.get("successor"):
            ref = str(ProductRef.parse(heir))
            known_heir = context.products.get(ref)
            heir_id = here.get(ref) or (known_heir.pk if known_heir else None)
            rows.append({"id": one.row_id, "successor_id": heir_id})
    bulk.update(Product, rows)
