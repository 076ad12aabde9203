"""Publish a product descriptor of a standard: judged, placed in a domain, and through the one door."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from pydantic import ValidationError

from catalog.contracts.errors import NotYours, Refused
from catalog.contracts.publish import problems_of
from catalog.descriptors import LayerKind, ProductDescriptor
from catalog.events import log as event_log
from catalog.models import Contract, Domain, Product, Team, User
from catalog.names import ProductRef, slugify
from catalog.people import policies
from catalog.people.authority import PersonAuthority
from catalog.people.policies import Action
from catalog.registry.apply import apply
from catalog.registry.outcomes import Problem
from catalog.standards import dpds, lf_odps
from catalog.standards.diagnostics import Diagnostic, errors
from catalog.standards.odps.lint import lint as lint_odps
from catalog.standards.odps.product import statement_of as of_odps
from catalog.standards.products import ProductStatement
from catalog.standards.reading import Document

Judge = Callable[[Document], list[Diagnostic]]
Reader = Callable[[dict[str, Any]], ProductStatement]


@dataclass(frozen=True, slots=True)
class PublishedProduct:
    """What became of a descriptor. `warnings` name what found no place, and contracts nobody knows."""

    status: str  # created, changed, unchanged
    product: Product
    warnings: tuple[Diagnostic, ...]


def publish_product(
    document: Document, *, by: User, domain: str = "", team: str = ""
) -> PublishedProduct:
    """Take a product descriptor as what its owners declare. `domain` and `team` help where it says none.

    Raises Refused or NotYours.
    """
    judge, reader = _standard(document.content)
    found = judge(document)
    if wrong := errors(found):
        raise Refused(problems_of(wrong))
    statement = reader(document.content)
    with transaction.atomic():
        event_log.lock()
        known = _known(statement, by)
        owner = _team(statement, known, by, team)
        place = _domain(statement, known, owner, domain, by)
        _check(by, owner, known)
        descriptor = _descriptor(statement, known, place, owner, by)
        applied = apply(
            [descriptor],
            layer=LayerKind.DECLARED,
            source="descriptor",
            authority=PersonAuthority(by),
            by=by,
        )
        outcome = applied.outcomes[0]
        if outcome.status == "refused":
            raise Refused(outcome.problems)
        product = Product.objects.select_related("domain", "team").get(pk=outcome.id or 0)
    notes = (*found, *statement.unplaced, *_dangling(statement, by))
    return PublishedProduct(str(outcome.status), product, notes)


def _standard(content: Mapping[str, Any]) -> tuple[Judge, Reader]:
    if lf_odps.is_one(content):
        return lf_odps.lint, lf_odps.statement_of
    if dpds.is_one(content):
        return dpds.lint, dpds.statement_of
    return lint_odps, of_odps


def _known(statement: ProductStatement, by: User) -> Product | None:
    """Return the product that a descriptor is about, among those its sender may see."""
    rows = Product.objects.visible_to(by).select_related("domain__team", "team")
    by_guid = rows.filter(guid=statement.guid).first() if statement.guid else None
    if by_guid is not None or not statement.domain:
        return by_guid
    key = slugify(statement.domain)
    place = Q(domain__key=key) | Q(domain__former_keys__key=key)
    place |= Q(domain__name__iexact=statement.domain)
    return rows.filter(place, key=slugify(statement.name)).first()


def _called(name: str) -> Q:
    key = slugify(name)
    return Q(key=key) | Q(former_keys__key=key) | Q(name__iexact=name)


def _team(statement: ProductStatement, known: Product | None, by: User, wanted: str) -> Team:
    rows = Team.objects.visible_to(by).select_related("domain")
    name = wanted or statement.team
    if name:
        if found := rows.filter(_called(name)).first():
            return found
        if wanted:
            raise Refused([Problem("team", wanted, "no team has this name or key")])
    if known is not None and known.team is not None:
        return known.team
    allowed = policies.teams_where(by, Action.PUBLISH_PRODUCT)
    mine = list((rows if allowed is None else rows.filter(pk__in=allowed)).order_by("key")[:20])
    if len(mine) == 1:
        return mine[0]
    names = ", ".join(team.key for team in mine) or "none"
    raise Refused(
        [Problem("team.name", statement.team or None, f"no team has this name; yours: {names}")]
    )


def _domain(
    statement: ProductStatement, known: Product | None, team: Team, wanted: str, by: User
) -> Domain:
    name = wanted or statement.domain
    if name:
        is_it = Q(key=slugify(name)) | Q(name__iexact=name)
        if found := Domain.objects.visible_to(by).filter(is_it).first():
            return found
    elif known is not None:
        return known.domain
    elif team.domain is not None:
        return team.domain
    names = Domain.objects.visible_to(by).order_by("path").values_list("key", flat=True)
    allowed = ", ".join(names[:20])
    raise Refused(
        [Problem("domain", name or None, f"there is no such domain; there are {allowed}")]
    )


def _check(by: User, team: Team, known: Product | None) -> None:
    allowed = policies.teams_where(by, Action.PUBLISH_PRODUCT)
    may_team = allowed is None or team.pk in allowed
    if not may_team or (known and not policies.may(by, Action.PUBLISH_PRODUCT, known)):
        raise NotYours


def _descriptor(
    statement: ProductStatement, known: Product | None, domain: Domain, team: Team, by: User
) -> ProductDescriptor:
    fields = {**statement.fields, "name": statement.name, "team": team.key}
    fields["ports"] = _with_upstreams(statement, by)
    if statement.guid and (known is None or known.guid == statement.guid):
        fields["guid"] = statement.guid
    key = known.key if known else slugify(statement.name)
    try:
        return ProductDescriptor(domain=domain.key, key=key, **fields)
    except ValidationError as error:
        raise Refused(
            [
                Problem(".".join(map(str, one["loc"])), str(one.get("input"))[:200], one["msg"])
                for one in error.errors()
            ]
        ) from error


def _with_upstreams(statement: ProductStatement, by: User) -> list[dict[str, Any]]:
    """Let input ports name the products whose contracts they read."""
    found = {
        key: str(ProductRef(domain, product))
        for key, domain, product in Contract.objects.visible_to(by)
        .filter(key__in=statement.reads.values())
        .values_list("key", "product__domain__key", "product__key")
    }
    ports = []
    for port in statement.fields["ports"]:
        upstream = (
            found.get(statement.reads.get(port["name"], "")) if port["direction"] == "in" else None
        )
        ports.append({**port, "upstream": upstream} if upstream else port)
    return ports


def _dangling(statement: ProductStatement, by: User) -> list[Diagnostic]:
    wanted = {str(port["contract"]) for port in statement.fields["ports"] if port.get("contract")}
    wanted |= set(statement.reads.values())
    seen = Contract.objects.visible_to(by).filter(key__in=wanted)
    missing = sorted(wanted - set(seen.values_list("key", flat=True)))
    message = "no contract of this id is published yet"
    return [Diagnostic("contractId", key, message, "warning") for key in missing]
