"""`gazetteer lint`: judge product folders, without a server."""

from __future__ import annotations

from pathlib import Path

import click

from gazetteer import console
from gazetteer.commands.options import as_json, chosen, folders
from gazetteer.failures import Exit


@click.command("lint")
@folders
@as_json
def command(folders: tuple[Path, ...], as_json: bool) -> int:
    """Judge product folders (the current one, if none is named) without a server.

    Each finding is told as path:line:column: severity: field: value: what is allowed. Ends with 1 for an error;
    warnings hinder nothing.
    """
    from gazetteer.folder import read_folder
    from gazetteer.linting import errors, lint

    read = [read_folder(path) for path in chosen(folders)]
    found = [finding for folder in read for finding in lint(folder)]
    wrong = errors(found)
    count = sum(folder.files for folder in read)
    if as_json:
        from gazetteer.report import finding_json

        rows = [finding_json(finding) for finding in found]
        console.document({"isValid": not wrong, "files": count, "diagnostics": rows})
    else:
        from gazetteer.report import tell_findings

        tell_findings(found)
        notes = len(found) - len(wrong)
        console.line(f"{count} files, {len(wrong)} errors, {notes} warnings")
    return int(Exit.REFUSED if wrong else Exit.FINE)
