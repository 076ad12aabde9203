"""Back up and restore a mesh: `python -m benchmarks.backup [products]`, ten columns each.

Written on SQLite; restored into SQLite, and into a database of its own on the PostgreSQL that
TEST_POSTGRES_URL names. Each command is a process of its own, so that its memory is.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from benchmarks.setting import fresh_catalog, machine


def run(count: int = 100_000) -> None:
    """Fill, back up, check, restore; print seconds and the most memory of each."""
    with fresh_catalog(), ExitStack() as stack:
        from tests.installations import fresh_postgres

        filling = f"import django; django.setup(); import benchmarks.backup as b; b.fill({count})"
        subprocess.run([sys.executable, "-c", filling], check=True)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="gazetteer-backup-")))
        archive = folder / "all.zip"
        _measure("backup", ["backup", "--quiet", str(archive)])
        print(f"archive: {archive.stat().st_size / 1e6:.0f} MB")
        _measure("restore --check", ["restore", "--check", str(archive)])
        targets = {"SQLite": f"sqlite:///{folder / 'other.sqlite3'}"}
        if os.environ.get("TEST_POSTGRES_URL"):
            targets["PostgreSQL"] = stack.enter_context(fresh_postgres())
        for name, address in targets.items():
            _measure(f"restore into {name}", ["restore", str(archive)], address)
        print(f"{count:,} products, {machine()}")


def fill(count: int) -> None:
    """Make the mesh; in a process of its own, whose memory the others would seem to have."""
    from benchmarks.mesh import batches, make_domains
    from catalog.descriptors import LayerKind
    from catalog.people.authority import system
    from catalog.registry.apply import apply

    make_domains()
    for batch in batches(count):
        apply(
            batch, layer=LayerKind.HARVESTED, source="source:bench", authority=system("benchmarks")
        )


def _measure(name: str, arguments: list[str], database: str = "") -> None:
    environment = {**os.environ, **({"DATABASE_URL": database} if database else {})}
    started = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        text=True,
    )
    loaded = 0.0
    assert process.stdout is not None
    for line in process.stdout:
        if line.startswith("lineage_"):  # the last tables
            loaded = time.perf_counter() - started
        last = line.strip()
    process.stdout.close()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{name} ended with {process.returncode}")
    taken = time.perf_counter() - started
    rest = f" (rows {loaded:.0f} s, the rest is the search index)" if loaded else ""
    busy = usage.ru_utime + usage.ru_stime
    memory = usage.ru_maxrss / 1000
    print(f"{name}: {taken:.0f} s{rest}, {busy:.0f} s of CPU, {memory:.0f} MB; {last}")


if __name__ == "__main__":
    run(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
