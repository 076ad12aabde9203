"""Run read statements in a database, within a time. Free of Django."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError, OperationalError, ProgrammingError, SQLAlchemyError

from ingestors.connectors.sql.reasons import meaning, unavailable
from ingestors.errors import Unreadable
from ingestors.profile.dialects import Dialect, dialect_of


class SqlRunner:
    """A read-only session that every statement of a harvest goes through."""

    def __init__(self, engine: Engine) -> None:
        self._connection: Connection = engine.connect()
        self.dialect: Dialect = dialect_of(engine.dialect.name)
        self._name = engine.dialect.name
        self._make_read_only()

    def _make_read_only(self) -> None:
        if self._name == "sqlite":
            self._connection.execute(text("PRAGMA query_only = ON"))
            self._connection.execute(text("PRAGMA trusted_schema = OFF"))
        elif self._name == "postgresql":
            self._connection.execute(text("SET default_transaction_read_only = on"))
        self._connection.commit()

    def rows(self, statement: str, *, seconds: float) -> Sequence[Sequence[object]]:
        """Return all rows of a statement; raises TimedOut, ItemMissing or Unreadable.

        Raises SourceUnavailable when the session broke off: a new one would not be read-only.
        """
        stop = self._limit(seconds)
        try:
            with self._connection.begin():
                if self._name == "postgresql":
                    limit = max(1, int(seconds * 1000))
                    self._connection.execute(text(f"SET LOCAL statement_timeout = {limit}"))
                found = self._connection.exec_driver_sql(statement.replace("%", self._percent))
                return [tuple(row) for row in found.fetchall()]
        except (DBAPIError, OperationalError, ProgrammingError) as error:
            if error.connection_invalidated:
                raise unavailable(error) from None
            raise meaning(error.orig, seconds=seconds) from None
        except SQLAlchemyError as error:
            raise Unreadable(type(error).__name__) from None
        finally:
            stop()

    @property
    def _percent(self) -> str:
        return "%" if self._name in ("sqlite", "duckdb") else "%%"

    def _limit(self, seconds: float) -> Callable[[], None]:
        """Interrupt the statement after a time, where the server has no limit of its own."""
        driver: Any = self._connection.connection.driver_connection
        if self._name not in ("sqlite", "duckdb") or not hasattr(driver, "interrupt"):
            return lambda: None
        timer = threading.Timer(seconds, driver.interrupt)
        timer.daemon = True
        timer.start()
        return timer.cancel

    def close(self) -> None:
        """Let go of the connection."""
        with suppress(SQLAlchemyError):
            self._connection.close()
