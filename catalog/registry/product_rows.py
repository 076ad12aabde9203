"""Rows of products."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from catalog.db import bulk
from catalog.descriptors import Status, Visibility
from catalog.models import Product
from catalog.names import ProductRef, new_guid
from catalog.registry.preload import Known
from catalog.visibility import audience_of, narrower

if TYPE_CHECKING:
    from catalog.registry.apply import Step

PLAIN = (
    "description",
    "version",
    "source_code_location",
    "required_security_group",
    "support",
)
CODED = ("archetype", "classification", "visibility")
#: What only measurements and services write; a new product starts with it.
FRESH: dict[str, Any] = {
    "quality_score": None,
    "promises_kept": 0,
    "promises_total": 0,
    "data_updated_at": None,
    "consumer_count": 0,
}


def write(steps: Sequence[Step], known: Known, at: datetime) -> None:
    """Insert new products and update changed ones; then successors, which may be in the same batch."""
    new = [step for step in steps if step.is_new]
    for step, pk in zip(new, bulk.allocate(Product, len(new)), strict=True):
        step.row_id = pk
    values = {id(step): _values(step, known, at) for step in steps}
    bulk.insert(Product, [values[id(s)] | FRESH | {"created_at": at} for s in new])
    bulk.update(Product, [values[id(s)] for s in steps if not s.is_new])
    _write_successors(steps, known)


def _values(step: Step, known: Known, at: datetime) -> dict[str, Any]:
    said = step.merged.fields
    row = step.row if isinstance(step.row, Product) else None
    domain = known.domains[step.descriptor.domain or ""]
    team = known.teams.get(said.get("team") or "")
    visibility = said.get("visibility") or ""
    scope = audience_of(
        visibility or domain.visibility,
        domain_id=domain.pk,
        team_id=team.pk if team else domain.team_id,
    )
    key = ProductRef.parse(step.key).key
    return {
        "id": step.row_id,
        "guid": said.get("guid") or (row.guid if row else new_guid()),
        "domain_id": domain.pk,
        "key": key,
        "name": said.get("name") or key.replace("-", " ").capitalize(),
        "team_id": team.pk if team else None,
        "status": said.get("status") or Status.ACTIVE.value,
        "sunset_on": said.get("sunset_on"),
        "certified": bool(said.get("certified")),
        "created_on": said.get("created_on"),
        "extra": said.get("extra") or {},
        "audience": narrower(scope, domain.audience)
        if visibility != Visibility.TEAM.value
        else scope,
        "successor_id": None,
        "revision_number": (row.revision_number if row else 0) + 1,
        "updated_at": at if row is None else max(at, row.updated_at),
        **{name: said.get(name) or "" for name in (*PLAIN, *CODED)},
    }


def _write_successors(steps: Sequence[Step], known: Known) -> None:
    here = {step.key: step.row_id for step in steps}
    rows = []
    for step in steps:
        if heir := step.merged.fields.get("successor"):
            ref = str(ProductRef.parse(heir))
            known_heir = known.products.get(ref)
            heir_id = here.get(ref) or (known_heir.pk if known_heir else None)
            rows.append({"id": step.row_id, "successor_id": heir_id})
    bulk.update(Product, rows)
