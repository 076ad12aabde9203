"""A small store of claims and the source that reads it."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from ingestors.models import Source
from ingestors.services.sources import create_source
from tests.conftest import Mesh

CLAIMS = """
CREATE TABLE customer (
  id INTEGER PRIMARY KEY, -- number of the customer
  email TEXT NOT NULL
);
CREATE TABLE claim (
  id INTEGER PRIMARY KEY, customer_id INTEGER REFERENCES customer(id), paid REAL
);
CREATE TABLE broker (id INTEGER PRIMARY KEY, city TEXT);
CREATE VIEW late_claim AS SELECT c.id, u.email FROM claim c JOIN customer u ON u.id = c.customer_id;
"""


def change(store: Path, script: str) -> None:
    """Run statements in a SQLite store."""
    with sqlite3.connect(store) as db:
        db.executescript(script)
    db.close()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """A SQLite database with customers, claims, brokers and a view."""
    path = tmp_path / "claims.db"
    with sqlite3.connect(path) as db:
        db.executescript(CLAIMS)
        people = [(n, f"person{n}@mail.example.net") for n in range(40)]
        db.executemany("INSERT INTO customer VALUES (?, ?)", people)
        db.executemany(
            "INSERT INTO claim VALUES (?, ?, ?)", [(n, n % 40, n * 1.5) for n in range(90)]
        )
    db.close()
    return path


@pytest.fixture
def source(mesh: Mesh, store: Path) -> Source:
    """The source that reads the store into the product `claims-register`."""
    return create_source(
        name="Claims store",
        connector="sql",
        config={"url": f"sqlite:///{store}", "namespace": "sqlite://claims"},
        domain=mesh.claims,
        team=mesh.team,
        rules=[{"match": "*claim*", "product": "claims-register", "port": "sql"}],
        by=mesh.alice,
    )
