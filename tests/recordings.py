"""What a piece of set-up writes, kept once, so that each test gets the same rows without the work."""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from django.apps import apps
from django.db import models, transaction
from django.utils import timezone

T = TypeVar("T")


class Recording(Generic[T]):
    """Rows that `build` writes into tables that are empty before, and what it returns.

    `build` runs once, for real; its rows are taken back.
    """

    def __init__(self, build: Callable[[], T]) -> None:
        with taken_back():
            empty = [model for model in tables() if not model._base_manager.exists()]
            self._at = timezone.now()
            made = build()
            rows = [found for model in empty if (found := list(model._base_manager.all()))]
            self._kept = pickle.dumps((made, rows))

    def replay(self) -> T:
        """Write the rows again, as of now, and return objects equal to those that were returned."""
        kept: tuple[T, list[list[models.Model]]] = pickle.loads(self._kept)
        passed = timezone.now() - self._at
        with transaction.atomic():  # rows may name later ones
            for rows in kept[1]:
                for row in rows:
                    _move(row, passed)
                type(rows[0])._base_manager.bulk_create(rows)
        return kept[0]


def _move(row: models.Model, passed: timedelta) -> None:
    """Let a row have been made that much later: what is late is told by its age."""
    for field in row._meta.concrete_fields:
        moment = getattr(row, field.attname)
        if isinstance(moment, datetime):
            setattr(row, field.attname, moment + passed)


@contextmanager
def taken_back() -> Iterator[None]:
    """Run in a transaction that is rolled back."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def tables() -> list[type[models.Model]]:
    """Return the model of every table."""
    return [m for m in apps.get_models(include_auto_created=True) if m._meta.managed]
