"""When harvests and chores happen.

Every task may come twice, or not at all: what is to be done stands in the database, a message only says
that somebody should look.
"""

from __future__ import annotations

import logging
from typing import Any

from celery import Task, current_app, shared_task
from celery.signals import task_postrun, task_prerun, worker_ready, worker_shutdown
from django.dispatch import receiver
from django.utils import timezone
from kombu.exceptions import OperationalError

from ingestors.scheduling import chores
from ingestors.scheduling.schedule import next_run
from ingestors.scheduling.workers import Presence
from ingestors.services import runs
from ingestors.signals import run_queued

log = logging.getLogger(__name__)
HOUR = 3600


@shared_task(name="ingestors.harvest", time_limit=4 * HOUR, soft_time_limit=4 * HOUR - 60)
def harvest(run_id: int) -> None:
    """Do a queued run; a second delivery of the same message finds nothing to do."""
    run = runs.perform(run_id)
    if run is not None and (next_id := runs.following(run)):
        harvest.delay(next_id)


@shared_task(name="ingestors.dispatch", time_limit=300, soft_time_limit=240)
def dispatch() -> None:
    """Start what is due, give up what is lost, send again what no worker heard of."""
    now = timezone.now()
    runs.mark_lost()
    runs.resettle(now)
    for source in runs.due(now):
        following = next_run(source.schedule, now)
        claimed = type(source).objects.filter(pk=source.pk, next_run_at=source.next_run_at)
        if claimed.update(next_run_at=following):
            runs.enqueue(source, trigger="schedule")
    for run_id in runs.waiting(now):
        harvest.apply_async((run_id,), expires=60)


@shared_task(name="ingestors.tick", time_limit=60, soft_time_limit=50)
def tick() -> None:
    """Send the chores that are due to their queues; the clock calls every few seconds."""
    for chore in chores.claim_due(timezone.now()):
        current_app.send_task(
            chore.task, headers={"chore": chore.name}, expires=chores.lasts(chore)
        )


@task_prerun.connect
def begin(task: Task[Any, Any], **_: Any) -> None:
    """Note that a chore is being done."""
    if name := _chore(task):
        chores.note_started(name)


@task_postrun.connect
def finish(task: Task[Any, Any], state: str, retval: object, **_: Any) -> None:
    """Note that a chore was done, and how it went."""
    if name := _chore(task):
        chores.note_finished(name, "" if state == "SUCCESS" else str(retval))


def _chore(task: Task[Any, Any]) -> str:
    headers = task.request.headers or {}
    return str(headers.get("chore") or "")


@worker_ready.connect
def come(sender: Any, **_: Any) -> None:
    """Say that this worker lives."""
    sender.presence = Presence(runs.here(), sorted(sender.app.amqp.queues.consume_from))
    sender.presence.begin()


@worker_shutdown.connect
def leave(sender: Any, **_: Any) -> None:
    """Say that this worker leaves."""
    if presence := getattr(sender, "presence", None):
        presence.end()


@receiver(run_queued)
def send(sender: object, run_id: int, **_: Any) -> None:
    """Tell a worker of a run; when the broker is away, `dispatch` tells it later."""
    try:
        harvest.apply_async((run_id,), retry=False)
    except OperationalError:
        return
