"""From text to statements: bounded, each for itself, and what cannot be read says why."""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token

from lineage.sql import changes
from lineage.sql.dialects import dialect_of
from lineage.sql.parsing import parsed, parsed_text
from lineage.sql.procedures import carved
from lineage.sql.queries import Reader, table_name
from lineage.sql.stack import on_own_stack
from lineage.sql.tokens import is_routine, statements_of, tokens_of
from lineage.sql.types import ColumnLookup, Script, Statement
from lineage.sql.work import (
    FOLLOWING,
    MAX_LENGTH,
    MAX_STATEMENTS,
    PARSING,
    Work,
    WorkLimitExceeded,
    counted,
    current,
)

_TOO_DEEP = "it is nested too deeply"

# A statement sqlglot keeps as text is told of by its kind; its warning would fill the log.
logging.getLogger("sqlglot").setLevel(logging.ERROR)

_READ: tuple[tuple[type[exp.Expr], Callable[..., Statement]], ...] = (
    (exp.MultitableInserts, changes.read_inserts),
    (exp.Insert, changes.read_insert),
    (exp.Update, changes.read_update),
    (exp.Delete, changes.read_delete),
    (exp.Merge, changes.read_merge),
    (exp.Copy, changes.read_copy),
    (exp.Query, changes.read_query),
    (exp.Values, changes.read_query),
)
_NO_FLOW = frozenset({"function", "index", "schema", "database", "sequence", "trigger", "type"})
_UNLOAD = re.compile(r"\s*\(\s*'(?P<query>(?:[^']|'')*)'\s*\)\s*to\s+'(?P<to>[^']*)'", re.I | re.S)
_EXCHANGE = re.compile(
    r"^\s*table\s+(?P<to>[\w.]+)\s+(?:exchange\s+partition\s*\(.*?\)\s+with\s+table|swap\s+with"
    r"|append\s+from)\s+(?P<by>[\w.]+)",
    re.I | re.S,
)


def read(sql: str, technology: str, known: ColumnLookup) -> Script:
    """Read statements; see `lineage.sql.read_script`."""
    if len(sql) > MAX_LENGTH:
        return _failed(f"the statement is longer than {MAX_LENGTH} characters")
    return on_own_stack(lambda: _counted(sql, dialect_of(technology), known, Work()))


def _counted(sql: str, dialect: str, known: ColumnLookup, work: Work) -> Script:
    with counted(work):
        try:
            tokens = tokens_of(sql, dialect)
        except SqlglotError as error:
            return _failed(f"the statement cannot be read: {_words(error)}")
        statements = tuple(_statements(tokens, sql, dialect, known, work))
        return Script(statements, work.spent)


def _failed(problem: str) -> Script:
    return Script((Statement("unread", problem=problem),))


def _statements(
    tokens: Sequence[Token], sql: str, dialect: str, known: ColumnLookup, work: Work
) -> Iterator[Statement]:
    made: dict[str, tuple[str, ...]] = {}

    def columns_so_far(table: str) -> tuple[str, ...] | None:
        found = made.get(table) or known(table)
        return tuple(found) if found else None

    count, parts = 0, list(statements_of(tokens))
    for number, part in enumerate(parts, start=1):
        place = f"statement {number}: " if len(parts) > 1 else ""
        if over := _what_is_over(count, work):
            problem = f"{place}this and the rest are too long to be read: {over}"
            yield Statement("unread", problem=problem)
            return
        for statement in _part(part, sql, dialect, columns_so_far):
            count += 1
            problem = f"{place}{statement.problem}" if statement.problem else ""
            yield replace(statement, problem=problem)
            if len(statement.writes) == 1 and "*" not in statement.output and statement.output:
                made.setdefault(statement.writes[0], statement.output)


def _what_is_over(count: int, work: Work) -> str:
    if count >= MAX_STATEMENTS:
        return f"more than {MAX_STATEMENTS} statements"
    return f"more than {work.whole.steps:,} steps in all" if work.is_over else ""


def _part(tokens: list[Token], sql: str, dialect: str, known: ColumnLookup) -> Iterator[Statement]:
    if not is_routine(tokens):
        yield from _one(tokens, sql, dialect, known)
        return
    found = [s for part in carved(tokens) for s in _one(part, sql, dialect, known)]
    # what else has a problem is the language that procedures are written in
    told = [s for s in found if not s.problem or s.is_limited]
    yield from told or [Statement("procedure")]


def _one(tokens: list[Token], sql: str, dialect: str, known: ColumnLookup) -> Iterator[Statement]:
    try:
        current().begin(PARSING)
        for node in parsed(tokens, sql, dialect):
            yield _bounded(node, dialect, known)
        return
    except SqlglotError as error:
        why, is_limited = _words(error), False
    except WorkLimitExceeded as error:
        why, is_limited = str(error), True
    except RecursionError:
        why, is_limited = _TOO_DEEP, True
    problem = f"the statement cannot be read: {why}"
    yield Statement("unread", problem=problem, is_limited=is_limited)


def _bounded(node: exp.Expr, dialect: str, known: ColumnLookup) -> Statement:
    """Read a statement; where its columns are too much, tell of its tables."""
    try:
        current().begin(FOLLOWING)
        return _read(node, Reader(known, dialect == "sqlite", dialect))
    except WorkLimitExceeded as error:
        problem = f"only its tables are told of: {error}"
    except RecursionError:
        problem = f"only its tables are told of: {_TOO_DEEP}"
    reads, writes = tables_of(node)
    return Statement(node.key, reads, writes, problem=problem, is_limited=True)


def _read(node: exp.Expr, reader: Reader) -> Statement:
    if isinstance(node, exp.Create):
        kind = str(node.kind or "").lower()
        return Statement(kind) if kind in _NO_FLOW else changes.read_create(node, reader)
    for cls, read in _READ:
        if isinstance(node, cls):
            return read(node, reader)
    if isinstance(node, exp.Cache) and node.expression:
        made = exp.Create(this=node.this, kind="TABLE", expression=node.expression)
        return changes.read_create(made, reader)
    if isinstance(node, exp.Alter):
        return _alter(node)
    if isinstance(node, exp.Drop) and isinstance(node.this, exp.Table):
        return Statement("drop", drops=(table_name(node.this),))
    if isinstance(node, exp.Command):
        return _command(node, reader)
    if isinstance(node, exp.Condition | exp.Alias | exp.Aliases | exp.Tuple):
        return Statement("unread", problem="the statement cannot be read: it is no statement")
    return Statement(node.key)


def _alter(node: exp.Alter) -> Statement:
    old = table_name(node.this) if isinstance(node.this, exp.Table) else ""
    renames = []
    for action in node.args.get("actions") or ():
        if isinstance(action, exp.AlterRename) and isinstance(action.this, exp.Table):
            renames.append((old, table_name(action.this)))
        elif isinstance(action, exp.SwapTable) and isinstance(action.this, exp.Table):
            return Statement("alter", reads=(table_name(action.this),), writes=(old,))
    return Statement("alter", renames=tuple(renames))


def _command(node: exp.Command, reader: Reader) -> Statement:
    word, rest = str(node.this).upper(), str(node.args.get("expression") or "")
    if isinstance(node.args.get("expression"), exp.Literal):
        rest = node.expression.this
    if word == "UNLOAD" and (found := _UNLOAD.match(rest)):
        query = found["query"].replace("''", "'")
        inner = [s for n in parsed_text(query, reader.dialect) for s in [_read(n, reader)]]
        if inner:
            return _sent(inner[0], found["to"])
    if word == "ALTER" and (swap := _EXCHANGE.match(rest)):
        return Statement("alter", reads=(swap["by"],), writes=(swap["to"],))
    return Statement(word.lower())


def _sent(statement: Statement, target: str) -> Statement:
    return replace(
        statement,
        kind="unload",
        writes=(target,),
        columns=tuple(replace(pair, to_table=target) for pair in statement.columns),
        influences=tuple(replace(i, to_table=target) for i in statement.influences),
    )


def _words(error: Exception) -> str:
    first = str(error).splitlines()
    text = first[0] if first else "it ends too early"
    return re.sub(r"\x1b\[\d*m", "", text)[:200]


def tables_of(statement: exp.Expr) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the tables a statement reads and the one it writes; a shadowed name counts as a table.

    Common table expressions are left out by their name, wherever in the statement they are defined.
    """
    named = {cte.alias.lower() for cte in statement.find_all(exp.CTE)}
    target: exp.Expr | None = None
    if isinstance(statement, exp.Create | exp.Insert | exp.Update | exp.Merge | exp.Delete):
        target = statement.this
        while isinstance(target, exp.Schema):
            target = target.this
    reads = {
        table_name(table): None
        for table in statement.find_all(exp.Table)
        if table is not target and table.name and (table.db or table.name.lower() not in named)
    }
    writes = (table_name(target),) if isinstance(target, exp.Table) else ()
    return tuple(reads), writes
