"""Data Product Descriptor Specification 1.0 (Open Data Mesh): a tolerant import. Free of Django.

Takes what has a place in this catalog and names the rest; the whole document is kept. `$ref` is never followed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from catalog.standards.diagnostics import Diagnostic, Pointer
from catalog.standards.products import Ports, ProductStatement, guid_of, labels, unplaced
from catalog.standards.reading import Document

_INFO = {"fullyQualifiedName", "name", "displayName", "version", "domain", "owner", "description"}
_INFO |= {"id", "entityType", "contactPoints", "summary"}
_PORT = {"name", "displayName", "version", "description", "summary", "id", "entityType", "$ref"}
_PORT |= {"fullyQualifiedName", "promises"}
_SEMVER = re.compile(r"^\d+\.\d+\.\d+(?:[-+].*)?$")


def is_one(content: Mapping[str, Any]) -> bool:
    """Tell such a document from those of other standards."""
    return "dataProductDescriptor" in content


def lint(document: Document) -> list[Diagnostic]:
    """List what makes the document unusable; what is only against the specification is a warning."""
    info = document.content.get("info")
    if not isinstance(info, dict):
        return [document.diagnostic(("info",), "is required")]
    found = [
        document.diagnostic(("info", name), "is required")
        for name in ("name", "domain", "fullyQualifiedName")
        if not isinstance(info.get(name), str) or not info[name]
    ]
    if not _SEMVER.match(str(info.get("version") or "")):
        message = "is no semantic version"
        found.append(document.diagnostic(("info", "version"), message, severity="warning"))
    interface = document.content.get("interfaceComponents")
    if interface is not None and not isinstance(interface, dict):
        found.append(document.diagnostic(("interfaceComponents",), "must be an object"))
    return found


def statement_of(content: dict[str, Any]) -> ProductStatement:
    """Read a document that `lint` takes."""
    info = content["info"]
    notes = [unplaced(("info", name), value) for name, value in info.items() if name not in _INFO]
    known = {"dataProductDescriptor", "info", "interfaceComponents", "tags"}
    notes += [unplaced((name,), value) for name, value in content.items() if name not in known]
    ports = Ports()
    for direction, name, pointer, port in _ports(content, notes):
        promises = port.get("promises")
        platform = promises.get("platform") if isinstance(promises, dict) else ""
        ports.add(
            direction,
            name,
            version=port.get("version"),
            description=str(port.get("description") or port.get("summary") or ""),
            technology=str(platform or "")[:40],
        )
        notes += [unplaced((*pointer, n), v) for n, v in port.items() if n not in _PORT]
    owner = info.get("owner")
    fields: dict[str, Any] = {
        "description": str(info.get("description") or info.get("summary") or ""),
        "version": str(info.get("version") or "")[:40],
        "tags": labels(content.get("tags")),
        "ports": ports.items,
        "extra": {"standard": "dpds", "document": content},
    }
    return ProductStatement(
        guid=guid_of(info.get("id")) or guid_of(info["fullyQualifiedName"]),
        name=str(info.get("displayName") or info["name"])[:200],
        domain=str(info["domain"]),
        team=str(owner.get("name") or owner.get("id") or "") if isinstance(owner, dict) else "",
        fields=fields,
        unplaced=tuple(notes),
    )


def _ports(
    content: dict[str, Any], notes: list[Diagnostic]
) -> Iterator[tuple[str, str, Pointer, dict[str, Any]]]:
    interface = content.get("interfaceComponents") or {}
    for group, listed in interface.items():
        direction = {"outputPorts": "out", "inputPorts": "in"}.get(group)
        at: Pointer = ("interfaceComponents", group)
        if direction is None or not isinstance(listed, list):
            notes.append(unplaced(at, listed))
            continue
        for place, port in enumerate(listed):
            name = port.get("name") if isinstance(port, dict) else None
            if not name:
                notes.append(
                    unplaced((*at, place), port, "a port without a name; $ref is not followed")
                )
                continue
            yield direction, str(name), (*at, place), port
