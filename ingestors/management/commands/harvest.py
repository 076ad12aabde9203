"""`manage.py harvest KEY…`: run harvests by hand."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from ingestors.models import RunState, Source
from ingestors.services.runs import SourceBusy, enqueue, run_source


class Command(BaseCommand):
    """Harvest sources here and now, or hand them to a worker."""

    help = "Harvest sources: here and now, or (--queue) by a worker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare sources and options."""
        parser.add_argument("keys", nargs="*", metavar="KEY")
        parser.add_argument("--all", action="store_true", help="every source that is not paused")
        parser.add_argument("--at", help="date the harvest, for instance 2026-05-03T06:00:00Z")
        parser.add_argument(
            "--confirm", action="store_true", help="let datasets go even if many are missing"
        )
        parser.add_argument("--queue", action="store_true", help="hand the runs to a worker")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run the harvests one after the other; exit 1 when one failed."""
        failed = 0
        at = self._at(options["at"])
        for source in self._sources(options["keys"], options["all"]):
            if options["queue"]:
                run = enqueue(source, trigger="command", confirm=options["confirm"], at=at)
                self.stdout.write(f"{source.key}: run {run.pk} waits for a worker")
                continue
            try:
                run = run_source(source, at=at, confirm=options["confirm"])
            except SourceBusy as error:
                raise CommandError(str(error)) from error
            failed += run.state not in (RunState.SUCCEEDED, RunState.PARTIAL)
            self.stdout.write(
                f"{source.key}: {RunState(run.state).label.lower()}; {run.created_count} new, "
                f"{run.changed_count} changed, {run.unchanged_count} unchanged, "
                f"{run.gone_count} gone, {run.problem_count} problems"
                + (f"; {run.error}" if run.error else "")
            )
        if failed:
            raise CommandError(f"{failed} of the harvests failed")

    def _sources(self, keys: list[str], everything: bool) -> list[Source]:
        rows = Source.objects.select_related("domain", "team")
        if everything:
            return list(rows.filter(is_paused=False))
        found = {source.key: source for source in rows.filter(key__in=keys)}
        unknown = [key for key in keys if key not in found]
        if unknown or not keys:
            known = ", ".join(rows.values_list("key", flat=True)) or "none yet"
            raise CommandError(
                f"unknown: {', '.join(unknown) or 'no source named'}; known: {known}"
            )
        return [found[key] for key in keys]

    def _at(self, text: str | None) -> datetime | None:
        if not text:
            return None
        moment = parse_datetime(text)
        if moment is None:
            raise CommandError(f"--at {text!r} is no time; write 2026-05-03T06:00:00Z")
        return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
