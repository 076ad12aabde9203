"""Contracts as a person may see them."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied

from catalog.models import Contract, Product, User
from catalog.people import policies
from catalog.people.policies import Action, Viewer
from catalog.standards import dpds, lf_odps
from catalog.standards.odcs.contract import ordered
from catalog.standards.versions import current, newest_first

#: What tells whom to ask and where the data lies; of a gated product only with a grant.
CONTACT = ("support", "servers", "team", "roles", "stakeholders", "server", "username", "password")


def versions_of(key: str, user: Viewer) -> list[Contract]:
    """Return the versions of a contract that a person may see, the newest first; empty: none."""
    if "\0" in key:
        return []  # no text holds it, and no database is asked for it
    rows = Contract.objects.visible_to(user).filter(key=key)
    return newest_first(rows.select_related("product__domain", "product__team"))


def find_contract(key: str, user: Viewer, version: str = "") -> Contract | None:
    """Return one version, or the one in force; None when there is none to see."""
    rows = versions_of(key, user)
    if version:
        return next((row for row in rows if row.version == version), None)
    return current(rows)


def descriptor_for(product: Product, user: Viewer) -> dict[str, Any] | None:
    """Return the descriptor a product was published with, as `document_for` does; None: there is none.

    Of a form that is not ODPS nobody knows where its contacts stand: it opens with access as a whole.
    """
    document = product.extra.get("document")
    if not isinstance(document, dict):
        return None
    if not product.is_gated or policies.may(user, Action.SEE_CONTACT, product):
        return document
    if lf_odps.is_one(document) or dpds.is_one(document):
        raise PermissionDenied("This descriptor opens with a grant; request access first.")
    return {name: value for name, value in document.items() if name not in CONTACT}


def document_for(contract: Contract, user: Viewer) -> dict[str, Any]:
    """Return the document, of a gated product without contacts and places to those without a grant."""
    document = ordered(contract.document or _plain(contract))  # a database keeps no order
    if contract.product.is_gated and not policies.may(user, Action.SEE_CONTACT, contract.product):
        return {name: value for name, value in document.items() if name not in CONTACT}
    return document


def may_publish(user: Viewer, product: Product) -> bool:
    """Tell whether a person may publish contracts of a product."""
    return isinstance(user, User) and policies.may(user, Action.PUBLISH_PRODUCT, product)


def _plain(contract: Contract) -> dict[str, Any]:
    """Return a contract that was declared without a document as one of the standard."""
    columns: dict[str, list[dict[str, Any]]] = {}
    for column in contract.columns:
        made = {"name": column["path"], "required": bool(column.get("required"))}
        if column.get("description"):
            made["description"] = column["description"]
        if column.get("type"):
            made["physicalType"] = column["type"]
        columns.setdefault(column.get("object") or contract.key, []).append(made)
    values = {
        "purpose": contract.purpose,
        "usage": contract.usage,
        "limitations": contract.limitations,
    }
    document: dict[str, Any] = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": contract.key,
        "version": contract.version,
        "status": contract.status,
    }
    if description := {name: text for name, text in values.items() if text}:
        document["description"] = description
    if columns:
        document["schema"] = [{"name": n, "properties": c} for n, c in columns.items()]
    return document
