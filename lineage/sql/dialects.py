"""Which of sqlglot's dialects a technology speaks."""

from __future__ import annotations

#: What may be asked for by name: sqlglot's dialects of SQL, told without loading it.
DIALECTS = (
    "athena",
    "bigquery",
    "clickhouse",
    "databricks",
    "doris",
    "dremio",
    "drill",
    "druid",
    "duckdb",
    "dune",
    "exasol",
    "fabric",
    "hive",
    "materialize",
    "mysql",
    "oracle",
    "postgres",
    "presto",
    "redshift",
    "risingwave",
    "snowflake",
    "solr",
    "spark",
    "spark2",
    "sqlite",
    "starrocks",
    "tableau",
    "teradata",
    "trino",
    "tsql",
)

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
    import sqlglot
    from sqlglot.tokenizer_core import TokenType

    tokens = sqlglot.tokenize(sql, read=dialect)
    for first, word, text, last in zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False):
        is_phrase = word.text.upper() in ("TITLE", "FORMAT") and text.token_type == TokenType.STRING
        if first.text == "(" and is_phrase and last.text == ")":
            blank = " " * (last.end + 1 - first.start)
            sql = sql[: first.start] + blank + sql[last.end + 1 :]
    return sql
