"""The share of a column's values that are of each class, by their form."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from catalog.descriptors import Sensitivity as S
from ingestors.sensitivity import detectors
from ingestors.sensitivity.given_names import names_share
from ingestors.sensitivity.national_ids import matching_kinds
from ingestors.sensitivity.vocabulary import ROLES
from ingestors.sensitivity.words import NameHit, speaks_of_things

NUMBERS = frozenset({"integer", "number"})


def shares_of(kind: str, path: str, values: Sequence[str]) -> dict[S, float]:
    """Return the share of the values that are each class, by strong detectors alone."""
    if kind not in ("string", *NUMBERS) or not values:
        return {}
    distinct = Counter(values)
    counts: Counter[S] = Counter()
    for value, times in distinct.items():
        sensitivity = strong_class(value)
        if sensitivity is not S.NONE:
            counts[sensitivity] += times
    share = {s: count / len(values) for s, count in counts.items()}
    national = _national_share(distinct)
    if national:
        share[S.NATIONAL_ID] = national
    if kind in NUMBERS:
        return _certain(share, distinct)
    names = names_share(distinct)
    if names >= 0.3 and not speaks_of_things(path):
        share[S.PERSON_NAME] = max(names, 0.6)
    return share


def _certain(share: Mapping[S, float], distinct: Mapping[str, int]) -> dict[S, float]:
    """Keep of plain numbers just what check digits and plans of numbers prove: many values, all right."""
    if len(distinct) < 5:
        return {}
    kept = {S.PAYMENT_CARD, S.NATIONAL_ID, S.DEVICE}
    found = {s: part for s, part in share.items() if s in kept and part >= 0.95}
    if not found and detectors.are_phone_numbers(distinct):
        found[S.PHONE] = 1.0
    return found


def strong_class(value: str) -> S:
    """Return what a whole value is beyond doubt, `NONE` when it is nothing of the kind."""
    text = value.strip()
    for sensitivity, is_it in detectors.STRONG:
        if is_it(text):
            return sensitivity
    if detectors.is_written_phone(text):
        return S.PHONE
    return S.NONE


def _national_share(distinct: Mapping[str, int]) -> float:
    """Return the share of values that are national ids of one kind.

    Kinds that are just digits with a check digit need many different values, nearly all right.
    """
    counts: Counter[str] = Counter()
    telling: set[str] = set()
    total = 0
    for value, times in distinct.items():
        total += times
        for kind in matching_kinds(value.strip()):
            counts[kind.label] += times
            if kind.is_telling:
                telling.add(kind.label)
    best = 0.0
    for label, count in counts.items():
        share = count / total
        if label in telling or (share >= 0.95 and len(distinct) >= 8):
            best = max(best, share)
    return best


def weak_share(values: Sequence[str], hit: NameHit) -> float:
    """Return the share of the values that have the form that a name promises."""
    detector = detectors.WEAK.get(hit.sensitivity)
    if hit.words in ROLES:
        detector = detectors.is_full_name
    if detector is None or not values:
        return 0.0
    return sum(detector(v.strip()) for v in values) / len(values)
