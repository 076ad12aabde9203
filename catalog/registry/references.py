"""What a descriptor refers to: domains, teams, GUIDs and successors, checked against what is there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from catalog.descriptors import Descriptor, ProductDescriptor
from catalog.names import ProductRef
from catalog.registry.limits import check_limits
from catalog.registry.outcomes import Problem
from catalog.registry.preload import BatchContext


def check(
    descriptor: Descriptor, context: BatchContext, batch: frozenset[str]
) -> tuple[Problem, ...]:
    """Return what is wrong with the references of a descriptor."""
    problems = list(check_limits(descriptor))
    if descriptor.domain is not None and descriptor.domain not in context.domains:
        problems.append(_unknown("domain", descriptor.domain, context.domains))
    if descriptor.team is not None and descriptor.team not in context.teams:
        problems.append(_unknown("team", descriptor.team, context.teams))
    if isinstance(descriptor, ProductDescriptor):
        problems += _check_product(descriptor, context, batch)
    return tuple(problems)


def _check_product(
    descriptor: ProductDescriptor, context: BatchContext, batch: frozenset[str]
) -> list[Problem]:
    problems = []
    if descriptor.successor:
        problems += _check_successor(descriptor, context, batch)
    own = context.products.get(str(descriptor.ref))
    if descriptor.guid is None:
        return problems
    holder = context.by_guid.get(descriptor.guid)
    former = context.retired.get(descriptor.guid)
    if holder is None and former not in (None, str(descriptor.ref)):
        said = "this GUID belonged to a product that was deleted; it is never given again"
        problems.append(Problem("guid", descriptor.guid, said))
    if holder is not None and own is not None and holder.pk != own.pk:
        said = f"this GUID belongs to another product; {own.ref} has its own"
        problems.append(Problem("guid", descriptor.guid, said))
    elif holder is None and own is not None and own.guid != descriptor.guid:
        stated = any(
            layer.content.get("guid") for layer in context.layers.get(("product", str(own.ref)), ())
        )
        if stated:
            said = f"{own.ref} has another GUID, which never changes"
            problems.append(Problem("guid", descriptor.guid, said))
    return problems


def _check_successor(
    descriptor: ProductDescriptor, context: BatchContext, batch: frozenset[str]
) -> list[Problem]:
    try:
        ref = str(ProductRef.parse(descriptor.successor))
    except ValueError as error:
        return [Problem("successor", descriptor.successor, str(error))]
    if ref == str(descriptor.ref):
        return [Problem("successor", ref, "a product cannot succeed itself")]
    if ref not in context.products and ref not in batch:
        return [Problem("successor", ref, f"there is no product {ref}; write <domain>/<product>")]
    return []


def _unknown(path: str, value: str, allowed: Iterable[str]) -> Problem:
    names = sorted(allowed)
    near = get_close_matches(value, names, n=5, cutoff=0.4) or names[:5]
    hint = f"; near it: {', '.join(near)}" if near else ""
    return Problem(path, value, f"there is no {path} {value!r}{hint}")
