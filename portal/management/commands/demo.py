"""`manage.py demo`: prepare the demo mesh once, then run Gazetteer."""

from __future__ import annotations

import os
import shutil
import signal
import sys
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone

from portal import broker
from portal.demo.authority import open_sources
from portal.launch import address, become_supervisor, check_port, hold, wants_migration

MANAGE = [sys.executable, "-m", "django"]


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
        if "PUBLIC_URL" not in os.environ:
            settings.PUBLIC_URL = address(host, port)
        folder = settings.DATA_DIR / "demo"
        folder.mkdir(parents=True, exist_ok=True)
        open_sources(folder)
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        message = f"a demo already runs on {settings.DATA_DIR}; stop it, or set GAZETTEER_DATA"
        with hold(folder / "lock", said=message) as held:
            if not options["prepare_only"]:
                check_port(host, port, another=f"make demo PORT={port + 1}")
            is_prepared = (folder / "ready").exists()
            try:
                self._prepare(folder, is_prepared=is_prepared)
            except KeyboardInterrupt:
                raise CommandError("stopped; the next start begins anew", returncode=130) from None
            if options["prepare_only"]:
                self._say("The mesh is prepared")
                return
            become_supervisor(
                host,
                port,
                held=held,
                environment={"GAZETTEER_DEMO": "1"},
                prelude=[] if is_prepared else [*MANAGE, "demo", "--harvest"],
            )

    def _prepare(self, folder: Path, *, is_prepared: bool) -> None:
        if is_prepared:
            if wants_migration():
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
    broker.empty(settings.QUEUE_FILE)


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
