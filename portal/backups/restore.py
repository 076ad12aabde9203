"""Fill an empty installation from an archive, whichever database wrote it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.db import DatabaseError, connection, models, transaction
from django.db.migrations.executor import MigrationExecutor

from catalog.db.batches import batched
from catalog.search.base import SearchUnavailable
from catalog.search.engines import kept
from catalog.search.follow import rebuild_one
from portal.backups.form import Manifest, Reader, reading
from portal.backups.tables import REPLACED, columns_of, from_json, kept_models

CHUNK = 500
Say = Callable[[str], None]
Models = Mapping[str, type[models.Model]]
Node = tuple[str, str]


class RestoreRefused(RuntimeError):
    """Nothing was restored; the message says why and what helps."""


def restore_backup(path: Path, *, say: Say = lambda _: None) -> Manifest:
    """Load an archive into an empty database in one transaction, then build the search index.

    Raises RestoreRefused, ArchiveDamaged and OSError; the database is then as it was, tables without rows aside.
    """
    with reading(path) as archive:
        say(f"Checking {archive.manifest.rows} rows of {archive.manifest.made_at}")
        archive.verify()
        tables = _prepare(archive.manifest)
        try:
            with transaction.atomic():
                _lock(tables)
                _refuse_rows(tables)
                _load(archive, tables, say)
        except DatabaseError as error:
            raise RestoreRefused(f"the database refused a row: {error}") from error
    ContentType.objects.clear_cache()
    call_command("migrate", verbosity=0)
    _rebuild(say)
    return archive.manifest


def _prepare(manifest: Manifest) -> Models:
    """Bring the tables to the state they had in the archive; return their models as of then."""
    executor = MigrationExecutor(connection)
    graph = executor.loader.graph
    nodes: list[Node] = [
        (app, name) for app, names in manifest.migrations.items() for name in names
    ]
    if unknown := [node for node in nodes if node not in graph.nodes]:
        names = ", ".join(map(".".join, unknown))
        raise RestoreRefused(f"a newer Gazetteer wrote the archive: this one has no {names}")
    wanted = {step for node in nodes for step in graph.forwards_plan(node)}
    if executor.loader.applied_migrations.keys() & graph.nodes.keys() - wanted:
        raise RestoreRefused(
            "the database is newer than the archive; take one without tables, they are made"
            " as the archive needs them"
        )
    executor.migrate(nodes)
    state = MigrationExecutor(connection).loader.project_state(nodes)
    tables = {model._meta.db_table: model for model in kept_models(state.apps)}
    _refuse_other_tables(manifest, tables)
    return tables


def _refuse_other_tables(manifest: Manifest, tables: Models) -> None:
    if other := manifest.tables.keys() ^ tables.keys():
        raise RestoreRefused(f"archive and code do not have the same tables: {', '.join(other)}")
    for name, part in manifest.tables.items():
        if other := columns_of(tables[name]).keys() ^ set(part.columns):
            raise RestoreRefused(f"{name} has other columns in the archive: {', '.join(other)}")


def _lock(tables: Models) -> None:
    """Keep every other writer out until the end; SQLite does so by itself."""
    if connection.vendor == "postgresql":
        names = ", ".join(map(connection.ops.quote_name, tables))
        with connection.cursor() as cursor:
            cursor.execute(f"LOCK TABLE {names} IN SHARE ROW EXCLUSIVE MODE")


def _refuse_rows(tables: Models) -> None:
    counts = {
        name: model._base_manager.count() for name, model in tables.items() if name not in REPLACED
    }
    if full := {name: count for name, count in counts.items() if count}:
        held = ", ".join(f"{name} ({count})" for name, count in full.items())
        raise RestoreRefused(f"the database is not empty; it holds {held}")


def _load(archive: Reader, tables: Models, say: Say) -> None:
    for name in REPLACED & tables.keys():
        tables[name]._base_manager.all().delete()
    for name, part in archive.manifest.tables.items():
        _insert(tables[name], part.columns, archive.rows(name))
        _set_last_id(tables[name], part.last_id)
        say(f"{name}: {part.rows} rows")
    connection.check_constraints()


def _insert(model: type[models.Model], columns: tuple[str, ...], rows: Iterator[list[Any]]) -> None:
    fields = columns_of(model)
    adapters = [from_json(fields[column]) for column in columns]
    ready = (
        [
            value if adapt is None else adapt(value)
            for value, adapt in zip(row, adapters, strict=True)
        ]
        for row in rows
    )
    table = connection.ops.quote_name(model._meta.db_table)
    names = ", ".join(map(connection.ops.quote_name, columns))
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy:
                for row in ready:
                    copy.write_row(row)
            return
        marks = ", ".join("%s" for _ in columns)
        sql = f"INSERT INTO {table} ({names}) VALUES ({marks})"  # noqa: S608 -- names of our tables
        for chunk in batched(ready, CHUNK):
            cursor.executemany(sql, chunk)


def _set_last_id(model: type[models.Model], last_id: int) -> None:
    """Let the table's sequence go on after the last number it ever gave out."""
    key, table = model._meta.pk, model._meta.db_table
    if not isinstance(key, models.AutoField) or key.column is None:
        return
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT max({quote(key.column)}) FROM {quote(table)}")  # noqa: S608 -- our own
        last = max(last_id, cursor.fetchone()[0] or 0)
        if not last:
            return
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_sequence WHERE name = %s", [table])
            cursor.execute("INSERT INTO sqlite_sequence (name, seq) VALUES (%s, %s)", [table, last])
            return
        cursor.execute(
            "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [quote(table), key.column, last]
        )


def _rebuild(say: Say) -> None:
    for name, index in kept().items():
        try:
            count = rebuild_one(name, index)
        except SearchUnavailable as error:
            say(f"The index {name} is away and follows when it is back: {error}")
        else:
            say(f"The index {name}: {count} documents")
