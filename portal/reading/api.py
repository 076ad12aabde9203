"""The description of the API as a page shows it: sections, operations, parameters, schemas, examples."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

from drf_spectacular.generators import SchemaGenerator

Document = Mapping[str, Any]

#: What each resource is, in the order of the page: tag of the document, title, one sentence.
RESOURCES = (
    ("index", "Index", "The resources and their addresses."),
    ("dataproducts", "Data products", "Find, register, edit and delete products; their scores."),
    ("datasets", "Datasets", "The physical things behind ports: columns, profile, sample."),
    ("contracts", "Contracts", "What ports promise, by version: read, publish, judge, compare."),
    (
        "descriptors",
        "Descriptors",
        "Documents of contract and product standards, taken as they are.",
    ),
    ("quality-results", "Quality results", "What other tools found out."),
    ("lineage", "Lineage", "Events in, SQL read, edges drawn; graphs, ways, impact, causes out."),
    ("domains", "Domains", "The business areas of the mesh."),
    ("teams", "Teams", "The people who own products."),
    (
        "namespace-claims",
        "Namespaces",
        "Who owns the names of datasets and jobs; grant, move, dispute.",
    ),
    ("search", "Search", "Ranked search with facets."),
    ("suggest", "Suggestions", "Names that begin as typed."),
    ("checks", "Checks", "Rules of quality and how they ended, each time."),
    ("objectives", "Objectives", "What products promise, and what was measured."),
    ("access-requests", "Access requests", "Ask for a port, decide, withdraw."),
    ("grants", "Grants", "Rights to use a port: renew, revoke."),
    ("events", "Events", "Everything that happened, in order, to follow with a cursor."),
    ("webhooks", "Webhooks", "Your receivers of events: signed, in order, at least once each."),
    ("notifications", "Notifications", "What you should know."),
    ("follows", "Follows", "Products whose changes you are told."),
    ("push", "Bulk push", "Everything in one stream of lines, of any length."),
    ("exports", "Exports", "The mesh as DCAT 3 and DPROD, for other catalogs."),
    ("imports", "Imports", "Many products edited by a table, tried first."),
    ("sources", "Sources", "Where metadata is harvested."),
    ("secrets", "Secrets", "Passwords and keys that sources of a team use; never shown again."),
    ("runs", "Runs", "Harvests: their progress and result; start one."),
    ("tokens", "Tokens", "Keys for machines."),
    ("marquez", "Marquez", "Jobs, runs and lineage, read as clients of Marquez 0.51 do."),
)
#: First parts of paths that are told in the section of another.
TOLD_WITH = {
    **dict.fromkeys(("column-lineage", "jobs", "namespaces", "runlineage", "tags"), "marquez"),
}
METHODS = ("get", "post", "put", "patch", "delete")
TONES = {"get": "info", "post": "good", "put": "warn", "patch": "warn", "delete": "bad"}
EXAMPLES: Mapping[str, object] = {
    "dataProductGUID": "ed457526-8d7e-4f58-905a-18aadd6eab",
    "owner": "claims-team",
    "displayname": "Litigated claims",
    "readableDataProductKey": "claims/litigated-claims",
    "description": "Claims that went to court, one row per claim.",
    "sourceCodeLocation": "https://git.example.org/claims/litigated",
    "requiredSecurityGroup": "grp-claims",
    "product": "ed457526-8d7e-4f58-905a-18aadd6eab",
    "port": "sql",
    "purpose": "Reserve model for the yearly report",
    "comment": "Welcome.",
    "source": "claims-store",
    "name": "nightly pipeline",
    "ids": [1, 2],
}


@dataclass(frozen=True, slots=True)
class Type:
    """What a value is, in words; `ref` names a schema of the page."""

    text: str
    ref: str = ""
    allowed: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a schema."""

    name: str
    type: Type
    is_required: bool
    description: str
    where: str = ""


@dataclass(frozen=True, slots=True)
class SuccessResponse:
    """One way an operation ends well."""

    status: str
    type: Type


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one address."""

    id: str
    method: str
    tone: str
    path: str
    summary: str
    parameters: tuple[Field, ...]
    body: Type | None
    sent: tuple[Field, ...]
    answers: tuple[SuccessResponse, ...]
    curl: str


@dataclass(frozen=True, slots=True)
class Section:
    """One resource."""

    key: str
    title: str
    text: str
    operations: tuple[Operation, ...]


@dataclass(frozen=True, slots=True)
class Schema:
    """One object that is sent or answered."""

    name: str
    text: str
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Description:
    """The whole page."""

    version: str
    sections: tuple[Section, ...]
    schemas: tuple[Schema, ...]


@cache
def document() -> Document:
    """Return the OpenAPI document; it never changes while the process lives."""
    generator = SchemaGenerator()  # type: ignore[no-untyped-call]
    found: Document = generator.get_schema(request=None, public=True)  # type: ignore[no-untyped-call]
    return found


@lru_cache(maxsize=4)
def description(base: str) -> Description:
    """Return the document as the page shows it; examples call `base`."""
    doc = document()
    grouped: dict[str, list[Operation]] = {}
    for path, methods in doc["paths"].items():
        for method in METHODS:
            if method in methods:
                made = _operation(doc, base, path, method, methods[method])
                grouped.setdefault(_resource(path), []).append(made)
    sections = tuple(
        Section(key, title, text, tuple(grouped[key]))
        for key, title, text in RESOURCES
        if key in grouped
    )
    shown = sorted(doc["components"]["schemas"].items())
    schemas = tuple(
        Schema(
            name, _line(schema.get("description")), tuple(_fields(schema, name.endswith("Request")))
        )
        for name, schema in shown
        if schema.get("properties") and not name.startswith("Paginated")
    )
    return Description(str(doc["info"]["version"]), sections, schemas)


def _resource(path: str) -> str:
    first = path.removeprefix("/api/v1/").split("/")[0] or "index"
    return TOLD_WITH.get(first, "lineage" if first.startswith("lineage-") else first)


def _operation(doc: Document, base: str, path: str, method: str, operation: Document) -> Operation:
    content = operation.get("requestBody", {}).get("content", {}).get("application/json")
    schema = content["schema"] if content else None
    answers = tuple(
        SuccessResponse(code, _type(_schema_of(answer)))
        for code, answer in sorted(operation.get("responses", {}).items())
        if code != "default"
    )
    return Operation(
        operation["operationId"],
        method.upper(),
        TONES[method],
        path,
        str(operation.get("description", "")),
        tuple(_parameters(operation)),
        _type(schema) if schema else None,
        tuple(_fields(_target(doc, schema), True)) if schema else (),
        answers,
        _curl(doc, base, path, method, schema),
    )


def _schema_of(answer: Document) -> Document | None:
    content: Document = answer.get("content", {})
    found: Document | None = content.get("application/json", {}).get("schema")
    return found


def _parameters(said: Document) -> Iterator[Field]:
    for one in said.get("parameters", ()):
        is_needed = bool(one.get("required"))
        text = _line(one.get("description")) or _PATH.get(one["name"], "")
        yield Field(one["name"], _type(one.get("schema")), is_needed, text, one["in"])


def _fields(schema: Document, is_sent: bool) -> Iterator[Field]:
    needed = set(schema.get("required", ())) if is_sent else set()
    for name, one in schema.get("properties", {}).items():
        yield Field(name, _type(one), name in needed, _line(one.get("description")))


def _type(schema: Document | None) -> Type:
    """Say a schema in words: `text`, `list of …`, the name of an object, `or nothing`."""
    if not schema:
        return Type("nothing")
    parts = schema.get("oneOf") or schema.get("anyOf") or schema.get("allOf")
    if parts:
        return _union(parts)
    if ref := schema.get("$ref"):
        return _named(str(ref).rpartition("/")[2])
    kinds = schema.get("type", "any value")
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if "array" in kinds:
        inner = _type(schema.get("items"))
        return Type(f"list of {inner.text}", inner.ref, inner.allowed)
    words = [_WORDS.get(schema.get("format", ""), _WORDS.get(kind, kind)) for kind in kinds]
    words = [word if kind != "null" else "null" for kind, word in zip(kinds, words, strict=True)]
    allowed = tuple(str(value) for value in schema.get("enum", ()) if value not in (None, ""))
    return Type(" or ".join(words) + _bounds(schema), "", allowed)


_PATH = {"dataProductGUID": "GUID of the product.", "key": "Its key.", "id": "Its id."}
_WORDS = {
    "string": "text",
    "integer": "whole number",
    "number": "number",
    "boolean": "true or false",
    "object": "object",
    "date": "day, YYYY-MM-DD",
    "date-time": "time, ISO 8601",
    "uri": "address",
}


def _bounds(schema: Document) -> str:
    if "maximum" in schema and "minimum" in schema:
        return f", {schema['minimum']} to {schema['maximum']}"
    return f", at most {schema['maxLength']} characters" if "maxLength" in schema else ""


def _union(parts: list[Document]) -> Type:
    types = [_type(part) for part in parts]
    has_null = any(one.text == "null" for one in types)
    types = [one for one in types if one.text not in ("null", "empty")]
    text = " or ".join(dict.fromkeys(one.text for one in types))
    allowed = tuple(value for one in types for value in one.allowed)
    ref = next((one.ref for one in types if one.ref), "")
    return Type(f"{text} or null" if has_null else text, ref, allowed)


def _named(name: str) -> Type:
    schema: Document = document()["components"]["schemas"][name]
    if name.startswith("Paginated"):
        inner = _type(schema["properties"]["results"]["items"])
        return Type(f"page of {inner.text}", inner.ref)
    if "oneOf" in schema:
        return _union(schema["oneOf"])
    if schema.get("type") == "null":
        return Type("null")
    if "enum" in schema:
        if schema["enum"] == [""]:
            return Type("empty")
        return Type("text", "", tuple(str(value) for value in schema["enum"] if value))
    return Type(name, name)


def _line(text: object) -> str:
    """Return a description without the list of choices that generated documents add."""
    line = str(text or "").partition("* `")[0]
    return " ".join(line.split())


def _curl(doc: Document, base: str, path: str, method: str, schema: Document | None) -> str:
    address = path.replace("{dataProductGUID}", str(EXAMPLES["dataProductGUID"]))
    address = address.replace("{id}", "1").replace("{key}", "claims")
    lines = [f"curl {base}{address}"]
    if method != "get":
        lines[0] = f"curl -X {method.upper()} {base}{address}"
    lines.append('-H "Authorization: Bearer $GAZETTEER_TOKEN"')
    if schema:
        body = json.dumps(_example(doc, schema), ensure_ascii=False)
        lines += ['-H "Content-Type: application/json"', f"-d '{body}'"]
    return " \\\n  ".join(lines)


def _target(doc: Document, schema: Document) -> Document:
    """Return the schema that a reference names."""
    name = str(schema.get("$ref", "")).rpartition("/")[2]
    found: Document = doc["components"]["schemas"].get(name, schema)
    return found


def _example(doc: Document, schema: Document) -> dict[str, object]:
    known = _target(doc, schema)
    needed = list(known.get("required", ()))
    if not needed:
        needed = [n for n in ("description", "comment", "ids") if n in known.get("properties", {})]
    return {field: EXAMPLES[field] for field in needed if field in EXAMPLES}
