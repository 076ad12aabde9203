"""The shape of product descriptors, written after the text of the standard. Free of Django.

Source: Open Data Product Standard 1.1.0, bitol.io. Version 1.1 takes whatever 0.9 and 1.0 took, but for the
team, which was a list of members in 0.9.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from catalog.standards.schemas import Schema

VERSIONS = ("v0.9.0", "v1.0.0", "v1.1.0")
NEWEST = VERSIONS[-1]
MEDIA_TYPE = "application/odps+yaml"

_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}


def _object(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": fields,
        "required": list(required),
        "additionalProperties": False,
    }


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, _TEXT)


_CUSTOM = _object(
    ("property", "value"), value={}, **_texts("id", "property", "description", "vendor")
)
_LINK = _object(("type", "url"), **_texts("id", "type", "url", "description"))
_SHARED: dict[str, Any] = {
    "tags": _list(_TEXT),
    "customProperties": _list(_CUSTOM),
    "authoritativeDefinitions": _list(_LINK),
}
_SYNONYMS = _list(
    _object(
        ("synonym",),
        customProperties=_list(_CUSTOM),
        **_texts("id", "synonym", "description", "locale", "source", "status"),
    )
)
_CONTEXT = _object(
    instructions=_TEXT,
    verifiedStatements=_list(
        _object(("question",), **_texts("id", "question", "answer"), **_SHARED)
    ),
    constraints=_list(_object(("constraint",), **_texts("id", "constraint"), **_SHARED)),
)
_MEMBER = _object(
    ("username",),
    **_texts("id", "username", "name", "description", "role"),
    **_texts("dateIn", "dateOut", "replacedByUsername"),
    **_SHARED,
)
_LOOSE_MEMBER = {**_MEMBER, "required": []}
_TEAM = _object(name=_TEXT, description=_TEXT, members=_list(_MEMBER), **_SHARED)
_INPUT = _object(
    ("name",), deprecated=_FLAG, **_texts("id", "name", "version", "contractId"), **_SHARED
)
_OUTPUT = _object(
    ("name",),
    deprecated=_FLAG,
    sbom=_list(_object(**_texts("id", "type", "url"), **_SHARED)),
    inputContracts=_list(_object(("id", "version"), **_texts("id", "version"))),
    synonyms=_SYNONYMS,
    context=_CONTEXT,
    **_texts("id", "name", "description", "type", "version", "contractId"),
    **_SHARED,
)
_MANAGEMENT = _object(
    ("name", "content"),
    deprecated=_FLAG,
    **_texts("id", "name", "content", "type", "url", "channel", "description"),
    **_SHARED,
)
_SUPPORT = _object(
    ("channel", "url"),
    **_texts("id", "channel", "url", "description", "tool", "scope", "invitationUrl"),
    **_SHARED,
)
_DESCRIPTION = _object(
    **_texts("purpose", "limitations", "usage"),
    customProperties=_list(_CUSTOM),
    authoritativeDefinitions=_list(_LINK),
)
_PRODUCT = _object(
    ("apiVersion", "kind", "id"),
    apiVersion={"type": "string", "enum": list(reversed(VERSIONS))},
    kind={"type": "string", "enum": ["DataProduct"]},
    **_texts("id", "name", "version", "status", "domain", "type", "tenant", "productCreatedTs"),
    deprecated=_FLAG,
    synonyms=_SYNONYMS,
    context=_CONTEXT,
    description=_DESCRIPTION,
    inputPorts=_list(_INPUT),
    outputPorts=_list(_OUTPUT),
    managementPorts=_list(_MANAGEMENT),
    support=_list(_SUPPORT),
    team=_TEAM,
    **_SHARED,
)
#: Fields by what holds them, and the version that asks for them or brought them.
REQUIRED: dict[str, tuple[str, ...]] = {
    "": ("status",),
    "inputPorts": ("version", "contractId"),
    "outputPorts": ("version",),
}
SINCE_11 = {
    "": ("type", "context", "synonyms", "deprecated"),
    "inputPorts": ("id", "deprecated"),
    "outputPorts": ("id", "deprecated", "synonyms", "context"),
    "managementPorts": ("id", "deprecated"),
    "support": ("id",),
}


@cache
def shape(version: str) -> Schema:
    """Return the shape of a version."""
    if version != "v0.9.0":
        return Schema(_PRODUCT)
    team = {"anyOf": [_list(_LOOSE_MEMBER), _TEAM]}
    return Schema({**_PRODUCT, "properties": {**_PRODUCT["properties"], "team": team}})
