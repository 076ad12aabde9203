"""Runs: queued, started, watched, ended. One at a time per source, under a lock that dies with its holder."""

from __future__ import annotations

import logging
import os
import socket
from datetime import datetime, timedelta
from threading import Event as Signal
from typing import Any

from celery.exceptions import SoftTimeLimitExceeded
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import F, Max, Q
from django.utils import timezone

from catalog.db.locks import hold_lock
from catalog.descriptors import LayerKind
from catalog.events.log import NewEvent, record
from catalog.models import Layer, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.registry.missing_datasets import TooManyMissing
from catalog.trust.objectives import record_availability
from ingestors.errors import ConfigInvalid, IngestError, SourceUnavailable
from ingestors.isolation.wire import ReaderFailed
from ingestors.models import Run, RunLine, RunState, Source
from ingestors.scheduling.heartbeat import heartbeat
from ingestors.scheduling.schedule import next_run
from ingestors.services.loader import Loaded, datasets_of, layer_source, load
from ingestors.services.reading import isolated
from ingestors.services.sources import limited_config
from ingestors.signals import run_queued

log = logging.getLogger(__name__)
LOST = "The worker died; what it had not finished was not changed."
TOO_LONG = "It took longer than a harvest may; what it had not finished was not changed."
BROKE = "The catalog's own database broke off; what was not finished was not changed."
#: Seconds to wait for the lock of a source, which somebody may hold just to see that it is free.
WAIT = 1.0
#: A worker that heard of a run has taken it by then, or is busy.
HEARD = timedelta(seconds=20)
OPEN = (RunState.QUEUED, RunState.RUNNING)


class RunStopped(Exception):
    """The run was cancelled, or somebody declared it lost; its worker stops."""


class SourceBusy(Exception):
    """Another run of the source goes on."""


def here() -> str:
    """Name this process: `host:pid`."""
    return f"{socket.gethostname()}:{os.getpid()}"


def enqueue(
    source: Source,
    *,
    by: User | None = None,
    trigger: str = "manual",
    confirm: bool = False,
    at: datetime | None = None,
) -> Run:
    """Ask for a run; one that waits already is the answer. A worker is told after the commit.

    Raises PermissionDenied where a person may not run the source.
    """
    if by is not None and not policies.may(by, Action.RUN_SOURCE, source):
        raise PermissionDenied("an owner, engineer or steward of its team or domain is needed")
    run, _ = _queue(source, by=by, trigger=trigger, confirm=confirm, at=at)
    transaction.on_commit(lambda: run_queued.send(Run, run_id=run.pk))
    return run


def _queue(
    source: Source, *, by: User | None, trigger: str, confirm: bool, at: datetime | None
) -> tuple[Run, bool]:
    """Return the waiting run of a source, and whether it was made just now."""
    try:
        with transaction.atomic():
            run = Run.objects.create(
                source=source,
                trigger=trigger,
                triggered_by=by,
                confirm_removal=confirm,
                as_of=at,
            )
    except IntegrityError:
        run = Run.objects.get(source=source, state=RunState.QUEUED)
        if confirm and not run.confirm_removal:
            Run.objects.filter(pk=run.pk).update(confirm_removal=True)
        return run, False
    return run, True


def perform(run_id: int) -> Run | None:
    """Do a waiting run to its end; None when it is taken, cancelled, or its source is busy.

    Who holds the lock of a source is its only harvester: runs that still seem to go on are lost.
    """
    source = Run.objects.filter(pk=run_id, state=RunState.QUEUED).values_list("source_id").first()
    if source is None:
        return None
    with hold_lock(source[0], wait=WAIT) as lock:
        if lock is None:
            return None
        _lose_all(source[0])
        run = _take(run_id)
        if run is None:
            return None
        with heartbeat(run.pk, lock) as lost:
            return execute(run, lost)


def _take(run_id: int) -> Run | None:
    now = timezone.now()
    try:
        with transaction.atomic():
            taken = Run.objects.filter(pk=run_id, state=RunState.QUEUED).update(
                state=RunState.RUNNING, started_at=now, heartbeat_at=now, worker=here()
            )
    except IntegrityError:
        return None
    if not taken:
        return None
    return Run.objects.select_related("source__domain", "source__team", "triggered_by").get(
        pk=run_id
    )


def run_source(
    source: Source,
    *,
    by: User | None = None,
    at: datetime | None = None,
    trigger: str = "command",
    confirm: bool = False,
) -> Run:
    """Harvest a source in this process and return the ended run; no worker is told of it.

    Raises SourceBusy; then nothing is left waiting that was not before.
    """
    run, is_new = _queue(source, by=by, trigger=trigger, confirm=confirm, at=at)
    done = perform(run.pk)
    if done is None:
        if is_new:
            Run.objects.filter(pk=run.pk, state=RunState.QUEUED).delete()
        raise SourceBusy(f"another run of {source} goes on; wait for it or cancel it")
    return done


def execute(run: Run, lost: Signal) -> Run:
    """Do the work of a started run until `lost` is set; whatever happens is kept in the run."""
    source = run.source
    at = run.as_of or _now_of(source)
    watch = Watch(run, lost)
    try:
        loaded = load(
            source,
            isolated(source, limited_config(source), tick=watch),
            at=at,
            run_key=f"run:{run.pk}",
            progress=watch,
            confirm=run.confirm_removal,
        )
    except RunStopped:
        log.info("run %s was stopped", run.pk)
    except TooManyMissing as error:
        _end(run, RunState.HELD, f"Nothing was changed: {error}.", at)
    except SourceUnavailable as error:
        _end(run, RunState.FAILED, f"The store does not answer: {error}", at, reached=False)
    except (ConfigInvalid, IngestError) as error:
        _end(run, RunState.FAILED, str(error), at)
    except SoftTimeLimitExceeded:
        _end(run, RunState.FAILED, TOO_LONG, at)
    except DatabaseError:
        connection.close_if_unusable_or_obsolete()  # it may be back by now
        _end(run, RunState.FAILED, BROKE, at)
        raise
    except Exception as error:
        kind = str(error) if isinstance(error, ReaderFailed) else type(error).__name__
        _end(run, RunState.FAILED, f"Stopped by an error of ours: {kind}", at)
        raise
    else:
        _count(run, loaded)
        state = RunState.PARTIAL if loaded.problems else RunState.SUCCEEDED
        _end(run, state, "", at, reached=True)
    run.refresh_from_db()
    return run


def _now_of(source: Source) -> datetime:
    """Return the time, later than the last harvest's whatever the clock of its host said."""
    layers = Layer.objects.filter(kind=LayerKind.HARVESTED, source=layer_source(source))
    last = layers.aggregate(last=Max("stated_at"))["last"]
    now = timezone.now()
    return now if last is None else max(now, last + timedelta(microseconds=1))


class Watch:
    """Keeps a run's row up to date, and stops the work when the run was cancelled or lost its lock."""

    def __init__(self, run: Run, lost: Signal) -> None:
        self.run, self.lost = run, lost
        self._told = timezone.now() - timedelta(days=1)

    def __call__(
        self,
        *,
        found: int | None = None,
        done: int | None = None,
        current: str = "",
        line: str = "",
        level: str = "info",
    ) -> None:
        """Note progress; rows are written twice a second at most, lines always."""
        if self.lost.is_set():
            raise RunStopped
        if line:
            RunLine.objects.create(run=self.run, level=level, text=line[:2000])
        now = timezone.now()
        if found is None and now - self._told < timedelta(milliseconds=500):
            return
        self._told = now
        values: dict[str, Any] = {"heartbeat_at": now}
        values |= {"found_count": found} if found is not None else {}
        values |= {"done_count": done} if done is not None else {}
        values |= {"current": current[:500]} if current else {}
        going = Run.objects.filter(pk=self.run.pk, state=RunState.RUNNING).update(**values)
        if not going:
            raise RunStopped


def _count(run: Run, loaded: Loaded) -> None:
    done = loaded.created + loaded.changed + loaded.unchanged + len(loaded.problems)
    Run.objects.filter(pk=run.pk).update(
        created_count=loaded.created,
        changed_count=loaded.changed,
        unchanged_count=loaded.unchanged,
        gone_count=loaded.gone,
        problem_count=len(loaded.problems),
        done_count=F("found_count") if run.found_count else done,
    )


def _end(run: Run, state: RunState, error: str, at: datetime, reached: bool | None = None) -> None:
    now = timezone.now()
    with transaction.atomic():
        ended = Run.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
            state=state, error=error, finished_at=now, heartbeat_at=now, current=""
        )
        if not ended:
            return
        RunLine.objects.create(
            run=run,
            level="error" if state in (RunState.FAILED, RunState.HELD) else "info",
            text=error or f"{RunState(state).label.lower()}",
        )
        if reached is not None:
            ids = datasets_of(run.source)
            record_availability(dataset_ids=ids, reached=reached, at=at)
        run.refresh_from_db()
        record([_finished(run, at)])


def _finished(run: Run, at: datetime) -> NewEvent:
    return NewEvent(
        type="run.finished",
        at=at,
        actor=run.triggered_by,
        actor_name=str(run.triggered_by or layer_source(run.source)),
        subject_kind="run",
        subject_key=f"{run.source.key} run {run.pk}",
        subject_id=run.pk,
        audience=run.source.domain.audience,
        data={
            "source": run.source.key,
            "state": run.state,
            "began": min(run.started_at or at, at).isoformat(),
            "created": run.created_count,
            "changed": run.changed_count,
            "gone": run.gone_count,
        },
    )


def cancel(run: Run, *, by: User | None) -> bool:
    """Stop a run that waits or goes on; False when it had ended."""
    now = timezone.now()
    done = Run.objects.filter(pk=run.pk, state__in=OPEN).update(
        state=RunState.CANCELLED, finished_at=now, error=f"Cancelled by {by or 'the operator'}."
    )
    return bool(done)


def mark_lost() -> list[int]:
    """End the runs that nobody does any more, wherever their worker was; return their ids."""
    going = Run.objects.filter(state=RunState.RUNNING).values_list("source_id", flat=True)
    lost: list[int] = []
    for source in set(going):
        with hold_lock(source) as lock:
            if lock is not None:
                lost += _lose_all(source)
    return lost


def _lose_all(source: int) -> list[int]:
    """Give up the runs of a source that seem to go on; for whoever holds its lock."""
    now = timezone.now()
    running = Run.objects.filter(source=source, state=RunState.RUNNING)
    return [
        run.pk
        for run in running.select_related("source__domain", "triggered_by")
        if _lose(run, now)
    ]


def _lose(run: Run, now: datetime) -> bool:
    """Give a run up; False when it ended meanwhile."""
    with transaction.atomic():
        going = Run.objects.filter(pk=run.pk, state=RunState.RUNNING)
        if not going.update(state=RunState.LOST, finished_at=now, error=LOST):
            return False
        RunLine.objects.create(run=run, level="error", text=LOST)
        run.state = RunState.LOST
        record([_finished(run, run.as_of or now)])
    log.warning("run %s of source %s was lost: worker %s", run.pk, run.source.key, run.worker)
    return True


def resettle(now: datetime) -> int:
    """Bring schedules back that a clock that went back has left in the far future; return how many."""
    ahead = Source.objects.filter(is_paused=False, next_run_at__gt=now).exclude(schedule="")
    count = 0
    for source in ahead:
        following = next_run(source.schedule, now)
        if following and source.next_run_at and source.next_run_at > following:
            same = Source.objects.filter(pk=source.pk, next_run_at=source.next_run_at)
            count += same.update(next_run_at=following)
    return count


def due(now: datetime) -> list[Source]:
    """Return the sources whose time has come."""
    return list(
        Source.objects.filter(is_paused=False, next_run_at__lte=now)
        .exclude(schedule="")
        .order_by("next_run_at")
    )


def waiting(now: datetime) -> list[int]:
    """Return queued runs whose worker may never have heard of them, where their source is free.

    Those of the future are old, too; what waits for a run that goes on is sent by it at its end.
    """
    old = Q(queued_at__lt=now - HEARD) | Q(queued_at__gt=now + HEARD)
    busy = Run.objects.filter(state=RunState.RUNNING).values("source")
    rows = Run.objects.filter(old, state=RunState.QUEUED).exclude(source__in=busy)
    return list(rows.values_list("pk", flat=True))


def following(run: Run) -> int | None:
    """Return the id of the run that waits for this one's source to be free."""
    rows = Run.objects.filter(source=run.source_id, state=RunState.QUEUED)
    return rows.values_list("pk", flat=True).first()
