"""Edges that follow from what was harvested: what views read, what foreign keys refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.models import Dataset
from lineage.changes import record_change
from lineage.models import Confidence, EdgeKind
from lineage.openlineage.aliases import link_aliases
from lineage.services.edges import ColumnFlow, EdgeStatement, state_edges


class _Names:
    """Datasets of some namespaces by their name and every tail of it."""

    def __init__(self, namespaces: Iterable[str]) -> None:
        self._whole: dict[tuple[str, str], int] = {}
        self._tails: dict[tuple[str, str], set[int]] = {}
        rows = Dataset.objects.filter(namespace__in=set(namespaces))
        for pk, namespace, name in rows.values_list("pk", "namespace", "name"):
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


def refresh_edges(dataset_ids: Sequence[int], *, source: str, at: datetime) -> tuple[str, ...]:
    """Make, keep or end the edges into datasets; return what could not be understood.

    A fixed number of queries, however many datasets there are.
    """
    rows = list(Dataset.objects.filter(pk__in=dataset_ids))
    names = _Names(row.namespace for row in rows)
    stated: list[EdgeStatement] = []
    problems = []
    for row in rows:
        stated += _foreign_keys(row, names, source)
        views, problem = _views(row, names, source)
        stated += views
        if problem:
            problems.append(f"{row.name}: {problem}")
    derived = (EdgeKind.VIEW, EdgeKind.FOREIGN_KEY)
    complete = Q(downstream__in=[row.pk for row in rows], kind__in=derived)
    state_edges(stated, at=at, complete=complete)
    if link_aliases([row.pk for row in rows]):
        with transaction.atomic():
            record_change((), has_aliases=True)
    return tuple(problems)


def _foreign_keys(row: Dataset, names: _Names, source: str) -> list[EdgeStatement]:
    found: dict[int, list[ColumnFlow]] = {}
    for key in row.foreign_keys:
        pk = names.find(key["namespace"], key["name"], row.name)
        if pk is not None and pk != row.pk:
            pairs = zip(key["references"], key["columns"], strict=False)
            found.setdefault(pk, []).extend(ColumnFlow(there, here) for there, here in pairs)
    return [
        EdgeStatement(
            upstream=pk,
            downstream=row.pk,
            kind=EdgeKind.FOREIGN_KEY,
            source=source,
            columns=tuple(flows),
        )
        for pk, flows in found.items()
    ]


def _views(row: Dataset, names: _Names, source: str) -> tuple[list[EdgeStatement], str]:
    if not row.view_definition:
        return [], ""
    from lineage.statements import tables_read  # the parser is large; only a worker needs it

    reads = tables_read(row.view_definition, row.technology)
    found = {pk for name in reads.tables if (pk := names.find(row.namespace, name, row.name))}
    stated = [
        EdgeStatement(
            upstream=pk,
            downstream=row.pk,
            kind=EdgeKind.VIEW,
            source=source,
            confidence=Confidence.DERIVED,
        )
        for pk in found
    ]
    return stated, reads.problem
