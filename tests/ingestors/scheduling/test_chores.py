"""Chores are done when due, once, whatever clocks and brokers do."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.utils import timezone

from catalog import tasks
from ingestors.models import Chore
from ingestors.scheduling import chores
from ingestors.scheduling.chores import ChoreInvalid, claim_due, find_chores

pytestmark = pytest.mark.django_db


@pytest.fixture
def hourly() -> Chore:
    find_chores()
    Chore.objects.update(is_enabled=False)
    return Chore.objects.create(name="hourly", task="catalog.expire", every=3600)


def names(claimed: list[Chore]) -> list[str]:
    return [chore.name for chore in claimed]


def test_every_chore_is_due_at_first_and_then_in_its_time() -> None:
    now = timezone.now() + timedelta(seconds=1)
    assert set(names(claim_due(now))) == {
        "search",
        "notifications",
        "webhooks",
        "messages",
        "harvests",
        "rights",
    }
    Chore.objects.update(started_at=now, finished_at=now)
    assert claim_due(now) == []
    assert set(names(claim_due(now + timedelta(seconds=10)))) == {
        "search",
        "notifications",
        "webhooks",
    }


def test_of_two_who_look_at_once_one_gets_it(
    hourly: Chore, monkeypatch: pytest.MonkeyPatch
) -> None:
    stale = find_chores()
    now = timezone.now() + timedelta(seconds=1)
    assert names(claim_due(now)) == ["hourly"]
    monkeypatch.setattr(chores, "find_chores", lambda: stale)
    assert claim_due(now) == []


def test_a_clock_that_goes_back_delays_no_chore(hourly: Chore) -> None:
    now = timezone.now()
    Chore.objects.update(next_at=now + timedelta(days=2), sent_at=now, started_at=now)
    assert names(claim_due(now)) == ["hourly"]
    assert claim_due(now) == []


def test_a_chore_that_no_worker_heard_of_is_sent_again(hourly: Chore) -> None:
    now = timezone.now() + timedelta(seconds=1)
    claim_due(now)
    assert claim_due(now + timedelta(seconds=59)) == []
    assert names(claim_due(now + timedelta(seconds=61))) == ["hourly"]
    chores.note_started("hourly")
    assert claim_due(now + timedelta(seconds=200)) == []


def test_a_paused_chore_is_not_done_until_it_is_resumed(hourly: Chore) -> None:
    chores.pause_chore(hourly, by=None)
    now = timezone.now() + timedelta(hours=2)
    assert claim_due(now) == []
    chores.resume_chore(hourly, by=None)
    assert names(claim_due(now)) == ["hourly"]


def test_a_chore_is_done_at_once_or_more_often_on_demand(hourly: Chore) -> None:
    now = timezone.now() + timedelta(seconds=1)
    claim_due(now)
    chores.note_started("hourly")
    chores.hasten_chore(hourly, by=None)
    assert names(claim_due(timezone.now())) == ["hourly"]
    chores.note_started("hourly")
    chores.change_chore(hourly, every=30, by=None)
    assert names(claim_due(timezone.now())) == ["hourly"]
    with pytest.raises(ChoreInvalid, match="1 to 604800"):
        chores.change_chore(hourly, every=0, by=None)


def test_a_chore_tells_how_it_went(hourly: Chore, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ValueError("the disk is full")

    task: Any = tasks.expire
    task.apply(headers={"chore": "hourly"})
    hourly.refresh_from_db()
    assert hourly.finished_at is not None
    assert hourly.error == ""
    monkeypatch.setattr(task, "run", broken)
    task.apply(headers={"chore": "hourly"})
    hourly.refresh_from_db()
    assert hourly.error == "the disk is full"


def test_the_command_shows_and_changes_chores(hourly: Chore) -> None:
    out = StringIO()
    call_command("chores", "every", "hourly", "60", stdout=out)
    call_command("chores", "pause", "search", stdout=out)
    call_command("chores", "list", stdout=out)
    said = " ".join(out.getvalue().split())
    assert "hourly every 60 s never done" in said
    assert "search paused never done" in said
    with pytest.raises(CommandError, match="known: harvests, hourly"):
        call_command("chores", "hasten", "nothing")
