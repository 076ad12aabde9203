"""Read what is known of many datasets into plain facts, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace

from django.db.models import Value
from django.db.models.functions import Concat

from catalog.descriptors import (
    ColumnProfile,
    ForeignKey,
    Indicator,
    KeyFinding,
    LayerKind,
    PromisedColumn,
)
from catalog.models import Column, Contract, Dataset, Layer, Objective, PortDataset, Profile
from catalog.standards.versions import newest_first, shared_out
from catalog.trust.facts import ColumnFacts, DatasetFacts
from catalog.trust.promises import hours_in


@dataclass(frozen=True, slots=True)
class Link:
    """A dataset that an output port serves."""

    product: int
    port: str
    dataset: int
    major: int = 1


def load_links(product_ids: Collection[int]) -> list[Link]:
    """Return what the output ports of products serve."""
    rows = PortDataset.objects.filter(
        port__product__in=product_ids, port__direction="out", dataset__gone_at__isnull=True
    ).exclude(dataset=None)
    values = rows.values_list("port__product_id", "port__name", "dataset_id", "port__major")
    return [
        Link(product, port, dataset or 0, major)
        for product, port, dataset, major in values.distinct()
    ]


def products_of(dataset_ids: Collection[int]) -> set[int]:
    """Return the products whose output ports serve any of the datasets."""
    rows = PortDataset.objects.filter(dataset__in=dataset_ids, port__direction="out")
    return set(rows.values_list("port__product_id", flat=True))


def products_from(source: str) -> set[int]:
    """Return the products whose output ports serve a dataset that a source harvests."""
    said = Layer.objects.filter(
        subject_kind="dataset", kind=LayerKind.HARVESTED.value, source=source
    )
    rows = PortDataset.objects.filter(port__direction="out").annotate(
        subject=Concat("namespace", Value(" "), "name")
    )
    served = rows.filter(subject__in=said.values("subject_key"))
    return set(served.values_list("port__product_id", flat=True))


def load_facts(dataset_ids: Collection[int], links: Iterable[Link]) -> dict[int, DatasetFacts]:
    """Return the facts of datasets by id; `links` are those of every product that serves them."""
    columns = _columns(dataset_ids)
    profiles = {row.dataset_id: row for row in Profile.objects.filter(dataset__in=dataset_ids)}
    found: dict[int, DatasetFacts] = {}
    for row in Dataset.objects.filter(pk__in=dataset_ids):
        profile = profiles.get(row.pk)
        seen = [ColumnProfile.model_validate(c) for c in profile.columns] if profile else []
        found[row.pk] = DatasetFacts(
            id=row.pk,
            namespace=row.namespace,
            name=row.name,
            display_name=row.display_name,
            columns=tuple(columns.get(row.pk, ())),
            primary_key=tuple(row.primary_key) or _key_of(columns.get(row.pk, ())),
            unique_keys=tuple(
                tuple(index["columns"])
                for index in row.indexes
                if index.get("unique") and index.get("columns")
            ),
            foreign_keys=tuple(ForeignKey.model_validate(f) for f in row.foreign_keys),
            observed_at=row.observed_at,
            row_count=row.row_count,
            data_updated_at=row.data_updated_at,
            profiles={one.path: one for one in seen},
            keys=tuple(KeyFinding.model_validate(k) for k in profile.keys) if profile else (),
        )
    return _with_promises(found, list(links))


def _columns(dataset_ids: Collection[int]) -> Mapping[int, list[ColumnFacts]]:
    found: dict[int, list[ColumnFacts]] = defaultdict(list)
    rows = Column.objects.filter(dataset__in=dataset_ids).order_by("ordinal", "path")
    fields = ("dataset_id", "path", "type", "nullable", "primary_key", "unique")
    for dataset, path, type_, nullable, primary, unique in rows.values_list(*fields):
        found[dataset].append(ColumnFacts(path, type_, nullable, primary, unique))
    return found


def _key_of(columns: Iterable[ColumnFacts]) -> tuple[str, ...]:
    return tuple(column.path for column in columns if column.primary_key)


def _with_promises(
    found: dict[int, DatasetFacts], links: Collection[Link]
) -> dict[int, DatasetFacts]:
    """Add what contracts and freshness objectives promise of each dataset."""
    products = {link.product for link in links if link.dataset in found}
    if not products:
        return found
    served: dict[int, set[int]] = defaultdict(set)
    for link in links:
        served[link.product].add(link.dataset)
    columns = _promised_columns(products, links)
    hours = _promised_hours(products)
    for link in links:
        if (facts := found.get(link.dataset)) is None:
            continue
        is_only = len(served[link.product]) == 1
        for port, element, limit in hours.get(link.product, ()):
            if port in {"", link.port} and facts.part(element) is not None:
                facts = _with_hours(facts, limit, is_strict=bool(element) or is_only)
        found[link.dataset] = facts
    for product, promises in columns.items():
        for port, major, promised, is_whole in promises:
            about = {
                x.dataset
                for x in links
                if x.product == product and port in {"", x.port} and (not port or x.major == major)
            }
            here = sorted(about & found.keys())
            is_only = len(about) == 1 and is_whole
            meant = here if is_only else _meant(promised, [found[pk] for pk in here])
            for pk in meant:
                found[pk] = _with_columns(found[pk], promised, is_only)
    return found


def _meant(promised: Iterable[PromisedColumn], served: Iterable[DatasetFacts]) -> list[int]:
    """Return which datasets a table of a contract describes: that of its name.

    Where no name fits, of several behind one port those with most of the columns it names, and at least half of them:
    a shared key does not make a neighbour the promised table.
    """
    served = list(served)
    promised = list(promised)
    called = {one.object.lower() for one in promised} - {""}
    if named := [one.id for one in served if called & _names(one)]:
        return named
    paths = {one.path for one in promised}
    hits = {one.id: sum(1 for c in one.columns if c.path in paths) for one in served}
    most = max(hits.values(), default=0)
    return [pk for pk, count in hits.items() if count == most and 2 * count >= len(paths)]


def _names(facts: DatasetFacts) -> frozenset[str]:
    whole = facts.name.lower()
    return frozenset({whole, facts.display_name.lower(), whole.rpartition(".")[2]})


def _promised_columns(
    products: Collection[int], links: Iterable[Link]
) -> dict[int, list[tuple[str, int, list[PromisedColumn], bool]]]:
    """Return the columns of each table that the contracts in force promise.

    Each with its port, the major of it that is meant, and whether it is the only table of its contract.
    """
    majors: dict[tuple[int, str], set[int]] = defaultdict(set)
    for link in links:
        majors[link.product, link.port].add(link.major)
    versions: dict[tuple[int, str], list[Contract]] = defaultdict(list)
    rows = Contract.objects.filter(product__in=products).exclude(
        status__in=["draft", "proposed", "deprecated", "retired"]
    )
    for row in rows.defer("document").order_by("created_at", "id"):
        versions[row.product_id, row.key].append(row)
    found: dict[int, list[tuple[str, int, list[PromisedColumn], bool]]] = defaultdict(list)
    for of_one in versions.values():
        newest = newest_first(of_one)[0]
        served = majors.get((newest.product_id, newest.port_name)) or {1}
        for major, rows_of in shared_out(of_one, served).items():
            if not rows_of:
                continue
            newest = newest_first(rows_of)[0]
            tables: dict[str, list[PromisedColumn]] = defaultdict(list)
            for one in map(PromisedColumn.model_validate, newest.columns):
                tables[one.object].append(one)
            for columns in tables.values():
                promise = (newest.port_name, major, columns, len(tables) == 1)
                found[newest.product_id].append(promise)
    return found


def _promised_hours(products: Collection[int]) -> dict[int, list[tuple[str, str, float]]]:
    found: dict[int, list[tuple[str, str, float]]] = defaultdict(list)
    rows = Objective.objects.filter(
        product__in=products, indicator=Indicator.FRESHNESS, comparison__in=["<=", "<"]
    )
    for row in rows:
        limit = float(row.target) * hours_in(row.unit)
        found[row.product_id].append((row.port_name, row.element, limit))
    return found


def _with_columns(
    facts: DatasetFacts, promised: Iterable[PromisedColumn], is_only: bool
) -> DatasetFacts:
    """Add promises; a promised column that is missing counts where the port serves nothing else."""
    wanted = {one.path: one for one in promised}
    known = {column.path for column in facts.columns}
    columns = tuple(
        replace(
            column,
            promised_required=column.promised_required or one.required,
            promised_unique=column.promised_unique or one.unique,
            promised_type=one.type or column.promised_type,
        )
        if (one := wanted.get(column.path))
        else column
        for column in facts.columns
    )
    missing = tuple(path for path in wanted if path not in known) if is_only and known else ()
    return replace(
        facts,
        columns=columns,
        missing_promised=tuple(dict.fromkeys(facts.missing_promised + missing)),
    )


def _with_hours(facts: DatasetFacts, limit: float, *, is_strict: bool) -> DatasetFacts:
    if facts.promised_hours is not None and facts.promised_hours <= limit:
        return facts
    return replace(facts, promised_hours=limit, is_promise_strict=is_strict)
