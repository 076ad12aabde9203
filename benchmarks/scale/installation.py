"""An installation on real engines, filled through the door and kept from one run to the next."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from benchmarks.scale.multiply import multiply

BATCH = 500
LAST_BY_DOOR = 10_000
#: Larger meshes are copied out of this many; the door takes the last ones.
ORIGINALS = 100_000
DOOR_ALONE = 200_000


@dataclass(slots=True)
class Installation:
    """What runs, and what was measured while it was filled; rates are products a second."""

    count: int
    data: Path
    environment: Mapping[str, str]
    figures: dict[str, float] = field(default_factory=dict)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a management command in a process of its own."""
        return subprocess.run(
            [sys.executable, "manage.py", *words],
            env={**os.environ, **self.environment},
            check=True,
            capture_output=True,
            text=True,
        )


def missing() -> str:
    """Say which engine is not named; empty when all are."""
    names = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
    absent = [name for name in names if not os.environ.get(name)]
    return f"{', '.join(absent)} name no engine" if absent else ""


@contextmanager
def installation(count: int) -> Iterator[Installation]:
    """Point Django at a mesh of `count` products on PostgreSQL; call before any model is imported."""
    server = os.environ["DATABASE_URL"]
    name = f"gazetteer_bench_{count}"
    with psycopg.connect(server, autocommit=True) as connection:
        if not connection.execute(
            "SELECT 1 FROM pg_database WHERE datname = %s", [name]
        ).fetchone():
            connection.execute(f'CREATE DATABASE "{name}"')
    with tempfile.TemporaryDirectory(prefix="gazetteer-bench-") as folder:
        environment = {
            "DATABASE_URL": f"{server.rpartition('/')[0]}/{name}",
            "ELASTICSEARCH_PREFIX": f"bench-{count}",
            "GAZETTEER_DATA": folder,
            "SECRET_KEY": "benchmarks-only",
            "LOG_LEVEL": "ERROR",
            **dict.fromkeys(("RATE_LIMIT_TOKEN", "RATE_LIMIT_PERSON", "RATE_LIMIT_ADDRESS"), "0"),
            "DJANGO_SETTINGS_MODULE": "portal.settings",
        }
        os.environ.update(environment)
        import django
        from django.conf import settings
        from django.core.management import call_command

        django.setup()
        from catalog.outbound import notifications

        settings.WAKE_FOLLOWERS = False
        call_command("migrate", verbosity=0)
        made = Installation(count, Path(folder), environment)
        _fill(made)
        notifications.follow()  # what filled the catalog is old news
        yield made


def _fill(made: Installation) -> None:
    """Register the products that are not there yet; then say some of them again."""
    from benchmarks.mesh import make_domains
    from catalog.models import Product

    make_domains()
    if made.count > DOOR_ALONE:
        _enter(made, "", Product.objects.count() // BATCH * BATCH, ORIGINALS)
        multiply(made.environment["DATABASE_URL"], made.count - LAST_BY_DOOR)
    there = Product.objects.count() // BATCH * BATCH
    _enter(made, "new", there, made.count)
    _enter(made, "unchanged", max(0, made.count - LAST_BY_DOOR), made.count)


def _enter(made: Installation, word: str, first: int, last: int) -> None:
    """Take products `first` to `last` through the door and note how many a second."""
    from benchmarks.mesh import batches
    from catalog.descriptors import LayerKind
    from catalog.people.authority import system
    from catalog.registry.apply import apply

    spent = 0.0
    for batch in batches(last, start=first, size=BATCH):
        began = time.perf_counter()
        apply(
            batch, layer=LayerKind.HARVESTED, source="source:bench", authority=system("benchmarks")
        )
        spent += time.perf_counter() - began
    if spent and word:
        made.figures[f"door_{word}_per_second"] = (last - first) / spent
