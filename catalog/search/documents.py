"""Documents of products and datasets, read in sets: the same few queries for one or for five hundred."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from catalog.models import (
    Column,
    Dataset,
    Domain,
    Membership,
    Port,
    PortDataset,
    Product,
    Role,
    Team,
)
from catalog.names import ProductRef
from catalog.search.types import Document, FieldText
from catalog.visibility import PUBLIC, SIGNED_IN

MOST_COLUMNS = 2_000


def product_documents(ids: Sequence[int]) -> Iterator[Document]:
    """Build the documents of products; ids that do not exist are left out."""
    rows = list(Product.objects.filter(pk__among=ids))
    found = [row.pk for row in rows]
    served = _served(found)
    columns = _columns({d.pk for datasets in served.values() for d in datasets})
    ports, tags, domains, teams = _ports(found), _tags(Product, found), _domains(), _teams()
    owners = _owners({row.team_id for row in rows if row.team_id})
    for row in rows:
        datasets = served[row.pk]
        domain = domains[row.domain_id]
        team = teams.get(row.team_id or 0, _NO_TEAM)
        ref = ProductRef(domain.key, row.key)
        yield Document(
            kind="product",
            id=row.pk,
            audience=row.audience,
            name=row.name,
            key=row.key,
            aliases=(str(ref), ref.urn, row.guid),
            description=row.description,
            domain=domain.told_with(row.audience),
            team=team.name,
            owners=tuple(owners.get(row.team_id or 0, ())),
            tags=tags[row.pk],
            ports=ports[row.pk],
            datasets=tuple(d.text for d in datasets),
            columns=tuple(c for d in datasets for c in columns[d.pk])[:MOST_COLUMNS],
            facets={
                "domain": domain.path,
                "archetype": _filled(row.archetype),
                "team": _filled(team.key),
                "status": (row.status,),
                "tag": tags[row.pk],
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
    large = ("foreign_keys", "indexes", "view_definition", "extra")
    rows = list(Dataset.objects.filter(pk__among=ids, gone_at__isnull=True).defer(*large))
    products = {
        pk: said
        for pk, *said in Product.objects.filter(
            pk__among={row.product_id for row in rows if row.product_id}
        ).values_list("pk", "classification", "status")
    }
    found = [row.pk for row in rows]
    columns, tags, domains, teams = _columns(found), _tags(Dataset, found), _domains(), _teams()
    for row in rows:
        domain = domains.get(row.domain_id or 0, _NOWHERE)
        team = teams.get(row.team_id or 0, _NO_TEAM)
        classification, status = products.get(row.product_id or 0, ("", ""))
        yield Document(
            kind="dataset",
            id=row.pk,
            audience=row.audience,
            name=row.display_name,
            key=row.name,
            description=row.description,
            domain=domain.told_with(row.audience),
            team=team.name,
            tags=tags[row.pk],
            columns=columns[row.pk][:MOST_COLUMNS],
            facets={
                "domain": domain.path,
                "team": _filled(team.key),
                "tag": tags[row.pk],
                "technology": _filled(row.technology),
                "classification": _filled(classification),
            },
            status=status,
            quality_score=row.quality_score,
            updated_at=row.data_updated_at or row.updated_at,
        )


class _Served(NamedTuple):
    pk: int
    text: FieldText
    technology: str


class _DomainNames(NamedTuple):
    """A domain with those above it; `line` has the name and audience of each."""

    key: str
    path: tuple[str, ...]
    line: tuple[tuple[str, str], ...]

    def told_with(self, audience: str) -> str:
        """Return the names that everybody may know who sees what has this audience."""
        return " ".join(name for name, own in self.line if own in (PUBLIC, SIGNED_IN, audience))


class _Team(NamedTuple):
    key: str
    name: str


_NOWHERE = _DomainNames("", (), ())
_NO_TEAM = _Team("", "")


def _served(products: Sequence[int]) -> defaultdict[int, list[_Served]]:
    """Return the datasets behind the output ports of products."""
    rows = PortDataset.objects.filter(
        port__product__among=products, port__direction="out", dataset__gone_at__isnull=True
    )
    fields = ("port__product_id", "dataset_id", "dataset__display_name", "dataset__description")
    found: defaultdict[int, list[_Served]] = defaultdict(list)
    wanted = rows.filter(dataset__isnull=False).order_by("pk")
    for owner, pk, name, text, store in wanted.values_list(*fields, "dataset__technology"):
        found[owner].append(_Served(pk or 0, FieldText(name or "", text or ""), store or ""))
    return found


def _ports(products: Sequence[int]) -> defaultdict[int, tuple[FieldText, ...]]:
    rows = Port.objects.filter(product__among=products, direction="out").order_by("pk")
    found: defaultdict[int, tuple[FieldText, ...]] = defaultdict(tuple)
    for owner, shown, name, text in rows.values_list(
        "product_id", "display_name", "name", "description"
    ):
        found[owner] += (FieldText(shown or name, text),)
    return found


def _tags(
    model: type[Product] | type[Dataset], ids: Sequence[int]
) -> defaultdict[int, tuple[str, ...]]:
    owner = model._meta.model_name
    links: Any = model.tags.through.objects.filter(**{f"{owner}__among": ids})
    found: dict[int, list[str]] = defaultdict(list)
    for pk, name in links.values_list(f"{owner}_id", "tag__name"):
        found[pk].append(name)
    return defaultdict(tuple, {pk: tuple(sorted(names)) for pk, names in found.items()})


def _columns(datasets: Iterable[int]) -> defaultdict[int, tuple[FieldText, ...]]:
    found: dict[int, list[FieldText]] = defaultdict(list)
    rows = Column.objects.filter(dataset__among=list(datasets)).order_by("dataset", "ordinal")
    for owner, path, description in rows.values_list("dataset_id", "path", "description"):
        found[owner].append(FieldText(path, description))
    return defaultdict(tuple, {pk: tuple(columns) for pk, columns in found.items()})


def _domains() -> dict[int, _DomainNames]:
    rows = list(Domain.objects.all())
    told = {row.key: (row.name, row.audience) for row in rows}
    places = {}
    for row in rows:
        path = tuple(key for key in row.path.split("/") if key)
        places[row.pk] = _DomainNames(row.key, path, tuple(told[key] for key in path))
    return places


def _teams() -> dict[int, _Team]:
    return {pk: _Team(*names) for pk, *names in Team.objects.values_list("pk", "key", "name")}


def _owners(teams: Iterable[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = defaultdict(list)
    rows = Membership.objects.filter(team__among=list(teams), role=Role.OWNER).select_related(
        "user"
    )
    for row in rows:
        found[row.team_id].append(str(row.user))
    return found


def _filled(value: str) -> tuple[str, ...]:
    return (value,) if value else ()
