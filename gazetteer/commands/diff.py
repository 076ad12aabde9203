"""`gazetteer diff`: what a push would change, what breaks, and for whom."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazetteer import console
from gazetteer.commands.options import as_json, chosen, connected, folders, on_server
from gazetteer.commands.valid_folders import sound_folders
from gazetteer.failures import Exit

if TYPE_CHECKING:
    from gazetteer.pushing import Pushed


@click.command("diff")
@folders
@click.option(
    "--fail-on",
    type=click.Choice(["breaking", "any", "never"]),
    default="breaking",
    show_default=True,
    help="Which changes end the command with 2.",
)
@as_json
@on_server
def command(
    folders: tuple[Path, ...], fail_on: str, as_json: bool, url: str, timeout: float
) -> int:
    """Compare folders (the current one, if none is named) with the server; nothing is written.

    Says of each document what would change, of each contract what breaks, and whom it hits. Ends with 2 for a breaking
    change, with 1 where the server would refuse a document for another reason.
    """
    from gazetteer.pushing import send
    from gazetteer.report import outcome_json, tell_difference

    with connected(url, timeout) as server:
        read = sound_folders(chosen(folders), as_json)
        if read is None:
            return int(Exit.REFUSED)
        pushed = send(server, read, dry_run=True)
    if as_json:
        rows = [outcome_json(one) for one in pushed.outcomes]
        answer = {"isBreaking": pushed.is_breaking, "summary": pushed.summary, "documents": rows}
        console.document(answer)
    else:
        for one in pushed.outcomes:
            tell_difference(one)
    return int(_exit(pushed, fail_on))


def _exit(pushed: Pushed, fail_on: str) -> Exit:
    if fail_on != "never" and pushed.is_breaking:
        return Exit.BREAKING
    if pushed.has_refused:
        return Exit.REFUSED
    if fail_on == "any" and any(one.is_change for one in pushed.outcomes):
        return Exit.BREAKING
    return Exit.FINE
