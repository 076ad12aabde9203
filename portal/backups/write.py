"""Write everything into one archive, as it was at one moment."""

from __future__ import annotations

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from catalog.models import Cursor
from portal.backups.form import Manifest, writing
from portal.backups.tables import OF_THE_INDEX, as_json, columns_of, kept_models
from portal.models import Backup

CHUNK = 500


class BackupRefused(RuntimeError):
    """No archive can be made now; the message says why."""


def write_backup(path: Path, *, say: Callable[[str], None] = lambda _: None) -> Backup:
    """Write an archive of the whole database and remember it. Raises BackupRefused and OSError.

    Everything is read in one transaction, so the archive shows one moment; writers go on meanwhile.
    """
    started, made_at = time.monotonic(), timezone.now()
    with _snapshot(), writing(path) as archive:
        migrations = applied_migrations()
        for model in kept_models(apps):
            table = model._meta.db_table
            archive.table(table, columns_of(model), _rows(model), _last_id(model))
            say(f"{table}: {archive.parts[table].rows} rows")
        manifest = Manifest(made_at.isoformat(), connection.vendor, migrations, archive.parts)
        archive.finish(manifest)
    return Backup.objects.create(
        made_at=made_at,
        path=str(path),
        host=socket.gethostname()[:200],
        byte_size=path.stat().st_size,
        row_count=manifest.rows,
        seconds=round(time.monotonic() - started, 3),
    )


def applied_migrations() -> dict[str, tuple[str, ...]]:
    """Return the last migrations of each app. Raises BackupRefused when some are not applied."""
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    if executor.migration_plan(leaves):
        raise BackupRefused("the database is older than the code: run `manage.py migrate` first")
    found: dict[str, tuple[str, ...]] = {}
    for app, name in sorted(leaves):
        found[app] = (*found.get(app, ()), name)
    return found


@contextmanager
def _snapshot() -> Iterator[None]:
    """Read one moment until the end, and write nothing."""
    if connection.in_atomic_block:
        raise BackupRefused("a backup opens its own transaction; none may be open")
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")  # Django's own would keep writers out
            cursor.execute("SELECT 1 FROM django_migrations LIMIT 1")  # the moment is now
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("ROLLBACK")
        return
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        yield


def _rows(model: type[models.Model]) -> Iterator[list[Any]]:
    names = [field.attname for field in columns_of(model).values()]
    rows = model._base_manager.order_by("pk").values_list(*names)
    if model is Cursor:
        rows = rows.exclude(name__startswith=OF_THE_INDEX)
    for row in rows.iterator(chunk_size=CHUNK):
        yield [as_json(value) for value in row]


def _last_id(model: type[models.Model]) -> int:
    """Return the last number that the table's sequence gave out: those of removed rows never return."""
    key = model._meta.pk
    if not isinstance(key, models.AutoField):
        return 0
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT seq FROM sqlite_sequence WHERE name = %s", [table])
            found = cursor.fetchone()
            return int(found[0]) if found else 0
        cursor.execute("SELECT pg_get_serial_sequence(%s, %s)", [f'"{table}"', key.column])
        name = cursor.fetchone()[0]
        cursor.execute(f"SELECT last_value, is_called FROM {name}")  # noqa: S608 -- PostgreSQL quoted it
        last, is_called = cursor.fetchone()
        return int(last) if is_called else 0
