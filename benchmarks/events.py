"""What numbering events under a lock costs: `DATABASE_URL=postgres://… python -m benchmarks.events [SECONDS]`.

Eight writers append one event a transaction, with the lock and without; two followers read along.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from benchmarks.setting import fresh_catalog, machine

WRITERS = 8


def run(seconds: float = 60.0) -> None:
    """Soak with the lock, count what the followers saw, then write without it for comparison."""
    with fresh_catalog():
        from django.db import connection, transaction

        if connection.vendor != "postgresql":
            print("skipped: events on PostgreSQL (DATABASE_URL names none)")
            return
        from catalog.events import log as event_log
        from catalog.models import Event

        first = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
        new = event_log.NewEvent(
            type="product.updated", subject_kind="product", subject_key="bench"
        )

        def write(until: float) -> int:
            count = 0
            while time.monotonic() < until:
                with transaction.atomic():
                    event_log.record([new])
                count += 1
            connection.close()
            return count

        def follow(until: float) -> list[int]:
            seen, last = list[int](), first
            while True:
                is_over = time.monotonic() > until + 1
                rows = Event.objects.filter(id__gt=last).order_by("id")
                numbers = list(rows.values_list("id", flat=True)[:500])
                if numbers:
                    seen += numbers
                    last = numbers[-1]
                elif is_over:
                    connection.close()
                    return seen
                else:
                    time.sleep(0.02)

        with ThreadPoolExecutor(WRITERS + 2) as pool:
            until = time.monotonic() + seconds
            readers = [pool.submit(follow, until) for _ in range(2)]
            written = sum(pool.map(write, [until] * WRITERS))
            seen = [reader.result() for reader in readers]
        is_right = seen[0] == seen[1] and len(set(seen[0])) == len(seen[0]) == written
        print(
            f"event log, {WRITERS} writers for {seconds:.0f} s: {written / seconds:,.0f} events/s; two"
            f" followers saw {'each event once, in one order' if is_right else 'SOMETHING ELSE'}"
            f" ({machine()})"
        )
        lock: Callable[[], None] = event_log.lock
        event_log.lock = lambda: None
        with ThreadPoolExecutor(WRITERS) as pool:
            until = time.monotonic() + seconds / 4
            written = sum(pool.map(write, [until] * WRITERS))
        event_log.lock = lock
        print(f"event log, the same without the lock: {written / (seconds / 4):,.0f} events/s")


if __name__ == "__main__":
    run(float(sys.argv[1]) if len(sys.argv) > 1 else 60.0)
