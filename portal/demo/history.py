"""Tell the story of the demo: two weeks of dated harvests, declarations and deeds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from ingestors.models import Run, Source
from ingestors.services.runs import run_source
from portal.demo import mesh
from portal.demo.deeds import Diary
from portal.demo.stores import advance, generate

LENGTH = 14
"""Days from the first harvest to today."""
ROUNDS = (0, 3, 5, 7, 9, 11, 13)
"""Days of the story on which every source is harvested, shortly before midnight."""
DECLARED_AGAIN = {
    5: ("agency/agent-bonus-2024",),
    9: ("actuarial/loss-triangles-quarterly",),
}
"""Products whose team says something new after the harvest of a day."""


def tell(stores: Path, *, now: datetime, say: Callable[[str], None]) -> None:
    """Make the stores and live through two weeks; the harvest of today is left to the workers."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=LENGTH)
    say("Writing the stores of two companies")
    generate(stores, first)
    say("Registering domains, teams, people and products")
    mesh.set_up(stores)
    start = datetime.combine(first, time(0), UTC)
    mesh.introduce_all(today, at=start + timedelta(hours=9))
    diary = Diary(start)
    since = start
    for number, day in enumerate(ROUNDS, 1):
        at = start + timedelta(days=day, hours=23, minutes=30)
        say(f"Harvest {number} of {len(ROUNDS)}: {at:%d %B}")
        advance(stores, first + timedelta(days=day))
        for source in Source.objects.order_by("key"):
            _date(run_source(source, at=at, trigger="schedule"), at)
        _declare(day, today, at)
        diary.live(since, at)
        since = at
    advance(stores, today, until=now)
    diary.live(since, now)
    diary.follow()


def _date(run: Run, at: datetime) -> None:
    """Let a run of the past look like one: it took as long, but then."""
    began, ended = run.started_at or run.queued_at, run.finished_at or run.queued_at
    Run.objects.filter(pk=run.pk).update(
        queued_at=at, started_at=at, heartbeat_at=None, finished_at=at + (ended - began)
    )
    run.lines.update(at=at)


def _declare(day: int, today: date, at: datetime) -> None:
    later = at + timedelta(minutes=5)
    if day == ROUNDS[0]:
        mesh.describe_all(today, at=later)
    elif keys := DECLARED_AGAIN.get(day):
        mesh.describe_some(keys, today, at=later)
