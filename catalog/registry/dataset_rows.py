"""Rows of datasets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from catalog.db import bulk
from catalog.descriptors import DatasetDescriptor
from catalog.models import Dataset
from catalog.registry.preload import BatchContext
from catalog.registry.stages import WrittenChange
from catalog.visibility import PUBLIC

#: What only observations and other products write; a new dataset starts with it.
FRESH: dict[str, Any] = {
    "product_id": None,
    "audience": PUBLIC,
    "row_count": None,
    "row_count_is_estimate": False,
    "byte_size": None,
    "data_updated_at": None,
    "quality_score": None,
    "observed_at": None,
    "gone_at": None,
}


def write(
    changes: Sequence[WrittenChange], context: BatchContext, at: datetime, *, kept_for: str = ""
) -> None:
    """Insert new datasets, kept apart for an audience where one is given, and update changed ones."""
    new = [_values(one, context, at) for one in changes if one.is_new]
    first = FRESH | {"created_at": at, "kept_for": kept_for}
    bulk.insert(Dataset, [row | first for row in new])
    bulk.update(Dataset, [_values(one, context, at) for one in changes if not one.is_new])


def _values(one: WrittenChange, context: BatchContext, at: datetime) -> dict[str, Any]:
    fields = one.merged.fields
    descriptor = one.change.incoming.descriptor
    row = one.change.row if isinstance(one.change.row, Dataset) else None
    if not isinstance(descriptor, DatasetDescriptor):
        raise TypeError(f"{descriptor!r} is no dataset")
    domain = context.domains.get(fields.get("domain") or "")
    team = context.teams.get(fields.get("team") or "")
    short = fields.get("display_name") or descriptor.name.rpartition(".")[2] or descriptor.name
    return {
        "id": one.row_id,
        "namespace": descriptor.namespace,
        "name": descriptor.name,
        "display_name": short[:300],
        "description": fields.get("description") or "",
        "kind": fields.get("kind") or "table",
        "technology": fields.get("technology") or "",
        "domain_id": domain.pk if domain else None,
        "team_id": team.pk if team else None,
        "primary_key": fields.get("primary_key") or [],
        "foreign_keys": fields.get("foreign_keys") or [],
        "indexes": fields.get("indexes") or [],
        "view_definition": fields.get("view_definition") or "",
        "extra": fields.get("extra") or {},
        "column_count": len(one.merged.items.get("columns", {})),
        "revision_number": (row.revision_number if row else 0) + 1,
        "updated_at": at if row is None else max(at, row.updated_at),
    }
