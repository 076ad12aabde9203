"""The fields of the documents of products, datasets and columns, each told once. Free of Django.

Forms, serializers, rows and the edit pages are made from these tables or checked against them.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "key",  # says which one it is
    "reference",  # the key of something else
    "title",  # a short text that is never empty
    "line",  # a short text
    "text",  # a long text
    "choice",  # one of some words
    "code",  # one of some words, or none
    "date",
    "moment",  # a day or a time that keeps its spelling
    "flag",
    "number",
    "tags",
    "items",  # a list whose items are told apart by their key
    "json",
]
#: How a field is written: by PUT of one product, by a line of a push, by PATCH, on the edit page.
Way = Literal["put", "push", "patch", "page"]


@dataclass(frozen=True, slots=True)
class DocumentField:
    """One field: its name in a descriptor, what it holds, how it is written, and its name in REST."""

    name: str
    kind: Kind
    ways: frozenset[Way]
    rest: str

    @property
    def is_null_when_empty(self) -> bool:
        """Whether an empty text says that there is no value."""
        return self.kind in ("code", "date", "moment")

    @property
    def is_stored_as_text(self) -> bool:
        """Whether its column holds just what is stated, or an empty text."""
        return self.kind in ("line", "text", "code", "moment")


def camel(name: str) -> str:
    """Return a name as REST writes it."""
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)


def _field(name: str, kind: Kind, *ways: Way, rest: str = "") -> DocumentField:
    return DocumentField(name, kind, frozenset(ways), rest or camel(name))


_ALL: tuple[Way, ...] = ("put", "push", "patch", "page")

PRODUCT_FIELDS = (
    _field("guid", "key", "put", "push", rest="dataProductGUID"),
    _field("key", "key", "put", "push", rest="readableDataProductKey"),
    _field("domain", "reference", rest="readableDataProductKey"),
    _field("readable_key", "line", rest="readableDataProductKey"),
    _field("team", "reference", "put", "push", rest="owner"),
    _field("name", "title", *_ALL, rest="displayname"),
    _field("created_on", "moment", "put", "push", "patch", rest="createDate"),
    _field("source_code_location", "line", *_ALL),
    _field("description", "text", *_ALL),
    _field("required_security_group", "line", *_ALL),
    _field("archetype", "code", *_ALL),
    _field("status", "choice", *_ALL),
    _field("classification", "code", *_ALL),
    _field("visibility", "code", *_ALL),
    _field("version", "line", *_ALL),
    _field("support", "line", *_ALL),
    _field("tags", "tags", *_ALL),
    _field("successor", "reference", "patch", "page"),
    _field("sunset_on", "date", "push", "patch", "page"),
    _field("certified", "flag", "patch"),
    _field("ports", "items", "push"),
    _field("contracts", "items"),
    _field("objectives", "items", "push"),
    _field("checks", "items", "push"),
    _field("extra", "json"),
)

DATASET_FIELDS = (
    _field("namespace", "key", "push"),
    _field("name", "key", "push"),
    _field("display_name", "title", "push", "patch"),
    _field("description", "text", "push", "patch", "page"),
    _field("kind", "choice", "push"),
    _field("technology", "line", "push"),
    _field("domain", "reference", "push"),
    _field("team", "reference", "push", rest="owner"),
    _field("tags", "tags", "push", "patch", "page"),
    _field("columns", "items", "push", "patch"),
    _field("primary_key", "json", "push"),
    _field("foreign_keys", "json", "push"),
    _field("indexes", "json"),
    _field("view_definition", "text", "push"),
    _field("extra", "json"),
)

COLUMN_FIELDS = (
    _field("path", "key", "push", "patch"),
    _field("ordinal", "number", "push"),
    _field("type", "line", "push"),
    _field("native_type", "line", "push"),
    _field("nullable", "flag", "push"),
    _field("primary_key", "flag", "push"),
    _field("unique", "flag", "push"),
    _field("description", "text", "push", "patch", "page"),
    _field("sensitivity", "choice", "push", "patch", "page"),
    _field("sensitivity_reason", "line"),
    _field("unmasked", "flag", "patch", "page"),
    _field("tags", "tags", "push"),
)


def names_by(way: Way, fields: Iterable[DocumentField]) -> dict[str, str]:
    """Return the names of the fields that are written so, by their names in REST."""
    return {field.rest: field.name for field in fields if way in field.ways}
