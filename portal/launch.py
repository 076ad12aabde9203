"""Start an installation on one machine: its folder is held, its port is free, then the supervisor takes over."""

from __future__ import annotations

import fcntl
import json
import os
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from portal import supervisor

EVERYWHERE = ("0.0.0.0", "::")  # noqa: S104 -- asked for by name


def hold(file: Path, *, said: str) -> TextIO:
    """Hold a file as long as this process and those it becomes live; raise CommandError when another does."""
    held = file.open("w", encoding="ascii")
    try:
        fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        held.close()
        raise CommandError(said) from error
    return held


def check_port(host: str, port: int, *, another: str) -> None:
    """Raise CommandError when the port cannot be served; `another` tells how to choose one."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            raise CommandError(
                f"port {port} of {host} cannot be used ({reason}); choose another one: {another}"
            ) from error


def wants_migration() -> bool:
    """Tell whether the database is older than the code; far quicker than migrating nothing."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def address(host: str, port: int) -> str:
    """Return where this machine reaches what listens at a host and port."""
    near = "127.0.0.1" if host in EVERYWHERE else host
    return f"http://{f'[{near}]' if ':' in near else near}:{port}"


def become_supervisor(
    host: str,
    port: int,
    *,
    held: TextIO,
    environment: dict[str, str],
    prelude: list[str] | None = None,
    greeting: str = "",
) -> None:
    """Give this process to the supervisor of web, worker and clock; never returns."""
    logs = settings.DATA_DIR / "logs"
    logs.mkdir(exist_ok=True)
    url, near = settings.PUBLIC_URL, address(host, port)
    plan = supervisor.Plan(
        url=url,
        logs=str(logs),
        commands=_commands(host, port),
        prelude=prelude or [],
        probe=f"{near}/readyz" if url.startswith("https:") else f"{near}/",  # pages lead to https
        greeting=greeting,
    )
    connection.close()
    os.set_inheritable(held.fileno(), True)
    sys.stdout.flush()
    _give_to_standard_input(json.dumps(asdict(plan)))
    os.execve(  # noqa: S606 -- our own interpreter and script
        sys.executable,
        [sys.executable, "-P", str(Path(supervisor.__file__))],
        {
            **os.environ,
            "PUBLIC_URL": url,
            "MALLOC_ARENA_MAX": "2",
            "CELERY_SKIP_CHECKS": "1",  # they load every page into the worker; web has made them
            "PYTHONUNBUFFERED": "1",
            **environment,
        },
    )


def _commands(host: str, port: int) -> dict[str, list[str]]:
    celery = [sys.executable, "-m", "celery"]
    shown = f"[{host}]" if ":" in host else host
    return {
        "web": [
            *(sys.executable, "-m", "gunicorn", "portal.wsgi:application"),
            *("--bind", f"{shown}:{port}", "--workers", "1", "--threads", "8"),
            *("--timeout", "120", "--graceful-timeout", "3", "--no-control-socket"),
        ],
        "worker": [
            *celery,
            *("-A", "portal", "worker", "--loglevel", "INFO", "--concurrency", "1"),
            *("--pool", "threads"),
            *("--without-gossip", "--without-mingle", "--without-heartbeat"),
        ],
        "beat": [*celery, "-A", "portal.beat", "beat", "--loglevel", "INFO"],
    }


def _give_to_standard_input(text: str) -> None:
    """Let whatever this process becomes read a text, which no list of processes shows."""
    out, into = os.pipe()
    with os.fdopen(into, "w", encoding="utf-8") as pipe:
        pipe.write(text)  # far shorter than what a pipe holds
    os.dup2(out, 0)
    os.close(out)
