"""Rows of what a batch changed, written in sets: datasets first, so that ports find them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.people import audience
from catalog.registry import children, dataset_rows, links, product_rows
from catalog.registry.preload import Known

if TYPE_CHECKING:
    from catalog.registry.apply import Step


def write(steps: Sequence[Step], known: Known, at: datetime) -> None:
    """Write the rows of new and changed subjects and everything that hangs on them."""
    datasets = [step for step in steps if step.kind == "dataset"]
    products = [step for step in steps if step.kind == "product"]
    if datasets:
        dataset_rows.write(datasets, known, at)
        children.write_columns([s for s in datasets if s.touches("columns")])
        children.write_tags("dataset", [s for s in datasets if s.touches("tags")])
        links.find_datasets([s for s in datasets if s.is_new])
    if products:
        product_rows.write(products, known, at)
        children.write_tags("product", [s for s in products if s.touches("tags")])
        children.write_contracts([s for s in products if s.touches("contracts")])
        children.write_objectives([s for s in products if s.touches("objectives")])
        children.write_checks([s for s in products if s.touches("checks")])
        links.write_ports([s for s in products if s.touches("ports")])
        links.find_upstreams(
            [s.key for s in products if s.is_new],
            [s.row_id for s in products if not s.touches("ports")],
        )
    audience.refresh(
        products=[s.row_id for s in products if s.row_id],
        datasets=[s.row_id for s in datasets if s.row_id],
    )
