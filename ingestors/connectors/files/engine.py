"""DuckDB, kept small: it reads files, in little memory, and writes nothing anywhere. Free of Django."""

from __future__ import annotations

import re
import threading
from collections.abc import Sequence
from typing import Any

from ingestors.errors import Unreadable
from ingestors.profile.dialects import Dialect, dialect_of
from ingestors.profile.subject import ItemMissing, TimedOut

#: Rows that do not fit in memory are not put on a disk: they may hold personal data.
_SETTINGS = (
    "SET memory_limit = '256MB'",
    "SET temp_directory = ''",
    "SET threads = 2",
    "SET TimeZone = 'UTC'",
    "SET preserve_insertion_order = true",
    "SET autoinstall_known_extensions = false",
    "SET autoload_known_extensions = false",
)
#: Copies in memory that the connector makes itself.
_MEMORY = "memory://"


class NotUtf8(Unreadable):
    """A text is written in another encoding."""


class Ragged(Unreadable):
    """The rows of a CSV file have different lengths."""


class Misjudged(Unreadable):
    """Values further down do not fit the type that the first rows suggest."""


class OutOfMemory(TimedOut):
    """The work needs more memory than it may take."""


_MEANINGS: tuple[tuple[str, type[Unreadable], str], ...] = (
    ("invalid unicode", NotUtf8, "is not valid UTF-8"),
    ("not utf-8", NotUtf8, "is not valid UTF-8"),
    ("is not latin-1", NotUtf8, "is not valid Latin-1"),
    ("is not utf-16", NotUtf8, "is not valid UTF-16"),
    ("malformed json", Unreadable, "holds malformed JSON"),
    ("no magic bytes", Unreadable, "is no Parquet file, or was cut off"),
    ("too small to be a parquet", Unreadable, "is no Parquet file"),
    ("decompression failure", Unreadable, "is damaged: its data cannot be decompressed"),
    ("gzip", Unreadable, "is no gzip file, or was cut off"),
    ("permission denied", Unreadable, "may not be read (permission denied)"),
    ("expected number of columns", Ragged, "has rows of different lengths"),
    ("sniffing", Ragged, "has rows of different lengths or no recognisable columns"),
    ("error when converting column", Misjudged, "has values that do not fit their column"),
    ("conversion error", Misjudged, "has values that do not fit the type of their column"),
)
_LINE = re.compile(r"error on line: (\d+)|in line (\d+)", re.IGNORECASE)


class DuckRunner:
    """A DuckDB of its own for one harvest, which reads below `roots` and nowhere else."""

    def __init__(self, roots: Sequence[str], filesystem: Any = None) -> None:
        import duckdb

        self._errors: type[Exception] = duckdb.Error
        self._connection = duckdb.connect(":memory:")
        for setting in _SETTINGS:
            self._connection.execute(setting)
        self._connection.execute("SET allowed_directories = ?", [[*roots, _MEMORY]])
        self._connection.execute("SET enable_external_access = false")
        self._connection.execute("SET lock_configuration = true")
        self._known: set[object] = set()
        if filesystem is not None:
            self.add_filesystem(filesystem)
        self.dialect: Dialect = dialect_of("duckdb")

    def add_filesystem(self, filesystem: Any) -> None:
        """Let statements read from a further file system."""
        if str(filesystem.protocol) not in self._known:
            self._connection.register_filesystem(filesystem)
            self._known.add(str(filesystem.protocol))

    def rows(self, statement: str, *, seconds: float) -> Sequence[Sequence[object]]:
        """Return all rows of a statement; raises TimedOut, ItemMissing or Unreadable."""
        timer = threading.Timer(seconds, self._connection.interrupt)
        timer.daemon = True
        timer.start()
        try:
            found: Sequence[Sequence[object]] = self._connection.execute(statement).fetchall()
            return found
        except self._errors as error:
            raise _meaning(error, seconds) from None
        finally:
            timer.cancel()

    def close(self) -> None:
        """Let go of the engine."""
        self._connection.close()


def _meaning(error: Exception, seconds: float) -> Unreadable:
    """Say what happened; DuckDB quotes rows in its messages, so only the kind and the line are told."""
    text = str(error).lower()
    if "interrupt" in text:
        return TimedOut(f"took longer than {seconds:.0f} s")
    if "out of memory" in text:
        return OutOfMemory("needs more memory than a harvest may take")
    if "no files found" in text or "no such file" in text:
        return ItemMissing("it was there when the harvest began and is not any more")
    found = _LINE.search(text)
    line = f" (line {int(found[1] or found[2]):,})" if found else ""
    for sign, kind, meaning in _MEANINGS:
        if sign in text:
            return kind(f"{meaning}{line}")
    return Unreadable(f"cannot be read ({type(error).__name__}){line}")
