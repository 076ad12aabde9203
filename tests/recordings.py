"""What a piece of set-up writes, kept once, so that each test gets the same rows without the work."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from django.apps import apps
from django.db import connection, models, transaction

T = TypeVar("T")
Writing = tuple[str, Any]


class Recording(Generic[T]):
    """Rows that `build` writes into tables that are empty before, and what it returns.

    `build` runs once, for real; its rows are taken back.
    """

    def __init__(self, build: Callable[[], T]) -> None:
        with taken_back():
            empty = [model for model in tables() if not model._base_manager.exists()]
            self._made = pickle.dumps(build())
            rows = [found for model in empty if (found := list(model._base_manager.all()))]
        with taken_back():
            self._writings = _as_written(rows)

    def replay(self) -> T:
        """Write the rows again and return equal objects."""
        with transaction.atomic(), connection.cursor() as cursor:  # rows may name later ones
            for statement, values in self._writings:
                cursor.execute(statement, values)
        made: T = pickle.loads(self._made)
        return made


@contextmanager
def taken_back() -> Iterator[None]:
    """Run in a transaction that is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tables() -> list[type[models.Model]]:
    """Return the model of every table."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]


def _as_written(written: list[list[models.Model]]) -> list[Writing]:
    """Write rows and return the statements, with their values."""
    writings: list[Writing] = []

    def note(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith("INSERT"):
            writings.append((sql, params))
        return execute(sql, params, many, context)

    for rows in written:
        with connection.execute_wrapper(note):
            type(rows[0])._base_manager.bulk_create(rows)
    return writings
