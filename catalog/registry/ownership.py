"""Whose names a batch states something of: what belongs to others is refused, with a word whom to ask."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from catalog.descriptors import DatasetDescriptor, ProductDescriptor
from catalog.models import Dataset, PortDataset, Product
from catalog.people.authority import Authority
from catalog.people.namespaces import (
    Address,
    Claims,
    Described,
    Domains,
    NameRights,
    Ownership,
    described,
    explain,
    stand,
    tell,
)
from catalog.registry.outcomes import Problem
from catalog.registry.paths import item_key, item_path
from catalog.registry.preload import BatchContext
from catalog.registry.serving import is_open
from catalog.registry.stages import Author, Incoming, SubjectKey

Problems = dict[SubjectKey, tuple[Problem, ...]]


def check_ownership(batch: Sequence[Incoming], context: BatchContext, author: Author) -> Problems:
    """Return what a batch states of names of others; a fixed number of queries."""
    return _check_datasets(batch, context, author) | _check_ports(batch, context, author)


def _check_datasets(batch: Sequence[Incoming], context: BatchContext, author: Author) -> Problems:
    """Datasets are described by the owners of their names, by their own people, or while nobody owns them."""
    rights = author.authority.names
    if rights.is_unlimited:
        return {}
    about = {(d.namespace, d.name): one for one in batch if (d := _dataset(one)) is not None}
    if not about:
        return {}
    rows = {
        address: _described(row, context)
        for address, one in about.items()
        if (row := context.datasets.get(one.key)) is not None
    }
    found = tell(about, rights, rows)
    foreign = {address for address, owner in found.items() if owner.standing == "foreign"}
    if served := described(foreign & rows.keys()):
        found |= tell(served, rights, served)
    found |= kept_from(found, author.authority)
    reasons = explain(found, author.by)
    return {
        about[address].subject: (
            Problem("namespace", address[0], f"{address[1]} {why}", "forbidden"),
        )
        for address, why in reasons.items()
    }


def kept_from(found: Mapping[Address, Ownership], authority: Authority) -> dict[Address, Ownership]:
    """Return the names of nobody that are kept apart for somebody else: as foreign until they have an owner."""
    return {
        address: replace(said, standing="foreign")
        for address, said in found.items()
        if said.standing == "unclaimed" and said.kept_for and not authority.sees(said.kept_for)
    }


def _dataset(one: Incoming) -> DatasetDescriptor | None:
    return one.descriptor if isinstance(one.descriptor, DatasetDescriptor) else None


def _described(row: Dataset, context: BatchContext) -> Described:
    leads = {domain.pk: domain.team_id for domain in context.domains.values()}
    lead = leads.get(row.domain_id) if row.domain_id else None
    return Described(row.pk, row.team_id, row.domain_id, lead, row.kept_for)


def _check_ports(batch: Sequence[Incoming], context: BatchContext, author: Author) -> Problems:
    """Ports serve datasets of the product's team or domain, and what nobody owns; what they serve stays."""
    if author.authority.is_unlimited:
        return {}
    served = {one.subject: list(_served(one)) for one in batch}
    served = {subject: ports for subject, ports in served.items() if ports}
    if not served:
        return {}
    products = {subject: context.products.get(subject[1]) for subject in served}
    kept = _linked([row.pk for row in products.values() if row is not None])
    wanted = {address for ports in served.values() for _, address in ports}
    claims, rows = Claims.load(namespace for namespace, _ in wanted), described(wanted)
    domains = Domains.of(context.domains.values())
    rights_of = {
        one.subject: _rights_of(one.descriptor, products[one.subject], context, domains)
        for one in batch
        if isinstance(one.descriptor, ProductDescriptor) and one.subject in served
    }
    closed: dict[SubjectKey, list[tuple[str, Address, Ownership]]] = {}
    for subject, ports in served.items():
        rights, row = rights_of[subject], products[subject]
        for path, address in ports:
            ownership = stand(claims.find(address), rows.get(address), rights)
            is_kept = row is not None and (row.pk, address) in kept
            if not is_kept and not is_open(ownership, rights.token):
                closed.setdefault(subject, []).append((path, address, ownership))
    return {subject: tuple(_closed(found, author)) for subject, found in closed.items()}


def _served(one: Incoming) -> Iterator[tuple[str, Address]]:
    if not isinstance(one.descriptor, ProductDescriptor):
        return
    for port in one.descriptor.ports or ():
        path = item_path("ports", item_key("ports", port.model_dump(mode="json")))
        if port.direction == "out":
            yield from ((path, (at.namespace, at.name)) for at in port.datasets)


def _linked(products: Sequence[int]) -> set[tuple[int, Address]]:
    if not products:
        return set()
    rows = PortDataset.objects.filter(port__product__among=products, port__direction="out")
    fields = ("port__product_id", "namespace", "name")
    return {(pk, (space, name)) for pk, space, name in rows.values_list(*fields)}


def _rights_of(
    descriptor: ProductDescriptor, row: Product | None, context: BatchContext, domains: Domains
) -> NameRights:
    team = context.teams.get(descriptor.team or "")
    if team is None and row is not None and row.team_id is not None:
        team = next((one for one in context.teams.values() if one.pk == row.team_id), None)
    domain = context.domains.get(descriptor.domain)
    return domains.rights_of(
        team.pk if team else None,
        domain.pk if domain else None,
        team.domain_id if team else None,
    )


def _closed(found: Sequence[tuple[str, Address, Ownership]], author: Author) -> Iterator[Problem]:
    why = explain(
        {address: Ownership("foreign", ownership.claim) for _, address, ownership in found},
        author.by,
    )
    for path, address, _ in found:
        hint = "a port serves what its product's team owns; read it by an input port instead"
        yield Problem(f"{path}.datasets", " ".join(address), f"{why[address]}; {hint}", "forbidden")
