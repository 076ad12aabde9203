"""Complete what a person is typing, with names that person may see."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from django.contrib.auth.models import AnonymousUser

from catalog.models import User


@dataclass(frozen=True, slots=True)
class Suggestion:
    """One line under the search box. `path` opens it; without one, `text` is searched for."""

    text: str
    kind: Literal["product", "dataset", "domain", "team", "tag"]
    path: str | None
    hint: str = ""


def suggest(prefix: str, *, by: User | AnonymousUser, limit: int = 8) -> list[Suggestion]:
    """Return up to `limit` suggestions, best first; an empty prefix suggests nothing."""
    raise NotImplementedError
