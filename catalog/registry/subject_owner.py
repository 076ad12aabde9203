"""Whose the stored rows of a batch are, told from what is loaded."""

from __future__ import annotations

from catalog.models import Dataset, Product
from catalog.people.authority import Owner
from catalog.registry.preload import BatchContext


def owner_of(row: Product | Dataset, context: BatchContext) -> Owner:
    """Return the owner of a row: its team, else that of the product serving it, else its domain's."""
    if row.team_id is not None:
        return Owner(row.team_id, row.domain_id)
    if isinstance(row, Dataset) and (product := context.serving.get(row.product_id or 0)):
        return owner_of(product, context)
    domain = context.domain_by_id.get(row.domain_id or 0)
    return Owner(domain.team_id if domain else None, row.domain_id)
