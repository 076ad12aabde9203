"""`manage.py backup FILE`: everything in one archive."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from portal.backups.write import BackupRefused, write_backup
from portal.rendering.formats import bytes_text


class Command(BaseCommand):
    """Write an archive of the whole database, as it is at this moment."""

    help = "Write everything into one archive that `restore` reads on SQLite and on PostgreSQL."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the file."""
        parser.add_argument(
            "file",
            type=Path,
            help="the archive, replaced when it is there; a folder: a file named after the moment",
        )
        parser.add_argument("--quiet", action="store_true", help="say nothing of each table")

    def handle(self, **options: object) -> None:
        """Write it."""
        path = Path(str(options["file"])).absolute()
        if path.is_dir():
            path /= f"gazetteer-{timezone.now():%Y%m%dT%H%M%SZ}.zip"
        if not path.parent.is_dir():
            raise CommandError(f"{path.parent} is no folder")
        try:
            made = write_backup(path, say=self._pass_over if options["quiet"] else self._say)
        except (BackupRefused, OSError) as error:
            raise CommandError(f"no backup was made: {error}") from error
        self.stdout.write(
            f"{path}: {made.row_count} rows, {bytes_text(made.byte_size)}, {made.seconds:.1f} s"
        )

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()

    def _pass_over(self, _: str) -> None:
        """Say nothing."""
