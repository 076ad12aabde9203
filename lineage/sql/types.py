"""What is known of a statement once it is read."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from lineage.sql.work import JOINING, STEPS_PER_PAIR, Work, WorkLimitExceeded

#: How a column gets into another: the subtypes of OpenLineage's column lineage facet 1-2-0.
How = Literal[
    "IDENTITY",
    "TRANSFORMATION",
    "AGGREGATION",
    "CONDITIONAL",
    "WINDOW",
    "JOIN",
    "FILTER",
    "GROUP_BY",
    "SORT",
]
#: The columns of a table by its name as written (`schema.table`), in order; None: not known. It is asked from
#: a thread of its own: what it needs of the database is fetched before.
ColumnLookup = Callable[[str], Sequence[str] | None]

#: Stands for all columns of a table whose columns are not known.
EVERY = "*"


def no_columns(table: str) -> None:
    """Know no table's columns."""


@dataclass(frozen=True, slots=True, order=True)
class ColumnPair:
    """One column goes into another. `from_table` is empty where it cannot be told which one it is."""

    from_table: str
    from_column: str
    to_table: str
    to_column: str
    how: How


@dataclass(frozen=True, slots=True, order=True)
class Influence:
    """A column decides which rows there are in a table, or their order, without going into one."""

    from_table: str
    from_column: str
    to_table: str
    how: How


@dataclass(frozen=True, slots=True)
class Statement:
    """One statement. `to_table` is empty where its result is only shown.

    `problem` says why it is not, or not wholly, understood; what was understood is kept. It `is_limited` where
    that would have taken more work than is allowed.
    """

    kind: str
    reads: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    columns: tuple[ColumnPair, ...] = ()
    influences: tuple[Influence, ...] = ()
    output: tuple[str, ...] = ()
    renames: tuple[tuple[str, str], ...] = ()
    drops: tuple[str, ...] = ()
    problem: str = ""
    is_limited: bool = False


@dataclass(frozen=True, slots=True)
class Script:
    """Statements in their order, what the whole does, and how many steps it took to read them."""

    statements: tuple[Statement, ...] = ()
    steps: int = field(default=0, compare=False)

    @property
    def problems(self) -> tuple[str, ...]:
        """What could not be understood, in words."""
        return tuple(s.problem for s in self.statements if s.problem)

    def end_to_end(self) -> Statement:
        """Return the whole as one statement.

        A table made by one statement and read by a later one is passed through, a renamed one has its last name.
        Where that is too much work, only the tables are told of, and why.
        """
        try:
            return self._whole(Work(JOINING))
        except WorkLimitExceeded as error:
            tables = Script(tuple(replace(s, columns=(), influences=()) for s in self.statements))
            whole = tables._whole(Work(JOINING))
            said = (whole.problem, f"of the whole only its tables are told of: {error}")
            return replace(whole, problem="; ".join(filter(None, said)))

    def _whole(self, work: Work) -> Statement:
        made: dict[str, Statement] = {}
        reads: dict[str, None] = {}
        loose: list[Statement] = []
        for statement in self.statements:
            through = _through(statement, made, work)
            reads |= dict.fromkeys(through.reads)
            if not through.writes:
                loose.append(through)
            for table in through.writes:
                made[table] = _joined(made.get(table), _into(through, table), work)
            for old, new in through.renames:
                if old in made:
                    made[new] = _renamed(made.pop(old), old, new)
            for table in through.drops:
                made.pop(table, None)
        passed = {table for s in self.statements for table in s.reads if table in made}
        ends = [s for table, s in made.items() if table not in passed or table in reads]
        every = [*ends, *loose]
        return Statement(
            "script",
            tuple(reads),
            tuple(dict.fromkeys(table for s in ends for table in s.writes)),
            tuple(dict.fromkeys(p for s in every for p in s.columns)),
            tuple(dict.fromkeys(i for s in every for i in s.influences)),
            problem="; ".join(dict.fromkeys(self.problems)),
        )


def _into(statement: Statement, table: str) -> Statement:
    return replace(
        statement,
        writes=(table,),
        columns=tuple(p for p in statement.columns if p.to_table == table),
        influences=tuple(i for i in statement.influences if i.to_table == table),
    )


def _joined(first: Statement | None, second: Statement, work: Work) -> Statement:
    if first is None:
        return second
    work.spend(sum(len(s.columns) + len(s.influences) for s in (first, second)))
    return replace(
        second,
        reads=tuple(dict.fromkeys((*first.reads, *second.reads))),
        columns=tuple(dict.fromkeys((*first.columns, *second.columns))),
        influences=tuple(dict.fromkeys((*first.influences, *second.influences))),
    )


def _renamed(statement: Statement, old: str, new: str) -> Statement:
    return replace(
        statement,
        writes=tuple(new if table == old else table for table in statement.writes),
        columns=tuple(
            replace(p, to_table=new) if p.to_table == old else p for p in statement.columns
        ),
        influences=tuple(
            replace(i, to_table=new) if i.to_table == old else i for i in statement.influences
        ),
    )


def _through(statement: Statement, made: dict[str, Statement], work: Work) -> Statement:
    """Replace what the statement reads of earlier statements' tables by what these read."""
    own = set(statement.writes)
    if not any(table in made and table not in own for table in statement.reads):
        return statement
    reads: dict[str, None] = {}
    for table in statement.reads:
        reads |= dict.fromkeys(made[table].reads if table in made and table not in own else [table])
    columns: dict[ColumnPair, None] = {}
    below = {t: _by_column(made[t], work) for t in statement.reads if t in made and t not in own}
    for pair in statement.columns:
        found = _pair_through(pair, below)
        work.spend(STEPS_PER_PAIR * len(found))
        columns |= dict.fromkeys(found)
    return replace(statement, reads=tuple(reads), columns=tuple(columns))


_ByColumn = dict[str, list[ColumnPair]]


def _by_column(statement: Statement, work: Work) -> _ByColumn:
    work.spend(len(statement.columns))
    found: _ByColumn = {}
    for pair in statement.columns:
        found.setdefault(pair.to_column, []).append(pair)
    return found


def _pair_through(pair: ColumnPair, below: Mapping[str, _ByColumn]) -> list[ColumnPair]:
    if pair.from_table not in below:
        return [pair]
    by_column = below[pair.from_table]
    if pair.from_column == EVERY:
        pairs = [p for some in by_column.values() for p in some]
        return [_one_through(pair, p) for p in pairs]
    found = [*by_column.get(pair.from_column, ()), *by_column.get(EVERY, ())]
    return [_one_through(pair, p) for p in found]


def _one_through(pair: ColumnPair, below: ColumnPair) -> ColumnPair:
    if below.to_column == pair.from_column:
        how = composed(pair.how, below.how)
        return replace(below, to_table=pair.to_table, to_column=pair.to_column, how=how)
    if below.to_column == EVERY:
        return replace(pair, from_table=below.from_table)
    return replace(below, to_table=pair.to_table)


_DIRECT: tuple[How, ...] = ("IDENTITY", "TRANSFORMATION", "AGGREGATION")


def composed(outer: How, inner: How) -> How:
    """Return how a column goes through two steps: what only influences stays so."""
    if inner not in _DIRECT:
        return inner
    if outer not in _DIRECT:
        return outer
    return max(outer, inner, key=_DIRECT.index)


def stronger(first: How, second: How) -> How:
    """Return which of two ways is told: what goes in before what only influences."""
    if (first in _DIRECT) != (second in _DIRECT):
        return first if first in _DIRECT else second
    return max(first, second, key=_DIRECT.index) if first in _DIRECT else first
