"""Words out of identifiers and prose: `custId`, `customer_id`, `CUSTOMER-ID`. Free of Django."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

import snowballstemmer

_WORD = re.compile(r"[^\W_]+")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERED = re.compile(r"^([a-z]{3,})(\d+)$")
_LONGEST = 64
_STEMMER = snowballstemmer.stemmer("english")

STOP_WORDS = frozenset(
    [
        "a",
        "an",
        "and",
        "are",
        "as",
        "at",
        "be",
        "by",
        "for",
        "from",
        "has",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "or",
        "that",
        "the",
        "this",
        "to",
        "was",
        "were",
        "which",
        "with",
        "what",
        "where",
        "who",
        "how",
        "i",
        "we",
        "my",
        "our",
        "all",
        "any",
    ]
)


def fold(text: str) -> str:
    """Drop accents and case: `Größe` becomes `grosse`, `Café` becomes `cafe`."""
    if text.isascii():
        return text.lower()
    plain = unicodedata.normalize("NFKD", text)
    return "".join(c for c in plain if not unicodedata.combining(c)).casefold()


@lru_cache(maxsize=65_536)
def stem(word: str) -> str:
    """Reduce a folded English word to its stem; what is not English letters stays."""
    if len(word) < 4 or not word.isascii() or not word.isalpha():
        return word
    return str(_STEMMER.stemWord(word))


@lru_cache(maxsize=65_536)
def words(text: str) -> tuple[str, ...]:
    """Split an identifier or a phrase into folded words, also at the humps of camelCase."""
    found: list[str] = []
    for run in _WORD.findall(text):
        parts = _HUMP.split(run) if not run.islower() else (run,)
        found.extend(fold(part)[:_LONGEST] for part in parts)
    return tuple(found)


def prose_words(text: str) -> list[str]:
    """Split running text; like `words`, without keeping the answer."""
    return [word for run in _WORD.findall(text) for word in words(run)]


@lru_cache(maxsize=65_536)
def tokens(text: str) -> tuple[str, ...]:
    """Return the stems of a name or identifier, in order."""
    return tuple(stem(word) for word in words(text))


@lru_cache(maxsize=65_536)
def name_tokens(text: str) -> tuple[str, ...]:
    """Return what an identifier is found by: its stems, `address` of `address2`, the joined form."""
    parts = words(text)
    found = [stem(part) for part in parts]
    found += [stem(match[1]) for part in parts if (match := _NUMBERED.match(part))]
    if 1 < len(parts) <= 3:
        found.append("".join(parts)[:_LONGEST])
    return tuple(found)


def same_name(text: str) -> str:
    """Return the form under which two spellings of one name are equal."""
    return " ".join(words(text))
