"""Edges that follow from what was harvested: what views read, what foreign keys refer to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction

from catalog.models import Dataset
from lineage.models import Edge, EdgeKind

Triple = tuple[int, int, str]


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

    Five queries, however many datasets there are.
    """
    rows = list(Dataset.objects.filter(pk__in=dataset_ids))
    names = _Names(row.namespace for row in rows)
    wanted: dict[Triple, list[list[str]]] = {}
    problems = []
    for row in rows:
        wanted |= _foreign_keys(row, names)
        views, problem = _views(row, names)
        wanted |= views
        if problem:
            problems.append(f"{row.name}: {problem}")
    with transaction.atomic():
        _write(wanted, [row.pk for row in rows], source, at)
    return tuple(problems)


def _foreign_keys(row: Dataset, names: _Names) -> dict[Triple, list[list[str]]]:
    found: dict[Triple, list[list[str]]] = {}
    for key in row.foreign_keys:
        pk = names.find(key["namespace"], key["name"], row.name)
        if pk is not None and pk != row.pk:
            pairs = [list(p) for p in zip(key["references"], key["columns"], strict=False)]
            found.setdefault((pk, row.pk, EdgeKind.FOREIGN_KEY.value), []).extend(pairs)
    return found


def _views(row: Dataset, names: _Names) -> tuple[dict[Triple, list[list[str]]], str]:
    if not row.view_definition:
        return {}, ""
    from lineage.statements import tables_read  # the parser is large; only a worker needs it

    reads = tables_read(row.view_definition, row.technology)
    found = {pk for name in reads.tables if (pk := names.find(row.namespace, name, row.name))}
    edges: dict[Triple, list[list[str]]] = {
        (pk, row.pk, EdgeKind.VIEW.value): [] for pk in found if pk != row.pk
    }
    return edges, reads.problem


def _write(
    wanted: dict[Triple, list[list[str]]], ids: Sequence[int], source: str, at: datetime
) -> None:
    derived = (EdgeKind.VIEW, EdgeKind.FOREIGN_KEY)
    current = Edge.objects.filter(downstream__in=ids, kind__in=derived, ended_at__isnull=True)
    known = {(e.upstream_id, e.downstream_id, e.kind): e.pk for e in current}
    Edge.objects.bulk_create(
        [
            Edge(
                upstream_id=up,
                downstream_id=down,
                kind=kind,
                columns=pairs,
                source=source,
                first_seen_at=at,
                last_seen_at=at,
            )
            for (up, down, kind), pairs in wanted.items()
            if (up, down, kind) not in known
        ],
        batch_size=500,
    )
    kept = [pk for triple, pk in known.items() if triple in wanted]
    Edge.objects.filter(pk__in=kept, last_seen_at__lt=at).update(last_seen_at=at)
    gone = [pk for triple, pk in known.items() if triple not in wanted]
    Edge.objects.filter(pk__in=gone).update(ended_at=at)
