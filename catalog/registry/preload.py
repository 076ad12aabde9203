"""What the catalog already knows of the subjects of a batch, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches

from django.db.models.fields.json import KT

from catalog.descriptors import DatasetDescriptor, Descriptor, ProductDescriptor
from catalog.models import Dataset, Domain, Event, Layer, Product, Team
from catalog.names import ProductRef
from catalog.registry.limits import check_limits
from catalog.registry.merge import Stamp, Statement
from catalog.registry.outcomes import Problem


@dataclass(slots=True)
class Known:
    """Domains and teams by key; products, datasets and layers by subject."""

    domains: dict[str, Domain] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    by_guid: dict[str, Product] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    layers: dict[tuple[str, str], list[Layer]] = field(default_factory=dict)


def subject_of(descriptor: Descriptor) -> tuple[str, str]:
    """Return the kind and the stable key under which layers are kept."""
    if isinstance(descriptor, ProductDescriptor):
        return "product", str(descriptor.ref)
    return "dataset", descriptor.ref.subject


def load(descriptors: Sequence[Descriptor]) -> Known:
    """Read everything a batch touches: six queries, however long it is."""
    known = Known(
        domains={domain.key: domain for domain in Domain.objects.all()},
        teams={team.key: team for team in Team.objects.all()},
    )
    products = [d for d in descriptors if isinstance(d, ProductDescriptor)]
    datasets = [d for d in descriptors if isinstance(d, DatasetDescriptor)]
    if products:
        _load_products(known, products)
    if datasets:
        rows = Dataset.objects.filter(
            namespace__in={d.namespace for d in datasets}, name__among=[d.name for d in datasets]
        ).order_by()
        known.datasets = {row.ref.subject: row for row in rows}
    renamed = [("product", str(row.ref)) for row in known.by_guid.values()]
    load_layers(known, {subject_of(d) for d in descriptors} | set(renamed))
    return known


def _load_products(known: Known, products: Sequence[ProductDescriptor]) -> None:
    refs = {str(d.ref) for d in products}
    refs.update(d.successor for d in products if d.successor)
    keys = {ref.partition("/")[2] for ref in refs}
    rows = Product.objects.select_related("domain").order_by()
    for row in rows.filter(key__among=keys):
        known.products[str(row.ref)] = row
    guids = {d.guid for d in products if d.guid}
    for row in rows.filter(guid__among=guids) if guids else ():
        known.by_guid[row.guid] = row
        known.products[str(row.ref)] = row
    if unknown := guids - known.by_guid.keys():
        removed = Event.objects.alias(of=KT("data__guid")).filter(type="product.removed")
        told = removed.filter(of__among=unknown).values_list("data__guid", "subject_key")
        known.retired.update(told)


def datasets_at(addresses: Collection[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Return the datasets that are there by namespace and name: one query."""
    if not addresses:
        return {}
    rows = Dataset.objects.filter(
        namespace__among={namespace for namespace, _ in addresses},
        name__among={name for _, name in addresses},
    ).order_by()
    found = rows.values_list("pk", "namespace", "name")
    return {(space, name): pk for pk, space, name in found if (space, name) in addresses}


def load_layers(known: Known, subjects: Iterable[tuple[str, str]]) -> None:
    """Read the layers of subjects: one query for each kind."""
    keys: dict[str, list[str]] = {}
    for kind, key in subjects:
        keys.setdefault(kind, []).append(key)
    for kind, wanted in keys.items():
        for row in Layer.objects.filter(subject_kind=kind, subject_key__among=wanted):
            known.layers.setdefault((kind, row.subject_key), []).append(row)


def statement_of(layer: Layer) -> Statement:
    """Return a stored layer as the merge wants it."""
    return Statement(
        layer.kind,
        layer.source,
        layer.content,
        layer.stated_at,
        layer.by_id,
        {path: Stamp.parse(said) for path, said in layer.stamps.items()},
    )


def check(descriptor: Descriptor, known: Known, batch: frozenset[str]) -> tuple[Problem, ...]:
    """Return what is wrong with the references of a descriptor."""
    problems = list(check_limits(descriptor))
    if descriptor.domain is not None and descriptor.domain not in known.domains:
        problems.append(_unknown("domain", descriptor.domain, known.domains))
    if descriptor.team is not None and descriptor.team not in known.teams:
        problems.append(_unknown("team", descriptor.team, known.teams))
    if isinstance(descriptor, ProductDescriptor):
        problems += _check_product(descriptor, known, batch)
    return tuple(problems)


def _check_product(
    descriptor: ProductDescriptor, known: Known, batch: frozenset[str]
) -> list[Problem]:
    problems = []
    if descriptor.successor:
        problems += _check_successor(descriptor, known, batch)
    own = known.products.get(str(descriptor.ref))
    if descriptor.guid is None:
        return problems
    holder = known.by_guid.get(descriptor.guid)
    former = known.retired.get(descriptor.guid)
    if holder is None and former not in (None, str(descriptor.ref)):
        said = "this GUID belonged to a product that was deleted; it is never given again"
        problems.append(Problem("guid", descriptor.guid, said))
    if holder is not None and own is not None and holder.pk != own.pk:
        said = f"this GUID belongs to another product; {own.ref} has its own"
        problems.append(Problem("guid", descriptor.guid, said))
    elif holder is None and own is not None and own.guid != descriptor.guid:
        stated = any(
            layer.content.get("guid") for layer in known.layers.get(("product", str(own.ref)), ())
        )
        if stated:
            said = f"{own.ref} has another GUID, which never changes"
            problems.append(Problem("guid", descriptor.guid, said))
    return problems


def _check_successor(
    descriptor: ProductDescriptor, known: Known, batch: frozenset[str]
) -> list[Problem]:
    try:
        ref = str(ProductRef.parse(descriptor.successor))
    except ValueError as error:
        return [Problem("successor", descriptor.successor, str(error))]
    if ref == str(descriptor.ref):
        return [Problem("successor", ref, "a product cannot succeed itself")]
    if ref not in known.products and ref not in batch:
        return [Problem("successor", ref, f"there is no product {ref}; write <domain>/<product>")]
    return []


def _unknown(path: str, value: str, allowed: Iterable[str]) -> Problem:
    names = sorted(allowed)
    near = get_close_matches(value, names, n=5, cutoff=0.4) or names[:5]
    hint = f"; near it: {', '.join(near)}" if near else ""
    return Problem(path, value, f"there is no {path} {value!r}{hint}")
