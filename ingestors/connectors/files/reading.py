"""How one dataset of files is read: with care first, forgivingly when it must. Free of Django.

Text is parsed once, into a table in memory; only files too large for that are read anew by each
statement. Parquet is read where it lies. Every departure from the plain reading is said in a note.
"""

from __future__ import annotations

import gzip
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ingestors.connectors.files.engine import (
    DuckRunner,
    Misjudged,
    NotUtf8,
    OutOfMemory,
    Ragged,
)
from ingestors.connectors.files.items import READERS, Item, Location
from ingestors.errors import Unreadable

#: Bytes of text that are parsed into memory, as they lie in the store.
IN_MEMORY = 48_000_000
IN_MEMORY_COMPRESSED = 6_000_000
_TABLE = "item"
_FORGIVING = "strict_mode = false, null_padding = true, ignore_errors = true"
_SEVERAL_IN_ONE = re.compile(r"[,;\t|]")


@dataclass(frozen=True, slots=True)
class Way:
    """One way to read a file: options of the reader, and what is to be said of it."""

    options: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    trouble: str = ""
    is_recoded: bool = False

    def but(self, option: str, note: str = "", trouble: str = "") -> Way:
        """Return this way with one more option."""
        notes = (*self.notes, note) if note else self.notes
        return replace(
            self,
            options=(*self.options, option),
            notes=notes,
            trouble=trouble or self.trouble,
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A dataset that statements can be asked about."""

    relation: str
    columns: tuple[tuple[str, str], ...]  # name and native type
    row_count: int | None
    notes: tuple[str, ...] = ()
    trouble: str = ""


@contextmanager
def opened(item: Item, place: Location, runner: DuckRunner, *, seconds: float) -> Iterator[Opened]:
    """Open a dataset; raises Unreadable when no way to read it is left."""
    reader = _Reader(item, place, runner, seconds)
    try:
        yield reader.open()
    finally:
        reader.close()


class _Reader:
    def __init__(self, item: Item, place: Location, runner: DuckRunner, seconds: float) -> None:
        self.item, self.place, self.runner, self.seconds = item, place, runner, seconds
        limit = IN_MEMORY_COMPRESSED if item.is_compressed else IN_MEMORY
        self.is_small = item.size <= limit
        self._copy = ""

    def open(self) -> Opened:
        """Try one way after the other."""
        if self.item.form == "parquet":
            return self._parquet()
        way = Way(("delim = '\\t'",)) if self.item.form == "tsv" else Way()
        while True:
            try:
                return self._text(way)
            except Unreadable as error:
                further = self._further(way, error)
                if further is None:
                    raise
                way = further

    def close(self) -> None:
        """Forget the rows."""
        self.runner.rows(f"DROP TABLE IF EXISTS {_TABLE}", seconds=self.seconds)
        if self._copy:
            _memory().rm(self._copy)
            self._copy = ""

    def _parquet(self) -> Opened:
        relation = self._relation(Way())
        count = self.runner.rows(
            f"SELECT sum(num_rows) FROM parquet_file_metadata({_text(self.item.pattern)})",
            seconds=self.seconds,
        )
        return Opened(relation, self._columns(relation), int(str(count[0][0] or 0)))

    def _text(self, way: Way) -> Opened:
        relation = self._relation(way)
        if not self.is_small:
            columns = self._columns(relation)
            self._check_columns(way, columns)
            return Opened(relation, columns, None, way.notes, way.trouble)
        self.runner.rows(
            f"CREATE OR REPLACE TEMP TABLE {_TABLE} AS SELECT * FROM {relation}",
            seconds=self.seconds,
        )
        columns = self._columns(_TABLE)
        self._check_columns(way, columns)
        count = self.runner.rows(f"SELECT count(*) FROM {_TABLE}", seconds=self.seconds)
        return Opened(_TABLE, columns, int(str(count[0][0])), way.notes, way.trouble)

    def _check_columns(self, way: Way, columns: tuple[tuple[str, str], ...]) -> None:
        """One column with commas in its name: the rows did not agree on how many there are."""
        if self.item.form != "csv" or _FORGIVING in way.options or len(columns) != 1:
            return
        if _SEVERAL_IN_ONE.search(columns[0][0]):
            raise Ragged("has rows of different lengths")

    def _columns(self, relation: str) -> tuple[tuple[str, str], ...]:
        rows = self.runner.rows(f"DESCRIBE SELECT * FROM {relation}", seconds=self.seconds)
        return tuple((str(row[0]), str(row[1])) for row in rows)

    def _relation(self, way: Way) -> str:
        options = list(way.options)
        if self.item.is_partitioned:
            options += ["hive_partitioning = true", "union_by_name = true"]
        pattern = self._recoded() if way.is_recoded else self.item.pattern
        return f"{READERS[self.item.form]}({', '.join([_text(pattern), *options])})"

    def _further(self, way: Way, error: Unreadable) -> Way | None:
        """Return the next way to try after an error; None when there is none."""
        if isinstance(error, OutOfMemory) and self.is_small:
            self.is_small = False
            return way
        if self.item.form not in ("csv", "tsv"):
            return None
        if isinstance(error, NotUtf8):
            return self._other_encoding(way)
        if isinstance(error, Misjudged) and "sample_size = -1" not in way.options:
            return way.but("sample_size = -1")
        if isinstance(error, Ragged | Misjudged) and _FORGIVING not in way.options:
            message = f"{error}: short rows were filled up, what is too much was left out"
            return way.but(_FORGIVING, trouble=message)
        return None

    def _other_encoding(self, way: Way) -> Way | None:
        encoded = [option for option in way.options if option.startswith("encoding")]
        if way.is_recoded:
            return None
        if not encoded:
            start = self.place.first_bytes(self.item, 400)
            if start[:2] in (b"\xff\xfe", b"\xfe\xff") or start.count(0) > len(start) / 5:
                return way.but("encoding = 'utf-16'", "read as UTF-16")
            return way.but("encoding = 'latin-1'", "read as Latin-1: it is not valid UTF-8")
        is_single = len(self.item.files) == 1 and self.is_small
        if encoded != ["encoding = 'latin-1'"] or not is_single:
            return None
        kept = tuple(option for option in way.options if option not in encoded)
        remarks = ("read as Windows-1252: it is not valid UTF-8",)
        return replace(way, options=kept, notes=remarks, is_recoded=True)

    def _recoded(self) -> str:
        """Put a UTF-8 copy of a Windows-1252 file into memory; return its address."""
        if not self._copy:
            with self.place.filesystem.open(self.item.files[0], "rb") as file:
                content = bytes(file.read())
            if self.item.is_compressed:
                content = gzip.decompress(content)
            memory = _memory()
            self._copy = f"/gazetteer-{id(self)}.csv"
            with memory.open(self._copy, "wb") as copy:
                copy.write(content.decode("cp1252", errors="replace").encode())
            self.runner.add_filesystem(memory)
        return f"memory://{self._copy}"


def _memory() -> Any:
    import fsspec

    return fsspec.filesystem("memory")


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
