"""Publish a contract: judged, placed, and through the one door."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from pydantic import ValidationError

from catalog.contracts import changes
from catalog.contracts.errors import Refused
from catalog.contracts.target_port import TargetPort, find_target_port
from catalog.descriptors import ContractDescriptor, LayerKind, ProductDescriptor
from catalog.events import log as event_log
from catalog.models import Contract, Layer, Product, User
from catalog.people.authority import PersonAuthority
from catalog.registry.apply import apply
from catalog.registry.outcomes import Problem
from catalog.registry.paths import item_path
from catalog.standards.diagnostics import Diagnostic, brief, errors
from catalog.standards.odcs.contract import DRAFTS, descriptor_of
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.verdicts import Comparison
from catalog.standards.reading import Document
from catalog.standards.versions import bumped

#: What a field of a promise is called in a contract.
_SENT = {
    "key": "id",
    "purpose": "description.purpose",
    "usage": "description.usage",
    "limitations": "description.limitations",
    "columns": "schema",
}


@dataclass(frozen=True, slots=True)
class Published:
    """What became of a contract. `warnings` do not hinder it."""

    status: str  # created, changed, unchanged
    contract: Contract
    warnings: tuple[Diagnostic, ...] = ()
    comparison: Comparison | None = None  # with the version it follows


def publish_contract(
    document: Document, *, by: User, product: Product | None = None, port: str = ""
) -> Published:
    """Take a contract of the Open Data Contract Standard as what the owners declare.

    The same content twice changes nothing. A published version does not change: other content needs a new
    version, but for drafts. Raises Refused or NotYours.
    """
    found = judged(document)
    with transaction.atomic():
        event_log.lock()
        target = find_target_port(document.content, by=by, product=product, port=port)
        descriptor = described(document, target.port)
        rows = Contract.objects.filter(product=target.product, key=descriptor.key)
        same = rows.filter(version=descriptor.version).select_related("product__domain").first()
        if same is not None and same.document == descriptor.document:
            return Published("unchanged", same, tuple(found))
        if same is not None and same.status not in DRAFTS:
            raise Refused([_published_already(same, descriptor)])
        _through_the_door(target, descriptor, by)
        contract = rows.select_related("product__domain").get(version=descriptor.version)
        before = changes.before_of(descriptor.version, rows)
        comparison = changes.compared(before, descriptor.document) if before else None
        if comparison is not None:
            changes.check_policy(
                comparison, descriptor.status, target.product.domain.breaking_changes
            )
        changes.announce(contract, before, comparison, by)
    status = "created" if same is None else "changed"
    return Published(status, contract, tuple(found), comparison)


def judged(document: Document) -> list[Diagnostic]:
    """Return the warnings of a contract; raise Refused with its errors."""
    found = lint(document)
    if wrong := errors(found):
        raise Refused(problems_of(wrong))
    for name in ("id", "uuid", "version"):
        value = document.content.get(name)
        if isinstance(value, str) and not value.strip():
            raise Refused([Problem(name, value, "must not be empty")])
    return found


def described(document: Document, port: str) -> ContractDescriptor:
    """Return what a contract promises; raise Refused for what no catalog can hold."""
    try:
        return descriptor_of(document.content, port=port)
    except ValidationError as error:
        found = [
            Problem(_SENT.get(str(e["loc"][0]), str(e["loc"][0])), brief(e.get("input")), e["msg"])
            for e in error.errors()
        ]
        raise Refused(found) from error


def problems_of(found: Iterable[Diagnostic]) -> list[Problem]:
    """Return faults of a document as problems of a request; the message ends with the line."""
    return [
        Problem(
            one.path, one.value, f"{one.message} (line {one.line})" if one.line else one.message
        )
        for one in found
    ]


def source_of(key: str) -> str:
    """Return the source under which a contract is declared."""
    return f"contract:{key}"[:200]


def _published_already(same: Contract, contract: ContractDescriptor) -> Problem:
    comparison = changes.compared(same, contract.document)
    paths = ", ".join(change.path for change in comparison.changes[:5]) or "its shape"
    count = len(comparison.changes)
    more = f" and {count - 5} more" if count > 5 else ""
    number = bumped(same.version, "patch" if comparison.needs == "none" else comparison.needs)
    advice = f"publish it as {number}" if number else "give it a new version"
    message = f"is published with other content ({paths}{more}); {advice}, or keep it a draft"
    return Problem("version", same.version, message)


def _through_the_door(target: TargetPort, contract: ContractDescriptor, by: User) -> None:
    ref = target.product.ref
    source = source_of(contract.key)
    own = Layer.objects.filter(
        subject_kind="product", subject_key=str(ref), kind=LayerKind.DECLARED, source=source
    ).first()
    earlier = own.content.get("contracts", []) if own else []
    others = [
        one for one in earlier if (one["key"], one["version"]) != (contract.key, contract.version)
    ]
    contracts = [*map(ContractDescriptor.model_validate, others), contract]
    descriptor = ProductDescriptor(domain=ref.domain, key=ref.key, contracts=contracts)
    applied = apply(
        [descriptor],
        layer=LayerKind.DECLARED,
        source=source,
        authority=PersonAuthority(by),
        by=by,
    )
    if applied.refused:
        raise Refused(_as_sent(applied.refused[0].problems, contract))


def _as_sent(problems: Iterable[Problem], contract: ContractDescriptor) -> list[Problem]:
    base = item_path("contracts", (contract.key, contract.version))
    found = []
    for problem in problems:
        name = problem.path.removeprefix(f"{base}.")
        found.append(
            Problem(_SENT.get(name, name), problem.value, problem.message, problem.refusal)
        )
    return found
