"""A backup holds everything, is whole or not there, and goes into an empty database of either kind."""

from __future__ import annotations

import json
import signal
import stat
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from catalog.models import User
from portal.backups.form import ArchiveDamaged, Manifest, reading, writing
from portal.backups.restore import RestoreRefused, restore_backup
from portal.backups.tables import LEFT_OUT, kept_models
from tests.installations import Installation, fresh_postgres

FILL = """
from catalog.models import Product, Role
from catalog.registry.edit import edit
from catalog.registry.remove import remove_product
from catalog.people.domains import save_domain
from catalog.people.teams import save_team, set_member
from catalog.people.tokens import make_token
from catalog.search.follow import follow
from tests.factories import make_dataset, make_product, make_user
domain = save_domain("claims", name="Claims", by=None)
team = save_team("claims-team", name="Claims Analytics", domain=domain, by=None)
alice = make_user("alice", email="alice@example.com")
set_member(team, alice, role=Role.OWNER, by=None)
product = make_product(tags=["Ärger", "x"], extra={"z": 1, "a": {"deep": [1.5, None, "ü\\n"]}},
    objectives=[{"key": "fresh", "indicator": "freshness", "comparison": "<=", "target": "24.5"}])
for name in ("main.claims", "main.payments"):
    make_dataset(name, description="wörds " * 50)
edit(product, changes={"support": "#claims", "description": "Edited.\\nTwice."}, by=alice)
make_token(alice, name="pipeline")
remove_product(make_product("short-lived"), by=alice)
follow()
"""
SIGHT = """
from django.core.management import call_command
from django.db import DatabaseError
from django.test import Client
from catalog.models import Event
from tests.factories import make_product
call_command("search", "verify")
client = Client(headers={"host": "127.0.0.1"})
assert b"Settled claims" in client.get("/products/claims/settled-claims").content
assert b"Settled claims" in client.get("/search?q=settled").content
assert client.login(username="alice", password="secret-alice")
last = Event.objects.order_by("-pk").first().pk
gone = Event.objects.get(type="product.removed").subject_id
assert make_product("another").pk > gone, "a removed product's number came back"
assert Event.objects.order_by("-pk").first().pk == last + 1
try:
    Event.objects.filter(pk=last).delete()
except DatabaseError as error:
    assert "append-only" in str(error)
else:
    raise SystemExit("an event was deleted")
"""


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """A small mesh on SQLite, and its backup beside it."""
    made = Installation(tmp_path_factory.mktemp("filled"))
    made.migrate()
    made.do(FILL)
    made.must("backup", made.folder / "all.zip")
    return made


def checksums(path: Path) -> dict[str, tuple[int, str, int]]:
    """Return rows, checksum and sequence of each table; the archive's form is the same everywhere."""
    with reading(path) as archive:
        archive.verify()
        parts = archive.manifest.tables
    own = {"catalog_cursor": 0}  # the index of each installation has one of its own
    return {n: (p.rows, p.sha256, own.get(n, p.last_id)) for n, p in parts.items()}


def files(installation: Installation) -> dict[str, bytes]:
    """Return what `export` writes."""
    folder = installation.folder / "export"
    installation.must("export", folder)
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*.yaml")}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.services)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose database has not even tables."""
    with ExitStack() as stack:
        address = stack.enter_context(fresh_postgres()) if request.param == "postgresql" else ""
        yield Installation(tmp_path / "other", address)


def test_everything_is_there_after_a_restore(
    filled: Installation, empty: Installation, tmp_path: Path
) -> None:
    whole = checksums(filled.folder / "all.zip")
    assert "Restored" in empty.must("restore", filled.folder / "all.zip")
    empty.must("backup", tmp_path / "again.zip")
    assert checksums(tmp_path / "again.zip") == whole
    assert files(empty) == files(filled) != {}
    empty.do(SIGHT)
    if "DATABASE_URL" in empty.environment:  # and back into SQLite
        back = Installation(tmp_path / "back")
        back.must("restore", tmp_path / "again.zip")
        back.must("backup", tmp_path / "back.zip")
        assert checksums(tmp_path / "back.zip") == whole


MEANWHILE = """
from pathlib import Path
from threading import Thread
from django.db import connection
from catalog.models import Product
from portal.backups.write import write_backup
from tests.factories import make_product

begun = []

def write():
    make_product("while-it-runs")
    connection.close()

def say(line):
    if not begun:  # the first table is written
        begun.append(line)
        writer = Thread(target=write)
        writer.start()
        writer.join(20)
        assert not writer.is_alive(), "a backup keeps writers out"

write_backup(Path(r"{path}"), say=say)
assert Product.objects.filter(key="while-it-runs").exists()
"""


def test_a_backup_shows_one_moment_and_keeps_nobody_waiting(
    empty: Installation, tmp_path: Path
) -> None:
    empty.migrate()
    empty.do(FILL)
    empty.do(MEANWHILE.format(path=tmp_path / "all.zip"))
    with reading(tmp_path / "all.zip") as archive:
        keys = archive.manifest.tables["catalog_product"].columns.index("key")
        assert [row[keys] for row in archive.rows("catalog_product")] == ["settled-claims"]


def test_a_restore_leaves_a_database_alone_that_holds_something(filled: Installation) -> None:
    done = filled.manage("restore", filled.folder / "all.zip")
    assert done.returncode
    assert "the database is not empty; it holds" in done.stderr
    assert "catalog_product (1)" in done.stderr


def damaged(whole: Path, target: Path, how: str) -> Path:
    """Write a copy of an archive with something wrong in it."""
    data = whole.read_bytes()
    if how == "cut":
        target.write_bytes(data[: len(data) // 2])
    elif how == "flipped":
        with zipfile.ZipFile(whole) as file:
            largest = max(file.infolist(), key=lambda info: info.compress_size)
        middle = largest.header_offset + 100 + largest.compress_size // 2
        target.write_bytes(data[:middle] + bytes([data[middle] ^ 0xFF]) + data[middle + 1 :])
    elif how == "text":
        target.write_text("no archive")
    elif how == "foreign":
        with zipfile.ZipFile(target, "w") as file:
            file.writestr("holiday.jpg", b"...")
    else:
        with zipfile.ZipFile(whole) as old, zipfile.ZipFile(target, "w") as new:
            for name in old.namelist():
                new.writestr(name, _changed(name, old.read(name), how))
    return target


def _changed(name: str, content: bytes, how: str) -> bytes:
    if how == "edited" and name == "tables/catalog_user.ndjson":
        return content.replace(b"alice@example.com", b"mallory@example.co")
    if name == "manifest.json":
        said: dict[str, Any] = json.loads(content)
        if how == "newer":
            said["migrations"]["catalog"] = ["9999_from_the_future"]
        if how == "version":
            said["version"] = 99
        if how == "shorn":
            del said["tables"]["catalog_event"]["rows"]
        return json.dumps(said).encode()
    return content


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("how", "error", "said"),
    [
        ("cut", ArchiveDamaged, "its end is missing"),
        ("flipped", ArchiveDamaged, "row|CRC|decompress"),
        ("text", ArchiveDamaged, "this is no ZIP file"),
        ("foreign", ArchiveDamaged, "no backup of Gazetteer"),
        ("edited", ArchiveDamaged, "catalog_user holds"),
        ("version", ArchiveDamaged, "reads version 1"),
        ("shorn", ArchiveDamaged, "not complete"),
        ("newer", RestoreRefused, "a newer Gazetteer wrote the archive"),
    ],
)
def test_a_damaged_archive_is_told_and_nothing_done(
    filled: Installation, tmp_path: Path, how: str, error: type[Exception], said: str
) -> None:
    path = damaged(filled.folder / "all.zip", tmp_path / "bad.zip", how)
    with pytest.raises(error, match=said):
        restore_backup(path)
    assert not User.objects.exists()


def test_the_command_says_what_is_wrong_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "bad.zip").write_text("no archive")
    done = Installation(tmp_path / "other").manage("restore", tmp_path / "bad.zip")
    assert done.returncode
    assert "damaged or no backup" in done.stderr
    assert "Traceback" not in done.stderr


def die(where: Installation, call: str, line: str) -> None:
    """Call something that tells its progress, in a process that ends as by `kill -9` when it tells this line."""
    code = f"""
import os, signal
from portal.backups.restore import restore_backup
from portal.backups.write import write_backup
def say(told):
    if told.startswith({line!r}):
        os.kill(os.getpid(), signal.SIGKILL)
{call}
"""
    where.do(code, ends_with=-signal.SIGKILL)


def test_a_killed_backup_leaves_the_older_one_and_no_half(
    filled: Installation, tmp_path: Path
) -> None:
    path = tmp_path / "nightly.zip"
    filled.must("backup", path)
    older = path.read_bytes()
    die(filled, f"from pathlib import Path; write_backup(Path({str(path)!r}), say=say)", "catalog_")
    assert path.read_bytes() == older
    assert filled.must("restore", "--check", path)
    left = [p for p in tmp_path.iterdir() if p != path]
    filled.must("backup", path)
    assert [p for p in tmp_path.iterdir() if p != path] == [], left


def test_a_killed_restore_leaves_an_empty_database(
    filled: Installation, empty: Installation
) -> None:
    empty.migrate()
    archive = str(filled.folder / "all.zip")
    die(
        empty,
        f"from pathlib import Path; restore_backup(Path({archive!r}), say=say)",
        "catalog_layer",
    )
    counted = empty.do(
        "from catalog.models import *\nprint(Event.objects.count(), User.objects.count())"
    )
    assert counted.split() == ["0", "0"]
    empty.must("restore", filled.folder / "all.zip")


def test_an_archive_is_for_its_owner_alone(filled: Installation) -> None:
    assert stat.S_IMODE((filled.folder / "all.zip").stat().st_mode) == 0o600


def test_the_last_backup_is_remembered(filled: Installation) -> None:
    said = filled.do(
        "from portal.reading.backups import last_backup\n"
        "made = last_backup()\nprint(made.path, made.byte_size, made.row_count)"
    )
    path, size, rows = said.split()
    assert Path(path).stat().st_size == int(size)
    assert int(rows) > 20


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), writing(tmp_path / "x.zip") as archive:
        archive.table("t", ["a"], ([1 // n] for n in (1, 0)), 0)
    assert list(tmp_path.iterdir()) == []


def test_rows_come_back_as_they_were(tmp_path: Path) -> None:
    rows = [[1, "ü\n\u2028", None, {"b": 1.5, "a": [True]}], [2, "", 1e-300, {}]]
    with writing(tmp_path / "x.zip") as archive:
        archive.table("t", ["a", "b", "c", "d"], iter(rows), 7)
        archive.finish(Manifest("now", "sqlite", {"catalog": ("0001",)}, archive.parts))
    with reading(tmp_path / "x.zip") as found:
        assert list(found.rows("t")) == rows
        assert found.manifest.tables["t"].last_id == 7


@pytest.mark.django_db
def test_every_table_is_kept_or_left_out_for_a_reason() -> None:
    known = {model._meta.db_table for model in kept_models(apps)} | LEFT_OUT.keys()
    parts = ("_data", "_idx", "_content", "_docsize", "_config")  # of a full-text table on SQLite
    tables = {
        table
        for table in connection.introspection.table_names()
        if not any(table.endswith(part) and table.removesuffix(part) in known for part in parts)
    }
    assert tables == known
