"""What a database says of its tables. Free of Django."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import Engine, inspect, text
from sqlalchemy.engine.reflection import Inspector, ObjectKind
from sqlalchemy.exc import DBAPIError, SQLAlchemyError

from catalog.descriptors import ColumnDescriptor, DatasetDescriptor, ForeignKey
from catalog.names import DatasetRef
from ingestors.connectors.sql.reasons import meaning
from ingestors.profile.dialects import Dialect
from ingestors.profile.subject import Field, Reference, Subject, Unique
from ingestors.profile.types import logical_type

Kinds = Mapping[str, Literal["table", "view"]]
SYSTEM = frozenset(
    {"information_schema", "pg_catalog", "pg_toast", "mysql", "performance_schema", "sys"}
)
_COMMENT = re.compile(r"^\s*[\"`\[]?(\w+)[\"`\]]?\s.*?--\s*(.+?)\s*$")
_TABLE_COMMENT = re.compile(r"\(\s*--\s*(.+?)\s*$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Catalog:
    """Where the datasets of a database are addressed."""

    namespace: str
    prefix: str = ""

    def ref(self, schema: str | None, table: str) -> DatasetRef:
        """Return the address of a table."""
        parts = [part for part in (self.prefix, schema, table) if part]
        return DatasetRef(self.namespace, ".".join(parts))


@dataclass(slots=True)
class Item:
    """A table or view, as reflected."""

    schema: str | None
    name: str
    kind: Literal["table", "view"]
    columns: Sequence[Mapping[str, Any]] = ()
    primary_key: Sequence[str] = ()
    foreign_keys: Sequence[Mapping[str, Any]] = ()
    indexes: Sequence[Mapping[str, Any]] = ()
    uniques: Sequence[Sequence[str]] = ()
    comment: str = ""
    definition: str = ""
    comments: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


def schemas_of(inspector: Inspector, wanted: Sequence[str], dialect: str) -> list[str | None]:
    """Return the schemas to read: those asked for, else every one that is not the system's."""
    if dialect == "sqlite":
        return [None]
    found = wanted or inspector.get_schema_names()
    return [name for name in sorted(found) if name not in SYSTEM and not name.startswith("pg_")]


def names_of(
    inspector: Inspector, schema: str | None
) -> list[tuple[str, Literal["table", "view"]]]:
    """Return tables and views of a schema by name."""
    found: dict[str, Literal["table", "view"]] = dict.fromkeys(
        inspector.get_table_names(schema=schema), "table"
    )
    views = list(inspector.get_view_names(schema=schema))
    if inspector.dialect.name == "postgresql":
        views += list(inspector.get_materialized_view_names(schema=schema))
    found |= dict.fromkeys(views, "view")
    return sorted(found.items())


def reflect(engine: Engine, inspector: Inspector, schema: str | None) -> Iterator[Item]:
    """Yield every table and view of a schema with what is known of it, in a few statements.

    A view that its store cannot explain stops such a statement; then each item is asked for alone.
    """
    kinds = dict(names_of(inspector, schema))
    try:
        found = list(_reflected(engine, inspector, schema, kinds))
    except DBAPIError as error:
        if error.connection_invalidated:
            raise
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
        yield from _one_by_one(engine, inspector, schema, kinds)
        return
    yield from found


def _one_by_one(
    engine: Engine, inspector: Inspector, schema: str | None, kinds: Kinds
) -> Iterator[Item]:
    for name, kind in kinds.items():
        try:
            yield from list(_reflected(engine, inspector, schema, {name: kind}))
        except DBAPIError as error:
            message = f"its columns cannot be read: {meaning(error.orig)}"
            yield Item(schema, name, kind, problem=message)


def _reflected(
    engine: Engine, inspector: Inspector, schema: str | None, kinds: Kinds
) -> Iterator[Item]:
    many: dict[str, Any] = {"schema": schema, "kind": ObjectKind.ANY}
    if len(kinds) == 1:
        many["filter_names"] = list(kinds)
    columns = inspector.get_multi_columns(**many)
    keys = inspector.get_multi_pk_constraint(**many)
    foreign = inspector.get_multi_foreign_keys(**many)
    indexes = inspector.get_multi_indexes(**many)
    uniques = inspector.get_multi_unique_constraints(**many)
    comments = _table_comments(inspector, many)
    created = _sqlite_statements(engine) if engine.dialect.name == "sqlite" else {}
    for name, kind in kinds.items():
        at = (schema, name)
        statement = created.get(name, "")
        yield Item(
            schema,
            name,
            kind,
            columns.get(at, ()),
            _key_columns(keys.get(at)),
            foreign.get(at) or (),
            indexes.get(at) or (),
            [u["column_names"] for u in uniques.get(at) or ()],
            comments.get(at) or _sqlite_table_comment(statement),
            _definition(inspector, name, schema) if kind == "view" else "",
            _column_comments(statement),
        )


def _key_columns(said: Mapping[str, Any] | None) -> Sequence[str]:
    return list(said.get("constrained_columns") or ()) if said else []


def _table_comments(inspector: Inspector, many: Mapping[str, Any]) -> dict[Any, str]:
    try:
        found = inspector.get_multi_table_comment(**many)
    except NotImplementedError:
        return {}
    return {at: str(comment.get("text") or "") for at, comment in found.items()}


def _definition(inspector: Inspector, name: str, schema: str | None) -> str:
    try:
        return inspector.get_view_definition(name, schema=schema) or ""
    except (SQLAlchemyError, NotImplementedError):
        return ""


def _sqlite_statements(engine: Engine) -> dict[str, str]:
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
        return {name: sql for name, sql in rows if isinstance(sql, str)}


def _sqlite_table_comment(statement: str) -> str:
    found = _TABLE_COMMENT.search(statement)
    return found[1] if found and statement[: found.start()].count("\n") == 0 else ""


def _column_comments(statement: str) -> dict[str, str]:
    """Read the comments that stand after the columns of a CREATE TABLE statement."""
    found = {}
    for line in statement.splitlines()[1:]:
        if match := _COMMENT.match(line):
            found[match[1]] = match[2]
    return found


def describe(item: Item, place: Catalog, technology: str) -> DatasetDescriptor:
    """Turn a reflected table into a descriptor."""
    ref = place.ref(item.schema, item.name)
    key = set(item.primary_key)
    alone = {columns[0] for columns in item.uniques if len(columns) == 1}
    return DatasetDescriptor(
        namespace=ref.namespace,
        name=ref.name,
        display_name=item.name,
        description=item.comment,
        kind=item.kind,
        technology=technology,
        columns=[
            ColumnDescriptor(
                path=column["name"],
                ordinal=ordinal,
                type=logical_type(str(column["type"])),
                native_type=str(column["type"]),
                nullable=bool(column.get("nullable", True)) and column["name"] not in key,
                primary_key=column["name"] in key,
                unique=column["name"] in alone or item.primary_key == [column["name"]],
                description=column.get("comment") or item.comments.get(column["name"], ""),
            )
            for ordinal, column in enumerate(item.columns)
        ],
        primary_key=list(item.primary_key),
        foreign_keys=[_foreign_key(one, item, place) for one in item.foreign_keys],
        indexes=[
            {
                "name": one.get("name") or "",
                "columns": [c for c in one.get("column_names") or () if c],
                "unique": bool(one.get("unique")),
            }
            for one in item.indexes
        ],
        view_definition=item.definition,
    )


def _foreign_key(one: Mapping[str, Any], item: Item, place: Catalog) -> ForeignKey:
    other = place.ref(one.get("referred_schema") or item.schema, one["referred_table"])
    return ForeignKey(
        columns=list(one["constrained_columns"]),
        namespace=other.namespace,
        name=other.name,
        references=list(one["referred_columns"]) or list(one["constrained_columns"]),
    )


def subject_of(item: Item, place: Catalog, dialect: Dialect) -> Subject:
    """Say how a table is to be measured."""
    quote = dialect.quote

    def table(schema: str | None, name: str) -> str:
        return f"{quote(schema)}.{quote(name)}" if schema else quote(name)

    keys = [tuple(item.primary_key), *(tuple(columns) for columns in item.uniques)]
    return Subject(
        ref=place.ref(item.schema, item.name),
        relation=table(item.schema, item.name),
        fields=tuple(
            Field(
                column["name"],
                quote(column["name"]),
                logical_type(str(column["type"])),
                str(column["type"]),
                column.get("comment") or item.comments.get(column["name"], ""),
            )
            for column in item.columns
        ),
        uniques=tuple(Unique(key, tuple(map(quote, key))) for key in dict.fromkeys(keys) if key),
        references=tuple(
            Reference(
                tuple(one["constrained_columns"]),
                tuple(map(quote, one["constrained_columns"])),
                place.ref(one.get("referred_schema") or item.schema, one["referred_table"]).name,
                table(one.get("referred_schema") or item.schema, one["referred_table"]),
                tuple(map(quote, one["referred_columns"] or one["constrained_columns"])),
            )
            for one in item.foreign_keys
        ),
    )


def inspector_of(engine: Engine) -> Inspector:
    """Return a fresh look at the database."""
    found: Inspector = inspect(engine)
    return found
