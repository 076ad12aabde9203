"""Which datasets a statement of SQL is about: names as written to rows, columns to columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from django.db.models import QuerySet

from catalog.models import Column, Dataset
from lineage.services.edges import ColumnFlow

_DIRECT = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})


@dataclass(frozen=True, slots=True)
class ReadInto:
    """The datasets a statement reads, each with what of it goes where; and what was not understood."""

    flows: Mapping[int, tuple[ColumnFlow, ...] | None]
    problem: str = ""


class Tables:
    """Datasets of some namespaces by their name and every tail of it, with the columns of some."""

    def __init__(self, namespaces: Iterable[str], rows: QuerySet[Dataset] | None = None) -> None:
        self._whole: dict[tuple[str, str], int] = {}
        self._tails: dict[tuple[str, str], set[int]] = {}
        self._columns: dict[int, tuple[str, ...]] = {}
        every = Dataset.objects.all() if rows is None else rows
        found = every.filter(namespace__in=set(namespaces)).order_by()
        for pk, namespace, name in found.values_list("pk", "namespace", "name"):
            self._whole[namespace, name] = pk
            parts = name.lower().split(".")
            for start in range(len(parts)):
                self._tails.setdefault((namespace, ".".join(parts[start:])), set()).add(pk)

    def find(self, namespace: str, name: str, near: str) -> int | None:
        """Return the one dataset meant by a name as written in a statement of the dataset `near`."""
        if found := self._whole.get((namespace, name)):
            return found
        candidates = self._tails.get((namespace, name.lower()), set())
        if len(candidates) == 1:
            return next(iter(candidates))
        beside = f"{near.rpartition('.')[0]}.{name}".lower().lstrip(".")
        close = self._tails.get((namespace, beside), set())
        return next(iter(close)) if len(close) == 1 else None

    def load_columns(self, datasets: Collection[int]) -> None:
        """Read the columns of datasets: one query."""
        if not datasets:
            return
        found: dict[int, list[str]] = {}
        rows = Column.objects.filter(dataset__in=datasets).order_by("dataset_id", "ordinal", "path")
        for dataset, path in rows.values_list("dataset_id", "path"):
            found.setdefault(dataset, []).append(path)
        self._columns |= {pk: tuple(paths) for pk, paths in found.items()}

    def columns(self, dataset: int | None) -> tuple[str, ...] | None:
        """Return the columns of a dataset, where they were read and there are any."""
        return None if dataset is None else self._columns.get(dataset)

    def path(self, dataset: int, name: str) -> str:
        """Return a column as the dataset writes it."""
        for path in self._columns.get(dataset, ()):
            if path.lower() == name.lower():
                return path
        return name


def read_into(row: Dataset, sql: str, tables: Tables) -> ReadInto:
    """Read the statement that fills a dataset: which others it reads, and which columns go into which.

    Flows are None where nothing is known of the columns. Names that could be several datasets are left out.
    """
    from lineage.sql.definitions import tables_read  # the parser is large; only a worker needs it

    def find(name: str) -> int | None:
        pk = tables.find(row.namespace, name, row.name)
        return None if pk == row.pk else pk

    read = tables_read(sql, row.technology, lambda name: tables.columns(find(name)))
    named = {name: pk for name in read.tables if (pk := find(name)) is not None}
    flows: dict[int, dict[tuple[str, str, str], ColumnFlow]] = {pk: {} for pk in named.values()}
    for pair in read.columns:
        pk = named.get(pair.from_table)
        if pk is not None and "*" not in (pair.from_column, pair.to_column):
            there, here = tables.path(pk, pair.from_column), tables.path(row.pk, pair.to_column)
            flows[pk][there, here, pair.how] = _flow(there, here, pair.how)
    for influence in read.influences:
        pk = named.get(influence.from_table)
        if pk is not None:
            there = tables.path(pk, influence.from_column)
            flows[pk][there, "", influence.how] = _flow(there, "", influence.how)
    known = {pk: tuple(found.values()) or None for pk, found in flows.items()}
    return ReadInto(known, read.problem)


def _flow(there: str, here: str, how: str) -> ColumnFlow:
    return ColumnFlow(there, here, "DIRECT" if how in _DIRECT and here else "INDIRECT", how)
