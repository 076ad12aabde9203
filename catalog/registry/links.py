"""Ports, the datasets behind them and the products they read: linked now, or when the other end arrives."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery

from catalog import bulk
from catalog.models import Check, Dataset, Port, PortDataset, Product
from catalog.names import ProductRef
from catalog.registry.children import items_of

if TYPE_CHECKING:
    from catalog.registry.apply import Step

PORT_KEY = ("product_id", "direction", "name", "major")


def write_ports(steps: Sequence[Step]) -> None:
    """Write the ports of products and the addresses behind them."""
    if not steps:
        return
    owners = [step.row_id for step in steps]
    rows = [
        {
            "product_id": owner,
            "direction": item["direction"],
            "name": item["name"],
            "major": item.get("major", 1),
            "version": item.get("version") or "",
            "display_name": item.get("display_name") or "",
            "description": item.get("description") or "",
            "technology": item.get("technology") or "",
            "location": item.get("location") or "",
            "upstream_ref": _ref(item.get("upstream") or ""),
            "upstream_id": None,
            "contract_key": item.get("contract") or "",
            "sunset_on": item.get("sunset_on"),
        }
        for owner, item in items_of(steps, "ports")
    ]
    fields = [n for n in (rows[0] if rows else ()) if n not in (*PORT_KEY, "upstream_id")]
    bulk.upsert(Port, rows, on=PORT_KEY, fields=fields)
    ids = {
        tuple(map(str, key)): pk
        for pk, *key in Port.objects.filter(product__in=owners).values_list("pk", *PORT_KEY)
    }
    kept = {tuple(str(row[name]) for name in PORT_KEY) for row in rows}
    gone = [pk for key, pk in ids.items() if key not in kept]
    if gone:
        Port.objects.filter(pk__in=gone).delete()
    Port.objects.filter(product__in=owners, upstream_ref="", upstream__isnull=False).update(
        upstream=None
    )
    _write_addresses(steps, ids)


def _ref(text: str) -> str:
    try:
        return str(ProductRef.parse(text)) if text else ""
    except ValueError:
        return text[:200]


def _write_addresses(steps: Sequence[Step], ids: dict[tuple[str, ...], int]) -> None:
    rows: list[dict[str, Any]] = []
    for owner, item in items_of(steps, "ports"):
        port = ids[str(owner), item["direction"], item["name"], str(item.get("major", 1))]
        for address in item.get("datasets") or ():
            rows.append({"port_id": port, "dataset_id": None, **address})
    key = ("port_id", "namespace", "name")
    bulk.insert(PortDataset, rows, ignore=True)
    known = [step.row_id for step in steps if not step.is_new]
    if known:
        kept = {tuple(str(row[name]) for name in key) for row in rows}
        gone = [
            pk
            for pk, *parts in PortDataset.objects.filter(port__product__in=known).values_list(
                "pk", *key
            )
            if tuple(map(str, parts)) not in kept
        ]
        PortDataset.objects.filter(pk__in=gone).delete()
    match = Dataset.objects.filter(namespace=OuterRef("namespace"), name=OuterRef("name"))
    PortDataset.objects.filter(
        dataset__isnull=True, port__product__in=[step.row_id for step in steps]
    ).update(dataset=Subquery(match.values("pk")[:1]))


def find_datasets(new: Sequence[int]) -> None:
    """Link addresses of ports and checks that were waiting for these new datasets."""
    if not new:
        return
    found = {(d.namespace, d.name): d.pk for d in Dataset.objects.filter(pk__in=new)}
    names = [name for _, name in found]
    waiting = PortDataset.objects.filter(dataset__isnull=True, name__in=names)
    bulk.update(
        PortDataset,
        [
            {"id": pk, "dataset_id": found[namespace, name]}
            for pk, namespace, name in waiting.values_list("pk", "namespace", "name")
            if (namespace, name) in found
        ],
    )
    checks = Check.objects.filter(
        dataset__isnull=True, origin="declared", params__address__name__in=names
    )
    bulk.update(
        Check,
        [
            {"id": check.pk, "dataset_id": found[address]}
            for check in checks
            if (address := (check.params["address"]["namespace"], check.params["address"]["name"]))
            in found
        ],
    )


def find_upstreams(new: Sequence[str], products: Sequence[int | None]) -> None:
    """Link ports that read products: those just written, and those that waited for a new one."""
    ports = list(
        Port.objects.filter(direction="in", product__in=products)
        .exclude(upstream_ref="")
        .values_list("pk", "upstream_ref", "upstream_id")
    )
    if new:
        ports += list(
            Port.objects.filter(upstream__isnull=True, upstream_ref__in=new).values_list(
                "pk", "upstream_ref", "upstream_id"
            )
        )
    refs = {ref for _, ref, _ in ports}
    found = {
        f"{domain}/{key}": pk
        for pk, domain, key in Product.objects.filter(
            key__in=[ref.partition("/")[2] for ref in refs]
        ).values_list("pk", "domain__key", "key")
    }
    bulk.update(
        Port,
        [
            {"id": pk, "upstream_id": found.get(ref)}
            for pk, (ref, now) in {pk: (ref, now) for pk, ref, now in ports}.items()
            if found.get(ref) != now
        ],
    )
