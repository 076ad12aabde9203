"""Harvests from a real store to the catalog."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from celery.exceptions import SoftTimeLimitExceeded
from django.utils import timezone

from catalog.db.locks import hold_lock
from catalog.models import Column, Dataset, Event, Product, Profile, Sample
from catalog.registry.edit import edit
from catalog.search.engines import backend
from catalog.search.follow import differences, follow
from ingestors.connectors.base import Record
from ingestors.isolation.reader import Isolated
from ingestors.models import Run, RunState, Source
from ingestors.scheduling import heartbeat
from ingestors.scheduling.schedule import next_run
from ingestors.services.runs import (
    SourceBusy,
    cancel,
    enqueue,
    following,
    mark_lost,
    perform,
    resettle,
    run_source,
    waiting,
)
from ingestors.services.sources import SourceInvalid, create_source, shown_config
from lineage.models import Edge
from tests.conftest import Mesh
from tests.ingestors.conftest import change


def test_a_harvest_fills_the_catalog(source: Source) -> None:
    run = run_source(source)
    assert (run.state, run.created_count, run.found_count) == (RunState.SUCCEEDED, 4, 4)
    assert (
        Column.objects.get(dataset__name="customer", path="id").description
        == "number of the customer"
    )
    product = Product.objects.get(key="claims-register")
    assert set(product.served_datasets.values_list("name", flat=True)) == {"claim", "late_claim"}
    assert Profile.objects.filter(dataset__name="claim").exists()
    assert Event.objects.filter(type="run.finished").count() == 1


def test_views_and_foreign_keys_become_edges(source: Source) -> None:
    run_source(source)
    flows = set(Edge.objects.values_list("upstream__name", "downstream__name", "kind"))
    assert flows == {
        ("claim", "late_claim", "view"),
        ("customer", "late_claim", "view"),
        ("customer", "claim", "foreign-key"),
    }


def test_no_raw_personal_value_reaches_the_database(source: Source) -> None:
    run_source(source)
    kept = "".join(str(p.columns) for p in Profile.objects.all())
    kept += "".join(str(s.rows) for s in Sample.objects.all())
    assert "person7@" not in kept
    assert "mail.example.net" not in kept
    assert Column.objects.get(dataset__name="customer", path="email").sensitivity == "email"


def test_a_second_harvest_changes_nothing(source: Source) -> None:
    run_source(source)
    before = Event.objects.exclude(type="run.finished").count()
    again = run_source(source)
    assert (again.created_count, again.changed_count, again.unchanged_count) == (0, 0, 4)
    assert Event.objects.exclude(type="run.finished").count() == before


def test_a_corrected_column_is_masked_at_once_and_at_the_next_harvest(
    source: Source, mesh: Mesh
) -> None:
    run_source(source)
    dataset = Dataset.objects.get(name="claim")
    edit(dataset, changes={"columns[paid].sensitivity": "health"}, by=mesh.alice)
    profile = Profile.objects.get(dataset=dataset)
    paid = next(c for c in profile.columns if c["path"] == "paid")
    assert "maximum" not in paid
    run_source(source)
    assert Column.objects.get(dataset=dataset, path="paid").sensitivity == "health"
    sample = Sample.objects.get(dataset=dataset)
    assert "paid" in sample.masked


def test_limits_of_the_installation_count_where_a_source_has_none(
    source: Source, settings: Any
) -> None:
    settings.PROFILE_MAX_ROWS, settings.SAMPLE_ROWS = 30, 2
    run_source(source)
    claim = Dataset.objects.get(name="claim")
    assert Profile.objects.get(dataset=claim).rows_profiled == 30
    assert len(Sample.objects.get(dataset=claim).rows) == 2
    source.config = {**source.config, "limits": {"max_rows": 40}}
    source.save()
    run_source(source)
    assert Profile.objects.get(dataset=claim).rows_profiled == 40
    assert len(Sample.objects.get(dataset=claim).rows) == 2


def test_a_store_that_is_not_there_fails_in_words(source: Source, store: Path) -> None:
    store.unlink()
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert "there is no file" in run.error


def test_a_harvest_that_takes_too_long_says_so(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*_: Any, **__: Any) -> Iterator[Record]:
        raise SoftTimeLimitExceeded

    monkeypatch.setattr(Isolated, "read", endless)
    run = run_source(source)
    assert (run.state, run.error[:14]) == (RunState.FAILED, "It took longer")


def test_a_harvest_that_lost_half_is_held_and_can_be_confirmed(source: Source, store: Path) -> None:
    run_source(source)
    with sqlite3.connect(store) as db:
        db.executescript("DROP VIEW late_claim; DROP TABLE broker;")
    db.close()
    held = run_source(source)
    assert held.state == RunState.HELD
    assert not Dataset.objects.filter(gone_at__isnull=False).exists()
    done = run_source(source, confirm=True)
    assert (done.state, done.gone_count) == (RunState.SUCCEEDED, 2)


def going_on(source: Source) -> Run:
    """A run that a worker took."""
    run = enqueue(source)
    Run.objects.filter(pk=run.pk).update(state=RunState.RUNNING, worker="elsewhere:1")
    return run


def test_one_run_at_a_time(source: Source) -> None:
    with hold_lock(source.pk):
        going_on(source)
        with pytest.raises(SourceBusy):
            run_source(source)


@pytest.mark.parametrize("hours", [-48, 48])
def test_a_run_whose_lock_is_held_is_never_lost_whatever_the_clock_says(
    source: Source, hours: int
) -> None:
    run = going_on(source)
    moved = timezone.now() + timedelta(hours=hours)
    Run.objects.filter(pk=run.pk).update(heartbeat_at=moved, started_at=moved)
    with hold_lock(source.pk):
        assert mark_lost() == []


def test_a_run_without_its_lock_is_lost_at_once_and_the_next_one_works(source: Source) -> None:
    run = going_on(source)
    Run.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now())
    assert mark_lost() == [run.pk]
    assert mark_lost() == []
    assert run_source(source).state == RunState.SUCCEEDED


def test_whoever_gets_the_lock_gives_up_what_its_last_holder_left(source: Source) -> None:
    left = going_on(source)
    assert run_source(source).state == RunState.SUCCEEDED
    left.refresh_from_db()
    assert left.state == RunState.LOST


def test_a_run_that_lost_its_lock_stops(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heartbeat, "BEAT", 0.001)
    monkeypatch.setattr("catalog.db.locks._File.is_held", lambda lock: False)
    monkeypatch.setattr("catalog.db.locks._Session.is_held", lambda lock: False)
    monkeypatch.setattr(Isolated, "read", slowly(Isolated.read))
    run = run_source(source)
    assert run.state == RunState.RUNNING, "who gets the lock next gives it up"
    assert not Dataset.objects.exists()
    assert mark_lost() == [run.pk]


def slowly(read: Callable[..., Iterator[Record]]) -> Callable[..., Iterator[Record]]:
    def reading(*said: Any, **more: Any) -> Iterator[Record]:
        for record in read(*said, **more):
            time.sleep(0.05)
            yield record

    return reading


def test_a_harvest_counts_although_the_clock_went_back(
    source: Source, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_source(source)
    earlier = timezone.now() - timedelta(hours=2)
    monkeypatch.setattr(timezone, "now", lambda: earlier)
    change(store, "ALTER TABLE broker ADD COLUMN street TEXT")
    assert run_source(source).changed_count == 1
    assert Column.objects.filter(dataset__name="broker", path="street").exists()


def test_what_no_worker_heard_of_is_sent_again_once_its_source_is_free(source: Source) -> None:
    now = timezone.now()
    going = going_on(source)
    queued = enqueue(source)
    assert waiting(now + timedelta(seconds=5)) == []
    assert following(going) == queued.pk
    for moment in (now + timedelta(minutes=1), now - timedelta(hours=2)):
        assert waiting(moment) == []
    Run.objects.filter(pk=going.pk).update(state=RunState.SUCCEEDED)
    for moment in (now + timedelta(minutes=1), now - timedelta(hours=2)):
        assert waiting(moment) == [queued.pk]


def test_a_schedule_follows_a_clock_that_went_back(source: Source) -> None:
    now = timezone.now()
    for schedule, ahead in (("every 30m", timedelta(days=2)), ("15 3 * * *", timedelta(days=9))):
        Source.objects.update(schedule=schedule, next_run_at=now + ahead)
        assert resettle(now) == 1
        source.refresh_from_db()
        assert source.next_run_at == next_run(schedule, now)
        assert resettle(now) == 0


def test_a_cancelled_run_does_not_start(source: Source, mesh: Mesh) -> None:
    run = enqueue(source)
    assert cancel(run, by=mesh.alice)
    assert perform(run.pk) is None
    assert not cancel(run, by=mesh.alice)


@pytest.mark.parametrize(
    ("said", "path", "word"),
    [
        ({"connector": "ftp"}, "connector", "known are dbt, files, sql"),
        ({"config": {"url": "postgresql://u:hunter2@h/db"}}, "config.url", "reference"),
        ({"schedule": "sometimes"}, "schedule", "cron"),
        ({"rules": [{"match": "*" * 201, "product": "x"}]}, "rules[0].match", "200 characters"),
        ({"rules": [{"match": "*", "product": "Not A Key"}]}, "rules[0].product", "lower-case"),
        ({"config": {"url": "sqlite:///x", "colour": 1}}, "config.colour", "known are"),
    ],
)
def test_a_source_that_cannot_work_is_refused_with_the_field(
    mesh: Mesh, said: dict[str, object], path: str, word: str
) -> None:
    wanted: dict[str, Any] = {
        "name": "S",
        "connector": "sql",
        "config": {"url": "sqlite:///x"},
        "domain": mesh.claims,
        "team": mesh.team,
        "by": mesh.alice,
        **said,
    }
    with pytest.raises(SourceInvalid) as refused:
        create_source(**wanted)
    problem = refused.value.problems[0]
    assert problem.path == path
    assert word in problem.message
    assert "hunter2" not in str(refused.value)
    assert not Source.objects.exists()


def test_a_shown_configuration_holds_no_secret(source: Source) -> None:
    source.config = {"url": "postgresql://u:hunter2@h/db", "password": "hunter2"}
    assert "hunter2" not in shown_config(source)


def test_the_index_agrees_with_the_catalog_after_each_harvest(source: Source, store: Path) -> None:
    index = backend()
    change(store, "ALTER TABLE broker ADD COLUMN seen_at TIMESTAMP")
    for day in ("2026-01-01 10:00:00", "2026-02-01 10:00:00"):
        change(store, f"INSERT INTO broker (city, seen_at) VALUES ('Ulm', '{day}')")
        run_source(source)
        follow()
        assert differences(index) == {
            "product": (set(), set(), set()),
            "dataset": (set(), set(), set()),
        }
