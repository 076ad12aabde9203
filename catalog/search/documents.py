"""Documents of products and datasets, read in sets: the same few queries for one or for five hundred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence

from catalog.models import Column, Dataset, Domain, Membership, PortDataset, Product, Role
from catalog.search.types import Document, FieldText

MOST_COLUMNS = 2_000


def product_documents(ids: Sequence[int]) -> Iterator[Document]:
    """Build the documents of products; ids that do not exist are left out."""
    rows = list(
        Product.objects.filter(pk__in=ids)
        .select_related("domain", "team")
        .prefetch_related("tags", "ports")
    )
    served: dict[int, list[Dataset]] = defaultdict(list)
    links = (
        PortDataset.objects.filter(
            port__product__in=[row.pk for row in rows], port__direction="out", dataset__isnull=False
        )
        .select_related("dataset", "port")
        .order_by("pk")
    )
    for link in links:
        if link.dataset is not None and link.dataset.gone_at is None:
            served[link.port.product_id].append(link.dataset)
    columns = _columns({d.pk for found in served.values() for d in found})
    domains = _domains()
    owners = _owners({row.team_id for row in rows if row.team_id})
    for row in rows:
        datasets = served[row.pk]
        yield Document(
            kind="product",
            id=row.pk,
            audience=row.audience,
            name=row.name,
            key=row.key,
            aliases=(str(row.ref), row.urn, row.guid),
            description=row.description,
            domain=" ".join(domains[key].name for key in _path(row.domain)),
            team=row.team.name if row.team else "",
            owners=tuple(owners.get(row.team_id or 0, ())),
            tags=_tags(row),
            ports=tuple(
                FieldText(port.display_name or port.name, port.description)
                for port in sorted(row.ports.all(), key=lambda port: port.pk)
                if port.direction == "out"
            ),
            datasets=tuple(FieldText(d.display_name, d.description) for d in datasets),
            columns=tuple(c for d in datasets for c in columns[d.pk])[:MOST_COLUMNS],
            facets={
                "domain": _path(row.domain),
                "archetype": _filled(row.archetype),
                "team": _filled(row.team.key if row.team else ""),
                "status": (row.status,),
                "tag": _tags(row),
                "classification": _filled(row.classification),
                "technology": tuple(sorted({d.technology for d in datasets if d.technology})),
            },
            status=row.status,
            is_certified=row.certified,
            quality_score=row.quality_score,
            use_count=row.consumer_count,
            updated_at=row.updated_at,
        )


def dataset_documents(ids: Sequence[int]) -> Iterator[Document]:
    """Build the documents of datasets that are not gone."""
    rows = list(
        Dataset.objects.filter(pk__in=ids, gone_at__isnull=True)
        .select_related("domain", "team", "product")
        .prefetch_related("tags")
    )
    columns = _columns({row.pk for row in rows})
    domains = _domains()
    for row in rows:
        path = _path(row.domain) if row.domain else ()
        yield Document(
            kind="dataset",
            id=row.pk,
            audience=row.audience,
            name=row.display_name,
            key=row.name,
            description=row.description,
            domain=" ".join(domains[key].name for key in path),
            team=row.team.name if row.team else "",
            tags=_tags(row),
            columns=columns[row.pk][:MOST_COLUMNS],
            facets={
                "domain": path,
                "team": _filled(row.team.key if row.team else ""),
                "tag": _tags(row),
                "technology": _filled(row.technology),
                "classification": _filled(row.product.classification if row.product else ""),
            },
            status=row.product.status if row.product else "",
            quality_score=row.quality_score,
            updated_at=row.data_updated_at or row.updated_at,
        )


def _columns(datasets: Iterable[int]) -> defaultdict[int, tuple[FieldText, ...]]:
    found: dict[int, list[FieldText]] = defaultdict(list)
    rows = Column.objects.filter(dataset__in=list(datasets)).order_by("dataset", "ordinal")
    for owner, path, description in rows.values_list("dataset_id", "path", "description"):
        found[owner].append(FieldText(path, description))
    return defaultdict(tuple, {pk: tuple(columns) for pk, columns in found.items()})


def _domains() -> dict[str, Domain]:
    return {domain.key: domain for domain in Domain.objects.all()}


def _owners(teams: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Membership.objects.filter(team__in=list(teams), role=Role.OWNER).select_related("user")
    for row in rows:
        found[row.team_id].append(str(row.user))
    return found


def _path(domain: Domain) -> tuple[str, ...]:
    return tuple(key for key in domain.path.split("/") if key)


def _tags(row: Product | Dataset) -> tuple[str, ...]:
    return tuple(sorted(tag.name for tag in row.tags.all()))


def _filled(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
