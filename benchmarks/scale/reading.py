"""Many people at once: requests at a fixed rate, whatever the answers take."""

from __future__ import annotations

import http.client
import itertools
import random
import threading
import time
from collections import Counter, defaultdict
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import quote, urlsplit

from benchmarks.scale.installation import Installation
from benchmarks.search import QUERIES
from benchmarks.setting import percentile

THREADS = 64
#: Of ten requests: which are of what kind.
MIX = (
    *("product by API",) * 3,
    *("search by API",) * 2,
    *("product page",) * 2,
    *("search page",),
    *("dataset page",),
    *("suggestions",),
)


def mixed_reading(
    made: Installation, address: str, rate: float, seconds: float
) -> dict[str, float]:
    """Ask `rate` times a second; latency counts from when a request was due. Prints each kind's share."""
    asked = _addresses(made)
    host = urlsplit(address).netloc
    local = threading.local()
    taken: dict[str, list[float]] = defaultdict(list)
    errors: Counter[str] = Counter()

    def ask(due: float, kind: str, path: str) -> None:
        time.sleep(max(0.0, due - time.perf_counter()))
        try:
            status = _get(local, host, path)
            if status != 200:
                errors[f"{status} {path}"] += 1
        except (OSError, http.client.HTTPException) as error:
            errors[type(error).__name__] += 1
        taken[kind].append((time.perf_counter() - due) * 1000)

    start = time.perf_counter() + 1
    with ThreadPoolExecutor(THREADS) as pool:
        for n in range(int(rate * seconds)):
            kind, path = next(asked)
            pool.submit(ask, start + n / rate, kind, path)
    every = [t for values in taken.values() for t in values]
    spent = time.perf_counter() - start
    for kind, values in sorted(taken.items()):
        print(
            f"    {kind}: p50 {percentile(values, 0.5):.0f}, p99 {percentile(values, 0.99):.0f} ms"
        )
    for said, count in errors.most_common(5):
        print(f"    {count} x {said}")
    return {
        f"reading_at_{rate:.0f}_errors": float(sum(errors.values())),
        f"reading_at_{rate:.0f}_p50_ms": percentile(every, 0.5),
        f"reading_at_{rate:.0f}_p99_ms": percentile(every, 0.99),
        f"reading_at_{rate:.0f}_answered_per_second": len(every) / spent,
    }


def _get(local: threading.local, host: str, path: str) -> int:
    """Ask on the thread's own connection; once more on a new one where the idle one was closed."""
    for is_last in (False, True):
        line = getattr(local, "line", None) or http.client.HTTPConnection(host, timeout=30)
        local.line = None
        try:
            line.request("GET", path)
            answer = line.getresponse()
            answer.read()
        except http.client.RemoteDisconnected:
            if is_last:
                raise
            continue
        local.line = line
        return answer.status
    raise AssertionError("the second try answers or raises")


def _addresses(made: Installation) -> itertools.chain[tuple[str, str]]:
    from catalog.models import Dataset, Product

    rng = random.Random(3)
    products = list(
        Product.objects.order_by("-id").values_list("guid", "domain__key", "key")[:2000]
    )
    datasets = list(Dataset.objects.order_by("-id").values_list("pk", flat=True)[:2000])

    def one(kind: str) -> str:
        guid, domain, key = rng.choice(products)
        text = quote(rng.choice(QUERIES))
        return {
            "product by API": f"/api/v1/dataproducts/{guid}",
            "search by API": f"/api/v1/search?q={text}",
            "product page": f"/products/{domain}/{key}",
            "search page": f"/search?q={text}",
            "dataset page": f"/datasets/{rng.choice(datasets)}",
            "suggestions": f"/api/v1/suggest?q={text[:5]}",
        }[kind]

    def forever() -> itertools.chain[tuple[str, str]]:
        return itertools.chain.from_iterable(
            ((kind, one(kind)),) for kind in itertools.cycle(rng.sample(MIX, len(MIX)))
        )

    return forever()
