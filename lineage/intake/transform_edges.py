"""Edges that follow from what a tool says it makes: tables as it states them, columns as its SQL shows them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.models import Dataset
from catalog.names import DatasetRef
from lineage.adjacency.change_log import record_change
from lineage.graph.table_resolver import TableResolver
from lineage.intake.sql_flows import read_sql
from lineage.intake.transform import Transform
from lineage.models import Confidence, EdgeKind
from lineage.openlineage.aliases import link_aliases
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, state_edges


@dataclass(frozen=True, slots=True)
class TransformResult:
    """What became of transforms: edges stated, edges that changed, and what was not understood."""

    edges: int
    changed: int
    problems: tuple[str, ...]


def state_transforms(
    transforms: Sequence[Transform], *, kind: EdgeKind, source: str, at: datetime
) -> TransformResult:
    """Make, keep or end the edges of a kind that a source tells of; the transforms are all it knows.

    What the tool states to read is stated; what only its SQL reads is derived. Columns come from the SQL; without
    it, those that are known stay. A fixed number of queries, however many datasets there are.
    """
    wanted = {ref for t in transforms for ref in (t.makes, *t.reads)}
    tables = TableResolver(ref.namespace for ref in wanted)
    rows = _rows(wanted)
    tables.load_columns([row.pk for row in rows.values()])
    stated: list[EdgeStatement] = []
    problems: list[str] = []
    for transform in transforms:
        if (row := rows.get(transform.makes)) is not None:
            inputs = [rows[ref].pk for ref in transform.reads if ref in rows]
            edges, problem = _edges(transform, row, inputs, tables, kind, source)
            stated += edges
            problems += [f"{row.name}: {problem}"] if problem else []
    complete = Q(kind=kind, source=source, job__isnull=True)
    changed = state_edges(stated, at=at, complete=complete)
    if link_aliases([row.pk for row in rows.values()]):
        with transaction.atomic():
            record_change((), has_aliases=True)
    return TransformResult(len(stated), len(changed), tuple(problems))


def _rows(refs: Iterable[DatasetRef]) -> dict[DatasetRef, Dataset]:
    refs = set(refs)
    found = Dataset.objects.filter(
        namespace__in={ref.namespace for ref in refs}, name__in={ref.name for ref in refs}
    )
    return {row.ref: row for row in found if row.ref in refs}


def _edges(
    transform: Transform,
    row: Dataset,
    said: Sequence[int],
    tables: TableResolver,
    kind: EdgeKind,
    source: str,
) -> tuple[list[EdgeStatement], str]:
    flows: dict[int, tuple[ColumnFlow, ...] | None] = dict.fromkeys(said)
    problem = ""
    if transform.sql:
        read = read_sql(row, transform.sql, tables)
        problem = read.problem
        flows |= read.flows
    return [
        EdgeStatement(
            upstream=pk,
            downstream=row.pk,
            kind=kind,
            source=source,
            confidence=Confidence.STATED if pk in said else Confidence.DERIVED,
            note=transform.note,
            columns=columns,
        )
        for pk, columns in flows.items()
    ], problem
