"""When things happen: harvests, the schedule, the followers of the event log."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from celery import shared_task
from django.db import DatabaseError, connection
from django.dispatch import receiver
from django.utils import timezone
from kombu.exceptions import OperationalError

from catalog import notifications
from catalog.access.grants import expire_due, notice_due
from catalog.search.follow import follow as follow_search
from catalog.trust.objectives import measure_freshness
from ingestors.models import Run, RunState
from ingestors.services import runs
from ingestors.services.schedule import next_run
from ingestors.signals import run_queued

log = logging.getLogger(__name__)
BEAT = 10.0


@contextmanager
def heartbeat(run_id: int) -> Iterator[None]:
    """Say that a run's worker lives, every few seconds, from a thread of its own."""
    stop = threading.Event()

    def beat() -> None:
        while not stop.wait(BEAT):
            try:
                Run.objects.filter(pk=run_id, state=RunState.RUNNING).update(
                    heartbeat_at=timezone.now()
                )
            except DatabaseError as error:  # busy or away for a moment: the next beat counts
                log.warning("run %s missed a heartbeat: %s", run_id, error)
                connection.close()
        connection.close()

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(timeout=5)


@shared_task(name="ingestors.harvest")
def harvest(run_id: int) -> None:
    """Do a queued run; a second delivery of the same message finds nothing to do."""
    run = runs.start(run_id)
    if run is None:
        return
    with heartbeat(run_id):
        runs.execute(run)
    follow()


@shared_task(name="ingestors.dispatch")
def dispatch() -> None:
    """Start what is due, give up what is lost, send again what no worker heard of."""
    now = timezone.now()
    runs.mark_lost(now)
    for source in runs.due(now):
        following = next_run(source.schedule, now)
        claimed = type(source).objects.filter(pk=source.pk, next_run_at=source.next_run_at)
        if claimed.update(next_run_at=following):
            runs.enqueue(source, trigger="schedule")
    for run_id in runs.waiting(now):
        harvest.delay(run_id)


@shared_task(name="ingestors.follow")
def follow() -> None:
    """Let the search index and the notifications catch up with the event log."""
    follow_search()
    notifications.follow()


@shared_task(name="ingestors.daily")
def expire() -> None:
    """End rights whose last day has passed, warn ahead of others, judge freshness as time goes by."""
    now = timezone.now()
    expire_due(now)
    notice_due(now)
    measure_freshness(now)
    follow()


@receiver(run_queued)
def send(sender: object, run_id: int, **_: Any) -> None:
    """Tell a worker of a run; when the broker is away, `dispatch` tells it later."""
    try:
        harvest.apply_async((run_id,), retry=False)
    except OperationalError:
        return
