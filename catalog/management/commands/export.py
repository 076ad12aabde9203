"""`manage.py export DIR`: what teams declared and people wrote, as files for git."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from catalog.layerfiles.write import FolderRefused, export_layers


class Command(BaseCommand):
    """Write one file for each product and dataset that somebody described."""

    help = "Write the declared and curated layers as YAML files, one a product or dataset."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path, help="made when it is not there")

    def handle(self, **options: object) -> None:
        """Write them."""
        folder = Path(str(options["folder"]))
        try:
            done = export_layers(folder)
        except (FolderRefused, OSError) as error:
            raise CommandError(str(error)) from error
        self.stdout.write(
            f"{folder}: {done.written} files written, {done.unchanged} unchanged,"
            f" {done.removed} removed"
        )
