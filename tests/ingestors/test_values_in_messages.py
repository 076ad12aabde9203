"""What a store says of a cell it cannot read is data: only the kind of error and the column are told."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from catalog.models import Dataset, Sample
from ingestors.connectors.sql.reasons import meaning
from ingestors.models import Run, RunState
from ingestors.profile.subject import BadValue, ItemMissing, TimedOut
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from tests.conftest import Mesh
from tests.engines import postgres_url
from tests.ingestors.test_no_raw_value import everything

pytestmark = pytest.mark.django_db
RAW = "someone@quovadimus.example"


@pytest.fixture
def schema(worker_id: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Make a schema in PostgreSQL with a view that casts text to a number."""
    name = f"casts_{worker_id}"
    monkeypatch.setenv("GAZETTEER_SECRET_CASTS", postgres_url())
    with psycopg.connect(postgres_url(), autocommit=True) as server:
        place = sql.Identifier(name)
        server.execute(sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(place))
        server.execute(sql.SQL("CREATE SCHEMA {}").format(place))
        server.execute(sql.SQL("SET search_path = {}").format(place))
        server.execute("CREATE TABLE contacts (id int, contact text)")
        server.execute("INSERT INTO contacts SELECT n, '12' FROM generate_series(1, 1200) n")
        server.execute(sql.SQL("INSERT INTO contacts VALUES (0, {})").format(RAW))
        server.execute("CREATE VIEW as_number AS SELECT id, contact::int AS n FROM contacts")
        server.execute(
            "CREATE VIEW first_as_number AS SELECT id, contact::int AS n FROM contacts ORDER BY id"
        )
        server.execute("CREATE TABLE fine (id int)")
        yield name
        server.execute(sql.SQL("DROP SCHEMA {} CASCADE").format(place))


def test_a_failed_cast_tells_its_column_and_nothing_of_the_value(mesh: Mesh, schema: str) -> None:
    source = create_source(
        name="Casts",
        connector="sql",
        config={
            "url": "env:GAZETTEER_SECRET_CASTS",
            "schemas": [schema],
            "namespace": "store://casts",
        },
        domain=mesh.claims,
        by=None,
    )
    run = run_source(source)
    assert run.state == RunState.PARTIAL
    assert Dataset.objects.count() == 4
    said = [line.text for line in Run.objects.get().lines.filter(level="warning")]
    assert [line.partition(": ")[2] for line in said] == [
        "column 'n' not measured: a value cannot be read as what its column or view says it is"
        " (integer)"
    ] * 2
    sample = Sample.objects.get(dataset__display_name="first_as_number")
    assert (sample.columns, len(sample.rows)) == (["id"], 20)
    assert RAW not in everything()
    assert RAW.partition("@")[0] not in everything()


def test_a_literal_of_a_view_is_not_kept(mesh: Mesh, tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "store.db") as db:
        db.execute("CREATE TABLE person (id integer, name text, phone integer, status text)")
        db.execute(
            "CREATE VIEW chosen AS SELECT id, substr(name, 1, 3) AS n FROM person"
            f" WHERE name = 'Zanquia Vormekorp' OR phone = 442079460123 -- and not '{RAW}'"
        )
    db.close()
    source = create_source(
        name="Views",
        connector="sql",
        config={"url": f"sqlite:///{tmp_path / 'store.db'}", "namespace": "store://views"},
        domain=mesh.claims,
        by=None,
    )
    assert run_source(source).state == RunState.SUCCEEDED
    kept = Dataset.objects.get(name="chosen").view_definition
    assert "WHERE name = '•••' OR phone = '•••' -- and not •••" in kept
    assert [raw for raw in ("Zanquia", "442079460123", RAW) if raw in everything()] == []


@pytest.mark.parametrize(
    ("error", "kind", "told"),
    [
        (sqlite3.OperationalError(f"Could not decode to UTF-8 column 'a' with text '{RAW}'"),
         Exception, "a text is not valid UTF-8"),
        (sqlite3.OperationalError(f"malformed JSON: {RAW}"), BadValue, "a value cannot be read"),
        (sqlite3.OperationalError(f"no such table: {RAW}"), ItemMissing, "it was there"),
        (sqlite3.OperationalError("interrupted"), TimedOut, "took longer than 3 s"),
        (psycopg.errors.InsufficientPrivilege(f"permission denied for {RAW}"), Exception,
         "may not be read (permission denied)"),
        (psycopg.errors.DivisionByZero(RAW), BadValue, "a value cannot be read"),
        (psycopg.errors.RaiseException(RAW), Exception, "the store refused (SQLSTATE P0001)"),
        (RuntimeError(RAW), Exception, "the store refused (RuntimeError)"),
    ],
)  # fmt: skip
def test_errors_are_told_by_their_kind(error: Exception, kind: type[Exception], told: str) -> None:
    found = meaning(error, seconds=3.0)
    assert isinstance(found, kind)
    assert str(found).startswith(told)
    assert RAW not in str(found)
