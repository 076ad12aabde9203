"""How the installation is: followers, queues, runs, indexes, migrations. Each answer is a few small queries."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Case, Count, Max, Min, Value, When
from django.utils import timezone

from catalog.models import Cursor, DeadLetter, Event, Webhook, WebhookLetter
from catalog.search.engines import kept
from ingestors.models import Chore, Run, RunState, Worker
from ingestors.scheduling.workers import FORGOTTEN, SILENT
from portal import broker

MOST_COUNTED = 100_000
MOST_LAG_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class Follower:
    """One reader of the event log: how many events and seconds it is behind."""

    name: str
    events: int
    seconds: float
    failures: int
    retry_at: datetime | None
    problem: str
    moved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Engine:
    """One search index."""

    name: str
    is_usable: bool
    documents: int
    problem: str
    letters: int


@dataclass(frozen=True, slots=True)
class Queue:
    """Where tasks wait; `waiting` is None where that cannot be told."""

    name: str
    broker: str
    waiting: int | None
    problem: str


@dataclass(frozen=True, slots=True)
class Heard:
    """A worker, and whether it has been silent for too long."""

    worker: Worker
    is_silent: bool


@dataclass(frozen=True, slots=True)
class Webhooks:
    """All webhooks: how many are how, dead letters, and how far the last one that is enabled is behind."""

    states: Mapping[str, int]
    letters: int
    events: int
    seconds: float


def webhooks() -> Webhooks:
    """Return how deliveries go; receivers that fail are the business of their owners."""
    failing = Case(When(problem="", then=Value("active")), default=Value("failing"))
    paused = Case(When(stopped_because="", then=Value("paused")), default=Value("stopped"))
    state = Case(When(is_enabled=True, then=failing), default=paused)
    rows = Webhook.objects.order_by().annotate(state=state).values_list("state")
    counted = dict(rows.annotate(count=Count("pk")))
    enabled = Webhook.objects.filter(is_enabled=True, owner__is_active=True)
    first = enabled.aggregate(first=Min("event_id"))["first"]
    unread = Event.objects.filter(id__gt=first) if first is not None else Event.objects.none()
    at = unread.order_by("id").values_list("recorded_at", flat=True).first()
    return Webhooks(
        {name: counted.get(name, 0) for name in ("active", "failing", "paused", "stopped")},
        WebhookLetter.objects.count(),
        unread[:MOST_COUNTED].count(),
        (timezone.now() - at).total_seconds() if at else 0.0,
    )


def followers() -> list[Follower]:
    """Return every follower there should be, those that never ran among them."""
    known = {cursor.name: cursor for cursor in Cursor.objects.all()}
    names = [*kept(), "notifications"]
    return [_follower(name, known.get(name)) for name in names]


def engines() -> list[Engine]:
    """Return how each index is; a remote one that is away says so within a second."""
    letters = dict(DeadLetter.objects.order_by().values_list("index").annotate(count=Count("pk")))
    found = []
    for name, index in kept().items():
        health = index.check()
        count = sum(health.counts.values())
        found.append(Engine(name, health.is_usable, count, health.problem, letters.get(name, 0)))
    return found


def queues() -> list[Queue]:
    """Return how many tasks wait in each queue at the broker."""
    if not settings.REDIS_URL:
        counted = broker.waiting(settings.QUEUE_FILE)
        return [Queue(name, "file", counted.get(name, 0), "") for name in settings.TASK_QUEUES]
    from redis import Redis, RedisError
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    server = Redis.from_url(
        settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1, retry=Retry(NoBackoff(), 0)
    )
    try:
        asked = server.pipeline(transaction=False)
        for name in settings.TASK_QUEUES:
            asked.llen(name)
        lengths = asked.execute()
    except RedisError as error:
        return [Queue(name, "redis", None, str(error)) for name in settings.TASK_QUEUES]
    finally:
        server.close()
    return [
        Queue(name, "redis", int(str(length)), "")
        for name, length in zip(settings.TASK_QUEUES, lengths, strict=True)
    ]


def workers() -> list[Heard]:
    """Return the workers that were heard of within a day, and how long ago."""
    now = timezone.now()
    return [
        Heard(row, now - row.heard_at > SILENT)
        for row in Worker.objects.filter(heard_at__gt=now - FORGOTTEN)
    ]


def clock() -> datetime | None:
    """Return when the clock last had a chore sent."""
    last: datetime | None = Chore.objects.aggregate(last=Max("sent_at"))["last"]
    return last


def runs_by_state() -> dict[str, int]:
    """Return how many runs wait or go on, and how many ended in which way."""
    counted = dict(Run.objects.order_by().values_list("state").annotate(count=Count("pk")))
    return {state: counted.get(state, 0) for state in RunState.values}


def unready() -> list[str]:
    """Return why this process should get no requests, each as a sentence; empty: it is ready."""
    try:
        executor = MigrationExecutor(connection)
        waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    except DatabaseError as error:
        return [f"The database does not answer: {str(error).splitlines()[0]}"]
    if waiting:
        return [f"{waiting} migrations are not applied: run `manage.py migrate`."]
    return []


def late() -> list[str]:
    """Return what is wrong but does not keep pages from being served."""
    reasons = [
        f"The follower {one.name} is {one.events} events and {one.seconds:.0f} s behind."
        for one in followers()
        if one.seconds > MOST_LAG_SECONDS
    ]
    reasons += [f"The index {e.name} is away: {e.problem}" for e in engines() if not e.is_usable]
    return reasons


def _follower(name: str, cursor: Cursor | None) -> Follower:
    seen = cursor.event_id if cursor else 0
    unread = Event.objects.filter(id__gt=seen)
    first = unread.order_by("id").values_list("recorded_at", flat=True).first()
    return Follower(
        name,
        unread[:MOST_COUNTED].count(),
        (timezone.now() - first).total_seconds() if first else 0.0,
        cursor.failures if cursor else 0,
        cursor.retry_at if cursor else None,
        cursor.problem if cursor else "",
        cursor.moved_at if cursor else None,
    )
