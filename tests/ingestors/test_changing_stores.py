"""Stores that change, go away or cannot be reached: said in the run, nothing half done."""

from __future__ import annotations

import shutil
from pathlib import Path

import psycopg
import pytest

from catalog.models import Dataset, Event, Layer
from ingestors.models import Run, RunState, Source
from ingestors.services.runs import SourceBusy, enqueue, run_source
from ingestors.services.sources import create_source
from ingestors.tasks import harvest
from tests.conftest import Mesh
from tests.engines import postgres_url
from tests.ingestors.conftest import change
from tests.ingestors.interrupted import interrupt


def problems(run: Run) -> list[str]:
    return list(run.lines.filter(level="warning").values_list("text", flat=True))


def test_of_two_harvests_at_once_one_runs(source: Source, monkeypatch: pytest.MonkeyPatch) -> None:
    refused: list[str] = []

    def harvest_again() -> None:
        with pytest.raises(SourceBusy) as busy:
            run_source(source)
        refused.append(str(busy.value))

    interrupt(monkeypatch, harvest_again)
    first = run_source(source)
    assert (first.state, first.created_count) == (RunState.SUCCEEDED, 4)
    assert refused == ["another run of Claims store goes on; wait for it or cancel it"]
    assert list(Run.objects.values_list("pk", flat=True)) == [first.pk]


def test_a_run_delivered_twice_is_done_once(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = enqueue(source)
    interrupt(monkeypatch, lambda: harvest(run.pk))
    harvest(run.pk)
    harvest(run.pk)
    assert Run.objects.get().state == RunState.SUCCEEDED
    assert Event.objects.filter(type="run.finished").count() == 1


def test_a_run_that_waits_behind_another_is_kept(
    source: Source, monkeypatch: pytest.MonkeyPatch
) -> None:
    waiting: list[Run] = []

    def ask_again() -> None:
        waiting.append(enqueue(source))
        harvest(waiting[0].pk)

    interrupt(monkeypatch, ask_again)
    assert run_source(source).state == RunState.SUCCEEDED
    waiting[0].refresh_from_db()
    assert waiting[0].state == RunState.QUEUED
    harvest(waiting[0].pk)
    waiting[0].refresh_from_db()
    assert (waiting[0].state, waiting[0].unchanged_count) == (RunState.SUCCEEDED, 4)


def test_a_table_dropped_during_the_harvest_is_said_and_stays_until_the_next(
    source: Source, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run_source(source)
    interrupt(monkeypatch, lambda: change(store, "DROP VIEW late_claim"))
    run = run_source(source)
    assert (run.state, run.unchanged_count, run.gone_count) == (RunState.PARTIAL, 3, 0)
    assert problems(run) == ["late_claim: it was there when the harvest began and is not any more"]
    assert Dataset.objects.get(name="late_claim").gone_at is None
    assert run_source(source).gone_count == 1


def test_a_table_that_comes_during_the_harvest_waits_for_the_next(
    source: Source, store: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    interrupt(monkeypatch, lambda: change(store, "CREATE TABLE zone (id INTEGER)"))
    assert run_source(source).created_count == 4
    assert run_source(source).created_count == 1


def test_a_view_on_a_table_that_is_gone_does_not_hold_the_others_back(
    source: Source, store: Path
) -> None:
    change(store, "CREATE VIEW bad AS SELECT city FROM broker; DROP TABLE broker;")
    run = run_source(source)
    assert run.state == RunState.PARTIAL
    assert Dataset.objects.filter(name="customer").exists()
    assert [text.partition(":")[0] for text in problems(run)] == ["bad"]


def test_a_database_that_is_replaced_by_nonsense_changes_nothing(
    source: Source, store: Path
) -> None:
    run_source(source)
    store.write_bytes(b"this is no database, and never was one" * 100)
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert run.error == "The store does not answer: the file is no database of this kind"
    assert Dataset.objects.filter(gone_at__isnull=True).count() == 4


def test_a_folder_that_goes_away_during_the_harvest_changes_nothing(
    mesh: Mesh, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "share"
    folder.mkdir()
    for name in "abc":
        (folder / f"{name}.csv").write_text("id,amount\n1,2\n")
    source = create_source(
        name="Share",
        connector="files",
        config={"path": str(folder), "namespace": "file://share"},
        domain=mesh.claims,
        by=None,
    )
    interrupt(monkeypatch, lambda: shutil.rmtree(folder))
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert run.error == f"The store does not answer: there is nothing at {folder} any more"
    assert not Dataset.objects.exists()
    assert not Layer.objects.filter(kind="harvested").exists()


def test_a_database_session_that_breaks_off_changes_nothing(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = postgres_url()
    with psycopg.connect(url, autocommit=True) as db:
        db.execute("DROP SCHEMA IF EXISTS broken_off CASCADE")
        db.execute("CREATE SCHEMA broken_off")
        for name in ("a", "b", "c"):
            db.execute(f"CREATE TABLE broken_off.{name} (id integer)")

        def break_off() -> None:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE application_name = 'gazetteer harvest' AND datname = current_database()"
            )

        monkeypatch.setenv("GAZETTEER_SECRET_STORE", url)
        source = create_source(
            name="Postgres",
            connector="sql",
            config={"url": "env:GAZETTEER_SECRET_STORE", "schemas": ["broken_off"]},
            domain=mesh.claims,
            by=None,
        )
        interrupt(monkeypatch, break_off)
        run = run_source(source)
        assert run.state == RunState.FAILED
        assert run.error.startswith("The store does not answer: terminating connection")
        assert not Dataset.objects.exists()
        assert run_source(source).created_count == 3
        db.execute("DROP SCHEMA broken_off CASCADE")


@pytest.mark.parametrize(
    ("config", "said"),
    [
        ({"url": "sqlite:////no/such/place.db"}, "there is no file /no/such/place.db"),
        ({"url": "postgresql://nobody@127.0.0.1:9/none"}, "127.0.0.1"),
        ({"url": "postgresql://nobody@no-such-host.invalid/none"}, "no-such-host.invalid"),
        ({"url": "oracle://u@h/db"}, "pip install"),
        ({"url": "env:GAZETTEER_SECRET_NO_SUCH"}, "the environment has no such variable"),
    ],
)
def test_a_wrong_database_url_is_said(mesh: Mesh, config: dict[str, str], said: str) -> None:
    source = create_source(
        name="Wrong", connector="sql", config=config, domain=mesh.claims, by=None
    )
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert said in run.error
    assert run.lines.get().level == "error"
    assert not Dataset.objects.exists()


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/no/such/folder", "there is nothing at /no/such/folder"),
        ("nosuch://bucket/folder", "nosuch"),
        (
            "s3://bucket/folder",
            "path: 's3://bucket/folder' cannot be used; its driver is not installed",
        ),
    ],
)
def test_a_wrong_file_url_is_said(mesh: Mesh, path: str, said: str) -> None:
    source = create_source(
        name="Wrong", connector="files", config={"path": path}, domain=mesh.claims, by=None
    )
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert said in run.error
