"""`gazetteer search`: find products and datasets."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from gazetteer import console
from gazetteer.commands.options import as_json, connected, on_server
from gazetteer.failures import Exit, Unavailable


@click.command("search")
@click.argument("words", nargs=-1, required=True)
@click.option("--kind", type=click.Choice(["product", "dataset"]), default="product")
@click.option("--domain", multiple=True, help="Only in this domain; may stand several times.")
@click.option("--limit", type=click.IntRange(1, 100), default=10, show_default=True)
@as_json
@on_server
def command(
    words: tuple[str, ...],
    kind: str,
    domain: tuple[str, ...],
    limit: int,
    as_json: bool,
    url: str,
    timeout: float,
) -> int:
    """Find products or datasets that you may see: words, "phrases", column:name, -without (after --).

    Ends with 0, whether or not something is found. With --json: the answer of GET /api/v1/search.
    """
    with connected(url, timeout) as server:
        asked: dict[str, Any] = {"q": " ".join(words), "kind": kind, "perPage": limit}
        if domain:
            asked["domain"] = list(domain)
        found = server.get("/api/v1/search", **asked)
        if not isinstance(found, dict) or not isinstance(found.get("results"), list):
            raise Unavailable(f"what answers at {server.settings.url} is no Gazetteer")
    if as_json:
        console.document(found)
        return int(Exit.FINE)
    rows = [_row(one, kind) for one in found["results"]]
    if rows:
        console.table(rows)
    _tell_rest(found, len(rows))
    return int(Exit.FINE)


def _row(one: Mapping[str, Any], kind: str) -> tuple[str, ...]:
    item = one.get("item") or {}
    reasons = ", ".join(map(str, one.get("reasons") or ()))
    if kind == "dataset":
        return (str(item.get("name")), str(item.get("namespace")), reasons)
    return (
        str(item.get("readableDataProductKey")),
        str(item.get("displayname")),
        str(item.get("owner") or ""),
        reasons,
    )


def _tell_rest(found: Mapping[str, Any], shown: int) -> None:
    total = found.get("total")
    about = "" if found.get("totalIsExact", True) else "about "
    console.aside(f"{shown} of {about}{total}")
    if found.get("spelling"):
        console.aside(console.plain(f"did you mean: {found['spelling']}"))
