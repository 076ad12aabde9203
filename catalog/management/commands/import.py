"""`manage.py import DIR`: files that `export` wrote, perhaps changed since, through the one door."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError

from catalog.layerfiles.read import FilesRefused, import_layers
from catalog.people.authority import system
from catalog.registry.outcomes import Outcome

MOST_SHOWN = 120


class Command(BaseCommand):
    """Take the files of a folder, all or none."""

    help = (
        "Read YAML files that `export` wrote; what they say is declared and curated as they tell."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Take the folder."""
        parser.add_argument("folder", type=Path)
        parser.add_argument("--dry-run", action="store_true", help="say what would change, only")

    def handle(self, **options: object) -> None:
        """Read them."""
        is_trial = bool(options["dry_run"])
        try:
            done = import_layers(
                Path(str(options["folder"])), authority=system("import"), is_trial=is_trial
            )
        except FilesRefused as error:
            lines = "\n".join(f"  {problem}" for problem in error.problems)
            raise CommandError(f"nothing was imported:\n{lines}") from error
        for outcome in done.moved:
            self._show(outcome)
        for place in done.older:
            self.stdout.write(f"! {place} is older than what is known, and left out")
        verb = "would change" if is_trial else "changed"
        self.stdout.write(
            f"{len(done.moved)} {verb}, {done.unchanged} unchanged, {len(done.older)} older"
        )

    def _show(self, outcome: Outcome) -> None:
        sign = "+" if outcome.status == "created" else "~"
        self.stdout.write(f"{sign} {outcome.kind} {outcome.ref}")
        for change in outcome.changes:
            if outcome.status == "created":
                self.stdout.write(f"    {change.path}: {_short(change.after)}")
            else:
                self.stdout.write(
                    f"    {change.path}: {_short(change.before)} → {_short(change.after)}"
                )


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= MOST_SHOWN else f"{text[:MOST_SHOWN]}…"
