"""`gazetteer push`: register products with their contracts."""

from __future__ import annotations

from pathlib import Path

import click

from gazetteer import console
from gazetteer.commands.options import as_json, chosen, connected, folders, on_server
from gazetteer.commands.valid_folders import sound_folders
from gazetteer.failures import Exit


@click.command("push")
@folders
@click.option("--dry-run", is_flag=True, help="Say what would happen; write nothing.")
@click.option("--atomic", is_flag=True, help="All or nothing: one refused document keeps all out.")
@as_json
@on_server
def command(
    folders: tuple[Path, ...],
    dry_run: bool,
    atomic: bool,
    as_json: bool,
    url: str,
    timeout: float,
) -> int:
    """Register the products of folders (the current one, if none is named), each with its contracts and pages.

    Nothing is sent of a folder with errors. The same again changes nothing. Ends with 1 where a document is refused.
    """
    from gazetteer.pushing import send
    from gazetteer.report import outcome_json, tell_outcome

    with connected(url, timeout) as server:
        read = sound_folders(chosen(folders), as_json)
        if read is None:
            return int(Exit.REFUSED)
        count = sum(len(folder.to_send()) for folder in read)
        console.progress(f"sending {count} documents to {server.settings.url}")
        pushed = send(server, read, dry_run=dry_run, atomic=atomic)
    if as_json:
        rows = [outcome_json(one) for one in pushed.outcomes]
        console.document({"summary": pushed.summary, "documents": rows})
    else:
        for one in pushed.outcomes:
            tell_outcome(one)
        if not pushed.summary.get("applied", True):
            console.line("nothing was written")
    return int(Exit.REFUSED if pushed.has_refused else Exit.FINE)
