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

from tests import engines

ROOT = Path(__file__).parents[1]
ENGINES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL", "SEARCH_BACKEND", "TEST_DATABASE_NAME")


@contextmanager
def fresh_postgres() -> Iterator[str]:
    """Make a database on the PostgreSQL for tests and return its address; it is dropped afterwards."""
    import psycopg

    server = urlsplit(engines.postgres_url())
    name = f"test_{uuid4().hex[:12]}"
    with psycopg.connect(server.geturl(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    try:
        yield server._replace(path=f"/{name}").geturl()
    finally:
        with psycopg.connect(server.geturl(), autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


@contextmanager
def fresh_redis() -> Iterator[str]:
    """Take an empty database of the Redis for tests and return its address; it is emptied afterwards."""
    from redis import Redis

    server = urlsplit(engines.redis_url())
    for number in range(15, 0, -1):
        address = server._replace(path=f"/{number}").geturl()
        with Redis.from_url(address) as redis:
            if redis.dbsize():
                continue
            try:
                yield address
            finally:
                redis.flushdb()
            return
    pytest.fail(f"all databases of {server.geturl()} hold something")


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

    def do(self, code: str) -> str:
        """Run Python code inside and return what it printed."""
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
        assert done.returncode == 0, done.stderr
        return done.stdout
