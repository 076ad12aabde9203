"""Findings, outcomes and comparisons, for a person and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from catalog.standards.diagnostics import Diagnostic
from gazetteer import console
from gazetteer.folder import Finding

if TYPE_CHECKING:
    from gazetteer.failures import Fault
    from gazetteer.pushing import Outcome


def finding_json(finding: Finding) -> dict[str, Any]:
    """Return a finding as JSON."""
    fault = finding.said
    return {
        "file": finding.path,
        "line": fault.line,
        "column": fault.column,
        "severity": fault.severity,
        "path": fault.path,
        "value": fault.value,
        "message": fault.message,
    }


def tell_findings(found: Iterable[Finding], indent: str = "") -> None:
    """Say each finding in a line that editors and pipelines can read."""
    for finding in found:
        fault = finding.said
        place = ":".join(str(part) for part in (finding.path, fault.line, fault.column) if part)
        value = "" if fault.value is None else f"{console.brief(fault.value)}: "
        field = f"{fault.path}: " if fault.path else ""
        head = console.colored(f"{place}:", bold=True)
        rest = console.plain(f"{field}{value}{fault.message}")
        console.line(f"{indent}{head} {console.level(fault.severity)}: {rest}")


def outcome_json(one: Outcome) -> dict[str, Any]:
    """Return what became of a document as JSON."""
    return {
        "file": one.file.path,
        "kind": one.file.kind,
        "id": one.file.id,
        "version": one.file.version,
        "outcome": one.outcome,
        "dataProductGUID": one.guid or None,
        "problems": [_fault_json(one, fault) for fault in one.problems],
        "warnings": [_fault_json(one, fault) for fault in one.warnings],
        "changes": list(one.changes),
        "comparison": one.comparison,
        "affected": one.affected,
    }


def _fault_json(one: Outcome, fault: Fault) -> dict[str, Any]:
    line, column = one.file.place_of(fault.path)
    data = {"path": fault.path, "value": fault.value, "message": fault.message}
    return {**data, "line": line, "column": column}


def tell_outcome(one: Outcome) -> None:
    """Say what became of a document, and why."""
    what = "product " if one.file.kind == "DataProduct" else "contract"
    name = console.plain(f"{one.file.id} {one.file.version}".strip())
    console.line(f"{console.outcome(one.outcome)} {what} {name}  ({console.plain(one.file.path)})")
    for severity, faults in (("error", one.problems), ("warning", one.warnings)):
        for fault in faults:
            tell_findings([_finding(one, fault, severity)], indent="  ")


def _finding(one: Outcome, fault: Fault, severity: Any) -> Finding:
    line, column = one.file.place_of(fault.path)
    diagnostic = Diagnostic(fault.path, fault.value, fault.message, severity, line, column)
    return Finding(one.file.path, diagnostic)


def tell_difference(one: Outcome) -> None:
    """Say what a document would change, what of it breaks, and for whom."""
    tell_outcome(one)
    for change in one.changes:
        if change.get("path") == "extra":  # the document itself, whose fields are told one by one
            continue
        before, after = console.brief(change.get("before")), console.brief(change.get("after"))
        console.line(f"  {console.plain(change.get('path'))}: {before} -> {after}")
    if one.comparison:
        _tell_comparison(one.comparison)
    if one.affected and one.is_change:
        _tell_affected(one.affected, one.is_breaking)


def _tell_comparison(found: Mapping[str, Any]) -> None:
    for change in found.get("changes") or ():
        if change.get("path") in {"version", "apiVersion"}:
            continue
        reason = f": {change.get('reason')}" if change.get("reason") else ""
        mark = console.level(str(change.get("consumer")))
        text = console.plain(f"{change.get('path')} {change.get('what')}{reason}")
        console.line(f"  {mark}: {text}")
    if found.get("isBreaking"):
        said = f"breaks consumers of {found.get('before')}"
        if not found.get("isNumberedEnough"):
            said += f"; publish it as {found.get('suggestedVersion')}"
        console.line(f"  {console.colored('breaking', fg='red', bold=True)}: {console.plain(said)}")
    elif found.get("changes"):
        console.line(f"  compatible with {console.plain(found.get('before'))}")


def _tell_affected(found: Mapping[str, Any], is_breaking: bool) -> None:
    head = "breaks for" if is_breaking else "tells"
    for who in who_is_hit(found):
        console.line(f"  {head}: {console.plain(who)}")
    if people := found.get("peopleTold"):
        console.line(f"  {people} {'person' if people == 1 else 'people'} will be told")


def who_is_hit(found: Mapping[str, Any]) -> Iterator[str]:
    """Name whom a change concerns: consumers with a grant, products that read it, followers."""
    for grant in found.get("grants") or ():
        who = grant.get("user") or f"team {grant.get('team')}"
        yield f"{who} (grant on port {grant.get('port')})"
    for product in found.get("products") or ():
        owner = f", owner {product['owner']}" if product.get("owner") else ""
        yield f"product {product.get('readableDataProductKey')} (reads it{owner})"
    if count := found.get("followers"):
        yield f"{count} {'follower' if count == 1 else 'followers'}"
