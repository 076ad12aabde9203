"""Read files of tables: CSV, TSV, JSON, NDJSON and Parquet. Free of Django.

A dataset is one file, or a folder of Hive partitions (`name/day=2026-05-03/…`) as a whole. Files are read by
DuckDB; Parquet counts and types come from the footer. Addresses are `file` and the path, unless `namespace` says
otherwise; then names are relative to `path`.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any, Literal

from pydantic import Field as Setting

from catalog.descriptors import ColumnDescriptor, DatasetDescriptor
from ingestors.connectors.base import (
    NO_OVERRIDES,
    ConnectorConfig,
    Found,
    Overrides,
    Record,
    Trouble,
    parse_config,
)
from ingestors.connectors.describe import profiled
from ingestors.connectors.secrets import scrub
from ingestors.errors import SourceUnavailable, Unreadable
from ingestors.profile.dialects import Dialect, dialect_of
from ingestors.profile.subject import Field, ItemGone, Subject, TimedOut
from ingestors.profile.types import logical_type

READERS = {
    "csv": "read_csv",
    "tsv": "read_csv",
    "json": "read_json",
    "ndjson": "read_json",
    "jsonl": "read_json",
    "parquet": "read_parquet",
}
TECHNOLOGY = {"jsonl": "ndjson"}
_PARTITION = re.compile(r"/([A-Za-z0-9_]+=[^/]*)(/|$)")


class FilesConfig(ConnectorConfig):
    """Where the files are, and which of them."""

    path: str = Setting(min_length=1, description="Folder, file or glob; any fsspec URL.")
    namespace: str = Setting(default="", max_length=500)
    include: tuple[str, ...] = ("*",)
    exclude: tuple[str, ...] = ()
    format: Literal["", "csv", "tsv", "json", "ndjson", "parquet"] = ""


@dataclass(frozen=True, slots=True)
class Item:
    """One dataset: its files, how to read them, and where they are."""

    name: str
    stem: str
    form: str
    pattern: str
    files: tuple[str, ...]
    size: int
    changed: datetime | None
    is_partitioned: bool


class DuckRunner:
    """DuckDB with little memory, reading files alone."""

    def __init__(self, filesystem: Any) -> None:
        import duckdb

        self._errors: type[Exception] = duckdb.Error
        self._connection = duckdb.connect(":memory:")
        self._connection.execute("SET memory_limit = '256MB'")
        self._connection.execute("SET threads = 2")
        self._connection.execute("SET TimeZone = 'UTC'")
        if filesystem is not None:
            self._connection.register_filesystem(filesystem)
        self.dialect: Dialect = dialect_of("duckdb")

    def rows(self, statement: str, *, seconds: float) -> Sequence[Sequence[object]]:
        """Return all rows of a statement; raises TimedOut, ItemGone or Unreadable."""
        timer = threading.Timer(seconds, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            found: Sequence[Sequence[object]] = self._connection.execute(statement).fetchall()
            return found
        except self._errors as error:
            raise self._meaning(error, seconds) from None
        finally:
            timer.cancel()

    def _meaning(self, error: Exception, seconds: float) -> Unreadable:
        """Say what happened; DuckDB quotes rows in its messages, so only the kind is told."""
        said = str(error).lower()
        if "interrupt" in said:
            return TimedOut(f"took longer than {seconds:.0f} s")
        if "no files found" in said or "no such file" in said:
            return ItemGone("it was there when the harvest began and is not any more")
        for sign, meaning in _MEANINGS:
            if sign in said:
                return Unreadable(meaning)
        return Unreadable(f"cannot be read ({type(error).__name__})")

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()


_MEANINGS = (
    ("invalid unicode", "is not valid UTF-8"),
    ("not utf-8", "is not valid UTF-8"),
    ("malformed json", "holds malformed JSON"),
    ("no magic bytes", "is no Parquet file"),
    ("too small to be a parquet", "is no Parquet file"),
    ("permission denied", "may not be read (permission denied)"),
    ("sniffing", "has rows of different lengths or no recognisable columns"),
    ("expected number of columns", "has rows of different lengths"),
    ("conversion error", "has values that do not fit the type of their column"),
)


class FilesConnector:
    """Files of tables."""

    title = "Files"
    summary = "CSV, TSV, JSON, NDJSON and Parquet files and Hive partitions."
    config_type = FilesConfig

    def __init__(self, config: Mapping[str, object]) -> None:
        self.config = parse_config(FilesConfig, config)

    def __repr__(self) -> str:
        return f"FilesConnector({scrub(self.config.path)!r})"

    def check(self) -> str:
        """Look for files and say how many datasets they make."""
        filesystem, root = self._filesystem()
        return f"{len(self._items(filesystem, root))} datasets"

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield `Found`, then each dataset by name."""
        moment = at or datetime.now(UTC)
        filesystem, root = self._filesystem()
        items = self._items(filesystem, root)
        yield Found(len(items))
        runner = DuckRunner(None if _is_local(filesystem) else filesystem)
        try:
            for item in items:
                yield self._record(item, runner, overrides, moment)
        finally:
            runner.close()

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _filesystem(self) -> tuple[Any, str]:
        import fsspec

        try:
            filesystem, root = fsspec.core.url_to_fs(self.config.path)
        except (ValueError, ImportError, OSError) as error:
            raise SourceUnavailable(scrub(str(error))[:300]) from None
        return filesystem, str(root).rstrip("/")

    def _items(self, filesystem: Any, root: str) -> list[Item]:
        try:
            if any(sign in root for sign in "*?["):
                base = root[: min(root.index(s) for s in "*?[" if s in root)].rpartition("/")[0]
                found = filesystem.glob(root, detail=True)
            elif filesystem.isfile(root):
                base, found = root.rpartition("/")[0], {root: filesystem.info(root)}
            elif filesystem.isdir(root):
                base, found = root, filesystem.find(root, detail=True)
            else:
                raise SourceUnavailable(f"there is nothing at {scrub(self.config.path)}")
        except OSError as error:
            raise SourceUnavailable(f"{error.strerror or type(error).__name__}") from None
        grouped: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for path, info in sorted(found.items()):
            if info.get("type") == "file" and self._form(path):
                grouped.setdefault(_dataset_path(path), []).append((path, info))
        items = [self._item(base, path, files) for path, files in grouped.items()]
        return [item for item in items if self._is_wanted(item)]

    def _form(self, path: str) -> str:
        ending = path.removesuffix(".gz").rpartition(".")[2].lower()
        return self.config.format or (ending if ending in READERS else "")

    def _item(self, base: str, path: str, files: list[tuple[str, Mapping[str, Any]]]) -> Item:
        first = files[0][0]
        form = self._form(first)
        partitioned = path != first
        relative = path.removeprefix(base).lstrip("/") or path
        pattern = f"{path}/**/*.{first.rpartition('.')[2]}" if partitioned else first
        stamps = [t for _, info in files if (t := _changed(info)) is not None]
        stem = relative.rpartition("/")[2]
        return Item(
            relative if self.config.namespace else path,
            stem if partitioned else stem.removesuffix(".gz").rpartition(".")[0] or stem,
            form,
            pattern,
            tuple(name for name, _ in files),
            sum(int(info.get("size") or 0) for _, info in files),
            max(stamps) if stamps else None,
            partitioned,
        )

    def _is_wanted(self, item: Item) -> bool:
        def fits(pattern: str) -> bool:
            return fnmatchcase(item.name, pattern) or fnmatchcase(item.stem, pattern)

        return any(map(fits, self.config.include)) and not any(map(fits, self.config.exclude))

    def _record(self, item: Item, runner: DuckRunner, overrides: Overrides, at: datetime) -> Record:
        namespace = self.config.namespace or "file"
        if item.size == 0:
            return Trouble(namespace, item.name, "is empty")
        relation = _relation(item)
        seconds = self.config.limits.max_seconds
        try:
            described = runner.rows(f"DESCRIBE SELECT * FROM {relation}", seconds=seconds)
            count = self._footer_count(item, runner, seconds)
        except Unreadable as error:
            return Trouble(namespace, item.name, str(error))
        columns = [(str(row[0]), str(row[1])) for row in described]
        descriptor = DatasetDescriptor(
            namespace=namespace,
            name=item.name,
            display_name=item.stem[:300],
            kind="file",
            technology=TECHNOLOGY.get(item.form, item.form),
            columns=[
                ColumnDescriptor(
                    path=name, ordinal=ordinal, type=logical_type(native), native_type=native[:200]
                )
                for ordinal, (name, native) in enumerate(columns)
            ],
            extra={"files": len(item.files)} if item.is_partitioned else {},
        )
        quote = runner.dialect.quote
        subject = Subject(
            ref=descriptor.ref,
            relation=relation,
            fields=tuple(
                Field(name, quote(name), logical_type(native), native) for name, native in columns
            ),
            row_count=count,
            byte_size=item.size,
            updated_at=item.changed,
        )
        return profiled(
            descriptor,
            subject,
            runner,
            limits=self.config.limits,
            corrections=overrides.get(descriptor.ref, {}),
            at=at,
        )

    def _footer_count(self, item: Item, runner: DuckRunner, seconds: float) -> int | None:
        if item.form != "parquet":
            return None
        rows = runner.rows(
            f"SELECT sum(num_rows) FROM parquet_file_metadata({_text(item.pattern)})",
            seconds=seconds,
        )
        return int(str(rows[0][0] or 0)) if rows else None


def _dataset_path(path: str) -> str:
    """Return the folder of a partitioned dataset, else the file itself."""
    found = _PARTITION.search(path)
    return path[: found.start()] if found else path


def _relation(item: Item) -> str:
    options = {"csv": "", "tsv": ", delim = '\t'"}.get(item.form, "")
    if item.is_partitioned:
        options += ", hive_partitioning = true, union_by_name = true"
    return f"{READERS[item.form]}({_text(item.pattern)}{options})"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _is_local(filesystem: Any) -> bool:
    protocol = filesystem.protocol
    return "file" in ((protocol,) if isinstance(protocol, str) else tuple(protocol))


def _changed(info: Mapping[str, Any]) -> datetime | None:
    stamp = info.get("mtime") or info.get("LastModified") or info.get("last_modified")
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    return stamp if isinstance(stamp, datetime) else None
