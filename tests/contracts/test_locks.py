"""Locks on files and in PostgreSQL keep the same promises."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from django.db import connection

from catalog.db.locks import FileLocks, Locks, PostgresLocks
from tests.contracts.locks import Elsewhere, LocksContract, elsewhere

TAKE = """
import django, sys, time
django.setup()
from catalog.db.locks import FileLocks, PostgresLocks
from pathlib import Path
lock = {locks}.take({number})
print("held" if lock else "busy", flush=True)
time.sleep(60 if lock else 0)
"""


class TestFileLocks(LocksContract):
    @pytest.fixture
    def locks(self, tmp_path: Path) -> Locks:
        return FileLocks(tmp_path / "locks")

    @pytest.fixture
    def elsewhere(self, tmp_path: Path) -> Elsewhere:
        def start(number: int) -> subprocess.Popen[str]:
            code = TAKE.format(locks=f"FileLocks(Path({str(tmp_path / 'locks')!r}))", number=number)
            return elsewhere(code, {**os.environ, "DJANGO_SETTINGS_MODULE": "portal.settings"})

        return start


@pytest.mark.skipif(connection.vendor != "postgresql", reason="needs PostgreSQL as the database")
@pytest.mark.django_db
class TestPostgresLocks(LocksContract):
    @pytest.fixture
    def locks(self) -> Locks:
        return PostgresLocks()

    @pytest.fixture
    def elsewhere(self) -> Elsewhere:
        def start(number: int) -> subprocess.Popen[str]:
            said = connection.settings_dict
            url = f"{said['USER']}:{said['PASSWORD']}@{said['HOST']}:{said['PORT']}/{said['NAME']}"
            return elsewhere(
                TAKE.format(locks="PostgresLocks()", number=number),
                {
                    **os.environ,
                    "DJANGO_SETTINGS_MODULE": "portal.settings",
                    "DATABASE_URL": f"postgres://{url}",
                },
            )

        return start

    def test_a_lock_whose_connection_ended_is_lost(self, locks: Locks) -> None:
        mine = locks.take(3)
        assert mine is not None
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_locks"
                " WHERE locktype = 'advisory' AND objid = 3 AND pid <> pg_backend_pid()"
            )
        assert not mine.is_held()
        again = locks.take(3)
        assert again is not None
        again.release()
