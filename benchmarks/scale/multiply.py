"""A very large mesh out of a large one: PostgreSQL copies the rows that the door wrote, under other names.

The copies hold what the originals hold, layers, revisions and events included, so that whatever comes through
the door afterwards meets a catalog of that size. It only saves the hours that the door would take.
"""

from __future__ import annotations

import psycopg

_NUMBER = "(regexp_match({0}, '([0-9]+)$'))[1]::int"
_RENAMED = "regexp_replace({0}, '[0-9]+$', '') || (" + _NUMBER + " + %(numbers)s)"
_SUBJECT = (
    "subject_id + CASE subject_kind WHEN 'product' THEN %(product)s ELSE %(dataset)s END",
    "subject_kind IN ('product', 'dataset') AND subject_id <= %(first)s",
)

#: Table -> what differs in a copy, and which rows are copied. `first` counts the originals to take.
PLAN: dict[str, tuple[dict[str, str], str]] = {
    "product": (
        {
            "guid": "gen_random_uuid()::text",
            "key": _RENAMED.format("key"),
            "name": _RENAMED.format("name"),
            "successor_id": "NULL",
        },
        "id <= %(first)s",
    ),
    "dataset": (
        {
            "name": _RENAMED.format("name"),
            "display_name": _RENAMED.format("display_name"),
            "product_id": "product_id + %(product)s",
        },
        "id <= %(first)s",
    ),
    "column": ({"dataset_id": "dataset_id + %(dataset)s"}, "dataset_id <= %(first)s"),
    "port": (
        {
            "product_id": "product_id + %(product)s",
            "upstream_id": "upstream_id + %(product)s",
            "upstream_ref": "CASE WHEN upstream_ref = '' THEN '' ELSE "
            + _RENAMED.format("upstream_ref")
            + " END",
        },
        "product_id <= %(first)s",
    ),
    "portdataset": (
        {
            "name": _RENAMED.format("name"),
            "dataset_id": "dataset_id + %(dataset)s",
            "port_id": "port_id + %(port)s",
        },
        "dataset_id <= %(first)s",
    ),
    "product_tags": ({"product_id": "product_id + %(product)s"}, "product_id <= %(first)s"),
    "layer": (
        {"subject_key": _RENAMED.format("subject_key")},
        _NUMBER.format("subject_key") + " < %(first)s",
    ),
    "event": (
        {
            "subject_id": _SUBJECT[0],
            "product_id": "product_id + %(product)s",
            "subject_key": _RENAMED.format("subject_key"),
        },
        _SUBJECT[1],
    ),
    "revision": (
        {"subject_id": _SUBJECT[0], "event_id": "event_id + %(event)s"},
        _SUBJECT[1],
    ),
}


def multiply(address: str, count: int) -> None:
    """Copy the products that are there, and all that hangs on them, until there are `count`.

    Numbers and ids of the originals must run together, as they do in a mesh of `benchmarks.mesh`.
    """
    with psycopg.connect(address) as connection:
        base = _one(connection, "SELECT count(*) FROM catalog_product")
        if _one(connection, "SELECT max(id) FROM catalog_product") != base:
            raise SystemExit(
                "the originals have gaps in their ids; drop the database and fill it anew"
            )
        while (there := _one(connection, "SELECT count(*) FROM catalog_product")) < count:
            ids = {t: _one(connection, f'SELECT max(id) FROM "catalog_{t}"') for t in PLAN}
            values = {**ids, "numbers": there, "first": min(base, count - there)}
            for table, (changed, rows) in PLAN.items():
                _copy(connection, table, changed, rows, values)
            connection.commit()
        for table in PLAN:
            name = f"catalog_{table}"
            connection.execute(
                f"SELECT setval(pg_get_serial_sequence('{name}', 'id'), max(id)) FROM \"{name}\""
            )


def _copy(
    connection: psycopg.Connection,
    table: str,
    changed: dict[str, str],
    rows: str,
    values: dict[str, int],
) -> None:
    name = f"catalog_{table}"
    found = connection.execute(f'SELECT * FROM "{name}" LIMIT 0').description or []
    changed = {**changed, "id": f"id + %({table})s"}
    columns = [column.name for column in found]
    said = ", ".join(changed.get(column, f'"{column}"') for column in columns)
    listed = ", ".join(f'"{column}"' for column in columns)
    connection.execute(
        f'INSERT INTO "{name}" ({listed}) SELECT {said} FROM "{name}" WHERE {rows}', values
    )


def _one(connection: psycopg.Connection, question: str) -> int:
    row = connection.execute(question).fetchone()
    return int(row[0] or 0) if row else 0
