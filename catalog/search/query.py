"""Read what a person typed: words, "phrases", -word, field:value. Free of Django."""

from __future__ import annotations

import re
from dataclasses import dataclass

from catalog.search.identifiers import STOP_WORDS, stem, words

LONGEST_TEXT = 300
MOST_CLAUSES = 16
FIELDS = ("domain", "owner", "tag", "column", "status")

_PIECE = re.compile(
    r"""(?P<minus>-)?(?:(?P<field>[A-Za-z]+):)?(?:"(?P<phrase>[^"]*)(?:"|$)|(?P<word>[^\s"]+))"""
)


@dataclass(frozen=True, slots=True)
class Clause:
    """One thing asked for, as typed and as stems. A phrase wants its stems side by side."""

    text: str
    stems: tuple[str, ...]
    words: tuple[str, ...]
    field: str = ""
    is_phrase: bool = False
    is_excluded: bool = False
    is_open: bool = False

    @property
    def is_plain(self) -> bool:
        """Whether it is a mere word, which may be respelled, dropped or extended."""
        return not (self.field or self.is_phrase or self.is_excluded)


@dataclass(frozen=True, slots=True)
class Question:
    """What a text asks for, clause by clause, in the order typed."""

    clauses: tuple[Clause, ...] = ()

    @property
    def wanted(self) -> tuple[Clause, ...]:
        """What should be there."""
        return tuple(c for c in self.clauses if not c.is_excluded)

    @property
    def excluded(self) -> tuple[Clause, ...]:
        """What must not be there."""
        return tuple(c for c in self.clauses if c.is_excluded)

    @property
    def words(self) -> tuple[str, ...]:
        """The folded plain words and phrases, for comparing with a whole name."""
        return tuple(w for c in self.wanted if not c.field for w in c.words)


def parse(text: str) -> Question:
    """Read a question; nothing typed is an error, what cannot be meant is read as words.

    Of the text the first 300 characters count, of the clauses the first 16. The last word is open:
    it may be the beginning of a longer one. Words like `of` count only when nothing else is there.
    """
    text = text.replace("\x00", " ")[:LONGEST_TEXT]
    clauses = [c for piece in _PIECE.finditer(text) for c in _clauses(piece)][:MOST_CLAUSES]
    if any(not _is_filler(c) for c in clauses if not c.is_excluded):
        clauses = [c for c in clauses if c.is_excluded or not _is_filler(c)]
    if clauses and clauses[-1].is_plain and not text[-1:].isspace():
        clauses[-1] = _open(clauses[-1])
    return Question(tuple(clauses))


def without(question: Question, dropped: Clause, instead: str = "") -> str:
    """Write the question again with one clause left out, or replaced."""
    parts = [(instead if c is dropped else written(c)) for c in question.clauses]
    return " ".join(part for part in parts if part)


def written(clause: Clause) -> str:
    """Write one clause as a person would type it."""
    body = f'"{clause.text}"' if clause.is_phrase else clause.text
    if clause.field:
        body = f"{clause.field}:{body}"
    return f"-{body}" if clause.is_excluded else body


def _clauses(piece: re.Match[str]) -> list[Clause]:
    field = (piece["field"] or "").lower()
    field = {"team": "owner", "tags": "tag", "columns": "column"}.get(field, field)
    phrase, word = piece["phrase"], piece["word"]
    if field and field not in FIELDS:
        word = " ".join(filter(None, (piece["field"], word, phrase)))
        field, phrase = "", None
    body = phrase if phrase is not None else word
    parts = words(body)
    if not parts:
        return []
    excluded = piece["minus"] is not None
    stems = tuple(stem(part) for part in parts)
    if phrase is not None or field or excluded:
        phrased = phrase is not None or len(parts) > 1
        return [Clause(body, stems, parts, field, phrased and not field, excluded)]
    return [Clause(part, (s,), (part,)) for part, s in zip(parts, stems, strict=True)]


def _is_filler(clause: Clause) -> bool:
    return clause.is_plain and clause.words[0] in STOP_WORDS


def _open(clause: Clause) -> Clause:
    return Clause(clause.text, clause.stems, clause.words, is_open=len(clause.words[0]) > 1)
