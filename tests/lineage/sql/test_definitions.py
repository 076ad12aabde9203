"""Which tables a statement reads."""

from __future__ import annotations

import json

import pytest

from lineage.sql.definitions import MAX_LENGTH, tables_read
from tests.engines import material


@pytest.mark.parametrize(
    ("sql", "technology", "tables"),
    [
        ("SELECT * FROM claim", "sqlite", {"claim"}),
        (
            "CREATE VIEW v AS SELECT * FROM claim c JOIN policy AS p USING (id)",
            "",
            {"claim", "policy"},
        ),
        ("CREATE VIEW v (a, b) AS SELECT 1, 2 FROM claim", "postgresql", {"claim"}),
        ("CREATE MATERIALIZED VIEW m AS SELECT * FROM claim", "postgresql", {"claim"}),
        ("SELECT * FROM a UNION ALL SELECT * FROM b EXCEPT SELECT * FROM c", "", {"a", "b", "c"}),
        ("SELECT * FROM (SELECT * FROM (SELECT * FROM deep) x) y", "", {"deep"}),
        (
            "SELECT (SELECT max(n) FROM a) FROM b WHERE id IN (SELECT id FROM c)",
            "",
            {"a", "b", "c"},
        ),
        ("SELECT * FROM a LEFT JOIN (b JOIN c USING (i)) USING (i)", "postgresql", {"a", "b", "c"}),
        ("SELECT * FROM crm.customer, db.sales.orders", "", {"crm.customer", "db.sales.orders"}),
        ('SELECT * FROM "My Schema"."Odd.Name"', "postgresql", {"My Schema.Odd.Name"}),
        ("SELECT * FROM `a-b`.`c d`", "mysql", {"a-b.c d"}),
        ("SELECT * FROM [Order Details]", "sqlite", {"Order Details"}),
        ("SELECT * FROM generate_series(1, 9) g JOIN z ON true", "postgresql", {"z"}),
        ("SELECT * FROM t, LATERAL unnest(t.items) u", "postgresql", {"t"}),
        ("SELECT * FROM read_csv('x.csv') JOIN z ON true", "duckdb", {"z"}),
        ("INSERT INTO target SELECT * FROM source", "", {"source"}),
        ("CREATE VIEW v AS SELECT * FROM a; DROP TABLE b", "", {"a"}),
        ("SELECT 1", "", set()),
    ],
)
def test_tables_are_found(sql: str, technology: str, tables: set[str]) -> None:
    reads = tables_read(sql, technology)
    assert (set(reads.tables), reads.problem) == (tables, "")


@pytest.mark.parametrize(
    ("sql", "technology", "tables"),
    [
        ("WITH a AS (SELECT * FROM x) SELECT * FROM a", "", {"x"}),
        (
            "WITH a AS (SELECT * FROM x), b AS (SELECT * FROM a, y) SELECT * FROM A, b",
            "",
            {"x", "y"},
        ),
        ("WITH x AS (SELECT * FROM x) SELECT * FROM x", "postgresql", {"x"}),
        ("WITH b AS (SELECT * FROM a), a AS (SELECT 1) SELECT * FROM a, b", "postgresql", {"a"}),
        ("WITH a AS (SELECT * FROM s.a) SELECT * FROM a, s2.a", "", {"s.a", "s2.a"}),
        (
            "WITH RECURSIVE n AS (SELECT id FROM top UNION ALL SELECT id + 1 FROM n) SELECT * FROM n",
            "postgresql",
            {"top"},
        ),
        (
            "WITH n AS (SELECT 1 UNION ALL SELECT i FROM n) SELECT * FROM n, base",
            "sqlite",
            {"base"},
        ),
        (
            "SELECT * FROM (WITH b AS (SELECT * FROM a) SELECT * FROM b) q JOIN b ON true",
            "",
            {"a", "b"},
        ),
    ],
)
def test_common_table_expressions_are_no_tables_where_they_can_be_seen(
    sql: str, technology: str, tables: set[str]
) -> None:
    assert set(tables_read(sql, technology).tables) == tables


@pytest.mark.parametrize(
    ("sql", "problem"),
    [
        ("this is not ((", "cannot be read"),
        ("", "holds no query"),
        ("-- nothing but a comment", "holds no query"),
        ("SELECT " + "(" * 3_000 + "1" + ")" * 3_000, "nested too deeply"),
        ("SELECT 1 FROM t" + " " * MAX_LENGTH, "longer than"),
        ("\x00\x01", ""),
    ],
)
def test_what_cannot_be_understood_is_said(sql: str, problem: str) -> None:
    reads = tables_read(sql, "postgresql")
    assert reads.tables == ()
    assert problem in reads.problem
    assert reads.problem


def test_many_unions_are_read() -> None:
    sql = " UNION ALL ".join(f"SELECT * FROM t{n}" for n in range(500))
    assert len(tables_read(sql).tables) == 500


@pytest.mark.material
def test_the_statements_of_a_lineage_project_are_read() -> None:
    path = material("lineage", "sql_cases", "sqllineage_cases_dev.json")
    missed, count = [], 0
    for case in json.loads(path.read_text()):
        wanted = {e["from_table"].lower() for e in case.get("edges", ()) if e.get("from_table")}
        is_query = case["sql"].lstrip().lower().startswith(("select", "insert", "create", "with"))
        if case["dialect"] != "ansi" or case["kind"] != "column" or not wanted or not is_query:
            continue
        count += 1
        found = {name.lower() for name in tables_read(case["sql"]).tables}
        if not {name.removeprefix("<default>.") for name in wanted} <= found:
            missed.append(case["sql"])
    assert count > 40
    assert len(missed) <= 1, missed
