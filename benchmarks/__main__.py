"""Run every benchmark in a process of its own: `python -m benchmarks`.

First on the embedded parts; then, where DATABASE_URL, REDIS_URL and ELASTICSEARCH_URL name them, on real engines.
"""

import os
import subprocess
import sys

from benchmarks.scale.installation import missing

ENGINES = ("DATABASE_URL", "REDIS_URL", "ELASTICSEARCH_URL")
EMBEDDED = ("door", "acordar", "search", "profile", "contracts", "client", "exports", "sql_lineage")
REAL = ("acordar", "events", "openlineage", "lineage", "push", "scale")


def run(names: tuple[str, ...], environment: dict[str, str]) -> None:
    """Run benchmarks one after the other; the first that fails ends it."""
    for name in names:
        print(f"== {name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{name}"], env=environment, check=True)


print("Embedded parts", flush=True)
run(EMBEDDED, {k: v for k, v in os.environ.items() if k not in ENGINES})
if why := missing():
    print(f"skipped: the same on real engines ({why})")
else:
    print("Real engines", flush=True)
    run(REAL, dict(os.environ))
