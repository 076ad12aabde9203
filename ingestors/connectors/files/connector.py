"""Read files of tables: CSV, TSV, JSON, NDJSON and Parquet. Free of Django.

A dataset is one file, or a folder of Hive partitions (`name/day=2026-05-03/…`) as a whole. Files are read by
DuckDB; Parquet counts and types come from the footer. Addresses are `file` and the path, or `s3://bucket` and the
key, unless `namespace` says otherwise; then names are relative to `path`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Literal

from pydantic import Field as Setting

from catalog.descriptors import ColumnDescriptor, DatasetDescriptor
from ingestors.authority.permits import Permit
from ingestors.connectors.base import (
    ConnectorConfig,
    Found,
    NamePatterns,
    Record,
    Remark,
    Trouble,
    parse_config,
)
from ingestors.connectors.describe import profiled
from ingestors.connectors.files.engine import DuckRunner
from ingestors.connectors.files.items import Item, Location
from ingestors.connectors.files.reading import Opened, opened
from ingestors.connectors.filesystems import judge_place
from ingestors.connectors.secrets import scrub
from ingestors.errors import Unreadable
from ingestors.profile.dialects import Dialect
from ingestors.profile.limits import NO_OVERRIDES, Overrides
from ingestors.profile.subject import Field, ItemMissing, Subject
from ingestors.profile.types import logical_type

OUTSIDE = "it leads out of the folders that are open to this source"
TECHNOLOGY = {"jsonl": "ndjson"}


class FilesConfig(ConnectorConfig):
    """Where the files are, and which of them."""

    path: str = Setting(min_length=1, description="Folder, file or glob; any fsspec URL.")
    namespace: str = Setting(default="", max_length=500)
    include: NamePatterns = ("*",)
    exclude: NamePatterns = ()
    format: Literal["", "csv", "tsv", "json", "ndjson", "parquet"] = ""


class FilesConnector:
    """Files of tables."""

    title = "Files"
    summary = "CSV, TSV, JSON, NDJSON and Parquet files and Hive partitions."
    config_type = FilesConfig

    def __init__(self, config: Mapping[str, object]) -> None:
        self.config = parse_config(FilesConfig, config)

    def __repr__(self) -> str:
        return f"FilesConnector({scrub(self.config.path)!r})"

    def judge(self, permit: Permit) -> None:
        """Refuse a place that the permit does not open."""
        judge_place(self.config.path, permit)

    def check(self) -> str:
        """Look for files and say how many datasets they make."""
        return f"{len(self._items(self._place()))} datasets"

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield `Found`, then each dataset by name."""
        moment = at or datetime.now(UTC)
        place = self._place()
        items = self._items(place)
        yield Found(len(items))
        for path in place.outside:
            yield Remark(f"{path} is left out: {OUTSIDE}", is_problem=True)
        runner = DuckRunner(place.roots, None if place.is_local else place.filesystem)
        try:
            for item in items:
                yield self._record(item, place, runner, overrides, moment)
        finally:
            runner.close()

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _place(self) -> Location:
        return Location(self.config.path, self.config.namespace, self.config.format)

    def _items(self, place: Location) -> list[Item]:
        return place.items(self.config.include, self.config.exclude)

    def _record(
        self, item: Item, place: Location, runner: DuckRunner, overrides: Overrides, at: datetime
    ) -> Record:
        if item.size == 0:
            return Trouble(item.ref.namespace, item.ref.name, "is empty")
        limits = self.config.limits
        try:
            with opened(item, place, runner, seconds=limits.max_seconds) as found:
                return profiled(
                    _descriptor(item, found),
                    _subject(item, found, runner.dialect),
                    runner,
                    limits=limits,
                    corrections=overrides.get(item.ref, {}),
                    at=at,
                    trouble=found.trouble,
                )
        except ItemMissing as error:
            place.check_is_there()
            return Trouble(item.ref.namespace, item.ref.name, str(error))
        except Unreadable as error:
            return Trouble(item.ref.namespace, item.ref.name, str(error))


def _descriptor(item: Item, found: Opened) -> DatasetDescriptor:
    return DatasetDescriptor(
        namespace=item.ref.namespace,
        name=item.ref.name,
        display_name=item.stem[:300],
        kind="file",
        technology=TECHNOLOGY.get(item.form, item.form),
        columns=[
            ColumnDescriptor(
                path=name, ordinal=ordinal, type=logical_type(native), native_type=native[:200]
            )
            for ordinal, (name, native) in enumerate(found.columns)
        ],
        extra={"files": len(item.files)} if item.is_partitioned else {},
    )


def _subject(item: Item, found: Opened, dialect: Dialect) -> Subject:
    return Subject(
        ref=item.ref,
        relation=found.relation,
        fields=tuple(
            Field(name, dialect.quote(name), logical_type(native), native)
            for name, native in found.columns
        ),
        row_count=found.row_count,
        byte_size=item.size,
        updated_at=item.changed,
        notes=found.notes,
        is_fragile=item.form != "parquet",
    )
