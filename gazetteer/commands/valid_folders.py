"""Folders without errors, for commands that send them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from gazetteer import console

if TYPE_CHECKING:
    from gazetteer.folder import Folder


def sound_folders(paths: Sequence[Path], as_json: bool) -> list[Folder] | None:
    """Read folders; None where one of them has errors, which are told then."""
    from gazetteer.folder import read_folder
    from gazetteer.linting import errors, lint
    from gazetteer.report import finding_json, tell_findings

    read = [read_folder(path) for path in paths]
    wrong = errors([finding for folder in read for finding in lint(folder)])
    if not wrong:
        return read
    if as_json:
        answer = {"exitCode": 1, "message": "the folder has errors; nothing was sent"}
        rows = [finding_json(finding) for finding in wrong]
        console.document({"error": answer, "diagnostics": rows})
    else:
        tell_findings(wrong)
        console.aside("nothing was sent")
    return None
