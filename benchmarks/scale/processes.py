"""Web processes, a worker and the clock, as an installation runs them."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator

from benchmarks.scale.installation import Installation


@contextlib.contextmanager
def running(made: Installation, *, web: int = 0, worker: bool = False) -> Iterator[str]:
    """Run processes until the block ends; yields the address of the pages ("" without web)."""
    port = _free_port()
    commands: list[list[str]] = []
    python = [sys.executable, "-m"]
    if web:
        serve = [*python, "gunicorn", "--config", "python:portal.gunicorn"]
        commands.append([*serve, "--workers", str(web), "portal.wsgi:application"])
    if worker:
        commands.append([*python, "celery", "-A", "portal", "worker", "-c", "1", "-l", "error"])
        commands.append([*python, "celery", "-A", "portal.beat", "beat", "-l", "error"])
    environment = {**os.environ, **made.environment, "WEB_PORT": str(port)}
    processes = [subprocess.Popen(c, env=environment, stdout=subprocess.DEVNULL) for c in commands]
    try:
        address = f"http://127.0.0.1:{port}" if web else ""
        if web:
            _wait_for(f"{address}/readyz")
        yield address
    finally:
        for process in processes:
            process.terminate()
        for process in processes:
            process.wait(timeout=30)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(address: str, seconds: float = 60.0) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            pass
        time.sleep(0.3)
    raise SystemExit(f"{address} did not answer within {seconds:.0f} s")
