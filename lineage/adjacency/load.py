"""Read edges into arrays, in one streaming pass."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from lineage.adjacency.paths import INDIRECT, Paths, keys_of
from lineage.models import DatasetAlias, EdgeKind
from lineage.questions.flows import NEVER, Arcs, Keys

_CHUNK = 50_000
#: The code of each kind of edge in arrays.
KIND_CODES: dict[str, int] = {kind.value: code for code, kind in enumerate(EdgeKind)}
KINDS = {code: kind for kind, code in KIND_CODES.items()}

_EDGES = "e.upstream_id, e.downstream_id, e.kind, e.job_id"
_FLOWS = f"e.kind <> '{EdgeKind.FOREIGN_KEY.value}'"


def read_aliases() -> dict[int, int]:
    """Return the dataset that is meant by each that is only another name."""
    rows = DatasetAlias.objects.filter(dataset__isnull=False).values_list("dataset_id", "node_id")
    return {int(alias or 0): node for alias, node in rows}


@dataclass(frozen=True, slots=True)
class Where:
    """Some edges: a column of theirs among ids; those that have ended left out, or not."""

    column: str  # id, upstream_id or downstream_id
    ids: Sequence[int]
    is_current: bool = False

    def sql(self) -> str:
        """Return the condition."""
        marks = ",".join(["%s"] * len(self.ids)) or "NULL"
        return f" AND e.{self.column} IN ({marks})" + (
            " AND e.ended_at IS NULL" if self.is_current else ""
        )


def read_edges(aliases: dict[int, int], where: Where | None = None) -> Arcs:
    """Read the flows between datasets: all, or those of some edges."""
    query = (
        f"SELECT e.id, {_EDGES}, {_moment('e.first_seen_at')}, {_moment('e.ended_at')}"
        f" FROM lineage_edge e WHERE {_FLOWS}{where.sql() if where else ''} ORDER BY e.id"
    )
    return Arcs.joined([_edges(rows, aliases) for rows in _chunks(query, where)])


def read_columns(aliases: dict[int, int], paths: Paths, where: Where | None = None) -> Arcs:
    """Read the flows between columns: all, or those of some edges."""
    query = (
        f"SELECT c.id, {_EDGES}, {_moment('c.first_seen_at')}, {_moment('c.ended_at')},"
        " c.upstream_path, c.downstream_path, c.type"
        " FROM lineage_columnedge c JOIN lineage_edge e ON e.id = c.edge_id"
        f" WHERE {_FLOWS}{where.sql() if where else ''} ORDER BY c.id"
    )
    return Arcs.joined([_columns(rows, aliases, paths) for rows in _chunks(query, where)])


def _edges(rows: Sequence[tuple[Any, ...]], aliases: dict[int, int]) -> Arcs:
    ids, ups, downs, kinds, jobs, first, ended = zip(*rows, strict=True)
    up, down = _named(_whole(ups), aliases), _named(_whole(downs), aliases)
    made = Arcs(
        _whole(ids),
        up,
        down,
        np.array([KIND_CODES[kind] for kind in kinds], np.uint8),
        _whole([job or 0 for job in jobs]),
        _moments(first),
        _moments(ended),
    )
    loops = made.up == made.down
    return made.at(~loops) if loops.any() else made


def _columns(rows: Sequence[tuple[Any, ...]], aliases: dict[int, int], paths: Paths) -> Arcs:
    ids, ups, downs, kinds, jobs, first, ended, from_paths, to_paths, types = zip(
        *rows, strict=True
    )
    up, down = _named(_whole(ups), aliases), _named(_whole(downs), aliases)
    code = paths.code
    codes = [
        KIND_CODES[kind] | (INDIRECT if said == "INDIRECT" or not to else 0)
        for kind, said, to in zip(kinds, types, to_paths, strict=True)
    ]
    return Arcs(
        _whole(ids),
        keys_of(up, _whole([code(path) for path in from_paths])),
        keys_of(down, _whole([code(path) for path in to_paths])),
        np.array(codes, np.uint8),
        _whole([job or 0 for job in jobs]),
        _moments(first),
        _moments(ended),
    )


def _whole(values: Sequence[int]) -> Keys:
    return np.array(values, np.int64)


def _named(ids: Keys, aliases: dict[int, int]) -> Keys:
    """Take the dataset that is meant wherever only another name stands."""
    if not aliases:
        return ids
    names = np.array(sorted(aliases), np.int64)
    meant = np.array([aliases[name] for name in names.tolist()], np.int64)
    at = np.minimum(np.searchsorted(names, ids), names.size - 1)
    return np.where(names[at] == ids, meant[at], ids)


def _moment(column: str) -> str:
    """Return SQL for a moment: whole microseconds on PostgreSQL, the text as stored on SQLite."""
    if connection.vendor == "postgresql":
        return f"(extract(epoch FROM {column}) * 1000000)::bigint"
    return column


def _moments(values: Sequence[Any]) -> Keys:
    if all(value is None for value in values):
        return np.full(len(values), NEVER)
    if connection.vendor == "postgresql":
        return _whole([NEVER if value is None else value for value in values])
    found = np.array(values, "datetime64[us]")
    moments = found.astype(np.int64)
    moments[np.isnat(found)] = NEVER
    return moments


def _chunks(query: str, where: Where | None) -> Iterator[list[tuple[Any, ...]]]:
    """Yield rows, in chunks; the whole result is never held."""
    if where is not None:
        with connection.cursor() as cursor:
            cursor.execute(query, list(where.ids))
            yield from _fetched(cursor)
        return
    open_cursor: Callable[[], Any] = connection.chunked_cursor
    with open_cursor() as cursor:
        cursor.execute(query)
        yield from _fetched(cursor)


def _fetched(cursor: CursorWrapper) -> Iterator[list[tuple[Any, ...]]]:
    while rows := cursor.fetchmany(_CHUNK):
        yield rows
