"""Judge a product descriptor by the version of the standard it declares. Free of Django."""

from __future__ import annotations

from collections.abc import Iterator

from catalog.standards.diagnostics import Diagnostic, Pointer, errors
from catalog.standards.odps.shape import NEWEST, REQUIRED, SINCE_11, VERSIONS, shape
from catalog.standards.reading import Document


def lint(document: Document) -> list[Diagnostic]:
    """List what is wrong, in the order of the text; errors make the descriptor unusable.

    What only the declared version asks for, and later ones let pass, is a warning.
    """
    declared = document.content.get("apiVersion")
    if declared is not None and declared not in VERSIONS:
        message = f"allowed are {', '.join(reversed(VERSIONS))}"
        return [document.diagnostic(("apiVersion",), message)]
    version = str(declared or NEWEST)
    found = shape(version).faults(document)
    if not errors(found):
        found += [*_twice(document), *_no_port(document)]
        if version != NEWEST:
            found += _of_older(document, version)
    return sorted(found, key=lambda one: (one.line, one.column))


def _twice(document: Document) -> Iterator[Diagnostic]:
    for name in ("inputPorts", "outputPorts"):
        seen: set[tuple[object, object]] = set()
        for place, port in enumerate(document.content.get(name) or ()):
            key = (port.get("name"), port.get("version"))
            if key in seen:
                message = (
                    "another port has the same name and version; a new major version is a new port"
                )
                yield document.diagnostic((name, place, "name"), message)
            seen.add(key)


def _no_port(document: Document) -> Iterator[Diagnostic]:
    if not document.content.get("outputPorts"):
        message = "a data product has at least one output port"
        yield document.diagnostic(("outputPorts",), message, severity="warning")


def _of_older(document: Document, version: str) -> Iterator[Diagnostic]:
    content = document.content
    holders: list[tuple[str, Pointer, dict[str, object]]] = [("", (), content)]
    for name in ("inputPorts", "outputPorts", "managementPorts", "support"):
        held = enumerate(content.get(name) or ())
        holders += [(name, (name, place), item) for place, item in held]
    for name, pointer, holder in holders:
        for field in REQUIRED.get(name, ()):
            if field not in holder:
                message = f"{version} requires it; v1.1.0 does not"
                yield document.diagnostic((*pointer, field), message, severity="warning")
        for field in SINCE_11.get(name, ()):
            if field in holder:
                message = f"came with v1.1.0; the descriptor declares {version}"
                yield document.diagnostic((*pointer, field), message, severity="warning")
    if version == "v0.9.0" and isinstance(content.get("team"), dict):
        message = "is a list of members in v0.9.0, an object since v1.0.0"
        yield document.diagnostic(("team",), message, severity="warning")
