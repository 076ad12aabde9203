"""The form of an archive. Free of Django.

An archive is a ZIP file. Each table is a member `tables/<name>.ndjson`: a JSON list a row, in the order of its
columns. `manifest.json` comes last and tells the version of the form, which migrations were applied, and of each
table its columns, its count of rows, the SHA-256 of the member and the last number its sequence gave out. A ZIP
file keeps its directory at its end, so a part of an archive is no archive.
"""

from __future__ import annotations

import fcntl
import glob
import hashlib
import json
import os
import zipfile
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

FORMAT = "gazetteer-backup"
VERSION = 1
MANIFEST = "manifest.json"
MOST_MANIFEST = 16 * 1024 * 1024
#: A line longer than this is none of ours.
MOST_LINE = 1024 * 1024 * 1024


class ArchiveDamaged(ValueError):
    """The file is no archive, or not the one that was written; the message says where."""


@dataclass(frozen=True, slots=True)
class Part:
    """What the manifest says of one table. `last_id` is the last number given out, 0 where none was."""

    columns: tuple[str, ...]
    rows: int
    sha256: str
    last_id: int


@dataclass(frozen=True, slots=True)
class Manifest:
    """What an archive says of itself. `migrations` are the last ones applied, by app."""

    made_at: str
    vendor: str
    migrations: Mapping[str, tuple[str, ...]]
    tables: Mapping[str, Part]

    @property
    def rows(self) -> int:
        """Count every row."""
        return sum(part.rows for part in self.tables.values())


class Writer:
    """Writes an archive, a table at a time."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.parts: dict[str, Part] = {}

    def table(
        self, name: str, columns: Iterable[str], rows: Iterable[list[Any]], last_id: int
    ) -> None:
        """Write the rows of one table; only one row is held at a time."""
        digest, count = hashlib.sha256(), 0
        with self._file.open(_member(name), "w", force_zip64=True) as out:
            for row in rows:
                line = _json(row) + b"\n"
                digest.update(line)
                out.write(line)
                count += 1
        self.parts[name] = Part(tuple(columns), count, digest.hexdigest(), last_id)

    def finish(self, manifest: Manifest) -> None:
        """Write the manifest, without which the file is no archive."""
        document = {"format": FORMAT, "version": VERSION, **asdict(manifest)}
        self._file.writestr(MANIFEST, _json(document))


@contextmanager
def writing(path: Path) -> Iterator[Writer]:
    """Write an archive beside `path` and move it there when it is whole; else nothing has its name.

    What a killed process left of its draft is removed by the next one.
    """
    _sweep(path)
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        with os.fdopen(handle, "wb") as out:
            fcntl.flock(out, fcntl.LOCK_EX)
            with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=4) as file:
                yield Writer(file)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _sweep(path: Path) -> None:
    """Remove drafts whose writer is gone: nobody holds them."""
    for draft in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
        with suppress(OSError), draft.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            draft.unlink()


class Reader:
    """Reads an archive; every byte is checked against the manifest on the way."""

    def __init__(self, file: zipfile.ZipFile) -> None:
        self._file = file
        self.manifest = _manifest(file)

    def rows(self, name: str) -> Iterator[list[Any]]:
        """Yield the rows of one table. Raises ArchiveDamaged, at the latest after the last row."""
        part = self.manifest.tables[name]
        digest, count = hashlib.sha256(), 0
        try:
            with self._file.open(_member(name)) as member:
                while line := member.readline(MOST_LINE):
                    digest.update(line)
                    count += 1
                    yield _row(line, name, count, len(part.columns))
        except (zipfile.BadZipFile, zlib.error, EOFError, OSError) as error:
            raise ArchiveDamaged(f"{name}, after row {count}: {error}") from error
        if (count, digest.hexdigest()) != (part.rows, part.sha256):
            raise ArchiveDamaged(
                f"{name} holds {count} rows, SHA-256 {digest.hexdigest()};"
                f" the manifest says {part.rows}, {part.sha256}"
            )

    def verify(self) -> None:
        """Read everything once. Raises ArchiveDamaged."""
        for name in self.manifest.tables:
            for _ in self.rows(name):
                pass


@contextmanager
def reading(path: Path) -> Iterator[Reader]:
    """Open an archive. Raises ArchiveDamaged, and OSError where the file cannot be read."""
    try:
        file = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, EOFError, ValueError) as error:
        raise ArchiveDamaged(
            "this is no ZIP file, or its end is missing: a copy that broke off?"
        ) from error
    with file:
        yield Reader(file)


def _member(name: str) -> str:
    return f"tables/{name}.ndjson"


def _json(value: object) -> bytes:
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return text.encode("utf-8", "surrogatepass")


def _row(line: bytes, name: str, number: int, width: int) -> list[Any]:
    try:
        row = json.loads(line)
    except ValueError as error:
        raise ArchiveDamaged(f"{name}, row {number}: {error}") from error
    if not isinstance(row, list) or len(row) != width:
        raise ArchiveDamaged(f"{name}, row {number}: {width} values were expected")
    return row


def _manifest(file: zipfile.ZipFile) -> Manifest:
    try:
        info = file.getinfo(MANIFEST)
        if info.file_size > MOST_MANIFEST:
            raise ArchiveDamaged(
                f"its {MANIFEST} has {info.file_size} bytes, which is none of ours"
            )
        document = json.loads(file.read(MANIFEST))
        foreign = not isinstance(document, dict) or document.get("format") != FORMAT
    except KeyError:
        foreign = True
    except (ValueError, zipfile.BadZipFile, zlib.error, EOFError) as error:
        raise ArchiveDamaged(f"its {MANIFEST} cannot be read: {error}") from error
    if foreign:
        raise ArchiveDamaged(
            f"this ZIP file is no backup of Gazetteer: it has no {MANIFEST} of one"
        )
    if document.get("version") != VERSION:
        raise ArchiveDamaged(
            f"its form has version {document.get('version')!r}; this Gazetteer reads version {VERSION}"
        )
    try:
        manifest = Manifest(
            made_at=str(document["made_at"]),
            vendor=str(document["vendor"]),
            migrations={
                app: tuple(map(str, names)) for app, names in document["migrations"].items()
            },
            tables={name: _part(part) for name, part in document["tables"].items()},
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ArchiveDamaged(f"its {MANIFEST} is not complete: {error!r}") from error
    missing = [name for name in manifest.tables if _member(name) not in file.NameToInfo]
    if missing:
        raise ArchiveDamaged(f"it lacks {', '.join(map(_member, missing))}")
    return manifest


def _part(said: Mapping[str, Any]) -> Part:
    columns = tuple(map(str, said["columns"]))
    return Part(columns, int(said["rows"]), str(said["sha256"]), int(said["last_id"]))
