"""Which tables a SQL statement reads. Free of Django; never runs what it reads."""

from __future__ import annotations

from dataclasses import dataclass

import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

MAX_LENGTH = 200_000
_DIALECTS = {
    "postgresql": "postgres",
    "postgres": "postgres",
    "sqlite": "sqlite",
    "mysql": "mysql",
    "mariadb": "mysql",
    "duckdb": "duckdb",
}


@dataclass(frozen=True, slots=True)
class Reads:
    """The tables a statement reads, as written (`schema.table`), and why it could not be understood."""

    tables: tuple[str, ...]
    problem: str = ""


def tables_read(sql: str, technology: str = "") -> Reads:
    """Return the tables a query or a view's definition reads, common table expressions left out."""
    if len(sql) > MAX_LENGTH:
        return Reads((), f"the statement is longer than {MAX_LENGTH} characters")
    found: dict[str, None] = {}
    dialect = _DIALECTS.get(technology.lower())
    try:
        parsed = sqlglot.parse(sql, read=dialect)
        readable = [s for s in parsed if isinstance(s, exp.Query | exp.Create | exp.Insert)]
        for statement in readable:
            _collect(statement, frozenset(), dialect == "sqlite", found)
    except SqlglotError as error:
        return Reads((), f"the statement cannot be read: {str(error).splitlines()[0][:200]}")
    except RecursionError:
        return Reads((), "the statement is nested too deeply")
    return Reads(tuple(found), "" if readable else "the statement holds no query")


def _collect(
    node: exp.Expr, named: frozenset[str], is_recursive: bool, found: dict[str, None]
) -> None:
    """Collect the tables below a node. `named` are the common table expressions it can see.

    A plain one does not see itself: `WITH x AS (SELECT * FROM x)` reads the table `x`, except in SQLite.
    """
    if isinstance(node, exp.Table) and (node.db or node.name.lower() not in named):
        found |= dict.fromkeys(filter(None, [_name(node)]))
    defined = node.args.get("with_")
    if isinstance(defined, exp.With):
        names = [cte.alias_or_name.lower() for cte in defined.expressions]
        if defined.recursive or is_recursive:
            named = named.union(names)
        for name, cte in zip(names, defined.expressions, strict=True):
            _collect(cte.this, named, is_recursive, found)
            named = named | {name}
    target = node.this if isinstance(node, exp.Create | exp.Insert) else None
    for child in node.iter_expressions():
        if child is not defined and child is not target:
            _collect(child, named, is_recursive, found)


def _name(table: exp.Table) -> str:
    return ".".join(part for part in (table.catalog, table.db, table.name) if part)
