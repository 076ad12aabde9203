"""Search and pages at size on SQLite: `python -m benchmarks.search [COUNT]`."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

from benchmarks.setting import fresh_catalog, machine, percentile

QUERIES = (
    "late claims",
    "settled claim",
    "policy",
    "customer id",
    "invoice amount",
    "podcst",
    "broker",
    "risk score",
    "tag:late payment",
    "domain:d3 order",
    "daily sensor reading",
    "vehicle trip date",
)


def run(count: int = 100_000) -> None:
    """Fill a catalog and ask the search view and a product page; print p50 and p95."""
    with fresh_catalog():
        from django.test import Client

        from benchmarks.mesh import batches, make_domains
        from catalog.descriptors import LayerKind
        from catalog.models import Product
        from catalog.people.authority import system
        from catalog.registry.apply import apply
        from catalog.search.follow import rebuild

        make_domains()
        for batch in batches(count):
            apply(
                batch,
                layer=LayerKind.HARVESTED,
                source="source:bench",
                authority=system("benchmarks"),
            )
        start = time.perf_counter()
        documents = rebuild()
        print(f"index: {documents:,} documents in {time.perf_counter() - start:.0f} s")
        client = Client(SERVER_NAME="localhost")
        _measure(
            "search view with facets",
            lambda i: client.get("/search", {"q": QUERIES[i % len(QUERIES)]}).status_code,
            count,
        )
        addresses = [
            f"/products/{domain}/{key}"
            for domain, key in Product.objects.order_by("-id").values_list("domain__key", "key")[
                :60
            ]
        ]
        _measure("product page", lambda i: client.get(addresses[i % 60]).status_code, count)


def _measure(name: str, ask: Callable[[int], int], count: int, times: int = 60) -> None:
    ask(0)
    taken = []
    for i in range(times):
        start = time.perf_counter()
        code = ask(i)
        taken.append((time.perf_counter() - start) * 1000)
        if code != 200:
            raise SystemExit(f"{name} answered {code}")
    print(
        f"{name}, {count:,} products: p50 {percentile(taken, 0.5):.0f} ms, "
        f"p95 {percentile(taken, 0.95):.0f} ms ({machine()})"
    )


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
