"""Send folders as one stream, for real or to see what would happen, and read what became of each document.

Source: `POST /api/v1/push`.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from gazetteer.failures import Fault, NotFound, Unavailable
from gazetteer.folder import File, Folder
from gazetteer.server import Server

PUSH = "/api/v1/push"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a document, or would."""

    file: File
    outcome: (
        str  # created, changed, unchanged, refused; taken: by an earlier try whose answer was lost
    )
    guid: str  # of the product, empty where it is not known
    problems: tuple[Fault, ...]
    warnings: tuple[Fault, ...]
    changes: tuple[Mapping[str, Any], ...]  # path, before, after
    comparison: Mapping[str, Any] | None  # of a contract, with the version before
    affected: Mapping[str, Any] | None  # followers, grants, products, peopleTold

    @property
    def is_breaking(self) -> bool:
        """Tell whether it breaks consumers."""
        return bool(self.comparison and self.comparison.get("isBreaking"))

    @property
    def is_change(self) -> bool:
        """Tell whether something would be different, or was refused."""
        return self.outcome != "unchanged"


@dataclass(frozen=True, slots=True)
class Pushed:
    """All outcomes in the order of the documents, and the server's counts."""

    outcomes: tuple[Outcome, ...]
    summary: Mapping[str, Any]

    @property
    def has_refused(self) -> bool:
        """Tell whether a document was refused."""
        return any(one.outcome == "refused" for one in self.outcomes)

    @property
    def is_breaking(self) -> bool:
        """Tell whether a document breaks consumers."""
        return any(one.is_breaking for one in self.outcomes)


def send(
    server: Server, folders: Sequence[Folder], *, dry_run: bool = False, atomic: bool = False
) -> Pushed:
    """Send products and their contracts. The same again is safe: nothing is taken twice. Raises Failure."""
    items = [item for folder in folders for item in folder.to_send()]
    lines = [json.dumps(content, ensure_ascii=False).encode() for _, content in items]
    asked = {"dryRun": dry_run, "atomic": atomic}
    query = {name: "true" for name, is_on in asked.items() if is_on}
    try:
        rows = server.post_lines(PUSH, lines, str(uuid4()), **query)
    except NotFound as error:
        raise Unavailable(
            f"{server.settings.url} is no Gazetteer, or one too old to push to"
        ) from error
    return _read(server, [file for file, _ in items], rows)


def _read(server: Server, files: Sequence[File], rows: list[dict[str, Any]]) -> Pushed:
    summary = rows[-1].get("summary") if rows else None
    if not isinstance(summary, dict):
        message = "broke off its answer; push again: what was taken already will be unchanged"
        raise Unavailable(f"{server.settings.url} {message}")
    missing: dict[str, Any] = {"outcome": "refused", "problems": [{"message": _why(summary)}]}
    if isinstance(rows[-1].get("lines"), list):  # the kept answer of an earlier try
        rows = [*rows[-1]["lines"], rows[-1]]
        if not summary.get("stopped") and not rows[-1].get("linesLeftOff"):
            missing = {"outcome": "taken"}
    by_line = {row.get("line"): row for row in rows[:-1]}
    sent = {file.id for file in files}
    outcomes = tuple(
        _outcome(file, by_line.get(number, missing), sent) for number, file in enumerate(files, 1)
    )
    return Pushed(outcomes, summary)


def _why(summary: Mapping[str, Any]) -> str:
    return str(summary.get("stopped") or "the server said nothing of it")


def _outcome(file: File, row: Mapping[str, Any], sent: Collection[str]) -> Outcome:
    warnings = _faults(row.get("warnings"))
    return Outcome(
        file=file,
        outcome=str(row.get("outcome") or "refused"),
        guid=str(row.get("guid") or ""),
        problems=tuple(_faults(row.get("problems"))),
        warnings=tuple(one for one in warnings if not _follows(one, sent)),
        changes=tuple(one for one in row.get("changes") or () if isinstance(one, dict)),
        comparison=row.get("comparison") or None,
        affected=row.get("affected") or None,
    )


def _follows(warning: Fault, sent: Collection[str]) -> bool:
    """Tell whether a contract that is missed comes in the same stream, after its product."""
    return warning.path.endswith("contractId") and warning.value in sent


def _faults(rows: object) -> Iterator[Fault]:
    for row in rows if isinstance(rows, list) else ():
        if isinstance(row, dict):
            path = str(row.get("path") or "")
            yield Fault(path, row.get("value"), str(row.get("message") or ""))
