"""Pages of long lists."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest

_Item = TypeVar("_Item")
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Page(Generic[_Item]):
    """One page of a list. `partials/_pager.html` draws its links."""

    items: Sequence[_Item]
    number: int
    size: int
    total: int

    @property
    def count(self) -> int:
        """How many pages there are, at least one."""
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        """The place of the first item, from 1."""
        return (self.number - 1) * self.size + 1 if self.total else 0

    @property
    def last(self) -> int:
        """The place of the last item."""
        return min(self.number * self.size, self.total)

    @property
    def previous(self) -> int | None:
        """The page before."""
        return self.number - 1 if self.number > 1 else None

    @property
    def next(self) -> int | None:
        """The page after."""
        return self.number + 1 if self.number < self.count else None

    @property
    def numbers(self) -> list[int | None]:
        """The pages to link: the ends and those around this one; None is a gap."""
        near = {1, self.count, *range(self.number - 2, self.number + 3)}
        wanted = sorted(n for n in near if 1 <= n <= self.count)
        shown: list[int | None] = []
        for n in wanted:
            if shown and shown[-1] is not None and n - shown[-1] > 1:
                shown.append(None)
            shown.append(n)
        return shown


def page_number(request: HttpRequest, name: str = "page") -> int:
    """Read the page asked for; anything that is no positive number means the first."""
    text = request.GET.get(name, "")
    return max(1, int(text)) if text.isdecimal() and len(text) < 8 else 1


def paginate(
    request: HttpRequest, rows: QuerySet[Any, _Row], size: int = 25, name: str = "page"
) -> Page[_Row]:
    """Cut the page asked for out of a queryset; short lists are not counted apart."""
    number = page_number(request, name)
    if number == 1:
        first = list(rows[: size + 1])
        if len(first) <= size:
            return Page(first, 1, size, len(first))
        return Page(first[:size], 1, size, rows.count())
    total = rows.count()
    number = min(number, max(1, -(-total // size)))
    start = (number - 1) * size
    return Page(list(rows[start : start + size]), number, size, total)
