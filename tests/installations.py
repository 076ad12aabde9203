"""Whole installations of a test's own: a data folder, a database, and commands run as an operator runs them."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import pytest
from redis import Redis

from tests import databases, engines

ROOT = Path(__file__).parents[1]
ENGINES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "SEARCH_BACKEND", "TEST_DATABASE_NAME")
#: A database of Redis is free again when a process of tests that took it has died.
CLAIM = "gazetteer-tests:taken:{}"
CLAIM_SECONDS = 1800


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """Make a database on the PostgreSQL for tests and return its address; it is dropped afterwards."""
    address = databases.sibling(engines.postgres_url(), f"test_{uuid4().hex[:12]}")
    databases.create(address)
    try:
        yield address
    finally:
        databases.drop(address)


@contextmanager
def fresh_redis() -> Iterator[str]:
    """Take an empty database of the Redis for tests and return its address; it is emptied afterwards."""
    with Redis.from_url(_redis_database(0)) as claims:
        number = _claimed(claims)
        try:
            yield _redis_database(number)
        finally:
            with Redis.from_url(_redis_database(number)) as used:
                used.flushdb()
            claims.delete(CLAIM.format(number))


def _claimed(claims: Redis) -> int:
    """Return the number of an empty database that no other process of tests gets until the claim goes."""
    for number in range(15, 0, -1):
        if not claims.set(CLAIM.format(number), "", nx=True, ex=CLAIM_SECONDS):
            continue
        with Redis.from_url(_redis_database(number)) as found:
            if not found.dbsize():
                return number
        claims.delete(CLAIM.format(number))
    pytest.fail("every database of the Redis for tests holds something, or is taken")


def _redis_database(number: int) -> str:
    return urlsplit(engines.redis_url())._replace(path=f"/{number}").geturl()


@contextmanager
def fresh_elasticsearch() -> Iterator[dict[str, str]]:
    """Return settings for indexes that nobody else has; they are dropped afterwards."""
    from catalog.search.backends.elasticsearch import ElasticsearchBackend

    settings = {
        "ELASTICSEARCH_URL": engines.elasticsearch_url(),
        "ELASTICSEARCH_PREFIX": f"test-{uuid4().hex[:12]}",
    }
    try:
        yield settings
    finally:
        backend = ElasticsearchBackend(
            settings["ELASTICSEARCH_URL"], prefix=settings["ELASTICSEARCH_PREFIX"], timeout=30
        )
        backend.drop()
        backend.close()


@contextmanager
def real_engines() -> Iterator[dict[str, str]]:
    """Return settings for PostgreSQL, Redis and Elasticsearch, empty and of this test alone."""
    with fresh_postgres() as database, fresh_redis() as redis, fresh_elasticsearch() as search:
        yield {"DATABASE_URL": database, "REDIS_URL": redis, **search}


class Installation:
    """A data folder and a database; SQLite in the folder unless another address is given."""

    def __init__(
        self, folder: Path, database: str = "", settings: Mapping[str, str] | None = None
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.environment = {k: v for k, v in os.environ.items() if k not in ENGINES}
        self.environment |= {
            "GAZETTEER_DATA": str(folder),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            **({"DATABASE_URL": database} if database else {}),
            **(settings or {}),
        }

    def migrate(self) -> None:
        """Leave the database as `migrate` leaves an empty one: a copy of one that it has made in this run."""
        if address := self.environment.get("DATABASE_URL"):
            databases.copy_migrated(address)
        else:
            databases.copy_migrated_file(self.folder / "gazetteer.sqlite3").close()

    def manage(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run a command and wait for its end; see `.returncode`, `.stdout` and `.stderr`."""
        return subprocess.run(
            [sys.executable, "-W", "error", "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )

    def must(self, *arguments: str | Path) -> str:
        """Run a command that has to succeed; return what it printed."""
        done = self.manage(*arguments)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def start(self, *arguments: str | Path) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "manage.py", *map(str, arguments)],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def do(self, code: str, *, ends_with: int = 0) -> str:
        """Run Python code inside, which has to end with this code, and return what it printed."""
        script = f"import django\ndjango.setup()\n{code}"
        done = subprocess.run(
            [sys.executable, "-c", script],
            cwd=ROOT,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=170,
        )
        assert done.returncode == ends_with, done.stderr
        return done.stdout
