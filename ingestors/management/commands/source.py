"""`manage.py source list|show|add|check|pause|resume|remove`: sources from the command line."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser, _SubParsersAction
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Domain, Team, User
from ingestors.connectors.registry import known
from ingestors.errors import IngestError
from ingestors.models import Run, RunState, Source
from ingestors.services import sources
from ingestors.services.sources import SourceInvalid

EXAMPLE = "write FIELD=VALUE, for instance url=sqlite:////srv/claims.db or limits.max_rows=10000"


class Command(BaseCommand):
    """Say which stores are harvested, add one, try whether it answers, pause and remove it."""

    help = "List, show, add, check, pause, resume and remove the sources that are harvested."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        _verb(verbs, "list", "every source with how its last harvest ended")
        for name, help_text in (
            ("show", "one source in full; secrets stay hidden"),
            ("check", "try to reach the store"),
            ("pause", "keep a source from running by its schedule"),
            ("resume", "let it run by its schedule again"),
        ):
            _verb(verbs, name, help_text).add_argument("key", metavar="KEY")
        _declare_add(_verb(verbs, "add", "add a source"))
        remove = _verb(verbs, "remove", "remove a source and its runs; what it found stays")
        remove.add_argument("key", metavar="KEY")
        remove.add_argument("--yes", action="store_true", help="do not ask")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked; exit 1 with a sentence when it cannot be done."""
        self.is_json = bool(options["json"])
        self.by = self._person(options["by"])
        if options["verb"] == "list":
            self._list()
        elif options["verb"] == "add":
            self._add(options)
        else:
            self.is_sure = bool(options.get("yes"))
            deeds: dict[str, Callable[[Source], None]] = {
                "show": self._show,
                "check": self._check,
                "pause": self._pause,
                "resume": self._resume,
                "remove": self._remove,
            }
            deeds[options["verb"]](_find(options["key"]))

    def _list(self) -> None:
        rows = list(Source.objects.select_related("domain", "team"))
        last = _last_runs(rows)
        if self.is_json:
            self._write([_facts(row, last.get(row.pk)) for row in rows])
            return
        if not rows:
            self.stdout.write("no source yet; add one with: manage.py source add KEY …")
            return
        lines = [("KEY", "CONNECTOR", "DOMAIN", "SCHEDULE", "LAST HARVEST")]
        lines += [
            (
                row.key,
                row.connector,
                row.domain.key,
                f"{row.schedule or 'by hand'}{' (paused)' if row.is_paused else ''}",
                _ending(last.get(row.pk)),
            )
            for row in rows
        ]
        widths = [max(len(line[n]) for line in lines) for n in range(5)]
        for line in lines:
            cells = (cell.ljust(width) for cell, width in zip(line, widths, strict=True))
            self.stdout.write("  ".join(cells).rstrip())

    def _show(self, source: Source) -> None:
        run = _last_runs([source]).get(source.pk)
        facts = _facts(source, run)
        if self.is_json:
            self._write(facts)
            return
        for name, value in facts.items():
            if isinstance(value, dict | list) and value:
                shown = json.dumps(value, indent=2, ensure_ascii=False)
                self.stdout.write(f"{name}:\n{shown}")
            else:
                shown = ("no", "yes")[value] if isinstance(value, bool) else value
                self.stdout.write(f"{name}: {shown or '-'}")

    def _add(self, options: dict[str, Any]) -> None:
        domain = _row(Domain, options["domain"], "domain")
        team = _row(Team, options["team"], "team") if options["team"] else None
        try:
            source = sources.create_source(
                key=options["key"],
                name=options["name"] or options["key"].replace("-", " ").capitalize(),
                connector=options["connector"],
                config=_config(options["config"], options["set"]),
                domain=domain,
                team=team,
                schedule=options["schedule"],
                rules=[_rule(text) for text in options["rule"]],
                by=self.by,
            )
        except SourceInvalid as error:
            raise self._refusal(error) from error
        if self.is_json:
            self._write(_facts(source, None))
        else:
            self.stdout.write(
                f"{source.key}: added; harvest it with: manage.py harvest {source.key}"
            )

    def _check(self, source: Source) -> None:
        try:
            found = sources.reach_source(source)
        except IngestError as error:
            if self.is_json:
                self._write({"key": source.key, "reached": False, "message": str(error)})
            raise CommandError(f"{source.key}: {error}") from error
        if self.is_json:
            self._write({"key": source.key, "reached": True, "message": found})
        else:
            self.stdout.write(f"{source.key}: {found}")

    def _pause(self, source: Source) -> None:
        sources.pause_source(source, by=self.by)
        self._done(source, "paused")

    def _resume(self, source: Source) -> None:
        sources.resume_source(source, by=self.by)
        following = f"; next harvest {source.next_run_at:%Y-%m-%d %H:%M} UTC"
        self._done(source, "resumed" + (following if source.next_run_at else ""))

    def _remove(self, source: Source) -> None:
        if not self.is_sure:
            question = f"Remove {source.name} and its {source.runs.count()} runs? [y/N] "
            if not sys.stdin.isatty() or input(question).strip().lower() not in ("y", "yes"):
                raise CommandError(f"{source.key} was not removed; say --yes to remove it")
        key = source.key
        sources.delete_source(source, by=self.by)
        self._done(Source(key=key), "removed; what it found stays in the catalog")

    def _done(self, source: Source, message: str) -> None:
        if self.is_json:
            self._write({"key": source.key, "message": message})
        else:
            self.stdout.write(f"{source.key}: {message}")

    def _refusal(self, error: SourceInvalid) -> CommandError:
        if self.is_json:
            problems = [{"path": p.path, "message": p.message} for p in error.problems]
            self._write({"problems": problems})
        lines = "\n".join(f"  {p.path}: {p.message}" for p in error.problems)
        return CommandError(f"the source cannot be added:\n{lines}")

    def _write(self, document: object) -> None:
        self.stdout.write(json.dumps(document, indent=2, ensure_ascii=False))

    def _person(self, username: str) -> User | None:
        return _row(User, username, "user", "username", "by") if username else None


def _verb(verbs: _SubParsersAction[Any], name: str, said: str) -> ArgumentParser:
    parser: ArgumentParser = verbs.add_parser(name, help=said, description=said)
    parser.add_argument("--json", action="store_true", help="answer in JSON")
    parser.add_argument("--by", default="", metavar="USER", help="who does it, for the record")
    return parser


def _declare_add(parser: ArgumentParser) -> None:
    parser.add_argument("key", metavar="KEY", help="a short name, such as claims-store")
    parser.add_argument("--connector", required=True, metavar="|".join(known()))
    parser.add_argument("--domain", required=True, help="key of the domain of its datasets")
    parser.add_argument("--team", default="", help="key of the team that owns them")
    parser.add_argument("--name", default="", help="what people read")
    parser.add_argument("--schedule", default="", help="five cron fields, or `every 30m`")
    parser.add_argument(
        "--config", default="", metavar="FILE", help="configuration in JSON; - reads it from stdin"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="FIELD=VALUE", help="one field of it"
    )
    parser.add_argument(
        "--rule",
        action="append",
        default=[],
        metavar="PATTERN=PRODUCT[:PORT]",
        help="datasets that match belong to the product; may be given several times",
    )


def _config(file: str, fields: Sequence[str]) -> dict[str, Any]:
    """Read the configuration: a JSON document, then single fields over it."""
    found: dict[str, Any] = {}
    if file:
        try:
            text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8")
            document = json.loads(text)
        except OSError as error:
            raise CommandError(f"--config {file!r} cannot be read: {error.strerror}") from error
        except ValueError as error:
            raise CommandError(f"--config {file!r} holds no JSON: {error}") from error
        if not isinstance(document, dict):
            raise CommandError(f"--config {file!r} holds no JSON object")
        found = document
    for text in fields:
        path, sign, value = text.partition("=")
        if not sign or not path:
            raise CommandError(f"--set {text!r} cannot be used; {EXAMPLE}")
        _put(found, path.split("."), _value(value))
    return found


def _put(document: dict[str, Any], path: Sequence[str], value: object) -> None:
    for name in path[:-1]:
        inner = document.setdefault(name, {})
        if not isinstance(inner, dict):
            raise CommandError(f"--set {'.'.join(path)}: {name} is no group of fields")
        document = inner
    document[path[-1]] = value


def _value(text: str) -> Any:
    """Read a value as JSON where it is, else as the text it is."""
    try:
        return json.loads(text)
    except ValueError:
        return text


def _rule(text: str) -> dict[str, str]:
    pattern, sign, product = text.rpartition("=")
    if not sign:
        raise CommandError(
            f"--rule {text!r} cannot be used; write PATTERN=PRODUCT or PATTERN=PRODUCT:PORT,"
            " for instance claim_*=claims-register:sql"
        )
    key, _, port = product.partition(":")
    return {"match": pattern, "product": key, **({"port": port} if port else {})}


def _find(key: str) -> Source:
    source = Source.objects.select_related("domain", "team").filter(key=key).first()
    if source is None:
        raise CommandError(f"there is no source {key!r}; {_known(Source, 'key')}")
    return source


def _row(model: Any, value: str, word: str, field: str = "key", option: str = "") -> Any:
    row = model.objects.filter(**{field: value}).first()
    if row is None:
        named = f"--{option or word} {value!r}"
        raise CommandError(f"{named}: there is no such {word}; {_known(model, field)}")
    return row


def _known(model: Any, field: str) -> str:
    names = list(model.objects.order_by(field).values_list(field, flat=True)[:20])
    return f"known are {', '.join(names)}" if names else "there is none yet"


def _last_runs(rows: Sequence[Source]) -> dict[int, Run]:
    found = {}
    for run in Run.objects.filter(source__in=rows).order_by("queued_at", "id"):
        found[run.source_id] = run
    return found


def _ending(run: Run | None) -> str:
    if run is None:
        return "never"
    at = run.finished_at or run.started_at or run.queued_at
    return f"{RunState(run.state).label.lower()}, {at:%Y-%m-%d %H:%M}"


def _facts(source: Source, run: Run | None) -> dict[str, Any]:
    """Return what is shown of a source, in the words of the API."""
    last = None
    if run is not None:
        last = {
            "state": run.state,
            "finishedAt": run.finished_at.isoformat() if run.finished_at else None,
            "found": run.found_count,
            "problems": run.problem_count,
            "error": run.error,
        }
    return {
        "key": source.key,
        "name": source.name,
        "connector": source.connector,
        "config": json.loads(sources.shown_config(source)),
        "domain": source.domain.key,
        "team": source.team.key if source.team else None,
        "schedule": source.schedule,
        "isPaused": source.is_paused,
        "nextRunAt": source.next_run_at.isoformat() if source.next_run_at else None,
        "rules": list(source.rules),
        "lastRun": last,
    }
