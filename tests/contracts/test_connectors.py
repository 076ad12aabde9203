"""Each connector passes the same suite, on each kind of store."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import fsspec
import psycopg
import pytest
from psycopg import sql

from tests.conftest import hold_everything
from tests.contracts.connectors import ROWS, ConnectorContract, StoreContract
from tests.engines import postgres_url

TYPES = {
    "person_id": "INTEGER PRIMARY KEY",
    "trip_id": "INTEGER PRIMARY KEY",
    "zone_id": "INTEGER",
    "distance": "DOUBLE PRECISION",
    "started_at": "TIMESTAMP",
    "birth_date": "DATE",
}


def create(name: str) -> str:
    columns = ", ".join(f"{column} {TYPES.get(column, 'TEXT')}" for column in ROWS[name][0])
    return f"CREATE TABLE {name} ({columns})"


class TestSqlite(StoreContract):
    """A SQLite database."""

    name = "sql"
    nowhere = {"url": "sqlite:////no/such/place/store.db"}
    required = "url"

    def make(self, folder: Path) -> dict[str, Any]:
        """Write a database file."""
        with sqlite3.connect(folder / "store.db") as db:
            for name, (columns, rows) in ROWS.items():
                db.execute(create(name))
                places = ", ".join("?" * len(columns))
                db.executemany(f"INSERT INTO {name} VALUES ({places})", rows)
        db.close()
        return {"url": f"sqlite:///{folder / 'store.db'}"}

    def damage(self, folder: Path) -> None:
        """Put a view that reads nothing in the place of a table."""
        with sqlite3.connect(folder / "store.db") as db:
            db.execute("DROP TABLE trips")
            db.execute("CREATE VIEW trips AS SELECT * FROM no_such_table")
        db.close()


class TestPostgres(StoreContract):
    """A schema of a PostgreSQL database."""

    name = "sql"
    nowhere = {"url": "postgresql://nobody@127.0.0.1:9/none"}
    required = "url"

    @pytest.fixture(autouse=True)
    def _schema(self, worker_id: str) -> Iterator[None]:
        hold_everything({"env:GAZETTEER_SECRET_CONTRACT": postgres_url()})
        self.schema = f"contract_{worker_id}"
        self._drop()
        yield
        self._drop()

    def _drop(self) -> None:
        with psycopg.connect(postgres_url(), autocommit=True) as db:
            db.execute(
                sql.SQL("DROP SCHEMA IF EXISTS {} CASCADE").format(sql.Identifier(self.schema))
            )

    def make(self, folder: Path) -> dict[str, Any]:
        """Fill a schema."""
        with psycopg.connect(postgres_url(), autocommit=True) as db:
            db.execute(sql.SQL("CREATE SCHEMA {}").format(sql.Identifier(self.schema)))
            db.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(self.schema)))
            with db.cursor() as cursor:
                for name, (columns, rows) in ROWS.items():
                    cursor.execute(create(name).encode())
                    places = ", ".join(["%s"] * len(columns))
                    cursor.executemany(f"INSERT INTO {name} VALUES ({places})".encode(), rows)
        return {"url": "env:GAZETTEER_SECRET_CONTRACT", "schemas": [self.schema]}

    def damage(self, folder: Path) -> None:
        """Put a view that fails at every row in the place of a table."""
        with psycopg.connect(postgres_url(), autocommit=True) as db:
            db.execute(sql.SQL("SET search_path = {}").format(sql.Identifier(self.schema)))
            db.execute("DROP TABLE trips")
            db.execute("CREATE VIEW trips AS SELECT 1 / (zone_id - zone_id) AS trip_id FROM zones")


class FilesContract(StoreContract):
    """Files in a folder."""

    name = "files"
    nowhere = {"path": "/no/such/place"}
    required = "path"
    ending = ""
    options = ""

    def make(self, folder: Path) -> dict[str, Any]:
        """Write a file for each table."""
        self.write(folder)
        return {"path": str(folder)}

    def write(self, folder: Path) -> None:
        """Write the three tables."""
        with duckdb.connect() as db:
            for name, (columns, rows) in ROWS.items():
                types = [TYPES.get(c, "TEXT").removesuffix(" PRIMARY KEY") for c in columns]
                said = ", ".join(f"{c} {t}" for c, t in zip(columns, types, strict=True))
                db.execute(f"CREATE TABLE {name} ({said})")
                db.executemany(f"INSERT INTO {name} VALUES ({', '.join('?' * len(columns))})", rows)
                target = folder / f"{name}.{self.ending}"
                db.execute(f"COPY {name} TO '{target}' ({self.options})")

    def damage(self, folder: Path) -> None:
        """Cut a file in two and keep nonsense."""
        target = folder / f"trips.{self.ending}"
        target.write_bytes(b'{"trip_id": \n{{{{"' + target.read_bytes()[:40])


class TestCsv(FilesContract):
    """CSV."""

    ending, options = "csv", "FORMAT csv, HEADER"

    def damage(self, folder: Path) -> None:
        """Leave nothing of a file."""
        (folder / "trips.csv").write_bytes(b"")


class TestGzippedTsv(FilesContract):
    """Tab-separated values, compressed."""

    ending, options = "tsv.gz", "FORMAT csv, HEADER, DELIMITER '\t', COMPRESSION gzip"


class TestJson(FilesContract):
    """A JSON array."""

    ending, options = "json", "FORMAT json, ARRAY true"


class TestNdjson(FilesContract):
    """A JSON object on each line."""

    ending, options = "ndjson", "FORMAT json"


class TestParquet(FilesContract):
    """Parquet."""

    ending, options = "parquet", "FORMAT parquet"


class TestHivePartitions(FilesContract):
    """Folders of partitions, each dataset as a whole."""

    ending, options = "parquet", "FORMAT parquet"

    def write(self, folder: Path) -> None:
        """Split each table into a folder per part."""
        super().write(folder)
        with duckdb.connect() as db:
            for name in ROWS:
                source = folder / f"{name}.parquet"
                db.execute(
                    f"COPY (SELECT *, 'a' AS part FROM '{source}') TO '{folder / name}'"
                    " (FORMAT parquet, PARTITION_BY (part))"
                )
                source.unlink()

    def damage(self, folder: Path) -> None:
        """Cut one of the files."""
        (target,) = (folder / "trips").rglob("*.parquet")
        target.write_bytes(target.read_bytes()[:300])


class TestMemory(FilesContract):
    """Files on a file system that is not the machine's own."""

    ending, options = "parquet", "FORMAT parquet"
    nowhere = {"path": "memory://no/such/place"}

    def make(self, folder: Path) -> dict[str, Any]:
        """Write the files, and put them into memory."""
        self.write(folder)
        memory = fsspec.filesystem("memory")
        for path in folder.glob("*.parquet"):
            with memory.open(f"/contract/{folder.name}/{path.name}", "wb") as file:
                file.write(path.read_bytes())
            path.unlink()
        return {"path": f"memory://contract/{folder.name}"}

    def damage(self, folder: Path) -> None:
        """Overwrite a file."""
        memory = fsspec.filesystem("memory")
        with memory.open(f"/contract/{folder.name}/trips.parquet", "wb") as file:
            file.write(b"PAR1 no more")


class TestDbt(ConnectorContract):
    """The artifacts of a dbt project: described, never measured."""

    name = "dbt"
    nowhere = {"path": "/no/such/place"}
    required = "path"

    def make(self, folder: Path) -> dict[str, Any]:
        """Write a manifest and the catalog that goes with it."""
        nodes, stored = {}, {}
        for name, (columns, _) in ROWS.items():
            unique = f"model.shop.{name}"
            nodes[unique] = {
                "resource_type": "model",
                "database": "shop",
                "schema": "main",
                "alias": name,
                "columns": {c: {"name": c, "description": f"the {c}"} for c in columns},
            }
            stored[unique] = {
                "columns": {
                    c: {"name": c, "index": place, "type": TYPES.get(c, "TEXT").partition(" ")[0]}
                    for place, c in enumerate(columns, 1)
                }
            }
        self.write(folder, "manifest", {"metadata": {"project_name": "shop"}, "nodes": nodes})
        self.write(folder, "catalog", {"nodes": stored})
        return {"path": str(folder)}

    def write(self, folder: Path, name: str, document: object) -> None:
        """Write an artifact."""
        (folder / f"{name}.json").write_text(json.dumps(document))

    def damage(self, folder: Path) -> None:
        """Put nonsense in the place of the columns of a model."""
        document = json.loads((folder / "manifest.json").read_text())
        document["nodes"]["model.shop.trips"]["columns"] = "none to speak of"
        self.write(folder, "manifest", document)
