"""On PostgreSQL Gazetteer runs with a role that reads and writes rows, and can do nothing to the tables."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit
from uuid import uuid4

import psycopg
import pytest

from tests import engines
from tests.installations import Installation, fresh_postgres

PASSWORD = "s3cret'with%quotes"


@pytest.fixture(scope="module")
def limited(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation whose database was migrated by the owner, connected as the role."""
    role = f"role_{uuid4().hex[:12]}"
    tmp_path: Path = tmp_path_factory.mktemp("limited")
    settings = {"DATABASE_ROLE": role, "DATABASE_ROLE_PASSWORD": PASSWORD}
    try:
        with fresh_postgres() as owner:
            migrating = Installation(tmp_path / "owner", owner, settings)
            for _ in ("first", "again"):
                migrating.must("migrate", "--verbosity", "0")
            address = urlsplit(owner)
            place = f"{role}:s3cret%27with%25quotes@{address.hostname}:{address.port}"
            yield Installation(tmp_path / "role", address._replace(netloc=place).geturl())
    finally:
        with psycopg.connect(engines.postgres_url(), autocommit=True) as connection:
            connection.execute(f'DROP ROLE IF EXISTS "{role}"')


def test_the_role_reads_and_writes_rows(limited: Installation) -> None:
    said = limited.do(
        "from catalog.models import Domain, Event\n"
        "from catalog.people.domains import save_domain\n"
        "save_domain('claims', name='Claims', by=None)\n"
        "print(Domain.objects.count(), Event.objects.count() > 0)\n"
        "Domain.objects.all().delete()\n"
    )
    assert said.split() == ["1", "True"]
    assert "no issues" in limited.must("check", "--database", "default")


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE mine (id int)",
        "DROP TABLE catalog_event",
        "ALTER TABLE catalog_event DISABLE TRIGGER ALL",
        "TRUNCATE catalog_event",
        "DELETE FROM django_migrations",
        "CREATE ROLE mine",
        "COPY catalog_user TO PROGRAM 'cat'",
    ],
)
def test_the_role_changes_no_table_and_runs_nothing(limited: Installation, statement: str) -> None:
    with (
        psycopg.connect(limited.environment["DATABASE_URL"]) as connection,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        connection.execute(statement)
