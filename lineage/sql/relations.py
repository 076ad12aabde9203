"""Relations a query works on: their columns, and where each comes from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from lineage.sql.types import EVERY, How, composed, stronger
from lineage.sql.work import WorkLimitExceeded, spend_on

#: (table, column) -> how it gets here. The table is empty where it cannot be told.
Sources = Mapping[tuple[str, str], How]
NOTHING: Sources = {}

MAX_COLUMNS = 5_000
MAX_SOURCES = 200_000


def plus(*many: Sources) -> Sources:
    """Return sources together."""
    some = [sources for sources in many if sources]
    if len(some) < 2:
        return some[0] if some else NOTHING
    spend_on(sum(map(len, some)))
    whole = dict(some[0])
    for sources in some[1:]:
        for key, how in sources.items():
            whole[key] = stronger(whole[key], how) if key in whole else how
    return whole


def through(how: How, sources: Sources) -> Sources:
    """Return sources after one more step."""
    if how == "IDENTITY":
        return sources
    spend_on(len(sources))
    return {key: composed(how, inner) for key, inner in sources.items()}


@dataclass(frozen=True, slots=True)
class ColumnSource:
    """Somewhere any column may come from: a table whose columns are not known, or a function's result."""

    table: str = ""
    sources: Sources = field(default_factory=dict)

    def column(self, name: str) -> Sources:
        """Return where a column comes from."""
        return {(self.table, name): "IDENTITY"} if self.table else self.sources


@dataclass(frozen=True, slots=True)
class Relation:
    """Columns in order, and groups of places where others come from: one of the groups, from all in it.

    `rows` are the columns that decide which rows it has, or their order.
    """

    alias: str = ""
    columns: tuple[tuple[str, Sources], ...] = ()
    groups: tuple[tuple[ColumnSource, ...], ...] = ()
    tables: tuple[str, ...] = ()
    rows: Sources = field(default_factory=dict)
    names: Mapping[str, Sources] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        columns: Iterable[tuple[str, Sources]] = (),
        groups: tuple[tuple[ColumnSource, ...], ...] = (),
        tables: Iterable[str] = (),
        alias: str = "",
        rows: Sources = NOTHING,
    ) -> Relation:
        """Make one; refuses more columns than a table has."""
        kept = tuple(columns)
        within = tuple(dict.fromkeys(tables))
        spend_on(2 * len(kept) + len(within))
        if len(kept) > MAX_COLUMNS:
            raise WorkLimitExceeded(f"a result has more than {MAX_COLUMNS} columns")
        names: dict[str, Sources] = {}
        count = 0
        for name, sources in kept:
            key = name.lower()
            names[key] = plus(names[key], sources) if key in names else sources
            count += len(sources)
        if count > MAX_SOURCES:
            raise WorkLimitExceeded(f"its columns come from more than {MAX_SOURCES} places")
        return cls(alias, kept, groups, within, rows, names)

    def called(self, alias: str, columns: Iterable[str] = ()) -> Relation:
        """Return this under another name, its columns too."""
        columns = tuple(columns)
        if not columns:
            return self if alias == self.alias else replace(self, alias=alias)
        renamed = list(self.columns)
        for place, name in enumerate(columns):
            if place < len(renamed):
                renamed[place] = (name, renamed[place][1])
            elif self.groups:
                renamed.append((name, self._unknown(EVERY)))
        return Relation.of(renamed, self.groups, self.tables, alias, self.rows)

    def find(self, name: str) -> Sources | None:
        """Return where one of its columns comes from; None: it has no such column."""
        found = self.names.get(name.lower())
        if found is not None:
            return found
        return self._unknown(name) if self.groups else None

    def has(self, name: str) -> bool:
        """Whether it is known to have a column."""
        return name.lower() in self.names

    def _unknown(self, name: str) -> Sources:
        if len(self.groups) > 1:
            return {("", name): "IDENTITY"}
        return plus(*(place.column(name) for place in self.groups[0]))

    def every(self) -> Sources:
        """Return where all its columns together come from."""
        places = (place.column(EVERY) for group in self.groups for place in group)
        return plus(*(sources for _, sources in self.columns), *places)


def united(branches: Sequence[Relation], *, by_name: bool = False) -> Relation:
    """Return what set operations give: columns by position, or by name where positions are not known."""
    tables = [table for r in branches for table in r.tables]
    rows = plus(*(r.rows for r in branches))
    if not by_name and not any(r.groups for r in branches):
        columns = []
        widest = max(len(r.columns) for r in branches)
        spend_on(widest * len(branches))
        for place in range(widest):
            some = [r.columns[place] for r in branches if place < len(r.columns)]
            columns.append((some[0][0], plus(*(sources for _, sources in some))))
        return Relation.of(columns, (), tables, rows=rows)
    names = {name.lower(): name for r in reversed(branches) for name, _ in r.columns}
    spend_on(len(names) * len(branches) + sum(len(r.columns) for r in branches))
    named = [(name, plus(*(r.find(name) or NOTHING for r in branches))) for name in names.values()]
    if all(len(r.groups) <= 1 for r in branches):
        return Relation.of(named, _one(branches), tables, rows=rows)
    groups = tuple(group for r in branches for group in r.groups)
    return Relation.of(named, groups, tables, rows=rows)


def _one(branches: Sequence[Relation]) -> tuple[tuple[ColumnSource, ...], ...]:
    """Return the places of all branches as one group: a column comes from each of them."""
    places = [place for r in branches for group in r.groups for place in group]
    unique = {place.table or id(place): place for place in places}
    return (tuple(unique.values()),) if unique else ()
