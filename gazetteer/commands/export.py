"""`gazetteer export`: documents of the server."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from gazetteer import console
from gazetteer.commands.options import as_json, connected, on_server
from gazetteer.failures import Exit, UsageError

if TYPE_CHECKING:
    from gazetteer.exporting import Document


@click.command("export")
@click.argument("name")
@click.option("--contract", "is_contract", is_flag=True, help="NAME is the id of a contract.")
@click.option("--to", type=click.Path(path_type=Path), help="Folder to write to; else it is said.")
@click.option("--odps", metavar="VERSION", help="Version of the product standard, as v1.1.0.")
@click.option("--odcs", metavar="VERSION", help="Version of the contract standard, as v3.1.0.")
@click.option("--all-versions", is_flag=True, help="Every version of each contract.")
@click.option("--format", "style", type=click.Choice(["yaml", "json"]), default="yaml")
@click.option("--force", is_flag=True, help="Replace files of other content.")
@as_json
@on_server
def command(
    name: str,
    is_contract: bool,
    to: Path | None,
    odps: str | None,
    odcs: str | None,
    all_versions: bool,
    style: str,
    force: bool,
    as_json: bool,
    url: str,
    timeout: float,
) -> int:
    """Write a product with its contracts, or one contract, as documents of the standards.

    NAME is domain/key, a GUID or a URN; with --contract the id of a contract. What was pushed as a folder comes back
    as it was, and pushing it again changes nothing. Files that hold a document of the same id keep their place.
    """
    from gazetteer.exporting import contract_document, product_documents

    _check(odps or "", odcs or "")
    with connected(url, timeout) as server:
        if is_contract:
            found = [contract_document(server, name, odcs=odcs or "")]
        else:
            found = product_documents(
                server, name, odps=odps or "", odcs=odcs or "", all_versions=all_versions
            )
    for document in found:
        for loss in document.lost:
            console.aside(f"{console.level('warning')}: left out: {console.plain(loss)}")
    if to is None:
        _say(found, "json" if as_json else style)
    else:
        _write(found, to, style, force, as_json)
    return int(Exit.FINE)


def _check(odps: str, odcs: str) -> None:
    from catalog.standards.odcs.versions import VERSIONS as ODCS
    from catalog.standards.odps.shape import VERSIONS as ODPS

    for version, known in ((odps, ODPS), (odcs, ODCS)):
        if version and version not in known:
            raise UsageError(f"{version!r} is no version; allowed are {', '.join(known)}")


def _say(found: list[Document], style: str) -> None:
    if style == "json":
        contents = [document.content for document in found]
        console.document(contents[0] if len(contents) == 1 else contents)
        return
    for place, document in enumerate(found):
        click.echo(("---\n" if place else "") + document.text(style), nl=False)


def _write(found: list[Document], to: Path, style: str, force: bool, as_json: bool) -> None:
    from gazetteer.exporting import write

    written = write(found, to, style, force)
    if as_json:
        rows = [{"file": str(one.path), "outcome": one.outcome} for one in written]
        console.document({"files": rows})
        return
    for one in written:
        console.line(f"{console.outcome(one.outcome)} {console.plain(one.path)}")
