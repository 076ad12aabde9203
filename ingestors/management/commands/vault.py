"""`manage.py vault key|list|set|remove|rotate`: the vault of secrets, for who runs Gazetteer."""

from __future__ import annotations

import sys
from getpass import getpass
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import Team
from ingestors.authority.cipher import make_key
from ingestors.models import Secret
from ingestors.services import vault
from ingestors.services.vault import SecretInvalid, VaultClosed


class Command(BaseCommand):
    """Make a key, list and change secrets, or encrypt all of them with the first key."""

    help = "The vault: make a key, list, set and remove secrets, rotate keys."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        verbs.add_parser("key", help="print a new key for GAZETTEER_VAULT_KEYS")
        verbs.add_parser("list", help="every secret: team, name, since when; never its value")
        verbs.add_parser("rotate", help="encrypt every secret with the first key")
        for name, help_text in (
            ("set", "keep or replace a secret, read from standard input"),
            ("remove", "forget a secret"),
        ):
            verb = verbs.add_parser(name, help=help_text)
            verb.add_argument("team", metavar="TEAM")
            verb.add_argument("name", metavar="NAME")

    def handle(self, *args: Any, **options: Any) -> None:
        """Do what was asked."""
        verb = options["verb"]
        try:
            if verb == "key":
                self.stdout.write(make_key())
            elif verb == "list":
                self._list()
            elif verb == "rotate":
                self._rotate()
            elif verb == "set":
                self._set(_team(options["team"]), options["name"])
            else:
                self._remove(_team(options["team"]), options["name"])
        except (VaultClosed, SecretInvalid) as error:
            raise CommandError(str(error)) from error

    def _list(self) -> None:
        for one in Secret.objects.select_related("team").defer("sealed"):
            at = one.replaced_at or one.created_at
            self.stdout.write(f"{one.team.key}/{one.name}  since {at:%Y-%m-%d %H:%M} UTC")

    def _rotate(self) -> None:
        done = vault.rotate()
        self.stdout.write(f"{done.renewed} secrets are encrypted with the first key")
        if done.lost:
            raise CommandError(f"no key decrypts {', '.join(done.lost)}; replace them")

    def _set(self, team: Team, name: str) -> None:
        value = getpass("Secret: ") if sys.stdin.isatty() else sys.stdin.read().rstrip("\r\n")
        secret = Secret.objects.filter(team=team, name=name).select_related("team").first()
        if secret is None:
            vault.create_secret(team, name=name, value=value, by=None)
        else:
            vault.replace_secret(secret, value=value, by=None)
        self.stdout.write(f"{team.key}/{name}: kept")

    def _remove(self, team: Team, name: str) -> None:
        secret = Secret.objects.filter(team=team, name=name).select_related("team").first()
        if secret is None:
            raise CommandError(f"{team.key} has no secret {name!r}")
        vault.delete_secret(secret, by=None)
        self.stdout.write(f"{team.key}/{name}: removed")


def _team(key: str) -> Team:
    team = Team.objects.filter(key=key).first()
    if team is None:
        known = ", ".join(Team.objects.order_by("key").values_list("key", flat=True)[:20])
        raise CommandError(f"there is no team {key!r}; known are {known or 'none yet'}")
    return team
