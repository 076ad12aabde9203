"""Databases are migrated once in a test run: every other one is a copy of the first.

The first process that needs a migrated database makes it, under a lock, in the folder that TEST_TEMPLATES names
(`begin` makes one for the run); the others copy: a file of SQLite, or PostgreSQL's `CREATE DATABASE … TEMPLATE`.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from urllib.parse import quote, urlsplit
from uuid import uuid4

from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test.utils import setup_databases, teardown_databases

ROOT = Path(__file__).parents[1]
Taken = list[tuple[BaseDatabaseWrapper, str, bool]]
FOLDER = "TEST_TEMPLATES"
MEMORY = "file:memorydb_default?mode=memory&cache=shared"


def begin() -> bool:
    """Make the folder of templates; return whether it is ours to end: no other process has made one."""
    if os.environ.get(FOLDER):
        return False
    os.environ[FOLDER] = tempfile.mkdtemp(prefix="gazetteer-templates-")
    return True


def end() -> None:
    """Drop the templates and their folder."""
    folder = Path(os.environ.pop(FOLDER))
    for address in folder.glob("*.address"):
        drop(address.read_text())
    shutil.rmtree(folder)


def sibling(address: str, name: str) -> str:
    """Return the address of another database on the same PostgreSQL."""
    return urlsplit(address)._replace(path=f"/{name}").geturl()


def create(address: str, template: str = "") -> None:
    """Make a database on PostgreSQL: empty, or as another one on the same server is."""
    copied = f' TEMPLATE "{_name(template)}"' if template else ""
    _on_server(address, f'CREATE DATABASE "{_name(address)}"{copied}')


def drop(address: str) -> None:
    """Drop a database on PostgreSQL, if it is there, whoever is connected."""
    _on_server(address, f'DROP DATABASE IF EXISTS "{_name(address)}" WITH (FORCE)')


def copy_migrated(address: str) -> None:
    """Put a migrated database on PostgreSQL in the place of whatever has this address."""
    template = _migrated_postgres(address)
    drop(address)
    create(address, template)


def copy_migrated_file(target: Path | str) -> sqlite3.Connection:
    """Fill an SQLite file, or the database in memory of a URI, as migrations do; return a connection to it."""
    copy = sqlite3.connect(str(target), uri=True)
    with closing(sqlite3.connect(_migrated_file())) as template:
        template.backup(copy)
    return copy


def take_test_database() -> Taken:
    """Let Django's connection lead to a migrated database of this process; `give_back` drops it."""
    wanted = connection.settings_dict["TEST"]
    if connection.vendor == "postgresql":
        wanted["NAME"] = wanted["NAME"] or f"test_{connection.settings_dict['NAME']}"
        copy_migrated(sibling(_address(), wanted["NAME"]))
        return _adopted()
    wanted["NAME"] = wanted["NAME"] or MEMORY
    if not wanted["NAME"].startswith("file:"):
        Path(wanted["NAME"]).unlink(missing_ok=True)
    with closing(copy_migrated_file(wanted["NAME"])):  # memory is kept while somebody looks
        return _adopted()


def give_back(taken: Taken) -> None:
    """Drop the database and let the connection lead where it led before."""
    teardown_databases(taken, verbosity=0)


def _address() -> str:
    """Return where Django's connection leads."""
    said = {name: quote(str(value), safe="") for name, value in connection.settings_dict.items()}
    host = f"{said['HOST'] or 'localhost'}:{said['PORT'] or 5432}"
    return f"postgres://{said['USER']}:{said['PASSWORD']}@{host}/{said['NAME']}"


def _adopted() -> Taken:
    """Take the database as it is; Django migrates what is missing, which is nothing."""
    return setup_databases(verbosity=0, interactive=False, keepdb=True, serialized_aliases=set())


def _migrated_file() -> Path:
    path = Path(os.environ[FOLDER]) / "migrated.sqlite3"
    _once(path, lambda unfinished: _migrate(f"sqlite:///{unfinished}"))
    return path


def _migrated_postgres(server: str) -> str:
    def make(unfinished: Path) -> None:
        address = sibling(server, f"test_template_{uuid4().hex[:12]}")
        create(address)
        unfinished.write_text(address)
        _migrate(address)

    path = Path(os.environ[FOLDER]) / "postgres.address"
    _once(path, make)
    return path.read_text()


def _once(path: Path, make: Callable[[Path], None]) -> None:
    """Let the first process that asks make a file; it is there as soon as it is whole."""
    with path.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            unfinished = path.with_name(f"unfinished-{path.name}")
            make(unfinished)
            unfinished.rename(path)


def _migrate(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "manage.py", "migrate", "--verbosity", "0"],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address},
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"the migrations fail:\n{done.stderr}")


def _name(address: str) -> str:
    return urlsplit(address).path.removeprefix("/")


def _on_server(address: str, statement: str) -> None:
    import psycopg

    with psycopg.connect(sibling(address, "postgres"), autocommit=True) as server:
        server.execute(statement.encode())
