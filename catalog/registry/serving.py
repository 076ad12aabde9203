"""Which datasets a product may serve: those of its own team or domain, and what nobody owns."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from django.db.models.fields.json import KT

from catalog.db import bulk
from catalog.models import Check, Dataset, PortDataset, Product
from catalog.people import audience
from catalog.people.namespaces import Address, Claims, Domains, Ownership, described, stand

Pair = tuple[int, Address]  # id of a product, address of a dataset


def is_open(found: Ownership, token: str) -> bool:
    """Tell whether a product whose team holds a token may serve what it stands to so."""
    if found.standing == "unclaimed":
        return found.kept_for in ("", token)
    return found.standing == "own"


def servable(pairs: Collection[Pair]) -> set[Pair]:
    """Keep the pairs in which the product may serve the dataset: four queries for any number."""
    if not pairs:
        return set()
    addresses = {address for _, address in pairs}
    claims, rows = Claims.load(namespace for namespace, _ in addresses), described(addresses)
    domains = Domains.load()
    owners = Product.objects.filter(pk__among={pk for pk, _ in pairs}).order_by()
    fields = ("pk", "team_id", "domain_id", "team__domain_id")
    rights = {pk: domains.rights_of(*rest) for pk, *rest in owners.values_list(*fields)}
    return {
        (pk, address)
        for pk, address in pairs
        if is_open(stand(claims.find(address), rows.get(address), rights[pk]), rights[pk].token)
    }


def checkable(pairs: Collection[Pair]) -> set[Pair]:
    """Keep the pairs in which a product may judge the dataset: what it may serve, and what it serves."""
    if not pairs:
        return set()
    links = PortDataset.objects.filter(
        port__product__among={pk for pk, _ in pairs}, port__direction="out", dataset__isnull=False
    ).order_by()
    fields = ("port__product_id", "namespace", "name")
    served = {(pk, (space, name)) for pk, space, name in links.values_list(*fields)}
    return servable(pairs) | (served & set(pairs))


def relink_checks(ids: Mapping[Address, int]) -> None:
    """Link declared checks to these datasets where their product may judge them, else take links away."""
    declared = Check.objects.alias(address_name=KT("params__address__name")).order_by()
    rows = declared.filter(origin="declared", address_name__among={name for _, name in ids})
    meant = {
        (pk, now, product): (address["namespace"], address["name"])
        for pk, now, product, address in rows.values_list(
            "pk", "dataset_id", "product_id", "params__address"
        )
    }
    meant = {check: address for check, address in meant.items() if address in ids}
    allowed = checkable({(product, address) for (_, _, product), address in meant.items()})
    changed = [
        {"id": pk, "dataset_id": wanted}
        for (pk, now, product), address in meant.items()
        for wanted in [ids[address] if (product, address) in allowed else None]
        if wanted != now
    ]
    bulk.update(Check, changed)


def relink(datasets: Collection[int]) -> None:
    """Link output ports to datasets whose owner changed where they may serve them, else take links away."""
    if not datasets:
        return
    rows = Dataset.objects.filter(pk__among=datasets).order_by()
    ids = {(space, name): pk for pk, space, name in rows.values_list("pk", "namespace", "name")}
    ports = PortDataset.objects.filter(
        name__among={name for _, name in ids}, port__direction="out"
    ).order_by()
    fields = ("pk", "dataset_id", "port__product_id", "namespace", "name")
    links = [row for row in ports.values_list(*fields) if row[3:] in ids]
    allowed = servable({(product, (space, name)) for _, _, product, space, name in links})
    changed = [
        {"id": pk, "dataset_id": wanted}
        for pk, now, product, space, name in links
        for wanted in [ids[space, name] if (product, (space, name)) in allowed else None]
        if wanted != now
    ]
    bulk.update(PortDataset, changed)
    relink_checks(ids)
    audience.refresh(products=[], datasets=list(datasets))
