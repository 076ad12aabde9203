"""Open Data Product Specification 4.1 (Linux Foundation): a tolerant import. Free of Django.

Takes what has a place in this catalog and names the rest; the whole document is kept. `$ref` is never followed.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from catalog.standards.diagnostics import Diagnostic
from catalog.standards.products import (
    Ports,
    ProductStatement,
    guid_of,
    labels,
    status_of,
    unplaced,
)
from catalog.standards.reading import Document

_PLACED = {"name", "productID", "visibility", "status", "description", "valueProposition", "tags"}
_PLACED |= {"productVersion", "productID", "standards", "categories"}


def is_one(content: Mapping[str, Any]) -> bool:
    """Tell such a document from those of other standards."""
    return isinstance(content.get("product"), dict) and "kind" not in content


def lint(document: Document) -> list[Diagnostic]:
    """List what makes the document unusable: no product, or a product without name or id."""
    product = document.content.get("product")
    if not isinstance(product, dict):
        return [document.diagnostic(("product",), "is required")]
    language, details = _details(product)
    if not details:
        at = ("product", "details")
        return [document.diagnostic(at, "is required: details by language, as details.en")]
    missing = [name for name in ("name", "productID") if not details.get(name)]
    place = ("product", "details", language)
    return [document.diagnostic((*place, name), "is required") for name in missing]


def statement_of(content: dict[str, Any]) -> ProductStatement:
    """Read a document that `lint` takes."""
    product = content["product"]
    language, details = _details(product)
    base = ("product", "details", language)
    notes = [
        unplaced((*base, name), value) for name, value in details.items() if name not in _PLACED
    ]
    notes += _rest(content, product, language)
    status = status_of(details.get("status"))
    if status is None:
        message = "is no known stage; taken as active"
        notes.append(unplaced((*base, "status"), details.get("status"), message))
    holder = product.get("dataHolder")
    fields: dict[str, Any] = {
        "description": str(details.get("description") or details.get("valueProposition") or ""),
        "version": str(details.get("productVersion") or "")[:40],
        "status": status or "active",
        "tags": labels([*_list(details.get("tags")), *_list(details.get("categories"))]),
        "ports": _ports(product, notes),
        "extra": {"standard": "lf-odps", "document": content},
    }
    return ProductStatement(
        guid=guid_of(details.get("productID")),
        name=str(details["name"])[:200],
        domain="",
        team=str(holder.get("legalName") or "") if isinstance(holder, dict) else "",
        fields=fields,
        unplaced=tuple(notes),
    )


def _details(product: Mapping[str, Any]) -> tuple[str, dict[str, Any]]:
    """Return the language taken (English, else the first) and the details in it."""
    details = product.get("details")
    if not isinstance(details, dict):
        return "en", {}
    found = {k: v for k, v in details.items() if isinstance(v, dict)}
    language = "en" if "en" in found else next(iter(found), "en")
    return language, found.get(language, {})


def _ports(product: Mapping[str, Any], notes: list[Diagnostic]) -> list[dict[str, Any]]:
    ports = Ports()
    contract = product.get("contract")
    contract_id = contract.get("id") if isinstance(contract, dict) else None
    access = product.get("dataAccess")
    ways = access if isinstance(access, dict) else {}
    for name, way in ways.items():
        if not isinstance(way, dict):
            notes.append(unplaced(("product", "dataAccess", name), way))
            continue
        ports.add(
            "out",
            str(name),
            description=_text(way.get("description")),
            technology=str(way.get("outputPortType") or way.get("format") or "")[:40],
            location=str(way.get("accessURL") or "")[:1000],
            contract=str(contract_id)[:200] if contract_id else None,
        )
    return ports.items


def _rest(
    content: Mapping[str, Any], product: Mapping[str, Any], language: str
) -> list[Diagnostic]:
    others = [name for name in product if name not in {"details", "dataAccess", "dataHolder"}]
    notes = [unplaced(("product", name), product[name]) for name in others if name != "contract"]
    details = product.get("details")
    languages = [name for name in details if name != language] if isinstance(details, dict) else []
    notes += [unplaced(("product", "details", n), "…", "another language") for n in languages]
    known = {"schema", "version", "product"}
    return notes + [
        unplaced((name,), value) for name, value in content.items() if name not in known
    ]


def _text(value: object) -> str:
    if isinstance(value, dict):
        return str(value.get("en") or next(iter(value.values()), ""))
    return str(value or "")


def _list(value: object) -> list[Any]:
    return value if isinstance(value, list) else []
