"""Read edges into arrays, in one streaming pass."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

from lineage.adjacency.paths import INDIRECT, ColumnPaths, keys_of
from lineage.models import DatasetAlias, EdgeKind
from lineage.questions.flows import NEVER, Arcs, Keys

_CHUNK = 50_000
#: The code of each kind of edge in arrays.
KIND_CODES: dict[str, int] = {kind.value: code for code, kind in enumerate(EdgeKind)}
KINDS = {code: kind for kind, code in KIND_CODES.items()}

_CASES = " ".join(f"WHEN '{kind}' THEN {code}" for kind, code in KIND_CODES.items())
_EDGES = f"e.upstream_id, e.downstream_id, CASE e.kind {_CASES} END, coalesce(e.job_id, 0)"
_FLOWS = f"e.kind <> '{EdgeKind.FOREIGN_KEY.value}'"


def read_aliases() -> dict[int, int]:
    """Return the dataset that is meant by each that is only another name."""
    rows = DatasetAlias.objects.filter(dataset__isnull=False).values_list("dataset_id", "node_id")
    return {int(alias or 0): node for alias, node in rows}


@dataclass(frozen=True, slots=True)
class EdgeSelection:
    """Some edges: a column of theirs among ids; those that have ended left out, or not.

    `either` names another column and its ids: edges that meet one of the two are meant.
    """

    column: str  # id, upstream_id or downstream_id
    ids: Sequence[int]
    is_current: bool = False
    either: tuple[str, Sequence[int]] | None = None

    def sql(self) -> str:
        """Return the condition."""
        parts = [(self.column, self.ids), *([self.either] if self.either else [])]
        conditions = " OR ".join(
            f"e.{column} IN ({','.join(['%s'] * len(ids)) or 'NULL'})" for column, ids in parts
        )
        return f" AND ({conditions})" + (" AND e.ended_at IS NULL" if self.is_current else "")

    @property
    def parameters(self) -> list[int]:
        """The ids in the order of the condition."""
        return [*self.ids, *(self.either[1] if self.either else ())]


def read_edges(aliases: dict[int, int], where: EdgeSelection | None = None) -> Arcs:
    """Read the flows between datasets: all, or those of some edges."""
    query = (
        f"SELECT e.id, {_EDGES}, {_moment('e.first_seen_at')}, {_moment('e.ended_at')}"
        f" FROM lineage_edge e WHERE {_FLOWS}{where.sql() if where else ''} ORDER BY e.id"
    )
    return Arcs.joined([_edges(rows, aliases) for rows in _chunks(query, where)])


def read_columns(
    aliases: dict[int, int], paths: ColumnPaths, where: EdgeSelection | None = None
) -> Arcs:
    """Read the flows between columns: all, or those of some edges."""
    query = (
        f"SELECT c.id, {_EDGES}, {_moment('c.first_seen_at')}, {_moment('c.ended_at')},"
        " CASE c.type WHEN 'INDIRECT' THEN 1 ELSE 0 END, c.upstream_path, c.downstream_path"
        " FROM lineage_columnedge c JOIN lineage_edge e ON e.id = c.edge_id"
        f" WHERE {_FLOWS}{where.sql() if where else ''} ORDER BY c.id"
    )
    return Arcs.joined([_columns(rows, aliases, paths) for rows in _chunks(query, where)])


def _edges(rows: Sequence[tuple[int, ...]], aliases: dict[int, int]) -> Arcs:
    ids, ups, downs, kinds, jobs, first, ended = _table(rows, 7).T
    made = Arcs(
        ids.copy(),
        _named(ups.copy(), aliases),
        _named(downs.copy(), aliases),
        kinds.astype(np.uint8),
        jobs.copy(),
        first.copy(),
        ended.copy(),
    )
    loops = made.up == made.down
    return made.at(~loops) if loops.any() else made


def _columns(rows: Sequence[tuple[Any, ...]], aliases: dict[int, int], paths: ColumnPaths) -> Arcs:
    ids, ups, downs, kinds, jobs, first, ended, is_indirect = _table([row[:8] for row in rows], 8).T
    code = paths.code
    from_codes = np.array([code(row[8]) for row in rows], np.int64)
    to_codes = np.array([code(row[9]) for row in rows], np.int64)
    return Arcs(
        ids.copy(),
        keys_of(_named(ups, aliases), from_codes),
        keys_of(_named(downs, aliases), to_codes),
        (kinds | np.where(is_indirect | (to_codes == 0), INDIRECT, 0)).astype(np.uint8),
        jobs.copy(),
        first.copy(),
        ended.copy(),
    )


def _table(rows: Sequence[tuple[int, ...]], width: int) -> NDArray[np.int64]:
    flat = itertools.chain.from_iterable(rows)
    return np.fromiter(flat, np.int64, len(rows) * width).reshape(-1, width)


def _named(ids: Keys, aliases: dict[int, int]) -> Keys:
    """Take the dataset that is meant wherever only another name stands."""
    if not aliases:
        return ids
    names = np.array(sorted(aliases), np.int64)
    meant = np.array([aliases[name] for name in names.tolist()], np.int64)
    at = np.minimum(np.searchsorted(names, ids), names.size - 1)
    return np.where(names[at] == ids, meant[at], ids)


def _moment(column: str) -> str:
    """Return SQL for a moment in whole microseconds; what has no end ends never."""
    if connection.vendor == "postgresql":
        found = f"(extract(epoch FROM {column}) * 1000000)::bigint"
    else:  # as Django writes it: `2026-05-03 06:00:00[.123456]`
        seconds = f"CAST(strftime('%%s', {column}) AS INTEGER)"
        found = f"{seconds} * 1000000 + CAST(substr({column}, 21, 6) AS INTEGER)"
    return f"coalesce({found}, {NEVER})"


def _chunks(query: str, where: EdgeSelection | None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows, in chunks; the whole result is never held."""
    if where is not None:
        with connection.cursor() as cursor:
            cursor.execute(query, where.parameters)
            yield from _fetched(cursor)
        return
    open_cursor: Callable[[], Any] = connection.chunked_cursor
    with open_cursor() as cursor:
        cursor.execute(query, [])
        yield from _fetched(cursor)


def _fetched(cursor: CursorWrapper) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(_CHUNK):
        yield rows
