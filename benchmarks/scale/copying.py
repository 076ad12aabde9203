"""What PostgreSQL alone needs to take the rows of the door: the floor under its figure."""

from __future__ import annotations

import io
import time

import psycopg

TABLES = (
    "catalog_product",
    "catalog_dataset",
    "catalog_column",
    "catalog_port",
    "catalog_portdataset",
    "catalog_product_tags",
    "catalog_layer",
    "catalog_event",
    "catalog_revision",
)


def copied(address: str, products: int) -> dict[str, float]:
    """Copy the rows of the first products into empty twins of the tables, indexes and all; then drop them."""
    texts: dict[str, bytes] = {}
    with psycopg.connect(address) as connection:
        share = "SELECT max(id) FROM (SELECT id FROM catalog_product ORDER BY id LIMIT %s) first"
        total = connection.execute("SELECT count(*) FROM catalog_product").fetchone()
        last = connection.execute(share, [products]).fetchone()
        if total is None or last is None:
            raise SystemExit("there are no products to copy")
        part = min(1.0, products / total[0])
        for table in TABLES:
            rows = connection.execute(f"SELECT count(*) FROM {table}").fetchone() or (0,)
            limit = round(rows[0] * part)
            held = io.BytesIO()
            order = "1"
            source = f"SELECT * FROM {table} ORDER BY {order} LIMIT {limit}"
            with connection.cursor().copy(f"COPY ({source}) TO STDOUT") as out:
                for piece in out:
                    held.write(piece)
            texts[table] = held.getvalue()
        for table in TABLES:
            connection.execute(f"CREATE TABLE bench_{table} (LIKE {table} INCLUDING ALL)")
        start = time.perf_counter()
        for table, text in texts.items():
            with connection.cursor().copy(f"COPY bench_{table} FROM STDIN") as into:
                into.write(text)
        spent = time.perf_counter() - start
        connection.rollback()
    return {"copy_per_second": min(products, total[0]) / spent}
