"""A throw-away SQLite database for benchmarks, and how the machine is named."""

from __future__ import annotations

import os
import platform
import resource
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def fresh_catalog() -> Iterator[Path]:
    """Point Django at an empty catalog; call before any model is imported.

    SQLite in a temporary folder, or a database of its own on the server that DATABASE_URL names; both are
    gone afterwards.
    """
    with tempfile.TemporaryDirectory(prefix="gazetteer-bench-") as folder:
        os.environ["GAZETTEER_DATA"] = folder
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
        with _database():
            import django
            from django.conf import settings
            from django.core.management import call_command
            from django.db import connections

            django.setup()
            settings.WAKE_FOLLOWERS = False
            settings.RATE_LIMIT_TOKEN = settings.RATE_LIMIT_PERSON = settings.RATE_LIMIT_ADDRESS = 0
            call_command("migrate", verbosity=0)
            try:
                yield Path(folder)
            finally:
                connections.close_all()


@contextmanager
def _database() -> Iterator[None]:
    server = os.environ.get("DATABASE_URL", "")
    if not server.startswith("postgres"):
        yield
        return
    import psycopg

    name = f"gazetteer_bench_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
        os.environ["DATABASE_URL"] = f"{server.rpartition('/')[0]}/{name}"
        try:
            yield
        finally:
            os.environ["DATABASE_URL"] = server
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def machine() -> str:
    """Name the machine in a line."""
    return f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.machine()}"


def percentile(values: list[float], share: float) -> float:
    """Return the value below which a share of the values lies."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def peak_memory() -> float:
    """Return the most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
