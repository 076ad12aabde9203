"""A product folder: one product (ODPS), its contracts (ODCS), and pages about it (markdown)."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Unreadable, path_of
from catalog.standards.limits import MAX_BYTES
from catalog.standards.reading import Document, read
from gazetteer.failures import Refused
from gazetteer.pages import Page, described, is_named, read_page

MOST_FILES = 2_000
_DATA = frozenset({".yaml", ".yml", ".json"})
_PASSED_OVER = frozenset({"node_modules", "__pycache__", "dbt_packages", "target", "venv"})
_MARKS = (b"DataProduct", b"DataContract", b"dataContractSpecification")


@dataclass(frozen=True, slots=True)
class File:
    """A document of a standard. `path` is as a person finds it."""

    path: str
    kind: str  # DataProduct, DataContract
    document: Document

    @property
    def id(self) -> str:
        """The id of the document, empty where it has none."""
        content = self.document.content
        return str(content.get("id") or content.get("uuid") or "")

    @property
    def version(self) -> str:
        """The version of the document, empty where it has none."""
        return str(self.document.content.get("version") or "")

    def place_of(self, path: str) -> tuple[int, int]:
        """Return where a field stands (line, column from 1), or what holds it; (0, 0): unknown."""
        best, longest = (0, 0), -1
        for pointer, place in self.document.places.items():
            name = path_of(pointer)
            holds = not name or path == name or path.startswith((f"{name}.", f"{name}["))
            if holds and len(name) > longest:
                best, longest = place, len(name)
        return best


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with a file."""

    path: str
    said: Diagnostic


@dataclass(slots=True)
class Folder:
    """What a folder holds. `findings` are of the reading alone."""

    root: Path
    products: list[File] = field(default_factory=list)
    contracts: list[File] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def files(self) -> int:
        """How many files say something."""
        return len(self.products) + len(self.contracts) + len(self.pages)

    def to_send(self) -> list[tuple[File, dict[str, Any]]]:
        """Return each document with what is sent: the product with its pages, its contracts, older versions first."""
        sent = [(one, described(one.document.content, self.pages)) for one in self.products]
        contracts = sorted(self.contracts, key=lambda one: (one.id, numbers(one.version)))
        return [*sent, *((one, one.document.content) for one in contracts)]


def numbers(version: str) -> tuple[int, ...]:
    """Return the numbers of a version, to sort by: 1.10.0 comes after 1.9.0."""
    return tuple(int(digits) for digits in re.findall(r"\d{1,9}", version)[:4])


def read_folder(root: Path) -> Folder:
    """Read a folder and those below it. Raises Refused where it cannot be read at all."""
    if not root.is_dir():
        what = (
            "is a file; name the folder it lies in" if root.exists() else "there is no such folder"
        )
        raise Refused(f"{root}: {what}")
    folder = Folder(root)
    try:
        for count, path in enumerate(_files(root)):
            if count >= MOST_FILES:
                message = f"{root}: holds more than {MOST_FILES} YAML, JSON and markdown files"
                raise Refused(f"{message}; name the folder of one product")
            _take(folder, path)
    except OSError as error:
        raise Refused(f"{error.filename or root}: {error.strerror or error}") from error
    return folder


def _files(root: Path) -> Iterator[Path]:
    def stop(error: OSError) -> None:
        raise error

    for base, folders, names in os.walk(root, onerror=stop):
        folders[:] = sorted(n for n in folders if not n.startswith(".") and n not in _PASSED_OVER)
        for name in sorted(names):
            path = Path(base, name)
            if path.suffix.lower() in {*_DATA, ".md"} and not name.startswith("."):
                yield path


def _take(folder: Folder, path: Path) -> None:
    shown = str(path)
    if not path.resolve().is_relative_to(folder.root.resolve()):
        _note(folder, shown, "is a link that leads out of the folder; it is passed over", "warning")
        return
    if not path.is_file():
        return
    if path.stat().st_size > MAX_BYTES:
        if _is_named(path):
            _note(folder, shown, f"is longer than {MAX_BYTES} bytes", "error")
        return
    raw = path.read_bytes()
    if path.suffix.lower() == ".md":
        if (path.parent == folder.root and is_named(path.stem)) or raw[:4].rstrip() == b"---":
            _take_page(folder, shown, raw)
    elif _is_named(path) or any(mark in raw for mark in _MARKS):
        _take_document(folder, shown, raw, must=_is_named(path))


def _take_page(folder: Folder, shown: str, raw: bytes) -> None:
    try:
        page = read_page(shown, raw.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        _note(folder, shown, "is no UTF-8", "error", line)
    except ValueError as error:
        _note(folder, shown, str(error), "error", 1)
    else:
        if page is not None:
            folder.pages.append(page)


def _take_document(folder: Folder, shown: str, raw: bytes, must: bool) -> None:
    try:
        document = read(raw)
    except Unreadable as error:
        folder.findings.append(Finding(shown, error.diagnostic))
        return
    kind = document.content.get("kind")
    if kind == "DataProduct":
        folder.products.append(File(shown, kind, document))
    elif kind == "DataContract" or "dataContractSpecification" in document.content:
        folder.contracts.append(File(shown, "DataContract", document))
    elif must:
        diagnostic = document.diagnostic(("kind",), "allowed are DataProduct and DataContract")
        folder.findings.append(Finding(shown, diagnostic))


def _is_named(path: Path) -> bool:
    return path.stem.lower().endswith((".odps", ".odcs"))


def _note(folder: Folder, shown: str, said: str, severity: Any, line: int = 0) -> None:
    folder.findings.append(Finding(shown, Diagnostic("", None, said, severity, line=line)))
