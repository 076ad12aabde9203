"""The shapes of documents: of version 3 from the standard's own library, of version 2.2 written here.

Free of Django. The library's schema takes ids of letters, digits, `_` and `-` alone; the text of the standard
takes every id without white space and `. # / \\ @ ! % ^ &`: the wide rule is used. What it asks of maps and
vectors it asks of properties without a type as well, by mistake: that is put right.
"""

from __future__ import annotations

import json
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any

from catalog.standards.schemas import Schema

ID_RULE = r"^[^\s.#/\\@!%^&]+$"
#: Definitions that version 3.0 left open to further fields.
_OPEN_IN_30 = (
    "Server",
    "DataQuality",
    "AuthoritativeDefinitions",
    "SupportItem",
    "Pricing",
    "TeamMember",
    "Team",
    "Role",
    "ServiceLevelAgreementProperty",
    "CustomProperty",
)
#: What names a part stands before what is said of it.
_FIRST = (
    "apiVersion",
    "kind",
    "id",
    "name",
    "server",
    "property",
    "metric",
    "role",
    "username",
    "channel",
    "version",
    "value",
    "type",
)


@cache
def newest() -> Schema:
    """Return the shape of version 3.2, which takes 3.1 and nearly all of 3.0 as well."""
    return Schema(_third())


@cache
def open_third() -> Schema:
    """Return the shape of version 3.0, which is laxer in a few places."""
    schema = deepcopy(_third())
    parts = schema["$defs"]
    for name in _OPEN_IN_30:
        for part in (parts[name], parts[name].get("items", {})):
            part.pop("unevaluatedProperties", None)
            part.pop("additionalProperties", None)
    for name in ("DataQualityLibrary", "CustomProperty", "TeamMember"):
        parts[name].pop("required", None)
    parts["DataQualityOperators"].pop("oneOf")
    for branch in parts["SchemaBaseProperty"]["allOf"]:
        options = branch.get("then", {}).get("properties", {}).get("logicalTypeOptions", {})
        bounds: dict[str, object] = {"exclusiveMinimum": {}, "exclusiveMaximum": {}}  # flags in 3.0
        options.get("properties", {}).update(bounds)
    return Schema(schema)


@cache
def second() -> Schema:
    """Return the shape of version 2.2."""
    return Schema(_SECOND)


@cache
def order() -> dict[str, int]:
    """Return the place of each field name in the standard's own order, for writing."""
    places = {name: place - len(_FIRST) for place, name in enumerate(_FIRST)}
    waiting: list[Any] = [_third()]
    while waiting:
        part = waiting.pop(0)
        if isinstance(part, dict):
            for name in part.get("properties", {}):
                places.setdefault(name, len(places))
            waiting += part.values()
        elif isinstance(part, list):
            waiting += part
    return places


@cache
def _third() -> dict[str, Any]:
    text = files("open_data_contract_standard").joinpath("schema.json").read_text("utf-8")
    schema: dict[str, Any] = json.loads(text)
    schema["$defs"]["StableId"]["pattern"] = ID_RULE
    for branch in schema["$defs"]["SchemaBaseProperty"]["allOf"]:
        if "logicalType" in branch.get("if", {}).get("properties", {}):
            branch["if"].setdefault("required", ["logicalType"])
    return schema


def _object(required: tuple[str, ...] = (), **fields: Any) -> dict[str, Any]:
    return {"type": "object", "properties": fields, "required": list(required)}


def _list(of: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": of}


def _texts(*names: str) -> dict[str, Any]:
    return dict.fromkeys(names, _TEXT)


_TEXT: dict[str, Any] = {"type": "string"}
_FLAG: dict[str, Any] = {"type": "boolean"}
_WHOLE: dict[str, Any] = {"type": "integer"}
_PLAIN: dict[str, Any] = {"type": ["string", "number"]}
_LINKS = _list(_object(("url", "type"), **_texts("url", "type")))
_COLUMN = _object(
    ("column", "logicalType", "physicalType"),
    **_texts("column", "businessName", "logicalType", "physicalType", "classification"),
    **_texts("encryptedColumnName", "transformLogic", "transformDescription"),
    **dict.fromkeys(("isPrimaryKey", "isNullable", "isUnique"), _FLAG),
    **dict.fromkeys(("partitionStatus", "clusterStatus", "criticalDataElementStatus"), _FLAG),
    **dict.fromkeys(("primaryKeyPosition", "partitionKeyPosition", "clusterKeyPosition"), _WHOLE),
    **dict.fromkeys(("transformSourceTables", "sampleValues", "tags"), _list(_TEXT)),
    authoritativeDefinitions=_LINKS,
)
_QUALITY = _object(
    ("templateName", "toolName"),
    **_texts("code", "templateName", "toolName", "toolRuleName", "dimension", "columns", "column"),
    **_texts("type", "severity", "businessImpact", "scheduleCronExpression"),
)
_TABLE = _object(
    ("table",),
    **_texts("table", "physicalName", "priorTableName", "dataGranularity"),
    authoritativeDefinitions=_LINKS,
    columns=_list(_COLUMN),
    quality=_list(_QUALITY),
)
_SECOND = _object(
    ("version", "kind", "uuid", "type", "status", "dataset", "datasetName", "quantumName"),
    **_texts("version", "uuid", "datasetKind", "userConsumptionMode", "type", "tenant", "status"),
    **_texts("sourceSystem", "sourcePlatform", "server", "quantumName", "productSlackChannel"),
    **_texts("productFeedbackUrl", "productDl", "username", "password", "driverVersion", "driver"),
    **_texts("project", "datasetName", "datasetDomain", "database", "slaDefaultColumn"),
    kind={"type": "string", "enum": ["DataContract"]},
    apiVersion={"type": "string", "enum": ["v2.2.0", "v2.2.1", "v2.2.2"]},
    tags=_list(_TEXT),
    dataset=_list(_TABLE),
    price=_object(priceAmount={"type": "number"}, **_texts("priceCurrency", "priceUnit")),
    stakeholders=_list(
        _object(**_texts("username", "role", "dateIn", "dateOut", "replacedByUsername"))
    ),
    roles=_list(
        _object(
            ("role", "access"),
            **_texts("role", "access", "firstLevelApprovers", "secondLevelApprovers"),
        )
    ),
    slaProperties=_list(
        _object(
            ("property", "value"),
            value=_PLAIN,
            valueExt=_PLAIN,
            **_texts("property", "unit", "column", "driver"),
        )
    ),
)
