"""Read any database that SQLAlchemy reaches. Free of Django.

Addresses follow the OpenLineage naming: PostgreSQL `postgres://host:port` and `database.schema.table`,
SQLite `sqlite:///absolute/path` and the table's name. `namespace` overrides the first part, for stores whose
path differs from machine to machine.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from pydantic import Field, field_validator
from sqlalchemy import URL, Engine, create_engine, inspect, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from catalog.names import DatasetRef
from ingestors.authority.permits import Permit
from ingestors.authority.process import held
from ingestors.connectors.base import (
    ConnectorConfig,
    Found,
    NamePatterns,
    Record,
    SecretReference,
    Trouble,
    parse_config,
)
from ingestors.connectors.describe import is_wanted, profiled
from ingestors.connectors.secrets import is_reference, resolve, scrub
from ingestors.connectors.sql import address
from ingestors.connectors.sql.reasons import unavailable
from ingestors.connectors.sql.runner import SqlRunner
from ingestors.connectors.sql.schema import (
    Catalog,
    describe,
    inspector_of,
    names_of,
    reflect,
    schemas_of,
    subject_of,
)
from ingestors.errors import ConfigInvalid, Unreadable
from ingestors.profile.limits import NO_OVERRIDES, Overrides

#: Whoever has these is a catalog, and holds what its own rules guard.
OWN_TABLES = frozenset({"ingestors_source", "catalog_apitoken", "django_migrations"})
_PIP = {
    "postgresql": "psycopg[binary]",
    "mysql": "pymysql",
    "mariadb": "pymysql",
    "duckdb": "duckdb-engine",
}


class SqlConfig(ConnectorConfig):
    """Which database, as whom, and which of its tables."""

    url: str = Field(description="SQLAlchemy URL without password, or a reference.")
    password: SecretReference | None = Field(default=None, description="A reference: vault:NAME.")
    namespace: str = Field(default="", max_length=500)
    schemas: tuple[str, ...] = ()
    include: NamePatterns = ("*",)
    exclude: NamePatterns = ()

    @field_validator("url")
    @classmethod
    def check_url(cls, value: str) -> str:
        """Refuse what is no URL, and passwords written out."""
        if is_reference(value):
            return value
        try:
            url = make_url(value)
        except ArgumentError:
            raise ValueError("write a URL such as postgresql://user@host:5432/database") from None
        if url.password:
            raise ValueError("the URL holds a password; put a reference into `password`")
        return value


class SqlConnector:
    """Tables and views of a database."""

    title = "SQL database"
    summary = "Tables, views, keys and comments of any database that SQLAlchemy reaches."
    config_type = SqlConfig

    def __init__(self, config: Mapping[str, object]) -> None:
        self.config = parse_config(SqlConfig, config)
        self._engine: Engine | None = None

    def __repr__(self) -> str:
        return f"SqlConnector({scrub(self.config.url)!r})"

    def judge(self, permit: Permit) -> None:
        """Refuse a database that the permit does not open; one behind a reference is judged when it is read."""
        if not is_reference(self.config.url):
            address.judge(address.normal(make_url(self.config.url)), permit)

    def check(self) -> str:
        """Connect and say how many tables there are."""
        try:
            inspector = inspector_of(self._open())
            names = self._names(inspector)
        except SQLAlchemyError as error:
            raise unavailable(error) from None
        return f"{len(names)} tables and views"

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield `Found`, then each table and view by schema and name."""
        moment = at or datetime.now(UTC)
        try:
            engine = self._open()
            inspector = inspector_of(engine)
            yield Found(len(self._names(inspector)))
            runner = SqlRunner(engine)
        except SQLAlchemyError as error:
            raise unavailable(error) from None
        try:
            yield from self._records(engine, runner, overrides, moment)
        except SQLAlchemyError as error:
            raise unavailable(error) from None
        finally:
            runner.close()

    def _records(
        self, engine: Engine, runner: SqlRunner, overrides: Overrides, at: datetime
    ) -> Iterator[Record]:
        inspector = inspector_of(engine)
        place, technology = self._place(self._url()), engine.dialect.name
        for schema in schemas_of(inspector, self.config.schemas, technology):
            for item in reflect(engine, inspector, schema):
                ref = place.ref(item.schema, item.name)
                if not is_wanted(ref.name, self.config.include, self.config.exclude):
                    continue
                if not item.columns:
                    problem = item.problem or "its columns cannot be read"
                    yield Trouble(ref.namespace, ref.name, problem)
                    continue
                try:
                    yield profiled(
                        describe(item, place, technology),
                        subject_of(item, place, runner.dialect),
                        runner,
                        limits=self.config.limits,
                        corrections=overrides.get(ref, {}),
                        at=at,
                    )
                except Unreadable as error:
                    yield Trouble(ref.namespace, ref.name, str(error))

    def close(self) -> None:
        """Let go of connections."""
        if self._engine is not None:
            self._engine.dispose()
            self._engine = None

    def _names(self, inspector: Any) -> list[DatasetRef]:
        place = self._place(self._url())
        refs = [
            place.ref(schema, name)
            for schema in schemas_of(inspector, self.config.schemas, inspector.dialect.name)
            for name, _ in names_of(inspector, schema)
        ]
        return [r for r in refs if is_wanted(r.name, self.config.include, self.config.exclude)]

    def _url(self) -> URL:
        text = self.config.url
        url = make_url(resolve(text, field="url") if is_reference(text) else text)
        if self.config.password:
            url = url.set(password=resolve(self.config.password, field="password"))
        return address.normal(url)

    def _place(self, url: URL) -> Catalog:
        if url.get_backend_name() == "sqlite":
            return Catalog(
                self.config.namespace or f"sqlite://{Path(url.database or '').absolute()}"
            )
        scheme = {"postgresql": "postgres"}.get(url.get_backend_name(), url.get_backend_name())
        port = url.port or {"postgres": 5432, "mysql": 3306, "mariadb": 3306}.get(scheme)
        where = f"{scheme}://{url.host or 'localhost'}" + (f":{port}" if port else "")
        return Catalog(self.config.namespace or where, url.database or "")

    def _open(self) -> Engine:
        if self._engine is not None:
            return self._engine
        url = self._url()
        try:
            url.get_dialect().import_dbapi()
            way = address.way(url, held().permit)
            self._engine = create_engine(
                way.url, poolclass=NullPool, hide_parameters=True, connect_args=way.arguments
            )
        except ModuleNotFoundError as error:
            name = _PIP.get(url.get_backend_name(), error.name or "")
            raise ConfigInvalid.of(
                "url",
                repr(url.drivername),
                f"the driver is not installed; run: pip install '{name}'",
            ) from error
        except SQLAlchemyError as error:
            raise ConfigInvalid.of("url", repr(url.drivername), str(error)[:200]) from error
        self._refuse_own(self._engine)
        return self._engine

    def _refuse_own(self, engine: Engine) -> None:
        """Refuse a database of Gazetteer itself, by whatever way it was found."""
        with engine.connect() as connection:
            tables = set(inspect(connection).get_table_names())
        if tables >= OWN_TABLES:
            self.close()
            message = "this is a database of Gazetteer itself, which no source may read"
            raise ConfigInvalid.of("url", "the database", message)
