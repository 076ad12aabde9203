"""Decide for each column what personal or secret content it has, and say why.

The name and the values of a column are weighed together; what a name says weakly counts when the
table is about people. A finding needs a score of 0.5.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from enum import IntEnum

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity import detectors, structured
from ingestors.sensitivity.scan import findings, mentions
from ingestors.sensitivity.shares import NUMBERS, shares_of, weak_share
from ingestors.sensitivity.vocabulary import GENERIC_NAMES, ROLES
from ingestors.sensitivity.words import (
    NameHit,
    has_trait,
    is_table_of_people,
    name_hits,
    speaks_of_people,
    speaks_of_things,
    split_identifier,
)

THRESHOLD = 0.5
PLURALS: dict[S, str] = {
    S.PERSON_NAME: "shaped as names",
    S.EMAIL: "e-mail addresses",
    S.PHONE: "phone numbers",
    S.POSTAL_ADDRESS: "street addresses",
    S.BIRTH_DATE: "plausible birth dates",
    S.NATIONAL_ID: "national identity numbers",
    S.PAYMENT_CARD: "payment card numbers with a right check digit",
    S.BANK_ACCOUNT: "IBANs with a right check number",
    S.IP_ADDRESS: "IP addresses",
    S.CREDENTIAL: "keys, tokens or password hashes",
    S.HEALTH: "shaped as ICD-10 codes",
    S.LOCATION: "precise coordinates",
    S.VEHICLE: "vehicle identification numbers or plates",
    S.DEVICE: "numbers of devices",
    S.USERNAME: "shaped as user names",
}
#: Types whose cells can hold a class at all; classes not named: text only.
_TYPES: dict[S, frozenset[str]] = {
    S.BIRTH_DATE: frozenset({"date", "timestamp", "string", "integer", "number"}),
    S.LOCATION: frozenset({"number", "string", "object", "array"}),
    S.PHONE: frozenset({"string", "integer", "number"}),
    S.NATIONAL_ID: frozenset({"string", "integer", "number"}),
    S.PAYMENT_CARD: frozenset({"string", "integer", "number"}),
    S.BANK_ACCOUNT: frozenset({"string", "integer", "number"}),
    S.SALARY: frozenset({"string", "integer", "number"}),
    S.DEVICE: frozenset({"string", "integer", "number"}),
    S.VEHICLE: frozenset({"string", "integer"}),
    S.BELIEF_OR_ORIGIN: frozenset({"string", "integer", "boolean"}),
    S.CREDENTIAL: frozenset({"string", "integer", "binary"}),
    S.HEALTH: frozenset({"string", "boolean", "integer", "number"}),
    S.POSTAL_ADDRESS: frozenset({"string", "integer"}),
    S.IP_ADDRESS: frozenset({"string", "integer"}),
}
_TEXT = frozenset({"string"})
#: Up to this share of texts may say “Mr Crowley” or “21 Jump Street” and still be titles, not notes about people. (A
#: value that says so is masked all the same.)
_TITLES = 0.02
_FILE_ENDING = re.compile(r"\.(csv|tsv|json|ndjson|jsonl|parquet)(\.gz)?$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A column to judge: `values` are its sampled cells as text, nulls left out."""

    path: str
    type: str
    native_type: str
    values: tuple[str, ...]
    rows: tuple[int, ...] = ()  # the sample row of each value


@dataclass(frozen=True, slots=True)
class Finding:
    """What a column holds, how sure that is (0 to 1) and why."""

    sensitivity: S
    score: float
    reason: str


class People(IntEnum):
    """How much a table has to do with people."""

    ABSENT = 0
    MENTIONED = 1  # it refers to them by a number
    DESCRIBED = 2  # it is named after them, or holds what only people have


_ABOUT = {
    People.DESCRIBED: "the table is about people",
    People.MENTIONED: "people appear in the table",
}
NOTHING = Finding(S.NONE, 0.0, "")


def classify(table: str, candidates: Sequence[Candidate]) -> dict[str, Finding]:
    """Judge the columns of a table together; return a finding for each path."""
    shares = {c.path: shares_of(c.type, c.path, c.values) for c in candidates}
    first = {c.path: _by_name_and_form(c, shares[c.path], People.ABSENT) for c in candidates}
    people = _people(table, candidates, first)
    judged = dict(first)
    if people is not People.ABSENT:
        for c in candidates:
            judged[c.path] = _better(first[c.path], _by_name_and_form(c, shares[c.path], people))
    for candidate in candidates:
        if judged[candidate.path].score < THRESHOLD:
            judged[candidate.path] = _free_text(candidate, people)
    _drop_lonely_locations(judged, {path for path, one in shares.items() if S.LOCATION in one})
    _find_names_in_texts(candidates, judged)
    return judged


def describes_people(
    table: str, candidates: Sequence[Candidate], found: Mapping[str, Finding]
) -> bool:
    """Tell whether the rows of a table are people."""
    return _people(table, candidates, found) is People.DESCRIBED


def _people(table: str, candidates: Sequence[Candidate], found: Mapping[str, Finding]) -> People:
    name = _FILE_ENDING.sub("", table).split("/")[-1].split(".")[-1]
    if is_table_of_people(name):
        return People.DESCRIBED
    if any(has_trait(c.path) for c in candidates):
        return People.DESCRIBED
    personal = {S.PERSON_NAME, S.EMAIL, S.PHONE, S.BIRTH_DATE, S.NATIONAL_ID, S.IP_ADDRESS}
    paths = [path for path, finding in found.items() if finding.sensitivity in personal]
    if any(_is_of_the_row(path) for path in paths):
        return People.DESCRIBED
    is_mentioned = paths or speaks_of_people(name) or any(_is_person_id(c.path) for c in candidates)
    return People.MENTIONED if is_mentioned else People.ABSENT


def _is_of_the_row(path: str) -> bool:
    """Tell `email` from `owner_email`: what the row itself is, from whom it has to do with."""
    column = path.split(".")[-1]
    words = " ".join(split_identifier(column))
    return not speaks_of_people(column) and any(hit.words == words for hit in name_hits(path))


def _is_person_id(path: str) -> bool:
    words = split_identifier(path.split(".")[-1])
    return len(words) >= 2 and words[-1] in {"id", "key", "no"} and speaks_of_people(path)


def _better(one: Finding, other: Finding) -> Finding:
    return other if other.score > one.score else one


def _by_name_and_form(candidate: Candidate, shares: Mapping[S, float], people: People) -> Finding:
    hits = {hit.sensitivity: hit for hit in name_hits(candidate.path)}
    best = NOTHING
    for sensitivity in sorted({*hits, *shares}):
        if candidate.type not in _TYPES.get(sensitivity, _TEXT):
            continue
        finding = _weigh(candidate, sensitivity, hits.get(sensitivity), shares, people)
        best = _better(best, finding)
    return best


def _weigh(
    candidate: Candidate,
    sensitivity: S,
    hit: NameHit | None,
    shares: Mapping[S, float],
    people: People,
) -> Finding:
    if sensitivity is S.LOCATION and not hit and people is People.ABSENT:
        return NOTHING
    if hit and not _may_be_meant(candidate.path, hit, people):
        return NOTHING
    strong = shares.get(sensitivity, 0.0)
    weak = weak_share(candidate.values, hit) if hit else 0.0
    name = hit.weight if hit else 0.0
    if hit and name < 0.6 and people and sensitivity is not S.FREE_TEXT:
        name += 0.2
    score = name
    is_counted = sensitivity is S.BIRTH_DATE and candidate.type in NUMBERS and candidate.values
    if strong >= 0.6 or (hit and strong >= 0.1):
        score = max(name, 0.0) + 0.6 * strong + (0.3 if hit else 0.0)
    elif is_counted and weak < 0.05:
        return NOTHING
    elif hit and candidate.values and sensitivity in detectors.WEAK:
        score = name + _support(hit, name, weak)
    if sensitivity is S.FREE_TEXT or score < THRESHOLD:
        return NOTHING
    return Finding(
        sensitivity,
        min(score, 1.0),
        _reason(
            candidate, sensitivity, hit, strong or weak, people if name < 0.7 else People.ABSENT
        ),
    )


def _may_be_meant(path: str, hit: NameHit, people: People) -> bool:
    """Tell whether a name can mean what it seems to: `name` may be anything's, a place nobody's."""
    if hit.sensitivity is S.LOCATION and hit.weight < 0.6:
        return people is not People.ABSENT
    if hit.words not in GENERIC_NAMES or people is People.DESCRIBED:
        return True
    return hit.words != "name" or speaks_of_people(path.split(".")[-1])


def _support(hit: NameHit, name: float, share: float) -> float:
    """Return what the form of the values adds to the name, or takes from it.

    Illnesses have no form, and names and secrets many: only a doubtful column name is given up then.
    """
    if share >= (0.2 if hit.words in ROLES else 0.7):
        return 0.2
    has_form = hit.sensitivity in (S.PHONE, S.BIRTH_DATE, S.LOCATION, S.VEHICLE)
    if has_form:
        return -0.25 if share < 0.1 else 0.0
    is_formless = hit.sensitivity in (S.HEALTH, S.BELIEF_OR_ORIGIN, S.SALARY)
    return -0.25 if name < 0.6 and not is_formless else 0.0


def _reason(
    candidate: Candidate, sensitivity: S, hit: NameHit | None, share: float, people: People
) -> str:
    parts = []
    if hit:
        parts.append(f"name contains '{hit.words}'")
        if people and hit.weight < 0.6:
            parts.append(_ABOUT[people])
    if share and sensitivity in PLURALS:
        parts.append(
            f"{_percent(share)} of {len(candidate.values)} values are {PLURALS[sensitivity]}"
        )
    return "; ".join(parts)


def _percent(share: float) -> str:
    return f"{share:.0%}".replace("%", " %") if share >= 0.01 else "under 1 %"


def _free_text(candidate: Candidate, people: People) -> Finding:
    """Judge text (also JSON) in which anything personal appears."""
    if candidate.type in ("object", "array"):
        return _structured(candidate, people)
    if candidate.type != "string":
        return NOTHING
    if structured.looks_like_json(candidate.values):
        return _structured(candidate, people)
    return _prose(candidate)


def _prose(candidate: Candidate) -> Finding:
    counts: Counter[S] = Counter()
    for value, times in Counter(candidate.values).items():
        for sensitivity in findings(value):
            counts[sensitivity] += times
    few = len(candidate.values) * _TITLES
    if not set(counts) - {S.PERSON_NAME, S.POSTAL_ADDRESS, S.HEALTH} and sum(counts.values()) < few:
        return NOTHING
    return _of_findings(counts, len(candidate.values))


def _of_findings(counts: Mapping[S, int], total: int) -> Finding:
    if not counts:
        return NOTHING
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0].value))
    reason = ", ".join(f"{s.words} in {count}" for s, count in ranked[:3])
    return Finding(S.FREE_TEXT, 0.9, f"found in {total} texts: {reason}")


def _structured(candidate: Candidate, people: People) -> Finding:
    """Judge JSON by its keys and leaf values, and by the field names of its type."""
    leaves = structured.leaves(candidate.values, candidate.native_type)
    for key, values in leaves.items():
        leaf = Candidate(key, "string", "", values)
        inner = _by_name_and_form(
            leaf, shares_of(leaf.type, leaf.path, leaf.values), People.DESCRIBED
        )
        if inner.score < THRESHOLD:
            inner = _prose(leaf)
        is_nobodys = inner.sensitivity is S.LOCATION and people is People.ABSENT
        if inner.sensitivity is not S.NONE and not is_nobodys:
            return Finding(
                S.FREE_TEXT, inner.score, f"field '{key}' inside: {inner.reason or 'by its name'}"
            )
    return NOTHING


def _drop_lonely_locations(found: dict[str, Finding], pairs: Set[str]) -> None:
    """A latitude without a longitude is no place."""
    places = [path for path, finding in found.items() if finding.sensitivity is S.LOCATION]
    words = {word for path in places for word in path.lower().replace("_", " ").split()}
    named = [p for p in found if any(hit.sensitivity is S.LOCATION for hit in name_hits(p))]
    is_pair = len({*places, *named}) >= 2 or words & {
        "geo",
        "gps",
        "coordinates",
        "geolocation",
        "location",
    }
    if not is_pair:
        for path in set(places) - pairs:
            found[path] = NOTHING


def _find_names_in_texts(candidates: Sequence[Candidate], found: dict[str, Finding]) -> None:
    """Mark texts that mention the person named in the same row."""
    names: dict[int, set[str]] = {}
    for candidate in candidates:
        if found[candidate.path].sensitivity is S.PERSON_NAME:
            for row, value in zip(candidate.rows, candidate.values, strict=False):
                if len(value) >= 4:
                    names.setdefault(row, set()).add(value)
    if not names:
        return
    for candidate in candidates:
        if candidate.type != "string" or found[candidate.path].sensitivity is not S.NONE:
            continue
        count = sum(
            mentions(value, names.get(row, ()))
            for row, value in zip(candidate.rows, candidate.values, strict=False)
            if " " in value.strip()
        )
        is_title = speaks_of_things(candidate.path) and count < _TITLES * len(candidate.values)
        if count and not is_title:
            found[candidate.path] = _of_findings({S.PERSON_NAME: count}, len(candidate.values))
