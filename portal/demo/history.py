"""Tell the story of the demo: two weeks of dated harvests, declarations and deeds."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path

from catalog.models import Domain
from ingestors.models import Source
from portal.demo import mesh
from portal.demo.interactions import Diary
from portal.demo.jobs import run_jobs
from portal.demo.rounds import Harvesters
from portal.demo.stores import advance, generate

LENGTH = 14
"""Days from the first harvest to today."""
ROUNDS: Mapping[int, tuple[str, ...]] = {
    0: ("insurance", "streaming"),
    5: ("insurance", "streaming"),
    8: ("insurance",),
    9: ("streaming",),
    12: ("insurance",),
    13: ("streaming",),
}
"""Days of the story, and the companies that are harvested that day, shortly before midnight."""
DECLARED_AGAIN = {
    5: ("agency/agent-bonus-2024",),
    9: ("actuarial/loss-triangles-quarterly",),
}
"""Products whose team says something new after the harvest of a day."""


def tell(stores: Path, *, now: datetime, say: Callable[[str], None]) -> None:
    """Make the stores and live through two weeks; the harvest of today is left to the workers."""
    today = now.astimezone(UTC).date()
    first = today - timedelta(days=LENGTH)
    start = datetime.combine(first, time(0), UTC)
    with Harvesters() as harvesters:
        say("Writing the stores of two companies")
        generate(stores, first)
        say("Registering domains, teams, people and products")
        mesh.set_up(stores)
        mesh.introduce_all(today, at=start + timedelta(hours=9))
        diary = Diary(start)
        since = start
        for number, (day, companies) in enumerate(ROUNDS.items(), 1):
            at = start + timedelta(days=day, hours=23, minutes=30)
            say(f"Harvest {number} of {len(ROUNDS)}, as of {at:%d %B}")
            advance(stores, first + timedelta(days=day))
            harvesters.harvest(_sources_of(companies), at)
            _declare(day, today, at)
            diary.live(since, at)
            run_jobs(since, at, today=now)
            since = at
    advance(stores, today, until=now)
    diary.live(since, now)
    run_jobs(since, now, today=now)
    diary.follow()


def _sources_of(companies: tuple[str, ...]) -> list[str]:
    domains = Domain.objects.values_list("id", "path")
    wanted = [pk for pk, path in domains if path.partition("/")[0] in companies]
    return list(
        Source.objects.filter(domain__in=wanted).order_by("key").values_list("key", flat=True)
    )


def _declare(day: int, today: date, at: datetime) -> None:
    later = at + timedelta(minutes=5)
    if day == 0:
        mesh.describe_all(today, at=later)
    elif keys := DECLARED_AGAIN.get(day):
        mesh.describe_some(keys, today, at=later)
