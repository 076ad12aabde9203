"""Describe the relations of a dbt project as datasets. Free of Django."""

from __future__ import annotations

import math
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from pydantic import ValidationError

from catalog.descriptors import ColumnDescriptor, DatasetDescriptor, Observation
from catalog.standards.quality.results import NotReadable, mapping, objects, text, time_of
from ingestors.connectors.base import Record, Table, Trouble
from ingestors.connectors.dbt.nodes import Node, Project, columns_of, is_view, tags_of
from ingestors.profile.types import logical_type

LONGEST = 100_000
#: Statistics of `catalog.json`, as the adapters name them.
ROWS = ("num_rows", "row_count", "rows")
BYTES = ("num_bytes", "bytes", "size")
TECHNOLOGY = {"postgres": "postgresql"}


def table(node: Node, project: Project, at: datetime, freshness: Mapping[str, Any]) -> Record:
    """Describe one relation; a Trouble says why it cannot be. `freshness` is its result of `sources.json`."""
    try:
        descriptor = DatasetDescriptor.model_validate(_said(node, project))
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"])
        return Trouble(node.ref.namespace, node.ref.name, f"{where}: {first['msg']}")
    stated = node.raw.get("columns")
    is_odd = stated is not None and not isinstance(stated, dict | list)
    return Table(
        descriptor,
        _observed(node, project, at, freshness),
        trouble="its columns cannot be read" if is_odd else "",
        is_reflected=False,
        owners=project.owner(node).names,
    )


def technology(project: Project) -> str:
    """Return our word for the store a project writes to."""
    return TECHNOLOGY.get(project.adapter, project.adapter)[:40]


def _said(node: Node, project: Project) -> dict[str, Any]:
    fields: dict[str, Any] = {
        "namespace": node.ref.namespace,
        "name": node.ref.name,
        "display_name": node.name,
        "kind": "view" if is_view(node) else "table",
        "technology": technology(project),
        "extra": {"dbt": _extra(node)},
    }
    comment = mapping(node.seen.get("metadata")).get("comment")
    if about := text(node.raw.get("description") or comment, LONGEST).strip():
        fields["description"] = about
    if node.tags:
        fields["tags"] = list(node.tags)
    if columns := _columns(node):
        fields["columns"] = columns
    return fields


def _extra(node: Node) -> dict[str, Any]:
    raw, config = node.raw, node.config
    extra = {
        "uniqueId": node.unique_id,
        "kind": node.kind,
        "package": text(raw.get("package_name")),
        "file": text(raw.get("original_file_path"), 1000),
        "materialized": text(config.get("materialized")),
        "group": node.group,
        "access": text(raw.get("access") or config.get("access")),
        "version": text(raw.get("version")),
        "latestVersion": text(raw.get("latest_version")),
        "source": text(raw.get("source_name")),
        "loader": text(raw.get("loader")),
    }
    if mapping(raw.get("contract") or config.get("contract")).get("enforced") is True:
        extra["contract"] = "enforced"
    return {name: value for name, value in extra.items() if value}


def _columns(node: Node) -> list[dict[str, Any]]:
    """Return the columns as the store has them, with what the project says of each; else as the project does."""
    stated = {text(c.get("name"), 500).lower(): c for c in columns_of(node.raw)}
    found: list[dict[str, Any]] = []
    stored = sorted(columns_of(node.seen), key=lambda c: _place(c.get("index")))
    for column in stored or stated.values():
        path = text(column.get("name"), 500)
        about = stated.get(path.lower(), {})
        if path:
            found.append(_column(path, len(found), column if stored else {}, about))
    return list({column["path"]: column for column in found}.values())


def _place(index: object) -> float:
    is_number = isinstance(index, int | float) and not isinstance(index, bool)
    return float(index) if is_number and math.isfinite(index) else math.inf  # type: ignore[arg-type]


def _column(
    path: str, ordinal: int, stored: Mapping[str, Any], stated: Mapping[str, Any]
) -> dict[str, Any]:
    fields: dict[str, Any] = ColumnDescriptor(path=path, ordinal=ordinal).dump()
    if native := text(stored.get("type") or stated.get("data_type"), 200):
        fields |= {"native_type": native, "type": logical_type(native)}
    if about := text(stated.get("description") or stored.get("comment"), LONGEST).strip():
        fields["description"] = about
    if tags := tags_of(stated):
        fields["tags"] = list(tags)
    kinds = {text(one.get("type")).lower() for one in objects(stated.get("constraints"))}
    if "primary_key" in kinds:
        fields["primary_key"] = True
    if kinds & {"primary_key", "not_null"}:
        fields["nullable"] = False
    if "unique" in kinds:
        fields["unique"] = True
    return fields


def _observed(
    node: Node, project: Project, at: datetime, freshness: Mapping[str, Any]
) -> Observation | None:
    """Return what dbt itself measured, dated when it did: statistics of the store, the newest row of a source."""
    figures: dict[str, Any] = {}
    stats = {key.lower(): mapping(one) for key, one in mapping(node.seen.get("stats")).items()}
    for name, words in (("row_count", ROWS), ("byte_size", BYTES)):
        counts = (_whole(stats[word].get("value")) for word in words if word in stats)
        if (value := next((c for c in counts if c is not None), None)) is not None:
            figures[name] = value
    if "row_count" in figures:
        figures["row_count_is_estimate"] = True
    if loaded := _time(freshness.get("max_loaded_at")):
        figures["data_updated_at"] = loaded
    if not figures:
        return None
    dated = _time(freshness.get("snapshotted_at")) if loaded else _time(project.stored_at)
    return Observation(
        namespace=node.ref.namespace,
        name=node.ref.name,
        observed_at=min(dated or at, at),
        **figures,
    )


def _time(value: object) -> datetime | None:
    try:
        return time_of(value, ()) if value else None
    except NotReadable:
        return None


def _whole(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 2**62:
        return None
    return int(value)
