"""What hangs on products and datasets: columns, tags, contracts, objectives, declared checks.

Each function takes the subjects whose list changed, writes every item in one statement and removes the
items that are no longer there in another.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db import models
from django.utils import timezone

from catalog.db import bulk
from catalog.descriptors import Sensitivity
from catalog.models import Check, Column, Contract, Dataset, Objective, Product, Tag
from catalog.registry.preload import datasets_at
from catalog.registry.serving import checkable
from catalog.registry.stages import WrittenChange


def items_of(changes: Sequence[WrittenChange], name: str) -> Iterable[tuple[int, dict[str, Any]]]:
    """Yield the items of a list of all subjects, with the id of each subject's row."""
    for change in changes:
        for item in change.merged.items.get(name, {}).values():
            yield change.row_id, item


def _drop(
    rows: models.QuerySet[Any], fields: Sequence[str], kept: set[tuple[object, ...]]
) -> list[int]:
    """Return the ids of the rows whose key is not among those kept."""
    return [pk for pk, *key in rows.values_list("pk", *fields) if tuple(map(str, key)) not in kept]


def _keys(rows: Sequence[dict[str, Any]], fields: Sequence[str]) -> set[tuple[object, ...]]:
    return {tuple(str(row[field]) for field in fields) for row in rows}


def write_columns(changes: Sequence[WrittenChange]) -> None:
    """Write the columns of datasets."""
    if not changes:
        return
    rows = [
        {
            "dataset_id": owner,
            "path": item["path"],
            "ordinal": item.get("ordinal") or 0,
            "type": (item.get("type") or "")[:40],
            "native_type": (item.get("native_type") or "")[:200],
            "nullable": bool(item.get("nullable", True)),
            "primary_key": bool(item.get("primary_key")),
            "unique": bool(item.get("unique")),
            "description": item.get("description") or "",
            "sensitivity": item.get("sensitivity") or Sensitivity.NONE.value,
            "sensitivity_reason": (item.get("sensitivity_reason") or "")[:500],
            "unmasked": bool(item.get("unmasked")),
            "tags": item.get("tags") or [],
        }
        for owner, item in items_of(changes, "columns")
    ]
    key = ("dataset_id", "path")
    known = {one.row_id for one in changes if not one.is_new}
    fields = [name for name in (rows[0] if rows else ()) if name not in key]
    bulk.insert(Column, [row for row in rows if row["dataset_id"] not in known])
    bulk.upsert(Column, [r for r in rows if r["dataset_id"] in known], on=key, fields=fields)
    if known:
        gone = _drop(Column.objects.filter(dataset__among=known), key, _keys(rows, key))
        Column.objects.filter(pk__among=gone).delete()


def write_tags(kind: str, changes: Sequence[WrittenChange]) -> None:
    """Write the tags of products or datasets."""
    wanted = {(one.row_id, name) for one in changes for name in one.merged.fields.get("tags") or ()}
    model: Any = (Product if kind == "product" else Dataset).tags.through
    owner = f"{kind}_id"
    known = [one.row_id for one in changes if not one.is_new]
    if known:
        model.objects.filter(**{f"{owner}__in": known}).delete()
    if not wanted:
        return
    names = sorted({name for _, name in wanted})
    bulk.insert(Tag, [{"name": name} for name in names], ignore=True)
    ids = dict(Tag.objects.filter(name__among=names).values_list("name", "pk"))
    links = [{owner: pk, "tag_id": ids[name]} for pk, name in sorted(wanted, key=str)]
    bulk.insert(model, links, ignore=True)


def write_contracts(changes: Sequence[WrittenChange]) -> None:
    """Write the contract versions of products."""
    now = timezone.now()
    rows = [
        {
            "product_id": owner,
            "port_name": item.get("port") or "",
            "key": item["key"],
            "version": item["version"],
            "status": item.get("status") or "active",
            "purpose": item.get("purpose") or "",
            "usage": item.get("usage") or "",
            "limitations": item.get("limitations") or "",
            "terms": item.get("terms") or "",
            "columns": item.get("columns") or [],
            "document": item.get("document") or {},
            "created_at": now,
        }
        for owner, item in items_of(changes, "contracts")
    ]
    _write(Contract, changes, rows, ("product_id", "key", "version"), keep=("created_at",))


def write_objectives(changes: Sequence[WrittenChange]) -> None:
    """Write the objectives of products; what was measured of them stays."""
    rows = [
        {
            "product_id": owner,
            "key": item["key"],
            "name": item.get("name") or "",
            "port_name": item.get("port") or "",
            "indicator": item["indicator"],
            "comparison": item["comparison"],
            "target": item["target"],
            "unit": item.get("unit") or "",
            "window_days": item.get("window_days") or 30,
            "element": item.get("element") or "",
            "description": item.get("description") or "",
            "current_value": None,
            "is_kept": None,
            "budget_left": None,
            "measured_at": None,
        }
        for owner, item in items_of(changes, "objectives")
    ]
    measured = ("current_value", "is_kept", "budget_left", "measured_at")
    _write(Objective, changes, rows, ("product_id", "key"), keep=measured)


def _write(
    model: type[models.Model],
    changes: Sequence[WrittenChange],
    rows: Sequence[dict[str, Any]],
    key: tuple[str, ...],
    keep: tuple[str, ...],
) -> None:
    fields = [name for name in (rows[0] if rows else ()) if name not in key and name not in keep]
    bulk.upsert(model, rows, on=key, fields=fields)
    known = [one.row_id for one in changes if not one.is_new]
    if known:
        manager = model._default_manager
        gone = _drop(manager.filter(product__among=known), key, _keys(rows, key))
        manager.filter(pk__among=gone).delete()


def declared_key(product: int, key: str) -> str:
    """Return the key under which a declared check is kept: products may share a dataset."""
    return f"declared:{product}:{key}"


def write_checks(changes: Sequence[WrittenChange]) -> None:
    """Write the declared checks of products; one that is no longer declared is retired."""
    if not changes:
        return
    pairs = {
        (owner, (item["dataset"]["namespace"], item["dataset"]["name"]))
        for owner, item in items_of(changes, "checks")
        if item.get("dataset")
    }
    found = datasets_at({address for _, address in pairs})
    allowed = checkable({pair for pair in pairs if pair[1] in found})
    now = timezone.now()
    kept: set[tuple[object, ...]] = set()
    existing = {
        (row.product_id, row.key): row
        for row in Check.objects.filter(
            product__among=[one.row_id for one in changes], origin="declared"
        )
    }
    fresh: list[Check] = []
    changed: list[Check] = []
    for owner, item in items_of(changes, "checks"):
        address = item.get("dataset") or {}
        key = declared_key(owner, item["key"])
        row = existing.get((owner, key)) or Check(product_id=owner, key=key)
        row.origin = "declared"
        about = (address.get("namespace", ""), address.get("name", ""))
        row.dataset_id = found.get(about) if (owner, about) in allowed else None
        row.name = item.get("name") or item["key"].replace("-", " ").capitalize()
        row.dimension, row.rule = item["dimension"], item["rule"]
        row.column_path = item.get("column") or ""
        row.params = {**(item.get("params") or {}), **({"address": address} if address else {})}
        row.severity = item.get("severity") or "error"
        row.description = item.get("description") or ""
        row.retired_at = None
        kept.add((str(owner), key))
        (changed if row.pk else fresh).append(row)
    Check.objects.bulk_create(fresh)
    Check.objects.bulk_update(
        changed,
        [
            "dataset",
            "name",
            "dimension",
            "rule",
            "column_path",
            "params",
            "severity",
            "description",
            "retired_at",
        ],
        batch_size=50,
    )
    gone = [row.pk for (owner, key), row in existing.items() if (str(owner), key) not in kept]
    Check.objects.filter(pk__among=gone).update(retired_at=now)
