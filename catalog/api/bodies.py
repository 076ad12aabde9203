"""What callers send in a body: each field of the type it has in JSON, and no field that is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar

from django.db.models import Model
from drf_spectacular.utils import extend_schema_field
from rest_framework import serializers

from catalog.fields import DocumentField, Way
from catalog.moments import day_of

_Row = TypeVar("_Row", bound=Model)
_Fields = dict[str, serializers.Field[Any, Any, Any, Any]]
LONGEST_TEXT = 100_000

#: How JSON writes a kind of field. Numbers are checked before booleans, which Python counts among them.
_TYPES: tuple[tuple[type[serializers.Field[Any, Any, Any, Any]], tuple[type, ...], str], ...] = (
    (serializers.BooleanField, (bool,), "true or false"),
    (serializers.IntegerField, (int,), "a whole number"),
    (serializers.FloatField, (int, float), "a number"),
    (serializers.CharField, (str,), "a text"),
    (serializers.ChoiceField, (str,), "a text"),
    (serializers.DateField, (str,), "a text"),
    (serializers.DateTimeField, (str,), "a text"),
)


class Body(serializers.Serializer[_Row]):
    """A JSON object with known fields, strictly typed; messages say what is allowed."""

    def get_fields(self) -> _Fields:
        """Let fields of a choice name the choices when they refuse."""
        fields = self.documented(super().get_fields())
        for field in fields.values():
            if isinstance(field, serializers.ChoiceField):
                known = ", ".join(str(key) for key in field.choices if key != "")
                field.error_messages["invalid_choice"] = f"allowed are {known}"
        return fields

    def documented(self, declared: _Fields) -> _Fields:
        """Return the fields; those of a document are made from its table."""
        return declared

    def to_internal_value(self, data: Any) -> Any:
        """Return the checked values."""
        if not isinstance(data, Mapping):
            raise serializers.ValidationError({"": ["write an object of fields"]})
        wrong: dict[str, list[str]] = {}
        allowed = ", ".join(name for name, field in self.fields.items() if not field.read_only)
        for name, value in data.items():
            field = self.fields.get(name)
            if field is None or field.read_only:
                wrong[str(name)[:200]] = [f"unknown field; allowed are {allowed}"]
            elif value is not None and (expected := _mistyped(field, value)):
                wrong[name] = [f"write {expected}"]
        if wrong:
            raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


class DocumentBody(Body[_Row]):
    """A part of a document: its fields that are written in one `way`; what is declared replaces what is made."""

    document: tuple[DocumentField, ...]
    way: Way
    model: type[Model]

    def documented(self, declared: _Fields) -> _Fields:
        """Make what is not declared, in the order of the document."""
        wanted = [field for field in self.document if self.way in field.ways]
        return {f.rest: declared.get(f.rest) or self._make(f) for f in wanted}

    def _make(self, field: DocumentField) -> serializers.Field[Any, Any, Any, Any]:
        column: Any = self.model._meta.get_field(field.name)
        if field.kind in ("title", "line", "text"):
            longest, may_be_empty = column.max_length or LONGEST_TEXT, field.kind != "title"
            return serializers.CharField(
                required=False, allow_blank=may_be_empty, max_length=longest
            )
        if field.kind in ("choice", "code"):
            is_cleared = field.kind == "code" and self.way == "patch"
            return serializers.ChoiceField(
                choices=column.choices,
                required=False,
                allow_blank=is_cleared,
                allow_null=is_cleared,
            )
        if field.kind == "date":
            return serializers.DateField(required=False, allow_null=True)
        if field.kind == "moment":
            return MomentField(required=False, allow_null=True)
        if field.kind == "flag":
            return serializers.BooleanField(required=False)
        if field.kind == "tags":
            return texts(required=False)
        raise TypeError(f"declare {field.rest}: nothing is made of the kind {field.kind!r}")


def _mistyped(field: serializers.Field[Any, Any, Any, Any], value: object) -> str:
    for kind, types, expected in _TYPES:
        if isinstance(field, kind):
            is_right = isinstance(value, types) and (bool in types or not isinstance(value, bool))
            return "" if is_right else expected
    return ""


def texts(top: int = 64, **kwargs: Any) -> serializers.ListField:
    """Return a field for a list of short texts."""
    return serializers.ListField(child=Text(max_length=top), max_length=200, **kwargs)


@extend_schema_field(
    {
        "type": "string",
        "anyOf": [{"format": "date"}, {"format": "date-time"}],
        "example": "2026-01-15",
    }
)
class MomentField(serializers.CharField):
    """A day or a moment (ISO 8601) that keeps its spelling."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text as it was sent; refuse what names no day."""
        text = str(super().to_internal_value(data))
        try:
            day_of(text)
        except ValueError as error:
            raise serializers.ValidationError(str(error)) from error
        return text


class Text(serializers.CharField):
    """A text that is written as a text, also inside a list."""

    def to_internal_value(self, data: Any) -> str:
        """Return the text; refuse numbers and booleans."""
        if not isinstance(data, str):
            raise serializers.ValidationError("write a text")
        return super().to_internal_value(data)
