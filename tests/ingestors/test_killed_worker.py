"""A worker process that is killed in mid-harvest costs one run, and nothing else."""

from __future__ import annotations

import signal
import sqlite3
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.ingestors.installation import Installation

pytestmark = pytest.mark.xdist_group("workers")

BEGIN = """
from catalog.people.domains import save_domain
from ingestors.services.sources import create_source
create_source(
    name="Claims", key="claims", connector="sql", domain=save_domain("claims", name="Claims", by=None),
    config={{"url": "sqlite:///{store}", "namespace": "sqlite://claims",
            "limits": {{"max_rows": 1_000_000_000, "max_seconds": 3600}}}},
    rules=[{{"match": "*", "product": "claims-register"}}], by=None,
)
"""
QUEUE = """
from ingestors.models import Source
from ingestors.services.runs import enqueue
enqueue(Source.objects.get(key="claims"))
"""
#: Profiling it takes minutes, so the worker is in the midst of it whenever it is killed.
ENDLESS = """
CREATE VIEW payment AS
  WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id + 1 FROM n LIMIT 900000000) SELECT id FROM n
"""
STOP_BEFORE_EDGES = """
from ingestors.services import loader
loader.refresh_edges = lambda *said, **more: time.sleep(600)
"""


@pytest.fixture
def store(tmp_path: Path) -> Path:
    path = tmp_path / "claims.db"
    with sqlite3.connect(path) as db:
        db.execute("CREATE TABLE claim (id INTEGER PRIMARY KEY, note TEXT)")
        db.executemany("INSERT INTO claim VALUES (?, ?)", [(n, "paid") for n in range(50)])
        db.execute("CREATE VIEW late_claim AS SELECT id FROM claim")
    db.close()
    return path


@pytest.fixture
def installation(tmp_path: Path, store: Path) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    made.migrate()
    made.do(BEGIN.format(store=store))
    yield made
    made.stop()


def change(store: Path, statement: str) -> None:
    with sqlite3.connect(store) as db:
        db.execute(statement)
    db.close()


def kill(worker: subprocess.Popen[bytes]) -> None:
    worker.send_signal(signal.SIGKILL)
    worker.wait(timeout=30)


def test_a_worker_killed_while_it_reads_leaves_nothing_and_the_next_run_works(
    installation: Installation, store: Path
) -> None:
    change(store, ENDLESS)
    worker = installation.start_worker(QUEUE)
    reading = "SELECT 1 FROM ingestors_run WHERE state = 'running' AND found_count = 3"
    installation.wait_for(lambda: bool(installation.rows(reading)))
    kill(worker)

    assert installation.rows("SELECT state FROM ingestors_run") == [("running",)]
    for table in ("catalog_dataset", "catalog_column", "catalog_product", "catalog_layer"):
        assert installation.rows(f"SELECT count(*) FROM {table}") == [(0,)], table

    change(store, "DROP VIEW payment")
    installation.start_worker(QUEUE)
    ended = "SELECT 1 FROM ingestors_run WHERE id = 2 AND finished_at IS NOT NULL"
    installation.wait_for(lambda: bool(installation.rows(ended)))

    runs = installation.rows("SELECT state, created_count FROM ingestors_run ORDER BY id")
    assert runs == [("lost", 0), ("succeeded", 2)]
    assert installation.rows("SELECT error FROM ingestors_run WHERE id = 1") == [
        ("The worker died; what it had not finished was not changed.",)
    ]
    said = installation.rows("SELECT level, text FROM ingestors_runline WHERE run_id = 1")
    assert said[-1][0] == "error"
    told = installation.rows(
        "SELECT json_extract(data, '$.state') FROM catalog_event"
        " WHERE type = 'run.finished' ORDER BY id"
    )
    assert told == [("lost",), ("succeeded",)]


def test_a_worker_killed_while_it_writes_is_made_good_by_the_next_run(
    installation: Installation,
) -> None:
    worker = installation.start_worker(QUEUE + STOP_BEFORE_EDGES)
    written = "SELECT 1 FROM catalog_product"
    installation.wait_for(lambda: bool(installation.rows(written)))
    kill(worker)
    assert installation.rows("SELECT count(*) FROM lineage_edge") == [(0,)]

    installation.start_worker(QUEUE)
    ended = "SELECT 1 FROM ingestors_run WHERE id = 2 AND finished_at IS NOT NULL"
    installation.wait_for(lambda: bool(installation.rows(ended)))

    runs = installation.rows("SELECT state, unchanged_count FROM ingestors_run ORDER BY id")
    assert runs == [("lost", 0), ("succeeded", 2)]
    assert installation.rows("SELECT count(*) FROM lineage_edge WHERE kind = 'view'") == [(1,)]
    assert installation.rows("SELECT count(*) FROM catalog_portdataset") == [(2,)]
