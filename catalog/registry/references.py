"""What a descriptor refers to: domains, teams, GUIDs and successors, checked against what is there."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from catalog.descriptors import Descriptor, ProductDescriptor
from catalog.names import ProductRef
from catalog.people.authority import Authority
from catalog.registry.limits import check_limits
from catalog.registry.outcomes import Problem
from catalog.registry.preload import BatchContext


def check(
    descriptor: Descriptor,
    context: BatchContext,
    batch: frozenset[str],
    domains: frozenset[str],
    authority: Authority,
) -> tuple[Problem, ...]:
    """Return what is wrong with the references of a descriptor.

    There are only `domains` to be named, and of products those that whoever speaks may know of.
    """
    problems = list(check_limits(descriptor))
    if descriptor.domain is not None and descriptor.domain not in domains:
        problems.append(_unknown("domain", descriptor.domain, domains))
    if descriptor.team is not None and descriptor.team not in context.teams:
        problems.append(_unknown("team", descriptor.team, _teams(context, domains)))
    if isinstance(descriptor, ProductDescriptor):
        problems += _check_product(descriptor, context, batch, authority)
    return tuple(problems)


def _teams(context: BatchContext, domains: frozenset[str]) -> list[str]:
    """Return the teams that may be named: those at home in no domain, or in one that may be named."""
    seen = {context.domains[key].pk for key in domains}
    return [k for k, t in context.teams.items() if t.domain_id is None or t.domain_id in seen]


def _check_product(
    descriptor: ProductDescriptor,
    context: BatchContext,
    batch: frozenset[str],
    authority: Authority,
) -> list[Problem]:
    problems = []
    if descriptor.successor:
        problems += _check_successor(descriptor, context, batch, authority)
    own = context.products.get(str(descriptor.ref))
    if descriptor.guid is None:
        return problems
    holder = context.by_guid.get(descriptor.guid)
    former = context.retired.get(descriptor.guid)
    if holder is None and former not in (None, str(descriptor.ref)):
        message = "this GUID belonged to a product that was deleted; it is never given again"
        problems.append(Problem("guid", descriptor.guid, message))
    if holder is not None and own is not None and holder.pk != own.pk:
        message = f"this GUID belongs to another product; {own.ref} has its own"
        problems.append(Problem("guid", descriptor.guid, message))
    elif holder is None and own is not None and own.guid != descriptor.guid:
        stated = any(
            layer.content.get("guid") for layer in context.layers.get(("product", str(own.ref)), ())
        )
        if stated:
            message = f"{own.ref} has another GUID, which never changes"
            problems.append(Problem("guid", descriptor.guid, message))
    return problems


def _check_successor(
    descriptor: ProductDescriptor,
    context: BatchContext,
    batch: frozenset[str],
    authority: Authority,
) -> list[Problem]:
    try:
        ref = str(ProductRef.parse(descriptor.successor))
    except ValueError as error:
        return [Problem("successor", descriptor.successor, str(error))]
    if ref == str(descriptor.ref):
        return [Problem("successor", ref, "a product cannot succeed itself")]
    if ref not in batch and not _may_name(ref, descriptor, context, authority):
        return [Problem("successor", ref, f"there is no product {ref}; write <domain>/<product>")]
    return []


def _may_name(
    ref: str, descriptor: ProductDescriptor, context: BatchContext, authority: Authority
) -> bool:
    """Tell whether a product is there that may be known, or is the successor already."""
    heir, own = context.products.get(ref), context.products.get(str(descriptor.ref))
    if heir is None:
        return False
    return authority.sees(heir.audience) or (own is not None and own.successor_id == heir.pk)


def _unknown(path: str, value: str, allowed: Iterable[str]) -> Problem:
    names = sorted(allowed)
    near = get_close_matches(value, names, n=5, cutoff=0.4) or names[:5]
    hint = f"; near it: {', '.join(near)}" if near else ""
    return Problem(path, value, f"there is no {path} {value!r}{hint}")
