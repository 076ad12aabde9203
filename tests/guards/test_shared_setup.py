"""What tests share is what they would make themselves, and what a test uses decides where it runs."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog.models import Event, User
from tests import databases, recordings
from tests.conftest import Mesh, make_mesh
from tests.recordings import Recording

#: Differs whenever something is made: moments, salts, and numbers of a database that has made rows before.
MADE_ANEW = ("at", "since", "date_joined", "password", "id", "guid")


def rows_of_the_company() -> dict[str, list[dict[str, Any]]]:
    """Return the rows of each table, but for what is made anew each time."""
    return {
        model._meta.label: [
            {k: v for k, v in row.items() if not k.endswith(MADE_ANEW)}
            for row in model._base_manager.order_by("pk").values()
        ]
        for model in recordings.tables()
        if model._meta.app_label not in {"auth", "contenttypes"} and model._base_manager.exists()
    }


def test_a_replayed_company_is_the_one_that_the_services_make(
    db: None, recorded_mesh: Recording[Mesh]
) -> None:
    with recordings.taken_back():
        recorded_mesh.replay()
        replayed = rows_of_the_company()
    with recordings.taken_back():
        make_mesh()
        assert rows_of_the_company() == replayed
    assert {"catalog.Domain", "catalog.Team", "catalog.User", "catalog.Event"} <= replayed.keys()


def test_each_test_gets_people_of_its_own(db: None, recorded_mesh: Recording[Mesh]) -> None:
    with recordings.taken_back():
        first = recorded_mesh.replay()
        first.alice.display_name = "Mallory"
    again = recorded_mesh.replay()
    assert again.alice.display_name == "Alice Moreau"
    again.alice.refresh_from_db()
    assert again.alice.display_name == "Alice Moreau"


def test_what_is_replayed_was_made_a_moment_ago(
    db: None, recorded_mesh: Recording[Mesh], monkeypatch: pytest.MonkeyPatch
) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    monkeypatch.setattr(timezone, "now", lambda: tomorrow)
    recorded_mesh.replay()
    moments = Event.objects.values_list("at", flat=True)
    assert all(abs(tomorrow - moment) < timedelta(hours=1) for moment in moments)


def test_a_copied_database_is_migrated_whole(db: None) -> None:
    executor = MigrationExecutor(connection)
    assert executor.migration_plan(executor.loader.graph.leaf_nodes()) == []


def test_a_copied_file_is_a_database_of_its_own(tmp_path: Path) -> None:
    for name in ("one", "two"):
        with closing(databases.copy_migrated_file(tmp_path / name)) as copy, copy:
            assert copy.execute("SELECT count(*) FROM catalog_tag").fetchone() == (0,)
            copy.execute("CREATE TABLE mark (id integer)")
    with closing(sqlite3.connect(tmp_path / "two")) as copy:
        assert copy.execute("SELECT count(*) FROM mark").fetchone() == (0,)


def test_what_asks_for_the_database_is_marked(request: pytest.FixtureRequest, mesh: Mesh) -> None:
    assert request.node.get_closest_marker("database")


def test_nothing_else_reaches_it(request: pytest.FixtureRequest) -> None:
    assert not request.node.get_closest_marker("database")
    with pytest.raises(RuntimeError, match="Database access not allowed"):
        User.objects.exists()
