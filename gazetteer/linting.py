"""What is wrong with a product folder, told before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from catalog.standards.diagnostics import Diagnostic, Severity
from catalog.standards.odcs.lint import lint as lint_contract
from catalog.standards.odps.lint import lint as lint_product
from gazetteer.folder import File, Finding, Folder
from gazetteer.pages import said_twice


def lint(folder: Folder) -> list[Finding]:
    """List what is wrong, file by file in the order of the text; errors hinder a push."""
    found = [*folder.findings, *_shape(folder), *_pages(folder)]
    found += _standards(folder)
    found += _ids(folder)
    if len(folder.products) == 1:
        found += _together(folder, folder.products[0])
    return sorted(found, key=lambda one: (one.path, one.said.line, one.said.column))


def errors(found: list[Finding]) -> list[Finding]:
    """Keep what hinders a push."""
    return [one for one in found if one.said.severity == "error"]


def _shape(folder: Folder) -> Iterator[Finding]:
    if not folder.products and not errors(folder.findings):
        message = "no product here: one file says kind: DataProduct (Open Data Product Standard)"
        yield Finding(str(folder.root), Diagnostic("", None, message))
    if len(folder.products) > 1:
        names = ", ".join(file.path for file in folder.products)
        for file in folder.products[1:]:
            message = f"a folder holds one product; here are {len(folder.products)}: {names}"
            yield Finding(file.path, file.document.diagnostic(("kind",), message))


def _standards(folder: Folder) -> Iterator[Finding]:
    for file in (*folder.products, *folder.contracts):
        judge = lint_product if file.kind == "DataProduct" else lint_contract
        for fault in judge(file.document):
            yield Finding(file.path, fault)


def _ids(folder: Folder) -> Iterator[Finding]:
    counted = Counter((file.id, file.version) for file in folder.contracts)
    seen: dict[tuple[str, str], str] = {}
    for file in folder.contracts:
        key = (file.id, file.version)
        if counted[key] > 1 and key in seen:
            message = f"{seen[key]} has the same id and version"
            yield Finding(file.path, file.document.diagnostic(("id",), message))
        seen.setdefault(key, file.path)


def _together(folder: Folder, product: File) -> Iterator[Finding]:
    held = {file.id for file in folder.contracts}
    named: set[str] = set()
    ports = product.document.content.get("outputPorts")
    for place, port in enumerate(ports if isinstance(ports, list) else ()):
        wanted = port.get("contractId") if isinstance(port, dict) else None
        if isinstance(wanted, str) and wanted:
            named.add(wanted)
            if wanted not in held:
                message = "no contract in this folder has this id"
                pointer = ("outputPorts", place, "contractId")
                said_of = product.document.diagnostic(pointer, message, severity="warning")
                yield Finding(product.path, said_of)
    for file in folder.contracts:
        if file.id and file.id not in named:
            message = f"no output port in {product.path} names this contract (contractId)"
            said_of = file.document.diagnostic(("id",), message, severity="warning")
            yield Finding(file.path, said_of)


def _pages(folder: Folder) -> Iterator[Finding]:
    for page in folder.pages:
        for line, note in page.notes:
            yield Finding(page.path, Diagnostic("", None, note, "warning", line=line))
    content = folder.products[0].document.content if len(folder.products) == 1 else {}
    for page, other in said_twice(content, folder.pages):
        said = f"the {page.part} is said already, by {other}"
        if page.is_readme:
            said += "; this page is passed over"
        severity: Severity = "warning" if page.is_readme else "error"
        yield Finding(page.path, Diagnostic("", None, said, severity, line=1))
