"""Third stage: rows of what a batch changes, written in sets: datasets first, so that ports find them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime

from catalog.db import bulk
from catalog.models import Dataset, Product
from catalog.people import audience
from catalog.registry import children, dataset_rows, links, product_rows
from catalog.registry.preload import BatchContext
from catalog.registry.stages import PendingChange, WrittenChange


def write(
    changes: Sequence[PendingChange], context: BatchContext, at: datetime, *, kept_for: str = ""
) -> list[WrittenChange]:
    """Write the rows of new and changed subjects and what hangs on them; return them in their order."""
    written = _identify(changes)
    datasets = [one for one in written if one.change.kind == "dataset"]
    products = [one for one in written if one.change.kind == "product"]
    if datasets:
        dataset_rows.write(datasets, context, at, kept_for=kept_for)
        children.write_columns(_touching(datasets, "columns"))
        children.write_tags("dataset", _touching(datasets, "tags"))
        links.find_datasets([one for one in datasets if one.is_new])
    if products:
        _write_products(products, context, at)
    audience.refresh(
        products=[one.row_id for one in products], datasets=[one.row_id for one in datasets]
    )
    return written


def _write_products(products: list[WrittenChange], context: BatchContext, at: datetime) -> None:
    product_rows.write(products, context, at)
    children.write_tags("product", _touching(products, "tags"))
    children.write_contracts(_touching(products, "contracts"))
    children.write_objectives(_touching(products, "objectives"))
    children.write_checks(_touching(products, "checks"))
    with_ports = _touching(products, "ports")
    links.write_ports(with_ports)
    links.find_upstreams(
        [one.change.key for one in products if one.is_new],
        sorted({one.row_id for one in products} - {one.row_id for one in with_ports}),
    )


def _identify(changes: Sequence[PendingChange]) -> list[WrittenChange]:
    """Give each change the id of its row: the stored one's, or a fresh one."""
    new = Counter(change.kind for change in changes if change.is_new)
    fresh = {
        "dataset": iter(bulk.allocate(Dataset, new["dataset"])),
        "product": iter(bulk.allocate(Product, new["product"])),
    }
    return [WrittenChange(c, c.row.pk if c.row else next(fresh[c.kind])) for c in changes]


def _touching(changes: Sequence[WrittenChange], name: str) -> list[WrittenChange]:
    return [one for one in changes if one.change.touches(name)]
