"""Which datasets the names in a statement of SQL mean, and how they write their columns."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from django.db.models import QuerySet

from catalog.models import Column, Dataset


class TableResolver:
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
