"""Find what a person names: by GUID, by domain/key, by URN, by a page's address, or by a folder."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit

from gazetteer.failures import NotFound
from gazetteer.server import Server

_MOST = 1_000


def find_product(server: Server, name: str) -> Mapping[str, Any] | None:
    """Return the product of a name, as the list of products has it; None where there is none to see."""
    text = _readable(name)
    if "/" not in text:
        return _row(server.find(f"/api/v1/dataproducts/{quote(text, safe='')}"))
    domain, _, key = text.partition("/")
    rows = server.rows("/api/v1/dataproducts", _MOST, domain=domain, q=key, pageSize=100)
    return next((row for row in rows if address_of(row) == text), None)


def get_product(server: Server, name: str) -> Mapping[str, Any]:
    """Return the product of a name. Raises NotFound."""
    if found := find_product(server, name):
        return found
    raise NotFound(f"there is no product {name!r} that you may see; write domain/key or its GUID")


def page_of(server: Server, product: Mapping[str, Any]) -> str:
    """Return the address of a product's page."""
    return f"{server.settings.url}/products/{address_of(product)}"


def address_of(product: Mapping[str, Any]) -> str:
    """Return `domain/key` of a product."""
    return f"{product.get('domain')}/{product.get('key')}"


def _readable(name: str) -> str:
    text = name.strip()
    if text.startswith(("http://", "https://")):
        return urlsplit(text).path.rpartition("/products/")[2].strip("/")
    if text.startswith("urn:gazetteer:"):
        return "/".join(text.removeprefix("urn:gazetteer:").split(":")[:2])
    return text


def _row(said: object) -> Mapping[str, Any] | None:
    return said if isinstance(said, dict) and said.get("readableDataProductKey") else None
