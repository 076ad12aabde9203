"""How each database keeps and finds stems."""

from __future__ import annotations

import math
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any, Literal, Protocol

import numpy as np
from django.db import connection
from numpy.typing import NDArray

from catalog.search.backends.engine import Mode, Scored
from catalog.search.doc_values import Rows
from catalog.search.plan import Leaf, Plan
from catalog.search.terms import GAP, HEAD, TEXT_FIELDS, WEIGHTS, Terms
from catalog.search.types import Kind

TABLES: dict[Kind, str] = {
    "product": "catalog_searchproducttext",
    "dataset": "catalog_searchdatasettext",
}
Statement = tuple[str, list[str]]
BROAD = 10_000
LOOKED_AT = 300
Reach = Literal["all", "any", "pairs", "head"]
"""Which documents meet a plan: those with every word, with any, with any two, with any in a name."""


class Texts(Protocol):
    """The full-text tables, one a kind."""

    damping: float

    def write(self, kind: Kind, rows: Iterable[tuple[int, Terms]]) -> None:
        """Keep the stems of documents."""
        ...

    def delete(self, kind: Kind, keys: Sequence[int]) -> None:
        """Drop documents."""
        ...

    def clear(self, kind: Kind) -> None:
        """Drop all documents."""
        ...

    def select(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Return SQL for the keys of what meets a plan, as one text with commas."""
        ...

    def rank(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Score what meets a plan, which is `count` documents; the likely best are enough."""
        ...

    def exact(self, kind: Kind, token: str) -> Statement:
        """Return SQL for the keys of what has the token of a whole name, as `select` does."""
        ...


def rows(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    """Run a statement."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        found: list[tuple[Any, ...]] = cursor.fetchall()
    return found


def keys_of(sql: str, params: Sequence[Any]) -> Rows:
    """Fetch keys as one text of numbers: many times faster than a row each."""
    (listed,) = rows(sql, params)[0]
    return np.sort(np.fromstring(listed or "", np.int64, sep=","))


_COMMON = 0.05
_KEPT_SECONDS = 600.0
_known: dict[str, Lexemes] = {}


@dataclass(frozen=True, slots=True)
class Lexemes:
    """What PostgreSQL's statistics know of a table: how many rows, what one in twenty of them has."""

    total: int
    common: frozenset[str]
    until: float


def lexemes_of(table: str) -> Lexemes:
    """Return what is known of a table; kept ten minutes."""
    known = _known.get(table)
    if known is None or known.until < time.monotonic():
        total = rows("SELECT reltuples FROM pg_class WHERE relname = %s", [table])[0][0]
        found = rows(
            "SELECT e, f FROM pg_stats s,"
            " unnest(s.most_common_elems::text::text[], s.most_common_elem_freqs) AS m(e, f)"
            " WHERE s.tablename = %s AND s.attname = 'body' AND e IS NOT NULL",
            [table],
        )
        common = frozenset(str(e) for e, share in found if share > _COMMON)
        known = Lexemes(max(1, int(total)), common, time.monotonic() + _KEPT_SECONDS)
        _known[table] = known
    return known


def texts() -> Texts:
    """Return the one for the database in use."""
    return SqliteTexts() if connection.vendor == "sqlite" else PostgresTexts()


class SqliteTexts:
    """FTS5 with one column per field; BM25 with field weights."""

    damping = 1.0

    def write(self, kind: Kind, rows: Iterable[tuple[int, Terms]]) -> None:
        """Insert rows; the caller has dropped older ones."""
        names = ", ".join(f'"{field}"' for field in TEXT_FIELDS)
        marks = ", ".join("%s" for _ in TEXT_FIELDS)
        values: list[Any] = [
            [pk, *(" ".join(stems) for stems in terms.fields)] for pk, terms in rows
        ]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLES[kind]} (rowid, {names}) VALUES (%s, {marks})", values
            )

    def delete(self, kind: Kind, keys: Sequence[int]) -> None:
        """Drop rows."""
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLES[kind]} WHERE rowid = %s", [[k] for k in keys])

    def clear(self, kind: Kind) -> None:
        """Drop all rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLES[kind]}")

    def select(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Find without ranking."""
        return self._listed(kind), [self.match(plan, reach)]

    def rank(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Rank by BM25; of very many only what has two of the words, or one in a name."""
        reach: Reach = mode
        if count > BROAD:
            reach = "pairs" if mode == "any" and len(plan.wants) > 2 else "head"
        table = TABLES[kind]
        score = f"-bm25({table}, {', '.join(map(str, WEIGHTS))})"
        sql = f"SELECT rowid, {score} FROM {table} WHERE {table} MATCH %s"
        found = rows(sql, [self.match(plan, reach)])
        return Scored(
            np.fromiter((row[0] for row in found), np.int64, len(found)),
            np.fromiter((row[1] for row in found), np.float64, len(found)),
        )

    def exact(self, kind: Kind, token: str) -> Statement:
        """Look in the column of whole names."""
        return self._listed(kind), [f'exact : "{token}"']

    def _listed(self, kind: Kind) -> str:
        table = TABLES[kind]
        return f"SELECT group_concat(rowid) FROM {table} WHERE {table} MATCH %s"

    def match(self, plan: Plan, reach: Reach) -> str:
        """Write the plan in FTS5's language."""
        groups = [f"({' OR '.join(map(self._leaf, want.leaves))})" for want in plan.wants]
        if reach == "pairs":
            groups = [f"({one} AND {other})" for one, other in combinations(groups, 2)]
        wanted = (" AND " if reach == "all" else " OR ").join(groups)
        if reach == "head":
            wanted = f"{{{' '.join(HEAD)}}} : ({wanted})"
        for leaf in plan.excluded:
            wanted = f"({wanted}) NOT {self._leaf(leaf)}"
        return wanted

    def _leaf(self, leaf: Leaf) -> str:
        body = " ".join(leaf.stems).replace('"', "")
        phrase = f'"{body}"' + (" *" if leaf.is_prefix else "")
        return f'"{leaf.field}" : {phrase}' if leaf.field else phrase


class PostgresTexts:
    """A tsvector of ready stems: each stands once plain and once with its field before it."""

    damping = 5.0
    _LETTERS = dict(zip(TEXT_FIELDS, "DABBDDCCCDD", strict=True))
    _WEIGHTS = "{0.1, 0.25, 0.5, 1.0}"
    _LAST = 16_000

    def write(self, kind: Kind, rows: Iterable[tuple[int, Terms]]) -> None:
        """Insert rows; the caller has dropped older ones."""
        values: list[Any] = [[pk, self._vector(terms)] for pk, terms in rows]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLES[kind]} (rowid, body) VALUES (%s, %s::tsvector)", values
            )

    def delete(self, kind: Kind, keys: Sequence[int]) -> None:
        """Drop rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLES[kind]} WHERE rowid = ANY(%s)", [list(keys)])

    def clear(self, kind: Kind) -> None:
        """Drop all rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLES[kind]}")

    def select(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Find without ranking."""
        return self._listed(kind), [self.match(plan, reach)]

    def rank(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Rank by which words are met and where, then the best of those by how often and how near.

        The first needs nothing but the index, as reading the vectors of very many rows takes long;
        what more than one in twenty documents has says too little to be looked up.
        """
        known = lexemes_of(TABLES[kind])
        found: list[tuple[Rows, float]] = []
        for leaf in (leaf for want in plan.wants for leaf in want.leaves):
            for lexemes, weight in ((self._leaf(leaf), 1.0), (self._in_head(leaf), 1.5)):
                if lexemes.strip("('):*") in known.common:
                    continue
                met = keys_of(self._listed(kind), [lexemes])
                rarity = math.log(1 + max(known.total, met.size) / max(met.size, 1))
                found.append((met, weight * rarity))
        keys, scores = _summed(found)
        best = keys[np.argsort(-scores, kind="stable")[:LOOKED_AT]]
        ranked = rows(
            f"SELECT rowid, ts_rank_cd('{self._WEIGHTS}', body, %s::tsquery, 1)"
            f" FROM {TABLES[kind]} WHERE rowid = ANY(%s)",
            [self.match(plan, "any"), best.tolist()],
        )
        near = {int(key): float(rank) for key, rank in ranked}
        top = max(near.values(), default=0.0) or 1.0
        extra = np.array([near.get(key, 0.0) / top for key in keys.tolist()])
        return Scored(keys, scores + extra)

    def _in_head(self, leaf: Leaf) -> str:
        """Return the leaf as a word of a name, a key or a tag."""
        if leaf.field:
            return self._leaf(leaf)
        return "(" + " | ".join(self._leaf(replace(leaf, field=head)) for head in HEAD) + ")"

    def exact(self, kind: Kind, token: str) -> Statement:
        """Look for the token in the field of whole names."""
        return self._listed(kind), [_lexeme(f"exact={token}")]

    def _listed(self, kind: Kind) -> str:
        return f"SELECT string_agg(rowid::text, ',') FROM {TABLES[kind]} WHERE body @@ %s::tsquery"

    def _vector(self, terms: Terms) -> str:
        parts = []
        place = 1
        for field, stems in zip(TEXT_FIELDS, terms.fields, strict=True):
            letter = self._LETTERS[field]
            for stem in stems:
                if stem != GAP and place < self._LAST:
                    parts.append(f"{_lexeme(stem)}:{place}{letter}")
                    parts.append(f"{_lexeme(f'{field}={stem}')}:{place}D")
                place += 1
            place += 2
        return " ".join(parts)

    def match(self, plan: Plan, reach: Reach) -> str:
        """Write the plan in PostgreSQL's language."""
        wants = [want.leaves for want in plan.wants]
        if reach == "head":
            wants = [tuple(replace(f, field=h) for f in own for h in HEAD) for own in wants]
        groups = [f"({' | '.join(map(self._leaf, leaves))})" for leaves in wants]
        if reach == "pairs":
            groups = [f"({one} & {other})" for one, other in combinations(groups, 2)]
        wanted = (" & " if reach == "all" else " | ").join(groups)
        for leaf in plan.excluded:
            wanted = f"({wanted}) & !({self._leaf(leaf)})"
        return wanted

    def _leaf(self, leaf: Leaf) -> str:
        start = f"{leaf.field}=" if leaf.field else ""
        lexemes = [_lexeme(f"{start}{stem}") for stem in leaf.stems]
        if leaf.is_prefix:
            lexemes[-1] += ":*"
        return "(" + " <-> ".join(lexemes) + ")"


def _lexeme(text: str) -> str:
    return "'" + text.replace("\\", "").replace("'", "") + "'"


def _summed(found: Sequence[tuple[Rows, float]]) -> tuple[Rows, NDArray[np.float64]]:
    """Return every key once, with the weights of all that met it."""
    if not found:
        return np.empty(0, np.int64), np.empty(0)
    every = np.concatenate([met for met, _ in found])
    weights = np.repeat([weight for _, weight in found], [met.size for met, _ in found])
    keys, places = np.unique(every, return_inverse=True)
    scores: NDArray[np.float64] = np.bincount(places, weights=weights).astype(np.float64)
    return keys, scores
