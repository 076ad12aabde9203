"""What a statement of SQL reads on its way into a dataset, told with the rows of datasets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from catalog.models import Dataset
from lineage.graph.table_resolver import TableResolver
from lineage.services.column_flow import ColumnFlow

_DIRECT = frozenset({"IDENTITY", "TRANSFORMATION", "AGGREGATION"})


@dataclass(frozen=True, slots=True)
class SqlFlows:
    """The datasets a statement reads, each with what of it goes where; and what was not understood."""

    flows: Mapping[int, tuple[ColumnFlow, ...] | None]
    problem: str = ""


def read_sql(row: Dataset, sql: str, tables: TableResolver) -> SqlFlows:
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
    return SqlFlows(known, read.problem)


def _flow(there: str, here: str, how: str) -> ColumnFlow:
    return ColumnFlow(there, here, "DIRECT" if how in _DIRECT and here else "INDIRECT", how)
