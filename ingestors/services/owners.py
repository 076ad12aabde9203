"""Find the teams that a source names as owners."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from django.db.models import Q
from django.db.models.functions import Lower

from catalog.models import Team
from catalog.names import slugify


class Owners:
    """Teams by what a source calls them; the source's own team where nobody is known."""

    def __init__(self, default: Team | None) -> None:
        self._default = default.key if default else ""
        self._known: dict[str, str] = {}
        self._asked: set[str] = set()

    def load(self, names: Iterable[str]) -> None:
        """Look up names that were not looked up yet: one query."""
        new = set(names) - self._asked
        if not new:
            return
        self._asked |= new
        keys = {slugify(name) for name in new} | {slugify(_account(name)) for name in new}
        rows = Team.objects.annotate(low=Lower("name")).filter(
            Q(key__in=keys) | Q(low__in=[name.lower() for name in new])
        )
        for key, low in rows.values_list("key", "low"):
            self._known.setdefault(low, key)
            self._known[key] = key

    def find(self, names: Sequence[str]) -> str:
        """Return the key of the team one of the names means, else of the default one; empty for none.

        A name means the team of this name or key; an e-mail address that of the part before its @.
        """
        for name in names:
            for spelling in (name.lower(), slugify(name), slugify(_account(name))):
                if found := self._known.get(spelling):
                    return found
        return self._default


def _account(name: str) -> str:
    return name.partition("@")[0] if "@" in name else name
