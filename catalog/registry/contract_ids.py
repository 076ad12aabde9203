"""Whose the ids of contracts are: an id names one contract, so nobody publishes under an id that others use."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.descriptors import ProductDescriptor
from catalog.models import Contract
from catalog.people.authority import Owner
from catalog.people.policies import Action
from catalog.registry.authorize import RESERVED
from catalog.registry.outcomes import Problem
from catalog.registry.ownership import Problems
from catalog.registry.paths import item_path
from catalog.registry.preload import BatchContext
from catalog.registry.stages import Author, Incoming


def check_contract_ids(
    batch: Sequence[Incoming], context: BatchContext, author: Author
) -> Problems:
    """Return what a batch states under ids of contracts of others: one query where it states contracts.

    The words tell nothing of who uses an id, since they may be hidden. What a product has already stays.
    """
    if author.authority.is_unlimited:
        return {}
    said = {
        one.subject: {contract.key: contract.version for contract in descriptor.contracts or ()}
        for one in batch
        if isinstance(descriptor := one.descriptor, ProductDescriptor) and descriptor.contracts
    }
    holders = _holders({key for keys in said.values() for key in keys})
    found: Problems = {}
    for subject, keys in said.items():
        row = context.products.get(subject[1])
        problems = []
        for key, version in keys.items():
            holding = holders.get(key, {})
            is_kept = row is not None and row.pk in holding
            if not is_kept and not all(
                author.authority.may(Action.PUBLISH_PRODUCT, owner) for owner in holding.values()
            ):
                path = item_path("contracts", (key, version))
                problems.append(Problem(f"{path}.key", key, RESERVED, "reserved"))
        if problems:
            found[subject] = tuple(problems)
    return found


def _holders(keys: set[str]) -> dict[str, dict[int, Owner]]:
    """Return the products that have contracts of these ids, with their owners."""
    found: dict[str, dict[int, Owner]] = {}
    if not keys:
        return found
    rows = Contract.objects.filter(key__among=keys).order_by()
    owner = ("product__team_id", "product__domain__team_id", "product__domain_id")
    for key, product, team, lead, domain in rows.values_list("key", "product_id", *owner):
        found.setdefault(key, {})[product] = Owner(team or lead, domain)
    return found
