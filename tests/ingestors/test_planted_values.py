"""Two hundred planted values of thirty kinds: none is in the database, the index, a log, the archive or the feed."""

from __future__ import annotations

import csv
import gzip
import json
import logging
import sqlite3
import zipfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from catalog.models import Column, Profile, Sample
from catalog.search.follow import follow
from ingestors.models import RunState
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from portal.backups import write
from tests.conftest import Mesh
from tests.ingestors import planted
from tests.ingestors.test_no_raw_value import everything

HEADINGS = ["row", *planted.KINDS]


def _write(folder: Path, kind: str) -> tuple[str, dict[str, Any]]:
    rows = planted.rows()
    if kind == "sqlite":
        with sqlite3.connect(folder / "store.db") as db:
            columns = ", ".join(
                f'"{name}" {"INTEGER" if name in ("row", *planted.NUMBERS) else "TEXT"}'
                for name in HEADINGS
            )
            db.execute(f"CREATE TABLE people ({columns})")
            marks = ", ".join("?" * len(HEADINGS))
            db.executemany(f"INSERT INTO people VALUES ({marks})", rows)
            db.execute(
                f"CREATE VIEW chosen AS SELECT row FROM people WHERE full_name = '{planted.person(3)}'"
            )
        db.close()
        return "sql", {"url": f"sqlite:///{folder / 'store.db'}", "namespace": "store://planted"}
    if kind == "csv":
        with (folder / "people.csv").open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([HEADINGS, *rows])
    else:
        documents = (dict(zip(HEADINGS, row, strict=True)) for row in rows)
        nested = ({**one, "document": json.loads(str(one["document"]))} for one in documents)
        lines = (json.dumps(one, ensure_ascii=False) for one in nested)
        (folder / "people.ndjson").write_text("\n".join(lines), encoding="utf-8")
    return "files", {"path": str(folder), "namespace": "store://planted"}


def _unpacked(path: Path) -> str:
    """Return what an archive holds, as text."""
    raw = path.read_bytes()
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return "\n".join(archive.read(n).decode(errors="replace") for n in archive.namelist())
    return (gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw).decode(errors="replace")


def _leaks(text: str) -> list[str]:
    plain = text.encode().decode("unicode_escape", errors="ignore") if "\\u" in text else ""
    return sorted(value for value in planted.values() if value in text or value in plain)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["sqlite", "csv", "ndjson"])
def test_no_planted_value_is_kept(
    mesh: Mesh,
    kind: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
    capfd: pytest.CaptureFixture[str],
    client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = tmp_path / "store"
    store.mkdir()
    connector, config = _write(store, kind)
    assert len(planted.KINDS) >= 30
    assert len(planted.values()) >= 200
    caplog.set_level(logging.DEBUG)
    source = create_source(
        name="Planted", connector=connector, config=config, domain=mesh.claims, by=None,
        rules=[{"match": "*", "product": "people"}],
    )  # fmt: skip
    run = run_source(source)
    assert run.state == RunState.SUCCEEDED, [line.text for line in run.lines.all()]
    follow()
    assert Profile.objects.count() == Sample.objects.count() == run.created_count
    assert len(Sample.objects.get(dataset__display_name="people").rows) == 20
    unmasked = {
        row.path
        for row in Column.objects.filter(dataset__display_name="people", sensitivity="none")
    }
    assert _leaks(everything()) == [], unmasked
    assert _leaks(caplog.text) == []
    assert _leaks("".join(capfd.readouterr())) == []
    client.force_login(mesh.admin)
    assert _leaks(client.get("/api/v1/events?limit=500").content.decode()) == []
    # The transaction of the test is the one moment that an archive shows.
    monkeypatch.setattr(write, "_snapshot", nullcontext)
    call_command("backup", tmp_path / "archive.gz")
    capfd.readouterr()
    archive = _unpacked(tmp_path / "archive.gz")
    assert "store://planted" in archive
    assert _leaks(archive) == []


def test_the_search_for_planted_values_finds_one() -> None:
    assert _leaks(f"met {planted.person(2)} today") != []
    assert _leaks(json.dumps({"a": "王紫霖"})) == ["王紫霖"]
