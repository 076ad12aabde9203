"""`manage.py search rebuild|follow|verify|query`: the search index from the command line."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import User
from catalog.search.base import SearchUnavailable
from catalog.search.engines import kept
from catalog.search.find import find
from catalog.search.follow import differences, everything, follow, rebuild_one, refresh
from catalog.search.types import KINDS, Document

PROGRESS = 20_000


class Command(BaseCommand):
    """Look after the index, and ask it."""

    help = "Rebuild, follow, verify or query the search index."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        rebuild = verbs.add_parser("rebuild", help="build the indexes anew")
        rebuild.add_argument("--index", choices=list(kept()), help="only this one")
        verbs.add_parser("follow", help="catch up with the event log")
        verify = verbs.add_parser("verify", help="compare the index with the database")
        verify.add_argument("--repair", action="store_true")
        query = verbs.add_parser("query", help="search as a person would")
        query.add_argument("text")
        query.add_argument("--as", dest="user", help="user name; nobody: anonymous")
        query.add_argument("--kind", choices=KINDS, default="product")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one verb."""
        verb = options["verb"]
        if verb == "rebuild":
            self._rebuild(options["index"])
        elif verb == "follow":
            self.stdout.write(f"{follow()} events")
        elif verb == "verify":
            self._verify(options["repair"])
        else:
            self._query(options)

    def _rebuild(self, only: str | None) -> None:
        for name, index in kept().items():
            if only not in (None, name):
                continue
            start = time.monotonic()
            try:
                count = rebuild_one(name, index, self._shown(name))
            except SearchUnavailable as error:
                raise CommandError(f"{name}: {error}; the index is as it was") from None
            taken = time.monotonic() - start
            self.stdout.write(f"{name}: {count} documents in {taken:.0f} s")

    def _shown(self, name: str) -> Iterator[Document]:
        """Give every document and say how far it is."""
        for number, document in enumerate(everything(), 1):
            if number % PROGRESS == 0:
                self.stdout.write(f"{name}: {number} so far")
            yield document

    def _verify(self, repair: bool) -> None:
        wrong = 0
        for name, index in kept().items():
            try:
                found = differences(index)
            except SearchUnavailable as error:
                raise CommandError(f"{name}: {error}") from None
            for kind, (missing, changed, extra) in found.items():
                wrong += len(missing) + len(changed) + len(extra)
                self.stdout.write(
                    f"{name}, {kind}: {len(missing)} missing, {len(changed)} changed,"
                    f" {len(extra)} too many"
                )
                if repair:
                    refresh(name, index, kind, missing | changed | extra)
        if wrong and not repair:
            raise CommandError("the index differs from the database; run it with --repair")

    def _query(self, options: dict[str, Any]) -> None:
        user = User.objects.filter(username=options["user"]).first() if options["user"] else None
        if options["user"] and user is None:
            raise CommandError(f"there is no user {options['user']!r}")
        found = find(options["text"], by=user or AnonymousUser(), kind=options["kind"])
        self.stdout.write(f"{found.total} found")
        for row in found.rows:
            self.stdout.write(f"{row.hit.score:8.3f}  {row.item}  ({'; '.join(row.hit.reasons)})")
