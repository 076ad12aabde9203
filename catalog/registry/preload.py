"""What the catalog already knows of the subjects of a batch, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.db.models.fields.json import KT

from catalog.descriptors import DatasetDescriptor, Descriptor, ProductDescriptor
from catalog.models import Dataset, Domain, Event, Layer, Product, Team
from catalog.registry.merge import Stamp, Statement
from catalog.registry.receive import subject_of


@dataclass(frozen=True, slots=True)
class BatchContext:
    """Domains and teams by key; products, datasets and layers by subject; what serves datasets by id."""

    domains: dict[str, Domain] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    products: dict[str, Product] = field(default_factory=dict)
    by_guid: dict[str, Product] = field(default_factory=dict)
    retired: dict[str, str] = field(default_factory=dict)
    datasets: dict[str, Dataset] = field(default_factory=dict)
    layers: dict[tuple[str, str], list[Layer]] = field(default_factory=dict)
    domain_by_id: dict[int, Domain] = field(default_factory=dict)
    serving: dict[int, Product] = field(default_factory=dict)


def load(descriptors: Sequence[Descriptor]) -> BatchContext:
    """Read everything a batch touches: seven queries, however long it is."""
    domains = list(Domain.objects.all())
    context = BatchContext(
        domains={domain.key: domain for domain in domains},
        domain_by_id={domain.pk: domain for domain in domains},
        teams={team.key: team for team in Team.objects.all()},
    )
    products = [d for d in descriptors if isinstance(d, ProductDescriptor)]
    datasets = [d for d in descriptors if isinstance(d, DatasetDescriptor)]
    if products:
        _load_products(context, products)
    if datasets:
        rows = Dataset.objects.filter(
            namespace__in={d.namespace for d in datasets}, name__among=[d.name for d in datasets]
        ).order_by()
        context.datasets.update({row.ref.subject: row for row in rows})
        _load_serving(context)
    renamed = [("product", str(row.ref)) for row in context.by_guid.values()]
    load_layers(context, {subject_of(d) for d in descriptors} | set(renamed))
    return context


def _load_serving(context: BatchContext) -> None:
    """Read the products that serve the datasets of a batch: they tell whose those are."""
    if served := {row.product_id for row in context.datasets.values() if row.product_id}:
        context.serving.update(Product.objects.in_bulk(served))


def _load_products(context: BatchContext, products: Sequence[ProductDescriptor]) -> None:
    refs = {str(d.ref) for d in products}
    refs.update(d.successor for d in products if d.successor)
    keys = {ref.partition("/")[2] for ref in refs}
    rows = Product.objects.select_related("domain").order_by()
    for row in rows.filter(key__among=keys):
        context.products[str(row.ref)] = row
    guids = {d.guid for d in products if d.guid}
    for row in rows.filter(guid__among=guids) if guids else ():
        context.by_guid[row.guid] = row
        context.products[str(row.ref)] = row
    if unknown := guids - context.by_guid.keys():
        removed = Event.objects.alias(of=KT("data__guid")).filter(type="product.removed")
        removals = removed.filter(of__among=unknown).values_list("data__guid", "subject_key")
        context.retired.update(removals)


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


def load_layers(context: BatchContext, subjects: Iterable[tuple[str, str]]) -> None:
    """Read the layers of subjects: one query for each kind."""
    keys: dict[str, list[str]] = {}
    for kind, key in subjects:
        keys.setdefault(kind, []).append(key)
    for kind, wanted in keys.items():
        for row in Layer.objects.filter(subject_kind=kind, subject_key__among=wanted):
            context.layers.setdefault((kind, row.subject_key), []).append(row)


def statement_of(layer: Layer) -> Statement:
    """Return a stored layer as the merge wants it."""
    return Statement(
        layer.kind,
        layer.source,
        layer.content,
        layer.stated_at,
        layer.by_id,
        {path: Stamp.parse(stamp) for path, stamp in layer.stamps.items()},
    )
