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
    try:
        statement = sqlglot.parse_one(sql, read=_DIALECTS.get(technology.lower()))
    except SqlglotError as error:
        return Reads((), f"the statement cannot be read: {str(error).splitlines()[0][:200]}")
    except RecursionError:
        return Reads((), "the statement is nested too deeply")
    target = _target(statement)
    named = {cte.alias_or_name.lower() for cte in statement.find_all(exp.CTE)}
    found: dict[str, None] = {}
    for table in statement.find_all(exp.Table):
        name = _name(table)
        if table is target or not name or (not table.db and name.lower() in named):
            continue
        found[name] = None
    return Reads(tuple(found))


def _target(statement: object) -> object:
    if not isinstance(statement, exp.Create):
        return None
    made = statement.this
    return made.this if isinstance(made, exp.Schema) else made


def _name(table: exp.Table) -> str:
    return ".".join(part for part in (table.catalog, table.db, table.name) if part)
