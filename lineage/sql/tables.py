"""The tables alone, where following the columns would be too much."""

from __future__ import annotations

from sqlglot import exp

from lineage.sql.queries import table_name


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
