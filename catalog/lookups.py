"""`field__among=values`: like `__in`, sent as one parameter, however many values there are.

Django writes a placeholder for each value of `__in`, and the driver reads each of them again: for a thousand
keys that takes longer than finding the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, Lookup
from django.db.models.fields.related import ForeignObject
from django.db.models.sql.compiler import SQLCompiler

_EACH = "SELECT value FROM json_each(%s)"


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup[Iterable[Any]]):
    """True where the value is one of numbers or texts; None is never found."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for SQLite: the values are a JSON array."""
        column, parameters = self.process_lhs(compiler, connection)
        values = orjson.dumps(self._values()).decode()
        return f"{column} IN ({_EACH})", (*parameters, values)

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for PostgreSQL: the values are an array."""
        column, parameters = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s)", (*parameters, self._values())

    def _values(self) -> list[Any]:
        return [value for value in self.rhs if value is not None]
