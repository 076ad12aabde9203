"""Run the suite once more on PostgreSQL: `python -m tests.postgres [pytest options]`.

The server is named by TEST_POSTGRES_URL. Without one, nothing runs and a line says so, unless
REQUIRE_SERVICES names postgres: then it is an error.
"""

from __future__ import annotations

import os
import subprocess
import sys

from tests.engines import required


def main(options: list[str]) -> int:
    """Run pytest on PostgreSQL and return its exit code."""
    url = os.environ.get("TEST_POSTGRES_URL", "")
    if not url:
        if "postgres" in required():
            print("postgres is required, but TEST_POSTGRES_URL names no server", file=sys.stderr)
            return 1
        print("skipped: the suite on PostgreSQL (TEST_POSTGRES_URL names no server)")
        return 0
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-m",
        "not e2e and not material and not faults",
        *options,
    ]
    return subprocess.run(command, env={**os.environ, "DATABASE_URL": url}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
