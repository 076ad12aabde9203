"""What the facets of a dataset say of it: a descriptor, an observation, outcomes of checks. Free of Django."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.descriptors import ColumnDescriptor, ColumnProfile, DatasetDescriptor, Observation
from lineage.openlineage.parse import Address, Facets, read_time

#: The facets of which a descriptor is made.
DESCRIBING = frozenset({"schema", "documentation", "ownership", "tags", "datasetType"})
MAX_COLUMNS = 5000

_TYPES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("timestamp", ("timestamp", "datetime")),
    ("date", ("date",)),
    ("time", ("time",)),
    ("boolean", ("bool", "bit")),
    ("integer", ("bigint", "smallint", "tinyint", "int", "long", "short", "serial", "byteint")),
    ("number", ("decimal", "numeric", "number", "double", "float", "real", "money")),
    ("array", ("array", "list", "[]")),
    ("object", ("struct", "record", "map", "json", "variant", "object", "row")),
    ("binary", ("binary", "bytea", "blob", "bytes")),
    ("string", ("char", "text", "string", "uuid", "enum", "clob")),
)
_TECHNOLOGIES = {
    "postgres": "postgresql",
    "postgresql": "postgresql",
    "kafka": "kafka",
    "s3": "s3",
    "gs": "gcs",
    "mysql": "mysql",
    "snowflake": "snowflake",
    "bigquery": "bigquery",
    "redshift": "redshift",
    "duckdb": "duckdb",
    "sqlite": "sqlite",
}


def describe(
    address: Address, facets: Mapping[str, Mapping[str, Any]], *, teams: Collection[str]
) -> DatasetDescriptor:
    """Return what the newest facets say; only what was said is set. `teams` are the known keys."""
    namespace, name = address
    fields: dict[str, Any] = {
        "namespace": namespace,
        "name": name,
        "kind": kind_of(address, facets),
    }
    fields["display_name"] = short_name(name)
    if technology := _TECHNOLOGIES.get(namespace.partition(":")[0].lower()):
        fields["technology"] = technology
    if "schema" in facets:
        fields["columns"] = list(columns_of(facets["schema"]))
    if isinstance(text := facets.get("documentation", {}).get("description"), str):
        fields["description"] = text[:100_000]
    owners = list(_owners(facets.get("ownership", {})))
    if team := next((o for o in owners if o in teams), None):
        fields["team"] = team
    if owners:
        fields["extra"] = {"owners": owners[:50]}
    if tags := list(_tags(facets.get("tags", {}))):
        fields["tags"] = tags
    return DatasetDescriptor(**fields)


def short_name(name: str) -> str:
    """Return what people call it: the table of `db.schema.table`, the last part of a path."""
    last = name.rstrip("/").rpartition("/")[2] or name
    return last[:300] if "/" in name else (last.rpartition(".")[2] or last)[:300]


def kind_of(address: Address, facets: Mapping[str, Mapping[str, Any]]) -> str:
    """Return table, view, file or topic."""
    kind = str(facets.get("datasetType", {}).get("datasetType") or "").lower()
    if "view" in kind:
        return "view"
    if kind in {"topic", "stream"}:
        return "topic"
    if kind in {"file", "table"}:
        return kind
    scheme = address[0].partition(":")[0].lower()
    if scheme in {"kafka", "pubsub", "kinesis", "nats"}:
        return "topic"
    files = {"file", "s3", "s3a", "gs", "hdfs", "abfss", "wasbs", "dbfs"}
    return "file" if scheme in files else "table"


def columns_of(schema: Mapping[str, Any]) -> Iterator[ColumnDescriptor]:
    """Yield the columns of a schema facet, nested ones by dotted path, each path once."""
    seen: set[str] = set()
    for ordinal, (path, field) in enumerate(_fields(schema.get("fields"), "", 0)):
        if path in seen or len(path) > 500 or len(seen) >= MAX_COLUMNS:
            continue
        seen.add(path)
        native = str(field.get("type") or "")[:200]
        column: dict[str, Any] = {"path": path, "ordinal": ordinal}
        if native:
            column |= {"native_type": native, "type": logical_type(native)}
        if isinstance(text := field.get("description"), str) and text:
            column["description"] = text[:100_000]
        yield ColumnDescriptor(**column)


def _fields(listed: Any, above: str, depth: int) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for field in listed if isinstance(listed, list) and depth < 20 else ():
        name = field.get("name") if isinstance(field, Mapping) else None
        if not isinstance(name, str) or not name.strip():
            continue
        path = f"{above}.{name}" if above else name
        yield path, field
        yield from _fields(field.get("fields"), path, depth + 1)


def logical_type(native: str) -> str:
    """Return the logical type a native one means, empty where it is not known."""
    text = native.lower()
    for logical, words in _TYPES:
        if any(text.startswith(word) or (word == "[]" and word in text) for word in words):
            return logical
    return "string" if "char" in text else ""


def _owners(facet: Mapping[str, Any]) -> Iterator[str]:
    listed = facet.get("owners")
    for owner in listed if isinstance(listed, list) else ():
        name = owner.get("name") if isinstance(owner, Mapping) else None
        if isinstance(name, str) and name.strip():
            yield name.strip().removeprefix("team:")[:200]


def _tags(facet: Mapping[str, Any]) -> Iterator[str]:
    listed = facet.get("tags")
    seen: set[str] = set()
    for tag in listed if isinstance(listed, list) else ():
        if not isinstance(tag, Mapping) or tag.get("field"):
            continue
        key, value = str(tag.get("key") or "").strip(), str(tag.get("value") or "").strip()
        label = (key if value.lower() in {"", "true"} else f"{key}:{value}")[:64].strip()
        if label and label not in seen:
            seen.add(label)
            yield label


def observed(address: Address, facets: Facets, at: datetime) -> Observation | None:
    """Return what a `dataQualityMetrics` facet measured, None where there is none."""
    metrics = facets.get("dataQualityMetrics")
    if metrics is None or metrics.get("_deleted"):
        return None
    rows = _count(metrics.get("rowCount"))
    columns = metrics.get("columnMetrics")
    profiles = [
        profile
        for path, said in (columns.items() if isinstance(columns, Mapping) else ())
        if isinstance(said, Mapping) and (profile := _profile(path, said, rows))
    ]
    if rows is None and _count(metrics.get("bytes")) is None and not profiles:
        return None
    updated = read_time(metrics.get("lastUpdated"))
    return Observation(
        namespace=address[0],
        name=address[1],
        observed_at=at,
        row_count=rows,
        byte_size=_count(metrics.get("bytes")),
        data_updated_at=updated if updated is not None and updated.tzinfo else None,
        rows_profiled=rows,
        columns=profiles,
    )


def _profile(path: str, metrics: Mapping[str, Any], rows: int | None) -> ColumnProfile | None:
    """Return the counts of a column. Smallest and largest values are left out: they may be personal."""
    nulls = _count(metrics.get("nullCount"))
    total = rows if rows is not None else _count(metrics.get("count"))
    if nulls is None or total is None or not path or len(path) > 500:
        return None
    return ColumnProfile(
        path=path, rows=total, nulls=nulls, distinct=_count(metrics.get("distinctCount"))
    )


def _count(value: Any) -> int | None:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    return int(value) if is_number and 0 <= value < 2**62 else None
