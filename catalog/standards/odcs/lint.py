"""Judge a contract by the version of the standard it declares. Free of Django.

Errors make a contract unusable. Warnings are told and change nothing: fields newer than the declared version,
names said twice, references to what the contract does not have.
"""

from __future__ import annotations

from catalog.standards.diagnostics import Diagnostic, errors
from catalog.standards.odcs import rules, shape
from catalog.standards.odcs.versions import NEWEST, VERSIONS, is_known, is_older, is_second
from catalog.standards.reading import Document


def lint(document: Document) -> list[Diagnostic]:
    """List what is wrong with a contract, in the order of its text; errors make it unusable."""
    content = document.content
    if "dataContractSpecification" in content:
        message = (
            "this is a Data Contract Specification; `datacontract export --format odcs` converts it"
        )
        return [document.diagnostic(("dataContractSpecification",), message)]
    if is_second(content):
        return shape.second().faults(document)
    declared = content.get("apiVersion")
    if declared is not None and not is_known(declared):
        message = f"allowed are {', '.join(reversed(VERSIONS))}"
        return [document.diagnostic(("apiVersion",), message)]
    found = _of_shape(document, str(declared or NEWEST))
    if not errors(found):
        found += rules.faults(document)
    return sorted(found, key=lambda one: (one.line, one.column))


def _of_shape(document: Document, declared: str) -> list[Diagnostic]:
    """Judge by the declared version, then by the newest; what only one of them takes is a warning."""
    found = shape.newest().faults(document)
    if found and is_older(declared, "v3.1.0"):
        lax = shape.open_third().faults(document)
        refused = {(one.path, one.message) for one in lax}
        found = [
            one if lax and (one.path, one.message) in refused else _warned(one, declared)
            for one in found
        ]
        if lax and not errors(found):
            found += lax
    return found


def _warned(one: Diagnostic, declared: str) -> Diagnostic:
    message = f"{one.message} (since v3.1.0; {declared} let it pass)"
    return Diagnostic(one.path, one.value, message, "warning", one.line, one.column)
