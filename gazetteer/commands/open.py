"""`gazetteer open`: the page of a product."""

from __future__ import annotations

from pathlib import Path

import click

from gazetteer import console
from gazetteer.commands.options import as_json, connected, on_server
from gazetteer.failures import Exit, UsageError


@click.command("open")
@click.argument("name", default=".")
@click.option("--print", "only_print", is_flag=True, help="Say the address; open no browser.")
@as_json
@on_server
def command(name: str, only_print: bool, as_json: bool, url: str, timeout: float) -> int:
    """Open the page of a product in the browser, and say its address.

    NAME is domain/key, a GUID, a URN, or a product folder (the current one, if nothing is named). Without a terminal
    no browser is opened.
    """
    from gazetteer.locate import get_product, page_of

    with connected(url, timeout) as server:
        product = get_product(server, _id_of(Path(name)) if Path(name).is_dir() else name)
        address = page_of(server, product)
    if as_json:
        keys = ("dataProductGUID", "readableDataProductKey", "displayname")
        console.document({"url": address, **{key: product.get(key) for key in keys}})
        return int(Exit.FINE)
    console.line(console.plain(address))
    if console.is_terminal() and not only_print:
        click.launch(address)
    return int(Exit.FINE)


def _id_of(path: Path) -> str:
    from gazetteer.folder import read_folder

    products = read_folder(path).products
    if len(products) != 1 or not products[0].id:
        raise UsageError(f"{path} holds no product; name one as domain/key")
    return products[0].id
