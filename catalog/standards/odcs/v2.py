"""Version 2.2 of the standard to version 3 and back. Free of Django.

Source: Open Data Contract Standard 3.0, "Migrating from 2.x". What version 3 has no field for becomes a custom
property under its old name; on the way back it takes its place again.
"""

from __future__ import annotations

from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer, brief, path_of

_TOP = {
    "uuid": "id",
    "version": "version",
    "kind": "kind",
    "status": "status",
    "tenant": "tenant",
    "tags": "tags",
    "quantumName": "dataProduct",
    "datasetDomain": "domain",
    "datasetName": "name",
    "price": "price",
    "stakeholders": "team",
    "roles": "roles",
    "slaDefaultColumn": "slaDefaultElement",
    "slaProperties": "slaProperties",
    "description": "description",
}
_TABLE = {
    "table": "name",
    "physicalName": "physicalName",
    "dataGranularity": "dataGranularityDescription",
    "authoritativeDefinitions": "authoritativeDefinitions",
    "description": "description",
    "tags": "tags",
    "columns": "properties",
    "quality": "quality",
}
_COLUMN = {
    "column": "name",
    "businessName": "businessName",
    "logicalType": "logicalType",
    "physicalType": "physicalType",
    "description": "description",
    "isPrimaryKey": "primaryKey",
    "primaryKeyPosition": "primaryKeyPosition",
    "isUnique": "unique",
    "partitionStatus": "partitioned",
    "partitionKeyPosition": "partitionKeyPosition",
    "classification": "classification",
    "authoritativeDefinitions": "authoritativeDefinitions",
    "encryptedColumnName": "encryptedName",
    "transformSourceTables": "transformSourceObjects",
    "transformLogic": "transformLogic",
    "transformDescription": "transformDescription",
    "sampleValues": "examples",
    "criticalDataElementStatus": "criticalDataElement",
    "tags": "tags",
    "quality": "quality",
}
_SLA = {"column": "element"}
_TYPES = ("string", "date", "number", "integer", "object", "array", "boolean")
_QUALITY = {"toolName": "engine", "templateName": "implementation"}


def to_third(content: dict[str, Any]) -> dict[str, Any]:
    """Return a contract of version 2.2 as one of 3.0.2; nothing is lost."""
    made = _moved(content, _TOP, {"dataset", "apiVersion"})
    made = {"apiVersion": "v3.0.2", "kind": "DataContract", **made}
    if isinstance(made.get("description"), str):
        made["description"] = {"purpose": made["description"]}
    if "dataset" in content:
        made["schema"] = [_table(table) for table in content["dataset"]]
    for sla in made.get("slaProperties", ()):
        if "column" in sla:
            sla["element"] = sla.pop("column")
    return made


def _table(table: dict[str, Any]) -> dict[str, Any]:
    made = _moved(table, _TABLE, set())
    made["properties"] = [_column(column) for column in made.get("properties", ())]
    if "quality" in made:
        made["quality"] = [_quality(rule) for rule in made["quality"]]
    return made


def _column(column: dict[str, Any]) -> dict[str, Any]:
    made = _moved(column, _COLUMN, {"isNullable"})
    if "isNullable" in column:
        made["required"] = not column["isNullable"]
    if made.get("logicalType") not in _TYPES:
        custom = made.setdefault("customProperties", [])
        custom.append({"property": "logicalType", "value": made.pop("logicalType", "")})
    if "quality" in made:
        made["quality"] = [_quality(rule) for rule in made["quality"]]
    return made


def _quality(rule: dict[str, Any]) -> dict[str, Any]:
    made = _moved(
        rule,
        {**_QUALITY, "businessImpact": "businessImpact", "severity": "severity"}
        | {"description": "description", "scheduleCronExpression": "schedule"},
        set(),
    )
    return {"type": "custom", **made}


def _moved(content: dict[str, Any], names: dict[str, str], skip: set[str]) -> dict[str, Any]:
    made = {names[name]: value for name, value in content.items() if name in names}
    rest = [
        {"property": name, "value": value}
        for name, value in content.items()
        if name not in names and name not in skip and name != "customProperties"
    ]
    custom = [*content.get("customProperties", ()), *rest]
    return {**made, "customProperties": custom} if custom else made


def from_third(content: dict[str, Any]) -> tuple[dict[str, Any], list[Diagnostic]]:
    """Return a contract of version 3 as one of 2.2, and what has no place there."""
    lost: list[Diagnostic] = []
    made = _back(content, _TOP, (), lost, {"schema", "apiVersion", "customProperties"})
    made.setdefault("type", "tables")
    for name in ("datasetName", "quantumName"):
        made.setdefault(name, str(content.get("name") or content.get("id")))
    made.setdefault("status", "active")
    if isinstance(team := made.get("stakeholders"), dict):
        made["stakeholders"] = team.get("members") or []
        lost += [
            Diagnostic(f"team.{n}", brief(v), "version 2.2 has no such field", "warning")
            for n, v in team.items()
            if n != "members"
        ]
    made["dataset"] = [
        _table_back(thing, ("schema", place), lost)
        for place, thing in enumerate(content.get("schema") or ())
    ]
    for sla in made.get("slaProperties", ()):
        if "element" in sla:
            sla["column"] = sla.pop("element")
    return made, lost


def _table_back(thing: dict[str, Any], at: Pointer, lost: list[Diagnostic]) -> dict[str, Any]:
    made = _back(thing, _TABLE, at, lost, {"properties", "quality"})
    made["columns"] = [
        _column_back(column, (*at, "properties", place), lost)
        for place, column in enumerate(thing.get("properties") or ())
    ]
    rules = [
        _rule_back(r, (*at, "quality", n), lost) for n, r in enumerate(thing.get("quality") or ())
    ]
    if kept := [rule for rule in rules if rule]:
        made["quality"] = kept
    return made


def _column_back(column: dict[str, Any], at: Pointer, lost: list[Diagnostic]) -> dict[str, Any]:
    made = _back(column, _COLUMN, at, lost, {"required", "quality"})
    if "required" in column:
        made["isNullable"] = not column["required"]
    if "sampleValues" in made:
        made["sampleValues"] = [str(value) for value in made["sampleValues"]]
    made.setdefault("logicalType", "string")
    made.setdefault("physicalType", made["logicalType"])
    for place, rule in enumerate(column.get("quality") or ()):
        lost.append(_no_place((*at, "quality", place), rule))
    return made


def _rule_back(rule: dict[str, Any], at: Pointer, lost: list[Diagnostic]) -> dict[str, Any] | None:
    if not {"engine", "implementation"} <= rule.keys():
        lost.append(_no_place(at, rule))
        return None
    names = {**_QUALITY, "severity": "severity", "businessImpact": "businessImpact"}
    return _back(rule, {**names, "scheduleCronExpression": "schedule"}, at, lost, {"type"})


def _back(
    content: dict[str, Any],
    names: dict[str, str],
    at: Pointer,
    lost: list[Diagnostic],
    skip: set[str],
) -> dict[str, Any]:
    back = {third: older for older, third in names.items()}
    made: dict[str, Any] = {}
    for name, value in content.items():
        if name in back and name not in skip:
            made[back[name]] = value
        elif name == "customProperties":
            made |= {one["property"]: one["value"] for one in value if "property" in one}
        elif name not in skip:
            lost.append(_no_place((*at, name), value))
    for one in content.get("customProperties") or () if "customProperties" in skip else ():
        made.setdefault(str(one.get("property")), one.get("value"))
    return made


def _no_place(pointer: Pointer, value: object) -> Diagnostic:
    return Diagnostic(path_of(pointer), brief(value), "version 2.2 has no such field", "warning")
