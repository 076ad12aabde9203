"""Describe the products of a source: those its rules make, and those it tells of itself."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.descriptors import (
    DatasetAddress,
    DatasetDescriptor,
    Indicator,
    ObjectiveDescriptor,
    PortDescriptor,
    ProductDescriptor,
)
from catalog.names import DatasetRef, slugify
from ingestors.connectors.base import Offer
from ingestors.models import Source
from ingestors.services.owners import Owners
from ingestors.services.rules import parse_rules, products_of


def products_said(
    source: Source, datasets: Iterable[DatasetDescriptor], offers: Sequence[Offer], owners: Owners
) -> list[ProductDescriptor]:
    """Return each product once; where a rule and the source make the same one, it has the ports of both."""
    datasets = list(datasets)
    team = source.team.key if source.team else None
    ruled = products_of(parse_rules(source.rules), datasets, domain=source.domain.key, team=team)
    found = {product.key: product for product in ruled}
    known = {d.ref: d for d in datasets}
    for offer in offers:
        descriptor = _product(offer, source.domain.key, known, owners)
        by_rule = found.get(offer.key)
        found[offer.key] = descriptor if by_rule is None else _joined(descriptor, by_rule)
    return [found[key] for key in sorted(found)]


def _joined(product: ProductDescriptor, by_rule: ProductDescriptor) -> ProductDescriptor:
    ports = {(port.direction, port.name): port for port in product.ports}
    for port in by_rule.ports:
        own = ports.get((port.direction, port.name))
        addresses = {(d.namespace, d.name): d for p in (own, port) if p for d in p.datasets}
        merged = sorted(addresses.values(), key=lambda d: (d.namespace, d.name))
        ports[port.direction, port.name] = port.model_copy(update={"datasets": merged})
    return product.model_copy(update={"ports": list(ports.values())})


def _product(
    offer: Offer, domain: str, known: Mapping[DatasetRef, DatasetDescriptor], owners: Owners
) -> ProductDescriptor:
    fields: dict[str, Any] = {"domain": domain, "key": offer.key, "name": offer.name}
    optional = {
        "description": offer.description,
        "archetype": offer.archetype,
        "team": owners.find(offer.owners),
        "support": offer.support,
        "tags": list(offer.tags),
        "objectives": [_objective(ref, hours) for ref, hours in sorted(offer.fresh.items())],
    }
    fields |= {name: value for name, value in optional.items() if value}
    fields["ports"] = [*_served(offer, known), *_read(offer, domain)]
    return ProductDescriptor.model_validate(fields)


def _served(
    offer: Offer, known: Mapping[DatasetRef, DatasetDescriptor]
) -> Iterable[PortDescriptor]:
    served = [known[ref] for ref in offer.serves if ref in known]
    if served:
        yield PortDescriptor(
            direction="out",
            name=offer.port,
            technology=served[0].technology,
            location=served[0].namespace,
            datasets=[DatasetAddress(namespace=d.namespace, name=d.name) for d in served],
        )


def _read(offer: Offer, domain: str) -> Iterable[PortDescriptor]:
    for reading in offer.reads:
        upstream = {"upstream": f"{domain}/{reading.offer}"} if reading.offer else {}
        yield PortDescriptor(
            direction="in",
            name=reading.port,
            datasets=[DatasetAddress(namespace=r.namespace, name=r.name) for r in reading.datasets],
            **upstream,
        )


def _objective(ref: DatasetRef, hours: float) -> ObjectiveDescriptor:
    short = ref.name.rpartition(".")[2]
    return ObjectiveDescriptor.model_validate(
        {
            "key": slugify(f"fresh-{short}"),
            "name": f"{short} has new data",
            "indicator": Indicator.FRESHNESS,
            "comparison": "<=",
            "target": round(hours, 4),
            "unit": "hours",
            "element": ref.name,
        }
    )
