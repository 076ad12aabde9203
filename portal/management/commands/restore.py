"""`manage.py restore FILE`: an archive into an empty installation."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from portal.backups.form import ArchiveDamaged, reading
from portal.backups.restore import RestoreRefused, restore_backup


class Command(BaseCommand):
    """Fill an empty database from an archive, or only look whether an archive is whole."""

    help = "Restore an archive that `backup` wrote into an empty SQLite or PostgreSQL database."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the archive."""
        parser.add_argument("file", type=Path, help="the archive")
        parser.add_argument(
            "--check", action="store_true", help="read all of it and compare it with its checksums"
        )

    def handle(self, **options: object) -> None:
        """Restore it."""
        path = Path(str(options["file"]))
        try:
            if options["check"]:
                self._check(path)
                return
            manifest = restore_backup(path, say=self._say)
        except ArchiveDamaged as error:
            raise CommandError(f"{path} is damaged or no backup: {error}") from error
        except RestoreRefused as error:
            raise CommandError(f"nothing was restored: {error}") from error
        except OSError as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        self.stdout.write(f"Restored {manifest.rows} rows of {manifest.made_at}")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _check(self, path: Path) -> None:
        with reading(path) as archive:
            archive.verify()
            manifest = archive.manifest
        self.stdout.write(
            f"{path} is whole: {manifest.rows} rows in {len(manifest.tables)} tables,"
            f" written on {manifest.vendor} at {manifest.made_at}"
        )
