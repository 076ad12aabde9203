"""Rows of datasets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.db import bulk
from catalog.descriptors import DatasetDescriptor
from catalog.models import Dataset
from catalog.registry.preload import Known
from catalog.visibility import PUBLIC

if TYPE_CHECKING:
    from catalog.registry.apply import Step

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


def write(steps: Sequence[Step], known: Known, at: datetime) -> None:
    """Insert new datasets and update changed ones."""
    new = [step for step in steps if step.is_new]
    for step, pk in zip(new, bulk.allocate(Dataset, len(new)), strict=True):
        step.row_id = pk
    values = {id(step): _values(step, known, at) for step in steps}
    bulk.insert(Dataset, [values[id(s)] | FRESH | {"created_at": at} for s in new])
    bulk.update(Dataset, [values[id(s)] for s in steps if not s.is_new])


def _values(step: Step, known: Known, at: datetime) -> dict[str, Any]:
    said = step.merged.fields
    descriptor = step.descriptor
    row = step.row if isinstance(step.row, Dataset) else None
    if not isinstance(descriptor, DatasetDescriptor):
        raise TypeError(f"{descriptor!r} is no dataset")
    domain = known.domains.get(said.get("domain") or "")
    team = known.teams.get(said.get("team") or "")
    short = said.get("display_name") or descriptor.name.rpartition(".")[2] or descriptor.name
    return {
        "id": step.row_id,
        "namespace": descriptor.namespace,
        "name": descriptor.name,
        "display_name": short[:300],
        "description": said.get("description") or "",
        "kind": said.get("kind") or "table",
        "technology": said.get("technology") or "",
        "domain_id": domain.pk if domain else None,
        "team_id": team.pk if team else None,
        "primary_key": said.get("primary_key") or [],
        "foreign_keys": said.get("foreign_keys") or [],
        "indexes": said.get("indexes") or [],
        "view_definition": said.get("view_definition") or "",
        "extra": said.get("extra") or {},
        "column_count": len(step.merged.items.get("columns", {})),
        "revision_number": (row.revision_number if row else 0) + 1,
        "updated_at": at if row is None else max(at, row.updated_at),
    }
