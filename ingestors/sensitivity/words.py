"""The evidence of names: identifiers split into words, matched in several languages."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity.vocabulary import (
    CONTRADICTIONS,
    NAME_RULES,
    PERSON_WORDS,
    TRAITS,
    NameRule,
)

_BY_FIRST_WORD: dict[str, list[NameRule]] = {}
for _rule in NAME_RULES:
    _BY_FIRST_WORD.setdefault(_rule.phrase[0], []).append(_rule)
_BOUNDARY = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


@lru_cache(maxsize=20_000)
def split_identifier(name: str) -> tuple[str, ...]:
    """Split `custFirstName`, `cust_first_name` and `CUST-FIRST-NAME` into the same words."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss")).encode("ascii", "ignore")
    return tuple(word.lower() for word in _BOUNDARY.split(plain.decode()) if word)


@dataclass(frozen=True, slots=True)
class NameHit:
    """What a name says."""

    sensitivity: S
    weight: float
    words: str


@lru_cache(maxsize=20_000)
def name_hits(name: str) -> tuple[NameHit, ...]:
    """Return what a column's name says, the strongest word first, one hit per class."""
    words = split_identifier(name.split(".")[-1])
    best: dict[S, NameHit] = {}
    for rule in (rule for word in dict.fromkeys(words) for rule in _BY_FIRST_WORD.get(word, ())):
        if not _contains(words, rule.phrase):
            continue
        rest = set(words) - set(rule.phrase)
        if rest & CONTRADICTIONS.get(rule.sensitivity, frozenset()):
            continue
        found = best.get(rule.sensitivity)
        if found is None or rule.weight > found.weight:
            hit = NameHit(rule.sensitivity, rule.weight, " ".join(rule.phrase))
            best[rule.sensitivity] = hit
    return tuple(sorted(best.values(), key=lambda hit: -hit.weight))


def has_trait(name: str) -> bool:
    """Tell whether a column holds what only people have, such as a gender."""
    return bool(TRAITS & set(split_identifier(name)))


def speaks_of_people(name: str) -> bool:
    """Tell whether a table or column name is about people."""
    return bool(PERSON_WORDS & set(split_identifier(name)))


def _contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(words[i : i + size] == phrase for i in range(len(words) - size + 1))
