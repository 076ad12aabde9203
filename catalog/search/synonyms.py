"""Words that mean the same, from a file. Free of Django."""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache
from pathlib import Path

from catalog.search.identifiers import tokens

Phrase = tuple[str, ...]


class Synonyms:
    """For the stems of a word or phrase, those of the others that mean the same."""

    def __init__(self, lines: list[str] | None = None) -> None:
        self._others: dict[Phrase, tuple[Phrase, ...]] = {}
        others: defaultdict[Phrase, dict[Phrase, None]] = defaultdict(dict)
        for line in lines or []:
            group = [tokens(part) for part in line.split("#")[0].split(",")]
            group = [phrase for phrase in group if phrase]
            for phrase in group:
                others[phrase].update((other, None) for other in group if other != phrase)
        self._others = {phrase: tuple(found) for phrase, found in others.items()}

    def of(self, phrase: Phrase) -> tuple[Phrase, ...]:
        """Return the other phrases of the group, none when there is no group."""
        return self._others.get(phrase, ())


@lru_cache(maxsize=4)
def read_synonyms(path: Path) -> Synonyms:
    """Read a file of groups, one a line, words separated by commas, `#` before a comment.

    Raises FileNotFoundError naming the path when there is no such file.
    """
    return Synonyms(path.read_text(encoding="utf-8").splitlines())
