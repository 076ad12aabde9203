"""How each database keeps and finds stems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import combinations
from typing import Any, Literal, Protocol

from django.db import connection

from catalog.search.plan import Leaf, Plan
from catalog.search.terms import GAP, HEAD, TEXT_FIELDS, WEIGHTS, Terms
from catalog.search.types import Kind

TABLES: dict[Kind, str] = {
    "product": "catalog_searchproducttext",
    "dataset": "catalog_searchdatasettext",
}
Statement = tuple[str, list[str]]
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

    def rank(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Return SQL for keys and scores of what meets a plan."""
        ...

    def exact(self, kind: Kind, token: str) -> Statement:
        """Return SQL for the keys of what has the token of a whole name, as `select` does."""
        ...


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

    def rank(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Rank by BM25."""
        table = TABLES[kind]
        score = f"-bm25({table}, {', '.join(map(str, WEIGHTS))})"
        sql = f"SELECT rowid, {score} FROM {table} WHERE {table} MATCH %s"
        return sql, [self.match(plan, reach)]

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

    def rank(self, kind: Kind, plan: Plan, reach: Reach) -> Statement:
        """Rank by how near the words stand and in which fields."""
        wanted = self.match(plan, reach)
        score = f"ts_rank_cd('{self._WEIGHTS}', body, %s::tsquery, 1)"
        sql = f"SELECT rowid, {score} FROM {TABLES[kind]} WHERE body @@ %s::tsquery"
        return sql, [wanted, wanted]

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
