"""Let the workers harvest every source of the demo once more, and wait for them."""

from __future__ import annotations

import time
from collections.abc import Callable

from catalog.outbound import notifications
from catalog.search import follow as search
from ingestors.models import Run, RunState, Source
from ingestors.services.runs import enqueue

LIMIT = 180.0
"""Seconds without any progress after which the demo gives up."""
_OPEN = (RunState.QUEUED, RunState.RUNNING)


class WorkerSilent(RuntimeError):
    """No worker takes the harvests."""


def harvest_today(*, say: Callable[[str], None]) -> None:
    """Queue a run of each source, wait until all have ended, then let search and notices follow.

    Raises WorkerSilent when nothing moves for three minutes.
    """
    ids = [enqueue(source, trigger="demo").pk for source in Source.objects.order_by("key")]
    say(f"Workers harvest {len(ids)} sources")
    _wait(ids, say)
    for run in Run.objects.filter(pk__in=ids).exclude(
        state__in=(RunState.SUCCEEDED, RunState.PARTIAL)
    ):
        say(f"{run.source.name}: {run.get_state_display().lower()}. {run.error}")
    search.follow()
    notifications.follow()


def _wait(ids: list[int], say: Callable[[str], None]) -> None:
    ended, reported, moved = 0, time.monotonic(), time.monotonic()
    while ended < len(ids):
        time.sleep(0.25)
        now, before = time.monotonic(), ended
        ended = len(ids) - Run.objects.filter(pk__in=ids, state__in=_OPEN).count()
        if ended > before:
            moved = now
        elif now - moved > LIMIT:
            raise WorkerSilent(f"only {ended} of {len(ids)} harvests ended; see worker.log")
        if now - reported > 4 and ended < len(ids):
            say(f"{ended} of {len(ids)} sources harvested")
            reported = now
