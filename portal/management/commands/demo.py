"""`manage.py demo`: prepare the demo mesh once, then run Gazetteer."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import signal
import socket
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TextIO

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from portal.demo import supervisor
from portal.demo.authority import open_sources

ROOT = Path(settings.BASE_DIR)
BIN = Path(sys.executable).parent


class Command(BaseCommand):
    """Prepare the demo (first start alone), then run web, worker and beat until Ctrl-C."""

    help = "Run Gazetteer with a made-up mesh of two companies."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the address, and what to do."""
        port = os.environ.get("PORT", "8000")
        parser.add_argument("--port", type=int, default=port, help=f"port to serve (now {port})")
        parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
        parser.add_argument(
            "--prepare-only", action="store_true", help="make the mesh and its history, then end"
        )
        parser.add_argument("--harvest", action="store_true", help="(used by the demo itself)")

    def handle(self, **options: object) -> None:
        """Do what was asked."""
        host, port = str(options["host"]), int(str(options["port"]))
        if options["harvest"]:
            self._harvest()
            return
        folder = settings.DATA_DIR / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        open_sources(folder)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        with _lock(folder) as lock:
            if not options["prepare_only"]:
                _check_port(host, port)
            is_prepared = (folder / "ready").exists()
            try:
                self._prepare(folder, is_prepared=is_prepared)
            except KeyboardInterrupt:
                raise CommandError("stopped; the next start begins anew", returncode=130) from None
            if options["prepare_only"]:
                self._say("The mesh is prepared")
                return
            connection.close()
            os.set_inheritable(lock.fileno(), True)
            self.stdout.flush()
            _become_supervisor(host, port, harvest=not is_prepared)

    def _prepare(self, folder: Path, *, is_prepared: bool) -> None:
        if is_prepared:
            if _wants_migration():
                call_command("migrate", verbosity=0)
            return
        if (folder / "told").exists():
            return
        _start_over(folder)
        call_command("migrate", verbosity=0)
        _refuse_foreign_mesh()
        (folder / "unfinished").touch()
        from portal.demo.history import tell  # not needed for a second start

        with _quiet_log():
            tell(folder / "stores", now=timezone.now(), say=self._say)
        _empty_queue()
        (folder / "told").touch()
        (folder / "unfinished").unlink()

    def _harvest(self) -> None:
        """Let the workers harvest every source, wait for them, and index."""
        from portal.demo.today import harvest_today

        with _quiet_log():
            harvest_today(say=self._say)
        (settings.DATA_DIR / "demo" / "ready").touch()

    def _say(self, text: str) -> None:
        self.stdout.write(f"{text}\n")
        self.stdout.flush()


def _lock(folder: Path) -> TextIO:
    """Hold the data folder; raise CommandError when another demo does."""
    file = (folder / "lock").open("w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        file.close()
        raise CommandError(
            f"a demo already runs on {settings.DATA_DIR}; stop it, or set GAZETTEER_DATA"
        ) from error
    return file


def _check_port(host: str, port: int) -> None:
    """Raise CommandError when the port cannot be served."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"port {port} of {host} cannot be used ({error.strerror}); "
                f"choose another one: make demo PORT={port + 1}"
            ) from error


def _wants_migration() -> bool:
    """Tell whether the database is older than the code; far quicker than migrating nothing."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _start_over(folder: Path) -> None:
    """Remove what an interrupted preparation left behind."""
    if not (folder / "unfinished").exists():
        return
    _remove_leftovers(folder)
    if connection.vendor == "sqlite":
        connection.close()
        database = Path(str(connection.settings_dict["NAME"]))
        for end in ("", "-wal", "-shm"):
            database.with_name(database.name + end).unlink(missing_ok=True)


def _remove_leftovers(folder: Path) -> None:
    """Drop half-written stores and the messages of runs that were never finished."""
    shutil.rmtree(folder / "stores", ignore_errors=True)
    _empty_queue()


def _empty_queue() -> None:
    """Drop messages of runs that this process did itself."""
    for message in settings.BROKER_DIR.glob("queue/*"):
        message.unlink(missing_ok=True)


def _refuse_foreign_mesh() -> None:
    """Raise CommandError when the database holds a mesh that is not the demo's."""
    from catalog.models import Domain

    if Domain.objects.exists():
        raise CommandError(
            "the database already holds domains; the demo wants an empty one "
            "(set GAZETTEER_DATA to another folder, or DATABASE_URL to an empty database)"
        )


@contextmanager
def _quiet_log() -> Iterator[None]:
    """Keep log lines of the preparation off the terminal."""
    import logging

    logging.disable(logging.WARNING)
    try:
        yield
    finally:
        logging.disable(logging.NOTSET)


def _become_supervisor(host: str, port: int, *, harvest: bool) -> None:
    """Give this process to the supervisor; never returns."""
    logs = settings.DATA_DIR / "logs"
    logs.mkdir(exist_ok=True)
    shown = f"[{host}]" if ":" in host else host
    url = f"http://{'127.0.0.1' if host == '0.0.0.0' else shown}:{port}"  # noqa: S104
    celery = [sys.executable, "-m", "celery"]
    manage = [sys.executable, str(ROOT / "manage.py")]
    plan = supervisor.Plan(
        url=url,
        logs=str(logs),
        commands={
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
        },
        prelude=[*manage, "demo", "--harvest"] if harvest else [],
    )
    environment = {
        **os.environ,
        "GAZETTEER_DEMO": "1",
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", url),
        "MALLOC_ARENA_MAX": "2",
        "CELERY_SKIP_CHECKS": "1",  # they load every page into the worker; web has made them
        "PYTHONUNBUFFERED": "1",
    }
    script = str(Path(supervisor.__file__))
    os.chdir(ROOT)
    os.execve(  # noqa: S606 -- our own interpreter and script
        sys.executable, [sys.executable, "-P", script, json.dumps(asdict(plan))], environment
    )
