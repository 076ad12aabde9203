"""`manage.py token create|list|revoke`: API tokens from the command line."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from catalog.models import ApiToken, TokenScope, User
from catalog.people.tokens import TokenInvalid, make_token, revoke_token


class Command(BaseCommand):
    """Make, list and revoke tokens."""

    help = "Make, list and revoke API tokens."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare the three verbs."""
        verbs = parser.add_subparsers(dest="verb", required=True)
        create = verbs.add_parser("create", help="make a token and print its secret")
        create.add_argument("user")
        create.add_argument("--name", default="command line")
        create.add_argument("--scope", choices=TokenScope.values, default=TokenScope.WRITE)
        create.add_argument("--days", type=int, default=90)
        listing = verbs.add_parser("list", help="list the tokens of a user")
        listing.add_argument("user")
        revoke = verbs.add_parser("revoke", help="revoke the token that starts with PREFIX")
        revoke.add_argument("prefix")

    def handle(self, *args: Any, **options: Any) -> None:
        """Run one verb."""
        if options["verb"] == "revoke":
            self._revoke(options["prefix"])
            return
        user = User.objects.filter(username=options["user"]).first()
        if user is None:
            raise CommandError(f"there is no user {options['user']!r}")
        if options["verb"] == "list":
            for token in user.tokens.all():
                state = "revoked" if token.revoked_at else f"until {token.expires_at:%Y-%m-%d}"
                self.stdout.write(f"{token.prefix}…  {token.scope:5}  {state}  {token.name}")
            return
        try:
            _, secret = make_token(
                user, name=options["name"], scope=options["scope"], days=options["days"]
            )
        except TokenInvalid as error:
            raise CommandError(str(error)) from error
        self.stdout.write(secret)

    def _revoke(self, prefix: str) -> None:
        found = list(ApiToken.objects.filter(prefix__startswith=prefix, revoked_at__isnull=True))
        if len(found) != 1:
            raise CommandError(f"{len(found)} current tokens start with {prefix!r}; name one")
        revoke_token(found[0], by=found[0].user)
        self.stdout.write(f"revoked {found[0].name}")
