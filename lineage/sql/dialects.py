"""Which of sqlglot's dialects a technology speaks."""

from __future__ import annotations

import sqlglot
from sqlglot.tokenizer_core import TokenType

#: What may be asked for by name.
DIALECTS = tuple(sorted(d.value for d in sqlglot.Dialects if d.value not in ("", "dax", "prql")))

_TECHNOLOGIES = {
    "postgresql": "postgres",
    "cockroachdb": "postgres",
    "greenplum": "postgres",
    "mariadb": "mysql",
    "sqlserver": "tsql",
    "mssql": "tsql",
    "synapse": "tsql",
    "sparksql": "spark",
    "awsathena": "athena",
}
#: Others that people name, read as the nearest one.
_NEAREST = {"ansi": "", "db2": "", "vertica": "postgres", "impala": "hive"}


def dialect_of(technology: str) -> str:
    """Return sqlglot's name of what a technology (or a dialect's own name) speaks; empty: the general one."""
    name = technology.strip().lower()
    if name in DIALECTS:
        return name
    return _TECHNOLOGIES.get(name) or _NEAREST.get(name, "")


def without_phrases(sql: str, dialect: str) -> str:
    """Blank out what only dresses a column in Teradata: `amount (TITLE 'Amount')`, `(FORMAT '9(8)')`."""
    if dialect != "teradata":
        return sql
    tokens = sqlglot.tokenize(sql, read=dialect)
    for first, word, text, last in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        is_phrase = word.text.upper() in ("TITLE", "FORMAT") and text.token_type == TokenType.STRING
        if first.text == "(" and is_phrase and last.text == ")":
            blank = " " * (last.end + 1 - first.start)
            sql = sql[: first.start] + blank + sql[last.end + 1 :]
    return sql
