"""A Gazetteer of its own, with real worker processes on the embedded queue, for tests that kill them."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from tests import databases

ROOT = Path(__file__).parents[2]
PATIENCE = 60.0

WORKER = """
import sys, time
import django
django.setup()
{prelude}
from portal.celery import app
app.worker_main(["worker", "--loglevel", "WARNING", "--concurrency", "1", "--pool", "threads"])
"""


class Installation:
    """A data folder with a database and a broker in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        kept = {k: v for k, v in os.environ.items() if k not in ("DATABASE_URL", "REDIS_URL")}
        self.environment = {
            **kept,
            "GAZETTEER_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        self._workers: list[subprocess.Popen[bytes]] = []

    def migrate(self) -> None:
        """Leave the database as `migrate` leaves an empty one."""
        self.folder.mkdir(parents=True, exist_ok=True)
        databases.copy_migrated_file(self.folder / "gazetteer.sqlite3").close()

    def do(self, code: str) -> None:
        """Run Python code in the installation and wait for its end."""
        script = f"import django\ndjango.setup()\n{code}"
        subprocess.run(
            [sys.executable, "-c", script], cwd=ROOT, env=self.environment, check=True, timeout=120
        )

    def start_worker(self, prelude: str = "") -> subprocess.Popen[bytes]:
        """Start a Celery worker as the demo does; `prelude` is Python code it runs before."""
        with (self.folder / "worker.log").open("ab") as log:
            worker = subprocess.Popen(
                [sys.executable, "-c", WORKER.format(prelude=prelude)],
                cwd=ROOT,
                env=self.environment,
                stdout=log,
                stderr=log,
            )
        self._workers.append(worker)
        return worker

    def rows(self, statement: str) -> list[tuple[object, ...]]:
        """Ask the database, from outside."""
        database = sqlite3.connect(f"file:{self.folder / 'gazetteer.sqlite3'}?mode=ro", uri=True)
        try:
            return database.execute(statement).fetchall()
        finally:
            database.close()

    def wait_for(self, truth: Callable[[], bool]) -> None:
        """Wait until something is true; fail with the worker's log when it never is."""
        deadline = time.monotonic() + PATIENCE
        while not truth():
            ended = self._workers[-1].poll() is not None
            if ended or time.monotonic() > deadline:
                log = (self.folder / "worker.log").read_text(errors="replace")
                runs = self.rows("SELECT id, state, current, error FROM ingestors_run")
                raise AssertionError(f"never came: {runs}\n{log[-3000:]}")
            time.sleep(0.05)

    def stop(self) -> None:
        """End every worker."""
        for worker in self._workers:
            if worker.poll() is None:
                worker.kill()
            worker.wait(timeout=30)
