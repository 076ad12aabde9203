"""How each database keeps and finds stems."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from django.db import connection

from catalog.search.backends.engine import Mode
from catalog.search.plan import Leaf, Plan
from catalog.search.terms import GAP, TEXT_FIELDS, WEIGHTS, Terms

TABLE = "catalog_searchtext"


class Texts(Protocol):
    """The full-text table: `condition` and `score` are SQL, with a place for the expression."""

    condition: str
    score: str
    damping: float

    def write(self, rows: Iterable[tuple[int, Terms]]) -> None:
        """Keep the stems of documents."""
        ...

    def match(self, plan: Plan, mode: Mode) -> str:
        """Return the expression that stands for a plan."""
        ...

    def delete(self, ids: Sequence[int]) -> None:
        """Drop documents."""
        ...


def texts() -> Texts:
    """Return the one for the database in use."""
    return SqliteTexts() if connection.vendor == "sqlite" else PostgresTexts()


class SqliteTexts:
    """FTS5 with one column per field; BM25 with field weights."""

    damping = 1.0
    condition = f"{TABLE} MATCH %s"
    score = f"-bm25({TABLE}, {', '.join(map(str, WEIGHTS))})"

    def write(self, rows: Iterable[tuple[int, Terms]]) -> None:
        """Insert rows; the caller has dropped older ones."""
        names = ", ".join(f'"{field}"' for field in TEXT_FIELDS)
        marks = ", ".join("%s" for _ in TEXT_FIELDS)
        values: list[Any] = [
            [pk, *(" ".join(stems) for stems in terms.fields)] for pk, terms in rows
        ]
        with connection.cursor() as cursor:
            cursor.executemany(f"INSERT INTO {TABLE} (rowid, {names}) VALUES (%s, {marks})", values)

    def delete(self, ids: Sequence[int]) -> None:
        """Drop rows."""
        with connection.cursor() as cursor:
            cursor.executemany(f"DELETE FROM {TABLE} WHERE rowid = %s", [[pk] for pk in ids])

    def match(self, plan: Plan, mode: Mode) -> str:
        """Write the plan in FTS5's language."""
        groups = [f"({' OR '.join(map(self._leaf, want.leaves))})" for want in plan.wants]
        wanted = (" AND " if mode == "all" else " OR ").join(groups)
        if plan.exact and mode == "any":
            wanted = f'(exact : "{plan.exact}") OR {wanted}'
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
    condition = "body @@ %s::tsquery"
    score = "ts_rank_cd('{0.1, 0.25, 0.5, 1.0}', body, %s::tsquery, 1)"
    _LETTERS = dict(zip(TEXT_FIELDS, "DABBDDCCCDD", strict=True))
    _LAST = 16_000

    def write(self, rows: Iterable[tuple[int, Terms]]) -> None:
        """Insert rows; the caller has dropped older ones."""
        values: list[Any] = [[pk, self._vector(terms)] for pk, terms in rows]
        with connection.cursor() as cursor:
            cursor.executemany(
                f"INSERT INTO {TABLE} (rowid, body) VALUES (%s, %s::tsvector)", values
            )

    def delete(self, ids: Sequence[int]) -> None:
        """Drop rows."""
        with connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {TABLE} WHERE rowid = ANY(%s)", [list(ids)])

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

    def match(self, plan: Plan, mode: Mode) -> str:
        """Write the plan in PostgreSQL's language."""
        groups = [f"({' | '.join(map(self._leaf, want.leaves))})" for want in plan.wants]
        wanted = (" & " if mode == "all" else " | ").join(groups)
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
