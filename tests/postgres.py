"""Run what uses the database once more on PostgreSQL: `python -m tests.postgres [pytest options]`.

The server is named by TEST_POSTGRES_URL. Without one, nothing runs and a line says so, unless
REQUIRE_SERVICES names postgres: then it is an error. Stores that tests harvest lie in a database of this run, so it
may run beside the suite on SQLite.
"""

from __future__ import annotations

import os
import subprocess
import sys
from uuid import uuid4

from tests import databases
from tests.engines import required

CHOICE = "database and not e2e and not material and not faults"


def main(options: list[str]) -> int:
    """Run pytest on PostgreSQL and return its exit code."""
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if not url:
        if "postgres" in required():
            print("postgres is required, but TEST_POSTGRES_URL names no server", file=sys.stderr)
            return 1
        print("skipped: the suite on PostgreSQL (TEST_POSTGRES_URL names no server)")
        return 0
    stores = databases.sibling(url, f"test_stores_{uuid4().hex[:12]}")
    databases.create(stores)
    try:
        return subprocess.run(
            [sys.executable, "-m", "pytest", "-m", CHOICE, *options],
            env={**os.environ, "DATABASE_URL": url, "TEST_POSTGRES_URL": stores},
            check=False,
        ).returncode
    finally:
        databases.drop(stores)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
