"""Ask one process of an installation whether it does its work: `probe.py web` or `probe.py file`.

For health checks of containers; standard library alone. `web` asks /readyz of this machine. `file` looks whether
a worker or the clock touched HEALTH_FILE within a minute.
"""

from __future__ import annotations

import os
import sys
import time
import urllib.error
import urllib.request

MOST_SECONDS = 60.0


def web() -> str:
    """Return what is wrong with the web process, or nothing."""
    port = os.environ.get("WEB_PORT", "8000")
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
            return ""
    except urllib.error.HTTPError as error:
        return f"{error.code}: {error.read(2000).decode(errors='replace')}"
    except OSError as error:
        return str(error)


def file() -> str:
    """Return what is wrong with the worker or the clock, or nothing."""
    path = os.environ.get("HEALTH_FILE", "")
    try:
        age = time.time() - os.stat(path).st_mtime
    except OSError as error:
        return str(error)
    return "" if age < MOST_SECONDS else f"nothing was done for {age:.0f} s"


if __name__ == "__main__":
    problem = {"web": web, "file": file}[sys.argv[1]]()
    if problem:
        sys.exit(problem)
