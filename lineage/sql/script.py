"""From text to statements: bounded, each for itself, and what cannot be read says why."""

from __future__ import annotations

import logging
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError
from sqlglot.tokenizer_core import Token, TokenType

from lineage.sql import changes
from lineage.sql.dialects import dialect_of, without_phrases
from lineage.sql.procedures import carved
from lineage.sql.queries import Reader, table_name
from lineage.sql.relations import WorkLimitExceeded
from lineage.sql.types import MAX_LENGTH, ColumnLookup, Script, Statement

MAX_STATEMENTS = 500
MAX_SECONDS = 5.0

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
    dialect = dialect_of(technology)
    deadline = time.monotonic() + MAX_SECONDS
    try:
        sql = without_phrases(sql, dialect)
        chunks = list(_chunks(sql, dialect))
    except SqlglotError as error:
        return _failed(f"the statement cannot be read: {_words(error)}")
    statements: list[Statement] = []
    made: dict[str, tuple[str, ...]] = {}

    def columns_so_far(table: str) -> tuple[str, ...] | None:
        found = made.get(table) or known(table)
        return tuple(found) if found else None

    for text in chunks:
        if time.monotonic() > deadline or len(statements) >= MAX_STATEMENTS:
            statements.append(Statement("unread", problem="the rest is too long to be read"))
            break
        for statement in _statements(text, dialect, columns_so_far, deadline):
            statements.append(statement)
            if len(statement.writes) == 1 and "*" not in statement.output and statement.output:
                made.setdefault(statement.writes[0], statement.output)
    return Script(tuple(statements))


def _failed(problem: str) -> Script:
    return Script((Statement("unread", problem=problem),))


def _chunks(sql: str, dialect: str) -> Iterator[str]:
    """Split text at the semicolons outside of blocks; a procedure is one chunk."""
    tokens = sqlglot.tokenize(sql, read=dialect or None)
    start = None
    is_routine = False
    for place, token in enumerate(tokens):
        if start is None and token.token_type != TokenType.SEMICOLON:
            start = token.start
            is_routine = _is_routine(tokens[place : place + 6])
        if token.token_type == TokenType.SEMICOLON and start is not None and not is_routine:
            yield sql[start : token.start]
            start = None
    if start is not None:
        yield sql[start:]


def _is_routine(tokens: list[Token]) -> bool:
    words = [token.text.upper() for token in tokens]
    return bool(words) and (
        words[0] in ("BEGIN", "DECLARE")
        and words[:2] != ["DECLARE", "@"]
        and "@" not in words[1][:1]
        if len(words) > 1 and words[0] in ("BEGIN", "DECLARE")
        else words[0] in ("CREATE", "ALTER") and any(w in ("PROCEDURE", "PROC") for w in words)
    )


def _statements(text: str, dialect: str, known: ColumnLookup, deadline: float) -> list[Statement]:
    if _is_routine(list(sqlglot.tokenize(text, read=dialect or None))[:6]):
        found = []
        for part in carved(text, dialect):
            found += _one(part, dialect, known, deadline)
        return [s for s in found if not s.problem] or [Statement("procedure")]
    return _one(text, dialect, known, deadline)


def _one(text: str, dialect: str, known: ColumnLookup, deadline: float) -> list[Statement]:
    try:
        return [_bounded(node, dialect, known, deadline) for node in _parsed(text, dialect)]
    except SqlglotError as error:
        problem = f"the statement cannot be read: {_words(error)}"
    except RecursionError:
        problem = "the statement is nested too deeply"
    return [Statement("unread", problem=problem)]


def _bounded(node: exp.Expr, dialect: str, known: ColumnLookup, deadline: float) -> Statement:
    """Read a statement; where its columns are too much, tell of its tables."""
    try:
        return _read(node, Reader(known, dialect == "sqlite", deadline, dialect))
    except WorkLimitExceeded as error:
        problem = f"only its tables are told of: {error}"
    except RecursionError:
        problem = "only its tables are told of: it is nested too deeply"
    reads, writes = tables_of(node)
    return Statement(node.key, reads, writes, problem=problem)


def _parsed(text: str, dialect: str) -> list[exp.Expr]:
    """Parse a statement in its dialect, else in the general one."""
    try:
        return [node for node in sqlglot.parse(text, read=dialect or None) if node]
    except SqlglotError:
        for other in ("", "databricks", "tsql"):
            if other == dialect:
                continue
            try:
                return [node for node in sqlglot.parse(text, read=other or None) if node]
            except SqlglotError:
                continue
        raise


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
        inner = [s for n in _parsed(query, reader.dialect) for s in [_read(n, reader)]]
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
