"""Read products as an export tells of them, some hundreds at a time: a fixed number of queries for each lot."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet

from catalog.models import Contract, Dataset, Port, PortDataset, Product, User
from catalog.standards.dcat import ContractFacts, DatasetFacts, PortFacts, ProductFacts
from catalog.standards.versions import newest_first

LOT = 500
Reader = User | AnonymousUser


def in_lots(rows: QuerySet[Product], size: int = LOT) -> Iterator[list[Product]]:
    """Yield products in the order they were made, some at a time; no more than a lot is held."""
    rows = rows.order_by("pk")
    last = 0
    while lot := list(rows.filter(pk__gt=last)[:size]):
        last = lot[-1].pk
        yield lot


def product_facts(rows: QuerySet[Product], user: Reader) -> Iterator[ProductFacts]:
    """Yield the facts of products that were chosen for a reader; what else they name is filtered for that reader."""
    rows = rows.select_related("domain", "team").prefetch_related("tags")
    for lot in in_lots(rows):
        ports = _ports(lot, user)
        for row in lot:
            yield ProductFacts(
                guid=row.guid,
                key=row.key,
                title=row.name,
                description=row.description,
                domain=(row.domain.key, row.domain.name),
                team=(row.team.key, row.team.name) if row.team else None,
                status=row.status,
                version=row.version,
                classification=row.classification,
                issued=row.day,
                updated_at=row.updated_at,
                tags=sorted(tag.name for tag in row.tags.all()),
                ports=ports.get(row.pk, ()),
            )


def _ports(products: Sequence[Product], user: Reader) -> dict[int, list[PortFacts]]:
    rows = list(Port.objects.filter(product__in=products).order_by("product_id", "pk"))
    datasets = _datasets(rows, user)
    upstreams = _upstreams(rows, user)
    contracts = _contracts(products)
    found: dict[int, list[PortFacts]] = defaultdict(list)
    for row in rows:
        is_out = row.direction == "out"
        found[row.product_id].append(
            PortFacts(
                direction=row.direction,
                name=row.name,
                major=row.major,
                title=row.display_name or row.name,
                description=row.description,
                technology=row.technology,
                datasets=datasets.get(row.pk, ()),
                contracts=contracts.get((row.product_id, row.name), ()) if is_out else (),
                upstream=upstreams.get(row.upstream_id or 0),
            )
        )
    return found


def _datasets(ports: Sequence[Port], user: Reader) -> dict[int, list[DatasetFacts]]:
    links = PortDataset.objects.filter(port__in=ports, dataset__isnull=False)
    pairs = list(links.order_by("pk").values_list("port_id", "dataset_id"))
    seen = Dataset.objects.visible_to(user).present().filter(pk__in={pk for _, pk in pairs})
    fields = ("pk", "namespace", "name", "display_name", "description", "updated_at")
    known = {row[0]: DatasetFacts(*row) for row in seen.order_by().values_list(*fields)}
    found: dict[int, list[DatasetFacts]] = defaultdict(list)
    for port, dataset in pairs:
        if fact := known.get(dataset or 0):
            found[port].append(fact)
    return found


def _upstreams(ports: Sequence[Port], user: Reader) -> dict[int, tuple[str, str]]:
    wanted = {port.upstream_id for port in ports if port.upstream_id}
    seen = Product.objects.visible_to(user).filter(pk__in=wanted).order_by()
    rows = seen.values_list("pk", "domain__key", "key")
    return {pk: (domain, key) for pk, domain, key in rows}


def _contracts(products: Sequence[Product]) -> dict[tuple[int, str], list[ContractFacts]]:
    """Return the newest version of each contract, by product and port."""
    versions: dict[tuple[int, str], list[Contract]] = defaultdict(list)
    rows = Contract.objects.filter(product__in=products).exclude(status__in=["draft", "proposed"])
    for row in rows.defer("document", "columns").order_by("created_at", "id"):
        versions[row.product_id, row.key].append(row)
    found: dict[tuple[int, str], list[ContractFacts]] = defaultdict(list)
    for (product, key), some in versions.items():
        newest = newest_first(some)[0]
        found[product, newest.port_name].append(ContractFacts(key, newest.version))
    return found
