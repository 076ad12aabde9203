"""What a descriptor of the standard says of a product. Free of Django."""

from __future__ import annotations

from typing import Any

from catalog.standards.diagnostics import Diagnostic
from catalog.standards.products import (
    Ports,
    ProductStatement,
    archetype_of,
    day_of,
    guid_of,
    labels,
    status_of,
    unplaced,
)


def statement_of(content: dict[str, Any]) -> ProductStatement:
    """Read a descriptor whose shape is right; the whole of it is kept in `extra.document`."""
    notes: list[Diagnostic] = []
    ports = Ports()
    reads = {}
    for port in content.get("inputPorts") or ():
        key = ports.add("in", port["name"], version=port.get("version"))
        if port.get("contractId"):
            reads[key] = port["contractId"]
    for port in content.get("outputPorts") or ():
        ports.add(
            "out",
            port["name"],
            version=port.get("version"),
            description=port.get("description"),
            technology=str(port.get("type") or "")[:40],
            contract=port.get("contractId"),
        )
    team = content.get("team")
    fields: dict[str, Any] = {
        "description": _description(content),
        "version": str(content.get("version") or "")[:40],
        "status": _status(content, notes),
        "tags": labels(content.get("tags")),
        "ports": ports.items,
        "extra": {"standard": "odps", "document": content},
    }
    if archetype := archetype_of(content.get("type")):
        fields["archetype"] = archetype
    if day := day_of(content.get("productCreatedTs")):
        fields["created_on"] = day
    if support := content.get("support"):
        fields["support"] = str(support[0].get("url") or support[0].get("channel") or "")[:500]
    return ProductStatement(
        guid=guid_of(content.get("id")),
        name=str(content.get("name") or content.get("id") or "")[:200],
        domain=str(content.get("domain") or ""),
        team=str(team.get("name") or "") if isinstance(team, dict) else "",
        fields=fields,
        reads=reads,
        unplaced=tuple(notes),
    )


def _status(content: dict[str, Any], notes: list[Diagnostic]) -> str:
    if content.get("deprecated") is True:
        return "deprecated"
    status = status_of(content.get("status"))
    if status is None:
        notes.append(unplaced(("status",), content["status"], "is no known stage; taken as active"))
    return status or "active"


def _description(content: dict[str, Any]) -> str:
    texts = content.get("description") or {}
    parts = [texts.get("purpose"), texts.get("usage"), texts.get("limitations")]
    titles = ("", "**Usage:** ", "**Limitations:** ")
    return "\n\n".join(f"{title}{part}" for title, part in zip(titles, parts, strict=True) if part)
