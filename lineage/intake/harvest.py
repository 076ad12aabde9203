"""Edges that follow from what was harvested: what views read, what foreign keys refer to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.models import Dataset
from lineage.adjacency.change_log import record_change
from lineage.graph.table_resolver import TableResolver
from lineage.intake.sql_flows import read_sql
from lineage.models import Confidence, EdgeKind
from lineage.openlineage.aliases import link_aliases
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, state_edges


def refresh_edges(dataset_ids: Sequence[int], *, source: str, at: datetime) -> tuple[str, ...]:
    """Make, keep or end the edges into datasets; return what could not be understood.

    A fixed number of queries, however many datasets there are.
    """
    rows = list(Dataset.objects.filter(pk__in=dataset_ids))
    tables = TableResolver(row.namespace for row in rows)
    tables.load_columns(_read_by(rows, tables))
    stated: list[EdgeStatement] = []
    problems = []
    for row in rows:
        stated += _foreign_keys(row, tables, source)
        views, problem = _views(row, tables, source)
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


def _read_by(rows: Sequence[Dataset], tables: TableResolver) -> set[int]:
    """Return the views among rows and all tables they read: those whose columns must be known."""
    from lineage.sql.definitions import tables_read  # the parser is large; only a worker needs it

    found = set()
    for row in rows:
        if row.view_definition:
            names = tables_read(row.view_definition, row.technology).tables
            found |= {pk for n in names if (pk := tables.find(row.namespace, n, row.name))}
            found.add(row.pk)
    return found


def _foreign_keys(row: Dataset, tables: TableResolver, source: str) -> list[EdgeStatement]:
    found: dict[int, list[ColumnFlow]] = {}
    for key in row.foreign_keys:
        pk = tables.find(key["namespace"], key["name"], row.name)
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


def _views(row: Dataset, catalog: TableResolver, source: str) -> tuple[list[EdgeStatement], str]:
    if not row.view_definition:
        return [], ""
    read = read_sql(row, row.view_definition, catalog)
    stated = [
        EdgeStatement(
            upstream=pk,
            downstream=row.pk,
            kind=EdgeKind.VIEW,
            source=source,
            confidence=Confidence.DERIVED,
            columns=flows,
        )
        for pk, flows in read.flows.items()
    ]
    return stated, read.problem
