"""No raw value of a person, and no secret, is kept anywhere: the whole database is searched."""

from __future__ import annotations

import io
import logging
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import sql

from catalog.models import Column, Dataset, Profile, Sample
from catalog.search.follow import follow
from ingestors.models import Run, RunState
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from ingestors.services.spool import Spool
from tests.conftest import Mesh
from tests.engines import postgres_url
from tests.ingestors.people import COUNT, MAKERS, TABLES, all_rows, raw_values, write_files

STORES = ("sqlite", "postgres", "csv", "ndjson", "parquet")


@pytest.fixture(params=STORES)
def config(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    worker_id: str,
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Fill a store of each kind."""
    kind = str(request.param)
    folder = tmp_path / "store"
    folder.mkdir()
    if kind == "sqlite":
        with sqlite3.connect(folder / "store.db") as db:
            for name, (columns, rows) in all_rows().items():
                db.execute(f"CREATE TABLE {name} ({', '.join(f'{c} TEXT' for c in columns)})")
                db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
        db.close()
        yield "sql", {"url": f"sqlite:///{folder / 'store.db'}", "namespace": "store://people"}
    elif kind == "postgres":
        monkeypatch.setenv("GAZETTEER_SECRET_PEOPLE", postgres_url())
        schema = f"people_{worker_id}"
        with psycopg.connect(postgres_url(), autocommit=True) as server:
            drop = sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(schema))
            server.execute(drop)
            server.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(schema)))
            server.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(schema)))
            for name, (columns, rows) in all_rows().items():
                made = f"CREATE TABLE {name} ({', '.join(f'{c} TEXT' for c in columns)})"
                server.execute(made.encode())
                places = ", ".join(["%s"] * len(columns))
                server.cursor().executemany(f"INSERT INTO {name} VALUES ({places})".encode(), rows)
            said = {
                "url": "env:GAZETTEER_SECRET_PEOPLE",
                "schemas": [schema],
                "namespace": "store://people",
            }
            yield "sql", said
            server.execute(drop)
    else:
        write_files(folder, kind)
        yield "files", {"path": str(folder), "namespace": "store://people"}


@pytest.fixture
def spooled(monkeypatch: pytest.MonkeyPatch) -> list[bytes]:
    """Return, after a harvest, what was kept aside while it went on."""
    kept: list[bytes] = []

    @contextmanager
    def watched() -> Iterator[Spool]:
        file = io.BytesIO()
        yield Spool(file)
        kept.append(file.getvalue())

    monkeypatch.setattr(Spool, "open", watched)
    return kept


def everything() -> str:
    """Return all that the database holds, as text."""
    said = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
            said += [f"{table} {row!r}" for row in cursor.fetchall()]
    return "\n".join(said)


def leaks(text: str) -> list[str]:
    return sorted(value for value in raw_values() if value in text)


def harvest(mesh: Mesh, config: tuple[str, dict[str, Any]]) -> Run:
    source = create_source(
        name="People",
        connector=config[0],
        config=config[1],
        domain=mesh.claims,
        rules=[{"match": "*", "product": "people"}],
        by=None,
    )
    run = run_source(source)
    follow()
    return run


def test_the_search_for_leaks_finds_one(mesh: Mesh) -> None:
    mesh.claims.description = f"see {MAKERS['full_name'](3)}"
    mesh.claims.save()
    assert leaks(everything()) == sorted(
        [MAKERS["first_name"](3), MAKERS["full_name"](3), MAKERS["last_name"](3)]
    )


def test_no_raw_value_is_kept(
    mesh: Mesh,
    config: tuple[str, dict[str, Any]],
    spooled: list[bytes],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
) -> None:
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(scratch))
    caplog.set_level(logging.DEBUG)
    run = harvest(mesh, config)
    assert (run.state, run.created_count) == (RunState.SUCCEEDED, len(TABLES)), run.error
    assert Profile.objects.count() == Sample.objects.count() == len(TABLES)
    assert Dataset.objects.get(display_name="customer").row_count == COUNT
    assert leaks(everything()) == []
    assert leaks(b"".join(spooled).decode()) == []
    assert leaks("\n".join(run.lines.values_list("text", flat=True))) == []
    assert leaks(caplog.text) == []
    assert leaks("".join(capfd.readouterr())) == []
    assert list(scratch.iterdir()) == []


def test_every_class_is_recognised(mesh: Mesh, config: tuple[str, dict[str, Any]]) -> None:
    harvest(mesh, config)
    rows = Column.objects.filter(dataset__display_name__in=("customer", "odd"))
    found = {f"{row.dataset.display_name}.{row.path}": row.sensitivity for row in rows}
    assert found == {
        "customer.customer_id": "none",
        "customer.first_name": "person-name",
        "customer.last_name": "person-name",
        "customer.full_name": "person-name",
        "customer.email": "email",
        "customer.phone": "phone",
        "customer.home_address": "postal-address",
        "customer.birth_date": "birth-date",
        "customer.ssn": "national-id",
        "customer.card_number": "payment-card",
        "customer.iban": "bank-account",
        "customer.ip_address": "ip-address",
        "customer.api_token": "credential",
        "customer.diagnosis": "health",
        "customer.latitude": "location",
        "customer.longitude": "location",
        "odd.c0": "email",
        "odd.c1": "phone",
        "odd.c2": "postal-address",
        "odd.c3": "national-id",
        "odd.c4": "payment-card",
        "odd.c5": "bank-account",
        "odd.c6": "ip-address",
        "odd.c7": "credential",
    }
    texts = Column.objects.filter(dataset__display_name__in=("ticket", "event", "visit"))
    said = {f"{row.dataset.display_name}.{row.path}": row.sensitivity for row in texts}
    assert {name for name, kind in said.items() if kind == "free-text"} == {
        *(f"ticket.text_{n}" for n in range(9)),
        "event.payload",
        "visit.remark",
    }
    assert all(row.sensitivity_reason for row in rows if row.sensitivity != "none")
