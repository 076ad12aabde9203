"""Keys of domains and teams: free to take, kept after a change, and what a former one means today."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.contrib.auth.models import AnonymousUser

from catalog.models import Domain, FormerKey, Team, User
from catalog.people.refusals import KeyTaken, check_key

_URN = "urn:gazetteer:"


def take_key(subject: Domain | Team, key: str) -> None:
    """Give a subject another key; the one it had goes on leading to it. Raises ChangeRefused, KeyTaken."""
    check_key(key)
    need_free(type(subject), key, of=subject)
    _of(subject).filter(key=key).delete()
    keep_key(subject.key, subject)
    subject.key = key


def need_free(
    kind: type[Domain] | type[Team], key: str, *, of: Domain | Team | None = None
) -> None:
    """Raise KeyTaken where another domain or team has a key, or had it."""
    former = FormerKey.objects.filter(key=key, **{f"{_name(kind)}__isnull": False})
    if of is not None:
        former = former.exclude(**{_name(kind): of})
    if kind._default_manager.filter(key=key).exists() or former.exists():
        raise KeyTaken(key)


def keep_key(key: str, subject: Domain | Team) -> None:
    """Let a key that is no longer used lead to a subject."""
    fields: dict[str, Any] = {_name(type(subject)): subject}
    FormerKey.objects.create(key=key, **fields)


def key_today(kind: type[Domain] | type[Team], key: str, user: User | AnonymousUser) -> str | None:
    """Return what a former key leads to, among what a person sees; None where it leads nowhere."""
    rows = kind.objects.visible_to(user).filter(former_keys__key=key)
    found: str | None = rows.values_list("key", flat=True).first()
    return found


def _of(subject: Domain | Team) -> Any:
    return subject.former_keys


def _name(kind: type[Domain] | type[Team]) -> str:
    return "domain" if issubclass(kind, Domain) else "team"


@dataclass(frozen=True, slots=True)
class FormerKeys:
    """What former keys mean today."""

    domains: Mapping[str, str]
    teams: Mapping[str, str]

    @classmethod
    def load(cls) -> Self:
        """Read them all: one query."""
        rows = FormerKey.objects.order_by().values_list("key", "domain__key", "team__key")
        known = list(rows)
        return cls(
            {key: domain for key, domain, _ in known if domain},
            {key: team for key, _, team in known if team},
        )

    def __bool__(self) -> bool:
        return bool(self.domains or self.teams)

    def domain(self, key: str) -> str:
        """Return the key of a domain today."""
        return self.domains.get(key, key)

    def team(self, key: str) -> str:
        """Return the key of a team today."""
        return self.teams.get(key, key)

    def ref(self, text: str) -> str:
        """Return the address of a product today: `domain/key`, or a URN."""
        head = _URN if text.startswith(_URN) else ""
        separator = ":" if head else "/"
        domain, cut, rest = text.removeprefix(head).partition(separator)
        return f"{head}{self.domain(domain)}{cut}{rest}" if cut else text
