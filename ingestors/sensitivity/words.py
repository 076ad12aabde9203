"""The evidence of names: identifiers split into words, matched in many languages and scripts."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity.vocabulary import (
    CONTRADICTIONS,
    ENUMERATIONS,
    ENUMERATIONS_INSIDE,
    NAME_RULES,
    PERSON_WORDS,
    ROLES,
    TABLE_TAILS,
    TRAITS,
    NameRule,
)
from ingestors.sensitivity.vocabulary_languages import HEADINGS, PEOPLE, THINGS

#: Letters that no decomposition makes plain, and those that two keyboards write differently.
_PLAIN = str.maketrans(
    {
        "ß": "ss", "ø": "o", "Ø": "O", "đ": "d", "Đ": "D", "ł": "l", "Ł": "L", "ı": "i", "æ": "ae", "Æ": "Ae",
        "œ": "oe", "þ": "th", "ð": "d", "ي": "ی", "ى": "ی", "ك": "ک", "أ": "ا", "إ": "ا", "آ": "ا", "ة": "ه",
        "ـ": None, "\u200c": " ", "\u200d": None, "ʼ": None, "’": None, "'": None,
    }
)  # fmt: skip
_MARKS = re.compile(r"[\u0300-\u036f\u064b-\u0655\u0670\u0591-\u05c7]")
_BOUNDARY = re.compile(
    r"[\s\x00-\x2f\x3a-\x40\x5b-\x60\x7b-\xbf\u2000-\u206f\u3000-\u3004\u3008-\u3020\uff00-\uff0f،؛؟।॥・]+"
    r"|(?<=[a-zа-яё0-9])(?=[A-ZА-ЯЁ])|(?<=[A-Z])(?=[A-Z][a-z])"
)
#: Scripts written without blanks, or with few: their words are searched inside a heading.
_UNBROKEN = re.compile(r"[\u0e00-\u0e7f\u3005-\u30ff\u3400-\u9fff\uac00-\ud7af]")
_ABBREVIATED = {
    "cust": "customer",
    "emp": "employee",
    "empl": "employee",
    "stu": "student",
    "pat": "patient",
}


def normalised(text: str) -> str:
    """Return a text without marks and variants of letters: `Prénom` is `Prenom`, `آدرس` is `ادرس`."""
    if text.isascii():
        return text.replace("'", "")
    plain = _MARKS.sub("", unicodedata.normalize("NFKD", text.translate(_PLAIN)))
    return unicodedata.normalize("NFC", plain).translate(_PLAIN)


@lru_cache(maxsize=20_000)
def split_identifier(name: str) -> tuple[str, ...]:
    """Split `custFirstName`, `cust_first_name` and `CUST-FIRST-NAME` into the same words."""
    words = (word.casefold() for word in _BOUNDARY.split(normalised(name)) if word)
    return tuple(_without_article(_ABBREVIATED.get(word, word)) for word in words)


def _without_article(word: str) -> str:
    """Cut the Arabic article, which headings have or have not."""
    return word[2:] if len(word) > 4 and word.startswith("ال") else word


@dataclass(frozen=True, slots=True)
class NameHit:
    """What a name says."""

    sensitivity: S
    weight: float
    words: str


def _foreign() -> Iterator[NameRule]:
    for sensitivity, weight, phrases in HEADINGS:
        for phrase in phrases.split(","):
            if words := split_identifier(phrase):
                yield NameRule(words, sensitivity, weight)


def _joined(rules: Iterable[NameRule]) -> Iterator[NameRule]:
    """Write strong phrases as one word, too: `dateofbirth`."""
    for rule in rules:
        word = "".join(rule.phrase)
        if len(rule.phrase) > 1 and rule.weight >= 0.6 and len(word) >= 7:
            yield NameRule((word,), rule.sensitivity, rule.weight)


def _words(text: str) -> frozenset[str]:
    return frozenset(word for phrase in text.split(",") for word in split_identifier(phrase))


_RULES = [*NAME_RULES, *_foreign()]
_BY_FIRST_WORD: dict[str, list[NameRule]] = {}
_INSIDE: list[tuple[str, NameRule]] = []
for _rule in [*_RULES, *_joined(_RULES)]:
    _BY_FIRST_WORD.setdefault(_rule.phrase[0], []).append(_rule)
    if _UNBROKEN.search(_rule.phrase[0]):
        _INSIDE.append(("".join(_rule.phrase), _rule))
_THINGS = _words(THINGS)
_THINGS_INSIDE = tuple(word for word in _THINGS if _UNBROKEN.search(word))
_PEOPLE = PERSON_WORDS | _words(PEOPLE)
_PEOPLE_INSIDE = tuple(word for word in _words(PEOPLE) if _UNBROKEN.search(word))


@lru_cache(maxsize=20_000)
def name_hits(name: str) -> tuple[NameHit, ...]:
    """Return what a column's name says, the strongest word first, one hit per class."""
    words = split_identifier(name.split(".")[-1])
    best: dict[S, NameHit] = {}
    for rule in _rules_for(words):
        rest = set(words) - set(rule.phrase)
        if rest & CONTRADICTIONS.get(rule.sensitivity, frozenset()) or _is_of_a_thing(words, rule):
            continue
        found = best.get(rule.sensitivity)
        if found is None or rule.weight > found.weight:
            hit = NameHit(rule.sensitivity, rule.weight, " ".join(rule.phrase))
            best[rule.sensitivity] = hit
    _count_whose_name(words, best)
    return tuple(sorted(best.values(), key=lambda hit: -hit.weight))


def _rules_for(words: tuple[str, ...]) -> Iterator[NameRule]:
    for word in dict.fromkeys(words):
        for rule in _BY_FIRST_WORD.get(word, ()):
            if _contains(words, rule.phrase):
                yield rule
    whole = "".join(words)
    if _UNBROKEN.search(whole):
        yield from (rule for text, rule in _INSIDE if text in whole)


def _is_of_a_thing(words: tuple[str, ...], rule: NameRule) -> bool:
    """Tell whether what is beside a phrase says that it is a thing's: 公司电话, `nama produk`."""
    if rule.sensitivity is S.SALARY or rule.sensitivity is S.BELIEF_OR_ORIGIN:
        return False
    rest = [word for word in words if word not in rule.phrase]
    if any(word in _THINGS for word in rest):
        return True
    whole = "".join(rest)
    for part in rule.phrase:
        whole = whole.replace(part, "")
    return bool(_UNBROKEN.search(whole)) and any(word in whole for word in _THINGS_INSIDE)


def _count_whose_name(words: tuple[str, ...], best: dict[S, NameHit]) -> None:
    """A name beside a word for a person is theirs: `donor_name`, `winning_pilot_name`."""
    hit = best.get(S.PERSON_NAME)
    if (
        hit
        and hit.words == "name"
        and (set(words) & PERSON_WORDS) - ROLES - {"account", "accounts"}
    ):
        best[S.PERSON_NAME] = NameHit(S.PERSON_NAME, 0.65, hit.words)


def has_trait(name: str) -> bool:
    """Tell whether a column holds what only people have, such as a gender."""
    return bool(TRAITS & set(split_identifier(name)))


def speaks_of_people(name: str) -> bool:
    """Tell whether a name is about people."""
    words = split_identifier(name)
    return bool(_PEOPLE & set(words)) or _has_inside("".join(words))


def speaks_of_things(name: str) -> bool:
    """Tell whether a name is about something else than people: a product, a place, a kind."""
    words = set(split_identifier(name.split(".")[-1]))
    whole = "".join(words)
    if words & (_THINGS | CONTRADICTIONS[S.PERSON_NAME] | ENUMERATIONS):
        return True
    return bool(_UNBROKEN.search(whole)) and any(word in whole for word in _THINGS_INSIDE)


def is_enumeration(name: str) -> bool:
    """Tell whether the last word of a name promises codes or kinds: `claim_status`, `currency`, `is_open`."""
    words = split_identifier(name.split(".")[-1])
    whole = "".join(words)
    if not words or name_hits(name):
        return False
    if words[-1] in ENUMERATIONS or words[0] in ("is", "has", "ref"):
        return True
    return bool(_UNBROKEN.search(whole)) and any(w in whole for w in ENUMERATIONS_INSIDE)


def is_table_of_people(name: str) -> bool:
    """Tell whether a table lists people: `dim_customer`, `staff_list`; not `client_accelerator`."""
    words = [word for word in split_identifier(name) if not word.isdigit()]
    while len(words) > 1 and words[-1] in TABLE_TAILS:
        words.pop()
    return bool(words) and (words[-1] in _PEOPLE or _has_inside("".join(words)))


def _has_inside(whole: str) -> bool:
    return bool(_UNBROKEN.search(whole)) and any(word in whole for word in _PEOPLE_INSIDE)


def _contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    size = len(phrase)
    return any(words[i : i + size] == phrase for i in range(len(words) - size + 1))
