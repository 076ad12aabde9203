"""Write a store as a folder of CSV, NDJSON and Parquet files."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import duckdb

from portal.demo.stores.spec import ColumnPlan, TablePlan
from portal.demo.stores.values import Value, sql_type

Columns = Mapping[str, Sequence[Value]]


def path_of(folder: Path, table: TablePlan) -> Path:
    """Return the file of a table, or the folder of its partitions."""
    return folder / (table.name if table.form == "partitioned" else f"{table.name}.{table.form}")


def open_engine() -> duckdb.DuckDBPyConnection:
    """Open the engine that writes Parquet."""
    return duckdb.connect(config={"threads": 1, "memory_limit": "256MB"})


@dataclass(slots=True)
class Batch:
    """Rows for one file, column by column."""

    folder: Path
    table: TablePlan
    plans: Sequence[ColumnPlan]
    columns: dict[str, list[Value]] = field(default_factory=dict)

    def extend(self, columns: Columns) -> None:
        """Add rows to the batch."""
        for name, values in columns.items():
            self.columns.setdefault(name, []).extend(values)


def append(engine: duckdb.DuckDBPyConnection, batch: Batch) -> None:
    """Write a batch behind the rows a file has."""
    batch.folder.mkdir(parents=True, exist_ok=True)
    path = path_of(batch.folder, batch.table)
    if batch.table.form == "csv":
        _append_csv(path, batch.columns)
    elif batch.table.form == "ndjson":
        flags = {plan.name for plan in batch.plans if plan.generator == "flag"}
        _append_ndjson(path, batch.columns, flags)
    else:
        _append_parquet(engine, path, batch)


def _append_csv(path: Path, columns: Columns) -> None:
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        if is_new:
            writer.writerow(columns)
        writer.writerows(zip(*columns.values(), strict=True))


def _append_ndjson(path: Path, columns: Columns, flags: set[str]) -> None:
    with path.open("a", encoding="utf-8") as file:
        for row in zip(*columns.values(), strict=True):
            record: dict[str, object] = {}
            for name, value in zip(columns, row, strict=True):
                _put(record, name, bool(value) if name in flags else value)
            file.write(json.dumps(record, ensure_ascii=False) + "\n")


def _put(record: dict[str, object], name: str, value: object) -> None:
    """Store `a.b` as a field of the object `a`."""
    outer, _, inner = name.partition(".")
    if not inner:
        record[outer] = value
        return
    nested = record.setdefault(outer, {})
    if isinstance(nested, dict):
        nested[inner] = value


def _append_parquet(engine: duckdb.DuckDBPyConnection, path: Path, batch: Batch) -> None:
    table = batch.table
    rows = path.parent / f".{table.name}.csv"
    _append_csv(rows, batch.columns)
    types = ", ".join(f"'{plan.name}': '{sql_type(plan)}'" for plan in batch.plans)
    new = f"read_csv('{rows}', header = true, columns = {{{types}}})"
    if table.form == "partitioned":
        engine.execute(
            f"COPY (SELECT * FROM {new}) TO '{path}' (FORMAT parquet, COMPRESSION zstd, "
            f"PARTITION_BY ({table.options['by']}), OVERWRITE_OR_IGNORE, "
            f"FILENAME_PATTERN 'part-{len(list(path.glob('*')))}-')"
        )
    else:
        old = f"SELECT * FROM '{path}' UNION ALL BY NAME " if path.exists() else ""
        fresh = path.with_suffix(".new")
        engine.execute(
            f"COPY ({old}SELECT * FROM {new}) TO '{fresh}' (FORMAT parquet, COMPRESSION zstd)"
        )
        fresh.replace(path)
    rows.unlink()
