"""Impact as JSON and as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import Any

from lineage.api.graph_json import moment, truncated_json
from lineage.graph.impact import Impact
from lineage.graph.types import GraphNode

HEADER = ("what", "name", "column", "product", "domain", "owner", "distance", "certain", "url")


def impact_json(found: Impact) -> dict[str, Any]:
    """Return what `ImpactSerializer` describes."""
    return {
        "focus": found.focus,
        "asOf": moment(found.as_of),
        "datasets": [
            {**node_name(d.node), "distance": d.distance, "isCertain": d.is_certain}
            for d in found.datasets
        ],
        "columns": [
            {"dataset": node_name(c.dataset), "path": c.path, "distance": c.distance}
            for c in found.columns
        ],
        "products": [
            {
                **node_name(p.node),
                "distance": p.distance,
                "isCertain": p.is_certain,
                "owner": {"key": p.team_key, "name": p.team} if p.team else None,
                "consumerCount": p.consumer_count,
            }
            for p in found.products
        ],
        "contracts": [
            {
                "key": c.key,
                "version": c.version,
                "port": c.port,
                "product": node_name(c.product),
                "columns": list(c.columns),
            }
            for c in found.contracts
        ],
        "consumers": [
            {
                "name": c.name,
                "kind": c.kind,
                "port": c.port,
                "product": node_name(c.product),
                "endsOn": c.ends_on or None,
            }
            for c in found.consumers
        ],
        "owners": [
            {"key": o.key, "name": o.name, "productCount": o.product_count} for o in found.owners
        ],
        "hasHidden": found.has_hidden,
        "truncated": truncated_json(found.truncated),
    }


def node_name(node: GraphNode) -> dict[str, Any]:
    """Return how something is called, and where it is."""
    product, domain = node.product, node.domain
    return {
        "id": product.guid if node.kind == "product" and product else node.id,
        "name": node.name,
        "url": node.url,
        "status": node.status,
        "domain": domain and {"key": domain.key, "name": domain.name, "hue": domain.hue},
        "product": product and {"id": product.guid, "name": product.name, "url": product.url},
    }


class _Line:
    """A file whose line is what was written last."""

    def write(self, text: str) -> str:
        """Return the line."""
        return text


def impact_csv(found: Impact) -> Iterator[str]:
    """Yield the lines of a table for spreadsheets, RFC 4180; a formula is written as text."""
    writer = csv.writer(_Line())
    for row in (HEADER, *_rows(found)):
        yield writer.writerow([_harmless(cell) for cell in row])


def _rows(found: Impact) -> Iterator[tuple[object, ...]]:
    for d in found.datasets:
        yield (
            "dataset",
            d.node.name,
            "",
            *_home(d.node),
            "",
            d.distance,
            d.is_certain,
            d.node.url,
        )
    for c in found.columns:
        name, path = c.dataset.name, c.path or "all rows"
        yield ("column", name, path, *_home(c.dataset), "", c.distance, True, c.dataset.url)
    for p in found.products:
        home = _home(p.node)
        yield ("product", p.node.name, "", *home, p.team, p.distance, p.is_certain, p.node.url)
    for k in found.contracts:
        name, columns = f"{k.key} {k.version}", "; ".join(k.columns)
        yield ("contract", name, columns, *_home(k.product), "", "", True, k.product.url)
    for u in found.consumers:
        yield ("consumer", u.name, "", *_home(u.product), "", "", True, u.product.url)
    if found.has_hidden:
        yield ("restricted", "something you may not see", "", "", "", "", "", "", "")
    if found.truncated:
        yield ("truncated", found.truncated.said, "", "", "", "", "", "", "")


def _home(node: GraphNode) -> tuple[str, str]:
    return (
        node.product.name if node.product else "",
        node.domain.name if node.domain else "",
    )


def _harmless(cell: object) -> str:
    text = str(cell)
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text
