"""Write a store as a SQLite database, with comments, keys and indexes."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from portal.demo.stores.spec import ColumnPlan, StorePlan, TablePlan
from portal.demo.stores.values import Value, sql_type


def create_table(table: TablePlan, columns: Sequence[ColumnPlan]) -> str:
    """Return the statement that creates a table; comments stand behind each column."""
    key = table.key
    parts = [_definition(column) for column in columns]
    if key is not None:
        parts.append((f"PRIMARY KEY ({key.name})", ""))
    parts += [(text, "") for column in columns if (text := _reference(column))]
    lines = [
        f"  {text}{'' if last else ','}{f' -- {comment}' if comment else ''}"
        for (text, comment), last in zip(parts, [False] * (len(parts) - 1) + [True], strict=True)
    ]
    head = f"CREATE TABLE {table.name} ( -- {table.comment}" if table.comment else ""
    return "\n".join([head or f"CREATE TABLE {table.name} (", *lines, ")"])


def insert(path: Path, batches: Iterable[tuple[TablePlan, Mapping[str, Sequence[Value]]]]) -> None:
    """Add rows, given column by column, to tables of a database."""
    with closing(_open(path)) as database, database:
        for table, columns in batches:
            names = ", ".join(columns)
            marks = ", ".join("?" for _ in columns)
            database.executemany(
                f"INSERT INTO {table.name} ({names}) VALUES ({marks})",
                zip(*columns.values(), strict=True),
            )


def run(path: Path, statements: Iterable[str]) -> None:
    """Run statements in one transaction."""
    with closing(_open(path)) as database, database:
        for statement in statements:
            database.execute(statement)


def statements_for(store: StorePlan, *, day: int) -> list[str]:
    """Return what creates the tables, indexes and views of a store on a day of the story."""
    found: list[str] = []
    for table in store.tables:
        found.append(create_table(table, table.columns_on(day)))
        found += [
            f"CREATE INDEX ix_{table.name}_{column} ON {table.name} ({column})"
            for column in table.indexes
        ]
    found += [f"CREATE VIEW {view.name} AS\n{view.sql}" for view in store.views]
    return found


def add_column(table: TablePlan, column: ColumnPlan) -> str:
    """Return the statement that adds a column later on."""
    return f"ALTER TABLE {table.name} ADD COLUMN {column.name} {sql_type(column)}"


def fill_column(path: Path, table: TablePlan, column: ColumnPlan, values: Sequence[Value]) -> None:
    """Give the rows that were there before a value in an added column."""
    with closing(_open(path)) as database, database:
        database.executemany(
            f"UPDATE {table.name} SET {column.name} = ? WHERE rowid = ?",
            zip(values, range(1, len(values) + 1), strict=True),
        )


def _open(path: Path) -> sqlite3.Connection:
    database = sqlite3.connect(path)
    database.execute("PRAGMA synchronous = OFF")
    return database


def _definition(column: ColumnPlan) -> tuple[str, str]:
    words = [column.name, sql_type(column)]
    if column.is_required:
        words.append("NOT NULL")
    if column.is_unique:
        words.append("UNIQUE")
    return " ".join(words), column.comment


def _reference(column: ColumnPlan) -> str:
    if column.generator != "ref":
        return ""
    table, _, name = column.arguments[0].partition(".")
    return f"FOREIGN KEY ({column.name}) REFERENCES {table} ({name})"
