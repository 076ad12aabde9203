"""`manage.py chores list|pause|resume|hasten|every`: what workers do again and again."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from ingestors.models import Chore
from ingestors.scheduling import chores
from ingestors.scheduling.chores import ChoreInvalid, find_chores


class Command(BaseCommand):
    """List chores and how they went; pause, resume or hasten one, or say how often it is done."""

    help = "List and change what workers do again and again."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("list", help="every chore").add_argument("--json", action="store_true")
        for name, help_text in (
            ("pause", "do it no more"),
            ("resume", "do it again"),
            ("hasten", "do it at the next tick of the clock"),
        ):
            verbs.add_parser(name, help=help_text).add_argument("name")
        every = verbs.add_parser("every", help="say how often it is done")
        every.add_argument("name")
        every.add_argument("seconds", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        found = {chore.name: chore for chore in find_chores()}
        if options["verb"] == "list":
            self._list(list(found.values()), is_json=bool(options["json"]))
            return
        chore = found.get(options["name"])
        if chore is None:
            raise CommandError(f"there is no chore {options['name']!r}; known: {', '.join(found)}")
        if options["verb"] == "every":
            try:
                chores.change_chore(chore, every=options["seconds"], by=None)
            except ChoreInvalid as error:
                raise CommandError(str(error)) from error
        else:
            verbs = {
                "pause": chores.pause_chore,
                "resume": chores.resume_chore,
                "hasten": chores.hasten_chore,
            }
            verbs[options["verb"]](chore, by=None)
        self.stdout.write(f"{chore}: done")

    def _list(self, rows: list[Chore], *, is_json: bool) -> None:
        if is_json:
            facts = [
                {
                    "name": row.name,
                    "task": row.task,
                    "every": row.every,
                    "isEnabled": row.is_enabled,
                    "nextAt": _moment(row.next_at),
                    "startedAt": _moment(row.started_at),
                    "finishedAt": _moment(row.finished_at),
                    "error": row.error,
                }
                for row in rows
            ]
            self.stdout.write(json.dumps(facts, indent=2))
            return
        for row in rows:
            often = f"every {row.every} s" if row.is_enabled else "paused"
            done = f"done {row.finished_at:%Y-%m-%d %H:%M:%S}" if row.finished_at else "never done"
            message = f"; failed: {row.error}" if row.error else ""
            self.stdout.write(f"{row.name:<14} {often:<12} {done}{message}")


def _moment(value: datetime | None) -> str | None:
    return value.isoformat() if value else None
