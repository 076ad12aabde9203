"""`field__among=values`: like `__in`, sent as one parameter, however many values there are.

Django writes a placeholder for each value of `__in`, and the driver reads each of them again: for a thousand
keys that takes longer than finding the rows.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import orjson
from django.core.exceptions import EmptyResultSet
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Field, JSONField, Lookup
from django.db.models.fields.related import ForeignObject
from django.db.models.sql.compiler import SQLCompiler

_EACH = "SELECT value FROM json_each(%s)"


@Field.register_lookup
@ForeignObject.register_lookup
class Among(Lookup[Iterable[Any]]):
    """True where the value is one of whole numbers, or of texts; None is never found."""

    lookup_name = "among"

    def get_prep_lookup(self) -> list[Any]:
        """Return the values that can be found. Raises TypeError for others than `__among` can compare."""
        values = [value for value in self.rhs if value is not None]
        kind = int if values and isinstance(values[0], int) else str
        if wrong := [value for value in values if not isinstance(value, kind)]:
            message = "allowed are whole numbers, or texts"
            raise TypeError(
                f"{wrong[0]!r} cannot be looked up among {kind.__name__} values; {message}"
            )
        if isinstance(self.lhs.output_field, JSONField):
            raise TypeError(
                'JSON cannot be looked up among values; look up its text, KT("field__key")'
            )
        return values

    def as_sql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for SQLite: the values are a JSON array."""
        column, parameters = self._column(compiler, connection)
        return f"{column} IN ({_EACH})", (*parameters, orjson.dumps(self.rhs).decode())

    def as_postgresql(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[Any, ...]]:
        """Return the condition for PostgreSQL: the values are an array.

        It is cast, since the driver takes the smallest type that holds the numbers: with another type than
        the column's the server compares one by one instead of hashing.
        """
        column, parameters = self._column(compiler, connection)
        values: list[Any] = list(self.rhs)
        kind = "bigint" if isinstance(values[0], int) else "text"
        return f"{column} = ANY(%s::{kind}[])", (*parameters, values)

    def _column(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Iterable[Any]]:
        if not self.rhs:
            raise EmptyResultSet
        return self.process_lhs(compiler, connection)
