"""Rows that belong together, so that what depends on the caller is read once for all of them."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

from django.db.models import Model
from rest_framework import serializers

_Row = TypeVar("_Row", bound=Model)


class Looks(Protocol):
    """A serializer that reads something for many rows at once."""

    def look(self, rows: list[Any]) -> None: ...
    def to_representation(self, instance: Any) -> Any: ...


class Rows(serializers.ListSerializer[_Row]):
    """Lets the serializer of a row look at all rows before it writes each."""

    def to_representation(self, data: Any) -> list[Any]:
        """Return every row in JSON."""
        rows = list(data.all() if hasattr(data, "all") else data)
        child: Looks = self.child  # type: ignore[assignment]
        child.look(rows)
        return [child.to_representation(row) for row in rows]
