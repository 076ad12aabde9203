"""Searches and pages, one at a time: how long they take, and how long the engine alone takes."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from benchmarks.search import QUERIES
from benchmarks.setting import percentile

ROUNDS = 12


def milliseconds(ask: Callable[[], object], rounds: int = ROUNDS) -> list[float]:
    """Return how long each call takes after two that do not count."""
    ask(), ask()
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        ask()
        taken.append((time.perf_counter() - start) * 1000)
    return taken


def searches(prefix: str) -> dict[str, float]:
    """Return percentiles of the search through the API on the backend in use."""
    from django.test import Client

    client = Client(SERVER_NAME="localhost")

    def ask(text: str) -> None:
        code = client.get("/api/v1/search", {"q": text}).status_code
        if code != 200:
            raise SystemExit(f"a search for {text!r} answered {code}")

    return _spread(prefix, [t for text in QUERIES for t in milliseconds(lambda q=text: ask(q))])  # type: ignore[misc]


def raw_searches() -> dict[str, float]:
    """Return percentiles of the requests alone that those searches send to Elasticsearch."""
    from elastic_transport import Transport

    from catalog.search.engines import backend
    from catalog.search.types import Query

    sent: list[float] = []
    perform = Transport.perform_request

    def timed(self: Transport, *args: object, **options: object) -> object:
        start = time.perf_counter()
        try:
            return perform(self, *args, **options)  # type: ignore[arg-type]
        finally:
            sent.append((time.perf_counter() - start) * 1000)

    taken = []
    Transport.perform_request = timed  # type: ignore[assignment,method-assign]
    try:
        for text in QUERIES:
            query = Query(viewers=frozenset({"public"}), text=text, counts_other=True)
            for round_ in range(ROUNDS + 2):
                sent.clear()
                backend().search(query)
                if round_ > 1:
                    taken.append(sum(sent))
    finally:
        Transport.perform_request = perform  # type: ignore[method-assign]
    return _spread("search_elasticsearch_raw", taken)


def product_pages() -> dict[str, float]:
    """Return percentiles of product pages on their first tab, and the most queries one needs."""
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    from catalog.models import Product

    client = Client(SERVER_NAME="localhost")
    newest = Product.objects.order_by("-id").values_list("domain__key", "key")[:60]
    addresses = [f"/products/{domain}/{key}" for domain, key in newest]
    taken, most = [], 0
    for address in addresses:
        with CaptureQueriesContext(connection) as asked:
            client.get(address)
        most = max(most, len(asked))
        taken += milliseconds(lambda at=address: client.get(at), 1)  # type: ignore[misc]
    return {**_spread("product_page", taken), "product_page_queries": float(most)}


def _spread(name: str, taken: Sequence[float]) -> dict[str, float]:
    values = list(taken)
    return {f"{name}_p50_ms": percentile(values, 0.5), f"{name}_p95_ms": percentile(values, 0.95)}
