"""Which datasets the files of a folder make up. Free of Django."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import Any
from urllib.parse import urlsplit

from catalog.names import DatasetRef
from ingestors.authority.process import held
from ingestors.connectors.filesystems import (
    GLOB,
    before_glob,
    is_open,
    open_place,
    scheme_of,
)
from ingestors.connectors.secrets import scrub
from ingestors.errors import SourceUnavailable

#: File endings, and the DuckDB function that reads each.
READERS = {
    "csv": "read_csv",
    "tsv": "read_csv",
    "json": "read_json",
    "ndjson": "read_json",
    "jsonl": "read_json",
    "parquet": "read_parquet",
}
_PARTITION = re.compile(r"/([A-Za-z0-9_]+=[^/]*)(/|$)")


@dataclass(frozen=True, slots=True)
class Item:
    """One dataset: its address, its files, and the pattern by which DuckDB reads them."""

    ref: DatasetRef
    stem: str
    form: str
    pattern: str
    files: tuple[str, ...]
    size: int
    changed: datetime | None
    is_partitioned: bool

    @property
    def is_compressed(self) -> bool:
        """Whether its files are gzipped."""
        return self.files[0].endswith(".gz")


class Location:
    """A folder, a file or a glob on any fsspec file system. No I/O before `items`."""

    def __init__(self, path: str, namespace: str = "", form: str = "") -> None:
        self.path, self.namespace, self.form = path, namespace, form
        self.permit = held().permit
        self.filesystem, self.root = open_place(path, self.permit)
        self.outside: tuple[str, ...] = ()
        protocol = self.filesystem.protocol
        names = (protocol,) if isinstance(protocol, str) else tuple(protocol)
        self.is_local = "file" in names

    def items(self, include: Sequence[str], exclude: Sequence[str]) -> list[Item]:
        """Return the wanted datasets by name. Raises SourceUnavailable."""
        base, found = self._found()
        self.outside = tuple(path for path in sorted(found) if not self._is_open(path))
        found = {path: info for path, info in found.items() if path not in set(self.outside)}
        grouped: dict[str, list[tuple[str, Mapping[str, Any]]]] = {}
        for path, info in sorted(found.items()):
            if info.get("type") == "file" and self._form_of(path):
                grouped.setdefault(_dataset_path(path), []).append((path, info))
        items = [self._item(base, path, files) for path, files in grouped.items()]
        return [item for item in items if _is_wanted(item, include, exclude)]

    @property
    def roots(self) -> tuple[str, ...]:
        """What an engine may be let read: the folders that are open, or one kind of store."""
        if self.is_local:
            return self.permit.local_roots
        start = f"{scheme_of(self.path)}://"
        return (start, f"{start}{urlsplit(self.path).netloc}")

    def _is_open(self, path: str) -> bool:
        return not self.is_local or is_open(path, self.permit)

    def check_is_there(self) -> None:
        """Raise SourceUnavailable when the whole place has gone away."""
        base = before_glob(self.root)
        try:
            is_there = self.filesystem.exists(base)
        except OSError as error:
            raise SourceUnavailable(_reason(error)) from None
        if not is_there:
            raise SourceUnavailable(f"there is nothing at {scrub(self.path)} any more")

    def first_bytes(self, item: Item, count: int) -> bytes:
        """Return how the first file of a dataset begins. Raises SourceUnavailable."""
        try:
            with self.filesystem.open(item.files[0], "rb", compression="infer") as file:
                return bytes(file.read(count))
        except (OSError, EOFError) as error:
            raise SourceUnavailable(_reason(error)) from None

    def _found(self) -> tuple[str, Mapping[str, Mapping[str, Any]]]:
        filesystem, root = self.filesystem, self.root
        try:
            if GLOB.search(root):
                return before_glob(root), filesystem.glob(root, detail=True)
            if filesystem.isfile(root):
                return root.rpartition("/")[0], {root: filesystem.info(root)}
            if filesystem.isdir(root):
                return root, filesystem.find(root, detail=True)
        except OSError as error:
            raise SourceUnavailable(_reason(error)) from None
        raise SourceUnavailable(f"there is nothing at {scrub(self.path)}")

    def _form_of(self, path: str) -> str:
        ending = path.removesuffix(".gz").rpartition(".")[2].lower()
        return self.form or (ending if ending in READERS else "")

    def _item(self, base: str, path: str, files: list[tuple[str, Mapping[str, Any]]]) -> Item:
        first = files[0][0]
        is_partitioned = path != first
        stamps = [moment for _, info in files if (moment := _changed(info)) is not None]
        stem = path.rpartition("/")[2]
        address = _escaped(path if self.is_local else str(self.filesystem.unstrip_protocol(path)))
        return Item(
            self._ref(base, path),
            stem if is_partitioned else stem.removesuffix(".gz").rpartition(".")[0] or stem,
            self._form_of(first),
            f"{address}/**/*.{first.rpartition('.')[2]}" if is_partitioned else address,
            tuple(name for name, _ in files),
            sum(int(info.get("size") or 0) for _, info in files),
            max(stamps) if stamps else None,
            is_partitioned,
        )

    def _ref(self, base: str, path: str) -> DatasetRef:
        """Name a dataset: below `path` in a given namespace, else as OpenLineage does."""
        if self.namespace:
            return DatasetRef(self.namespace, path.removeprefix(base).lstrip("/") or path)
        if self.is_local:
            return DatasetRef("file", path)
        url = urlsplit(str(self.filesystem.unstrip_protocol(path)))
        if url.netloc:
            return DatasetRef(f"{url.scheme}://{url.netloc}", url.path.lstrip("/"))
        return DatasetRef(url.scheme, url.path)


def _reason(error: Exception) -> str:
    reason = error.strerror if isinstance(error, OSError) and error.strerror else ""
    return scrub(reason or type(error).__name__)[:300]


def _escaped(path: str) -> str:
    return GLOB.sub(lambda sign: f"[{sign[0]}]", path)


def _dataset_path(path: str) -> str:
    """Return the folder of a partitioned dataset, else the file itself."""
    found = _PARTITION.search(path)
    return path[: found.start()] if found else path


def _is_wanted(item: Item, include: Sequence[str], exclude: Sequence[str]) -> bool:
    def fits(pattern: str) -> bool:
        return fnmatchcase(item.ref.name, pattern) or fnmatchcase(item.stem, pattern)

    return any(map(fits, include)) and not any(map(fits, exclude))


def _changed(info: Mapping[str, Any]) -> datetime | None:
    stamp = info.get("mtime") or info.get("LastModified") or info.get("last_modified")
    if isinstance(stamp, int | float):
        return datetime.fromtimestamp(stamp, UTC)
    return stamp if isinstance(stamp, datetime) else None
