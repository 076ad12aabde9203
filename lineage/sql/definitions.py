"""Which tables and columns a view's definition reads. Free of Django; never runs what it reads."""

from __future__ import annotations

from dataclasses import dataclass

from lineage.sql import ColumnPair, Influence, read_script
from lineage.sql.types import ColumnLookup, no_columns
from lineage.sql.work import MAX_LENGTH

__all__ = ["MAX_LENGTH", "StatementReads", "tables_read"]


@dataclass(frozen=True, slots=True)
class StatementReads:
    """What a statement reads, names as written (`schema.table`), and why it could not be understood.

    In `columns` and `influences` the table that is written has the name of the statement, or none.
    """

    tables: tuple[str, ...]
    problem: str = ""
    columns: tuple[ColumnPair, ...] = ()
    influences: tuple[Influence, ...] = ()


def tables_read(sql: str, technology: str = "", known: ColumnLookup = no_columns) -> StatementReads:
    """Return the tables and columns a query or a view's definition reads."""
    script = read_script(sql, technology, known)
    flows = [s for s in script.statements if s.reads or s.output or s.writes or s.problem]
    if not any(s.reads or s.output or s.writes for s in flows):
        problem = "; ".join(dict.fromkeys(s.problem for s in flows if s.problem))
        return StatementReads((), problem or "the statement holds no query")
    tables = tuple(dict.fromkeys(table for s in flows for table in s.reads))
    return StatementReads(
        tables,
        "; ".join(dict.fromkeys(s.problem for s in flows if s.problem)),
        tuple(dict.fromkeys(pair for s in flows for pair in s.columns)),
        tuple(dict.fromkeys(influence for s in flows for influence in s.influences)),
    )
