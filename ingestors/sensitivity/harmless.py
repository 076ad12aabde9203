"""How much of a text column without a class may be shown. Free of Django.

That nothing personal was found does not make a text harmless. Least, greatest and frequent values are kept of codes,
kinds and flags alone; of other short texts the sample shows cells, and of free text nothing is kept unless a person
says that it may be.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from enum import Enum

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity import structured
from ingestors.sensitivity.classify import Candidate, Finding, describes_people
from ingestors.sensitivity.detectors import is_full_name
from ingestors.sensitivity.given_names import holds_a_name
from ingestors.sensitivity.words import (
    is_enumeration,
    name_hits,
    speaks_of_people,
    speaks_of_things,
)

#: What is not held back of a kind or a code.
LONGEST_KIND, MOST_WORDS = 40, 5
#: A cell with more is a sentence.
LONGEST_LABEL, LABEL_WORDS = 60, 5
_CODE = re.compile(
    r"[A-Z0-9][A-Z0-9_.:/+-]{0,23}|[a-z0-9][a-z0-9_.:/+-]{0,29}|[<>=]{0,2}-?\d[\d.,]{0,8}%?"
)
_FLAG = re.compile(
    r"y|n|yes|no|true|false|t|f|0|1|on|off|m|w|d|x|ja|nein|oui|non|si|sí|sim|não|evet|hayır|да|нет|نعم|لا|是|否|はい|いいえ|예|아니오",
    re.IGNORECASE,
)
_UNBROKEN = re.compile(r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff]")
#: Of so many texts it is looked what they are.
LOOKED_AT = 400


class Exposure(Enum):
    """What of a column's values may be kept."""

    KINDS = "kinds"  # least, greatest and frequent values, and the sample
    LABELS = "labels"  # the sample, cell by cell
    NOTHING = "nothing"


def exposures(
    table: str, candidates: Sequence[Candidate], found: Mapping[str, Finding]
) -> dict[str, Exposure]:
    """Return what may be kept of each column of text to which no class was given."""
    people = describes_people(table, candidates, found)
    return {
        c.path: _exposure(c, people)
        for c in candidates
        if c.type in ("string", "object", "array") and found[c.path].sensitivity is S.NONE
    }


def _exposure(candidate: Candidate, people: bool) -> Exposure:
    values = list(dict.fromkeys(value.strip() for value in candidate.values))[:LOOKED_AT]
    if not values:
        return Exposure.KINDS if is_enumeration(candidate.path) else Exposure.LABELS
    if candidate.type != "string" or structured.looks_like_json(values):
        return _of_document(candidate, people)
    if _are_kinds(candidate, values):
        return Exposure.KINDS
    return Exposure.NOTHING if _is_prose(candidate.path, values, people) else Exposure.LABELS


def _are_kinds(candidate: Candidate, values: Sequence[str]) -> bool:
    """Tell whether values are flags, or few codes or kinds that come again and again."""
    if all(_FLAG.fullmatch(value) for value in values):
        return True
    if name_hits(candidate.path) or speaks_of_people(candidate.path):
        return False
    if is_enumeration(candidate.path):
        return all(map(is_kind, values))
    times = len(candidate.values) / len(values)
    return times >= 3 and len(values) <= 50 and all(map(_is_code, values))


def is_kind(value: str) -> bool:
    """Tell whether a value can be the name of a kind or state: short, few words, nobody's name."""
    if len(value) > LONGEST_KIND or words_in(value) > MOST_WORDS:
        return False
    return " " not in value.strip() or not holds_a_name(value)


def _is_code(value: str) -> bool:
    return bool(_CODE.fullmatch(value)) and not holds_a_name(value.capitalize())


def words_in(value: str) -> int:
    """Count the words of a text; scripts without blanks by their signs."""
    return len(value.split()) + len(_UNBROKEN.findall(value)) // 3


def is_sentence(value: str) -> bool:
    """Tell whether a cell is more than a label: many words, or long."""
    if words_in(value) > LABEL_WORDS:
        return True
    return " " in value.strip() and len(value) > LONGEST_LABEL


def _is_prose(path: str, values: Sequence[str], people: bool) -> bool:
    """Tell whether texts are free: sentences, words of unknown meaning, or what may be names of people."""
    if any(hit.sensitivity is S.FREE_TEXT for hit in name_hits(path)):
        return any(words_in(value) > 1 for value in values)
    sentences = sum(map(is_sentence, values))
    if speaks_of_things(path):
        return sentences > len(values) / 2
    several = sum(words_in(value) >= 3 for value in values)
    if sentences >= 0.05 * len(values) or several >= 0.5 * len(values):
        return True
    named = sum(map(is_full_name, values))
    return people and named >= 0.6 * len(values)


def _of_document(candidate: Candidate, people: bool) -> Exposure:
    """Of JSON the sample is shown where each of its fields could be."""
    leaves = structured.leaves(candidate.values[:LOOKED_AT], candidate.native_type)
    for key, values in leaves.items():
        inside = list(dict.fromkeys(value.strip() for value in values))[:LOOKED_AT]
        if inside and _is_prose(key, inside, people):
            return Exposure.NOTHING
    return Exposure.LABELS
