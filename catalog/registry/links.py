"""Ports, the datasets behind them and the products they read: linked now, or when the other end arrives."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from catalog.db import bulk
from catalog.descriptors import DatasetDescriptor
from catalog.models import Port, PortDataset, Product
from catalog.names import ProductRef
from catalog.registry.children import items_of
from catalog.registry.preload import datasets_at
from catalog.registry.serving import relink_checks, servable
from catalog.registry.stages import WrittenChange

PORT_KEY = ("product_id", "direction", "name", "major")


def write_ports(changes: Sequence[WrittenChange]) -> None:
    """Write the ports of products, linked to what they read and serve as far as it is known."""
    if not changes:
        return
    items = list(items_of(changes, "ports"))
    upstreams = _products({_ref(item.get("upstream") or "") for _, item in items})
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
            "upstream_ref": (upstream := _ref(item.get("upstream") or "")),
            "upstream_id": upstreams.get(upstream) if item["direction"] == "in" else None,
            "contract_key": item.get("contract") or "",
            "sunset_on": item.get("sunset_on"),
        }
        for owner, item in items
    ]
    known = {one.row_id for one in changes if not one.is_new}
    fields = [n for n in (rows[0] if rows else ()) if n not in PORT_KEY]
    bulk.insert(Port, [row for row in rows if row["product_id"] not in known])
    bulk.upsert(Port, [r for r in rows if r["product_id"] in known], on=PORT_KEY, fields=fields)
    owners = [one.row_id for one in changes]
    stored = Port.objects.filter(product__among=owners).order_by()
    ids = {tuple(map(str, key)): pk for pk, *key in stored.values_list("pk", *PORT_KEY)}
    kept = {tuple(str(row[name]) for name in PORT_KEY) for row in rows}
    gone = [pk for key, pk in ids.items() if key not in kept]
    if gone:
        Port.objects.filter(pk__among=gone).delete()
    _write_addresses(changes, ids, known)


def _ref(text: str) -> str:
    try:
        return str(ProductRef.parse(text)) if text else ""
    except ValueError:
        return text[:200]


def _products(refs: Collection[str]) -> dict[str, int]:
    """Return the products that are there by `domain/key`."""
    keys = [ref.partition("/")[2] for ref in refs if ref]
    if not keys:
        return {}
    rows = Product.objects.filter(key__among=keys).order_by()
    return {f"{d}/{key}": pk for pk, d, key in rows.values_list("pk", "domain__key", "key")}


def _write_addresses(
    changes: Sequence[WrittenChange], ids: dict[tuple[str, ...], int], known: Collection[int]
) -> None:
    """Write what ports serve; `ids` are those of the ports, `known` the products that were there."""
    owned = {
        (ids[port], address["namespace"], address["name"]): owner
        for owner, item in items_of(changes, "ports")
        for port in [(str(owner), item["direction"], item["name"], str(item.get("major", 1)))]
        for address in item.get("datasets") or ()
    }
    found = datasets_at({(namespace, name) for _, namespace, name in owned})
    inputs = {pk for key, pk in ids.items() if key[1] == "in"}
    allowed = servable(
        {
            (owner, (namespace, name))
            for (port, namespace, name), owner in owned.items()
            if port not in inputs and (namespace, name) in found
        }
    )
    fresh: list[dict[str, Any]] = []
    again: list[dict[str, Any]] = []
    for (port, namespace, name), owner in owned.items():
        row = {"port_id": port, "namespace": namespace, "name": name}
        is_open = port in inputs or (owner, (namespace, name)) in allowed
        row["dataset_id"] = found.get((namespace, name)) if is_open else None
        (again if owner in known else fresh).append(row)
    bulk.insert(PortDataset, fresh)
    bulk.insert(PortDataset, again, ignore=True)
    if known:
        stored = PortDataset.objects.filter(port__product__among=known)
        rows = stored.values_list("pk", "port_id", "namespace", "name")
        gone = [pk for pk, *key in rows if tuple(key) not in owned]
        PortDataset.objects.filter(pk__among=gone).delete()


def find_datasets(new: Sequence[WrittenChange]) -> None:
    """Link addresses of ports and checks that were waiting for these new datasets."""
    if not new:
        return
    found = {
        (d.namespace, d.name): one.row_id
        for one in new
        if isinstance(d := one.change.incoming.descriptor, DatasetDescriptor)
    }
    names = [name for _, name in found]
    waiting = PortDataset.objects.filter(dataset__isnull=True, name__among=names)
    fields = ("pk", "port__direction", "port__product_id", "namespace", "name")
    links = [row for row in waiting.values_list(*fields) if (row[3], row[4]) in found]
    outputs = {(product, (space, name)) for _, way, product, space, name in links if way == "out"}
    allowed = servable(outputs)
    bulk.update(
        PortDataset,
        [
            {"id": pk, "dataset_id": found[namespace, name]}
            for pk, way, product, namespace, name in links
            if way == "in" or (product, (namespace, name)) in allowed
        ],
    )
    relink_checks(found)


def find_upstreams(new: Sequence[str], kept: Sequence[int]) -> None:
    """Link ports that waited for a new product, and look again at those of products that kept theirs."""
    stated = Port.objects.exclude(upstream_ref="").order_by()
    fields = ("pk", "upstream_ref", "upstream_id")
    ports: list[tuple[int, str, int | None]] = []
    if kept:
        ports += stated.filter(direction="in", product__among=kept).values_list(*fields)
    if new:
        ports += stated.filter(upstream__isnull=True, upstream_ref__among=new).values_list(*fields)
    found = _products({ref for _, ref, _ in ports})
    bulk.update(
        Port,
        [
            {"id": pk, "upstream_id": found.get(ref)}
            for pk, (ref, now) in {pk: (ref, now) for pk, ref, now in ports}.items()
            if found.get(ref) != now
        ],
    )
