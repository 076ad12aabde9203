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
