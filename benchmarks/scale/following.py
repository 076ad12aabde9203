"""How long after its commit a change can be found."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from benchmarks.scale.installation import Installation
from benchmarks.setting import percentile

WRITERS = 2
LONGEST = 120.0


def event_to_searchable(made: Installation, rate: float, seconds: float) -> dict[str, float]:
    """Change one product `rate` times a second while a worker follows; seconds from commit to index.

    A follower moves its cursor after the index shows what it wrote: the cursor tells.
    """
    from django.conf import settings
    from django.db import connection

    from catalog.models import Event

    settings.WAKE_FOLLOWERS = True
    _wait_for_follower()
    first = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    committed: dict[int, float] = {}
    start = time.perf_counter() + 0.5
    total = int(rate * seconds)
    threads = [
        threading.Thread(target=_write, args=(range(n, total, WRITERS), rate, start, committed))
        for n in range(WRITERS)
    ]
    for thread in threads:
        thread.start()
    waits: list[float] = []
    until = time.perf_counter() + seconds + LONGEST
    while time.perf_counter() < until:
        time.sleep(0.02)
        seen = _position() or first
        now = time.perf_counter()
        passed = [pk for pk in list(committed) if pk <= seen]
        waits += [now - committed.pop(pk) for pk in passed]
        if not committed and not any(thread.is_alive() for thread in threads):
            break
    for thread in threads:
        thread.join()
    late = len(committed)
    connection.close()
    spent = time.perf_counter() - start
    return {
        "event_to_searchable_p50_s": percentile(waits, 0.5),
        "event_to_searchable_p95_s": percentile(waits, 0.95),
        "event_to_searchable_never": float(late),
        "event_to_searchable_writes_per_second": len(waits) / min(spent, max(seconds, 0.1)),
    }


def _position() -> int:
    from catalog.models import Cursor

    held = Cursor.objects.filter(name="search:elasticsearch")
    return held.values_list("event_id", flat=True).first() or 0


def _wait_for_follower(seconds: float = 120.0) -> None:
    """Wait until a worker runs and the index has caught up."""
    from django.utils import timezone

    from catalog.models import Event
    from ingestors.models import Worker

    until = time.perf_counter() + seconds
    began = timezone.now()
    while time.perf_counter() < until:
        newest = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        here = Worker.objects.filter(heard_at__gte=began).exists()
        if here and _position() >= newest:
            return
        time.sleep(0.2)
    raise SystemExit("no worker follows")


def _write(numbers: Sequence[int], rate: float, start: float, committed: dict[int, float]) -> None:
    from django.db import connection

    from benchmarks.mesh import domain_of
    from catalog.descriptors import LayerKind, ProductDescriptor
    from catalog.models import Event
    from catalog.people.authority import system
    from catalog.registry.apply import apply

    for n in numbers:
        time.sleep(max(0.0, start + n / rate - time.perf_counter()))
        said = ProductDescriptor(
            domain=domain_of(n), key=f"p{n}", description=f"Changed at {time.time_ns()}"
        )
        applied = apply(
            [said], layer=LayerKind.DECLARED, source="bench:follow", authority=system("benchmarks")
        )
        pk = applied.outcomes[0].id
        newest = Event.objects.filter(subject_kind="product", subject_id=pk).order_by("-id")
        committed[newest.values_list("id", flat=True)[0]] = time.perf_counter()
    connection.close()
