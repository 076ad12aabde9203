"""What every question needs of each document, in arrays: who may see it, facets, order. Free of Django.

The words of 100,000 documents stay in the index; what is kept here is some 100 bytes each, so that
seeing, narrowing, counting and ranking take a few milliseconds whatever a question matches. A `Shelf`
never changes: `put` makes a new one, and a search keeps the one it began with.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from catalog.search.types import Document, Viewers

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]

QUALITY_BANDS = ("90", "75", "50", "0", "unmeasured")
UPDATED_BANDS = (("day", 1), ("week", 7), ("month", 30), ("year", 365))
_STATUS_TRUST = {"active": 0.0, "proposed": -0.35, "deprecated": -0.7, "retired": -1.0}
_SHORT_NAME = 60
_MOST_DEAD = 0.25


@dataclass(frozen=True, slots=True)
class Card:
    """One document on the shelf. `key` grows with each writing, `codes` are its facet values."""

    key: int
    id: int
    audience: str
    name: str
    codes: tuple[str, ...]
    prior: float
    quality: float | None
    use: int
    updated: float


def card_of(key: int, document: Document) -> Card:
    """Make the card of a document."""
    return Card(
        key,
        document.id,
        document.audience,
        short_name(document.name),
        codes_of(document),
        prior(document),
        document.quality_score,
        document.use_count,
        document.updated_at.timestamp() if document.updated_at else 0.0,
    )


def codes_of(document: Document) -> tuple[str, ...]:
    """Return the facet values of a document as `facet=value`, its status and band among them."""
    codes = [f"{facet}={value}" for facet, values in document.facets.items() for value in values]
    codes += [f"quality={quality_band(document.quality_score)}", f"is={document.status}"]
    return tuple(dict.fromkeys(codes))


def short_name(name: str) -> str:
    """Return what a name is sorted by."""
    return name[:_SHORT_NAME].lower()


def quality_band(score: float | None) -> str:
    """Name the band of a score by its lower end."""
    if score is None:
        return "unmeasured"
    return next(band for band in QUALITY_BANDS if band != "unmeasured" and score >= float(band))


def prior(document: Document) -> float:
    """Weigh what is known of a document before anything is asked: trust, then use."""
    score = document.quality_score
    quality = 0.0 if score is None else (score - 50) / 100
    trust = 0.4 * document.is_certified + quality + _STATUS_TRUST.get(document.status, 0.0)
    return trust + 0.3 * min(document.use_count, 50) / 50


@dataclass(frozen=True)
class Facet:
    """The values of one facet: `values[codes[i]]` is a value of the document at `owners[i]`."""

    values: tuple[str, ...] = ()
    owners: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    codes: Rows = field(default_factory=lambda: np.empty(0, np.int64))

    @cached_property
    def numbers(self) -> dict[str, int]:
        """Value -> its code."""
        return {value: code for code, value in enumerate(self.values)}

    def among(self, mask: Mask) -> Counter[str]:
        """Count each value among some documents."""
        counts = np.bincount(self.codes[mask[self.owners]], minlength=len(self.values))
        return Counter({self.values[i]: int(counts[i]) for i in np.flatnonzero(counts)})

    def having(self, values: Iterable[str], size: int) -> Mask:
        """Return the documents with any of the values."""
        found = np.zeros(size, np.bool_)
        wanted = [self.numbers[value] for value in values if value in self.numbers]
        if wanted:
            found[self.owners[np.isin(self.codes, wanted)]] = True
        return found

    def plus(self, pairs: Sequence[tuple[int, str]]) -> Facet:
        """Return this with more documents' values."""
        numbers = dict(self.numbers)
        codes = [numbers.setdefault(value, len(numbers)) for _, value in pairs]
        return Facet(
            tuple(numbers),
            np.concatenate([self.owners, np.array([p for p, _ in pairs], np.int64)]),
            np.concatenate([self.codes, np.array(codes, np.int64)]),
        )

    def kept(self, mask: Mask, moved: Rows) -> Facet:
        """Return this without the documents outside a mask, the others at new places."""
        inside = mask[self.owners]
        return Facet(self.values, moved[self.owners[inside]], self.codes[inside])


@dataclass(frozen=True)
class DocValues:
    """The cards of one kind. A place is an index into the arrays, a mask has a truth per place."""

    keys: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    ids: Rows = field(default_factory=lambda: np.empty(0, np.int64))
    prior: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    quality: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    use: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    updated: NDArray[np.float64] = field(default_factory=lambda: np.empty(0))
    present: Mask = field(default_factory=lambda: np.empty(0, np.bool_))
    names: tuple[str, ...] = ()
    facets: Mapping[str, Facet] = field(default_factory=dict)

    @property
    def size(self) -> int:
        """How many places there are."""
        return len(self.keys)

    def put(self, cards: Sequence[Card], gone: Iterable[int] = ()) -> DocValues:
        """Return a shelf with more cards, of higher keys, and without the keys that are gone."""
        made = self._grown(sorted(cards, key=lambda c: c.key)) if cards else self
        left = made.places(np.array(sorted(gone), np.int64))
        if left.size:
            present = made.present.copy()
            present[left] = False
            made = replace(made, present=present)
        dead = made.size - int(made.present.sum())
        return made._packed() if dead > 1_000 and dead > _MOST_DEAD * made.size else made

    def places(self, keys: Rows) -> Rows:
        """Return the places of keys, those unknown left out."""
        if not self.size or not keys.size:
            return np.empty(0, np.int64)
        at = np.minimum(np.searchsorted(self.keys, keys), self.size - 1)
        found: Rows = at[self.keys[at] == keys]
        return found

    def known_places(self, keys: Rows) -> tuple[Rows, Mask]:
        """Return the places of keys and which of the keys are known."""
        if not self.size or not keys.size:
            return np.empty(0, np.int64), np.zeros(keys.size, np.bool_)
        at = np.minimum(np.searchsorted(self.keys, keys), self.size - 1)
        known = self.keys[at] == keys
        return at[known], known

    def visible(self, viewers: Viewers) -> Mask:
        """Return what these viewers may see."""
        if viewers is None:
            return self.present
        return self.present & self.having("audience", viewers)

    def having(self, facet: str, values: Iterable[str], now: datetime | None = None) -> Mask:
        """Return the documents with any of the values of a facet."""
        if facet == "updated" and now is not None:
            days = [d for name, d in UPDATED_BANDS if name in set(values)]
            return self.updated >= _since(now, max(days)) if days else np.zeros(self.size, bool)
        return self.facets.get(facet, Facet()).having(values, self.size)

    def counts(self, facet: str, among: Mask, now: datetime) -> Counter[str]:
        """Count each value of a facet among some documents; values that count 0 are left out."""
        if facet == "updated":
            ages = self.updated[among]
            bands = {n: int((ages >= _since(now, days)).sum()) for n, days in UPDATED_BANDS}
            return Counter({name: count for name, count in bands.items() if count})
        found = self.facets.get(facet)
        return found.among(among) if found else Counter()

    def order(self, sort: str) -> Rows:
        """Return all places in the order of a sort that does not depend on the question."""
        if sort not in self._orders:
            self._orders[sort] = self._sorted(sort)
        return self._orders[sort]

    @cached_property
    def _orders(self) -> dict[str, Rows]:
        return {}

    def _sorted(self, sort: str) -> Rows:
        if sort == "name":
            named = sorted(range(self.size), key=lambda p: (self.names[p], self.ids[p]))
            return np.array(named, np.int64)
        by = {
            "updated": self.updated,
            "quality": np.nan_to_num(self.quality, nan=-1.0),
            "use": self.use,
        }
        order: Rows = np.lexsort((self.ids, -by.get(sort, self.prior)))
        return order

    def _grown(self, cards: Sequence[Card]) -> DocValues:
        first = self.size
        pairs: dict[str, list[tuple[int, str]]] = {}
        for place, card in enumerate(cards, first):
            pairs.setdefault("audience", []).append((place, card.audience))
            for code in card.codes:
                facet, _, value = code.partition("=")
                pairs.setdefault(facet, []).append((place, value))
        facets = dict(self.facets)
        for facet, more in pairs.items():
            facets[facet] = facets.get(facet, Facet()).plus(more)

        def longer(old: NDArray[Any], values: list[Any]) -> NDArray[Any]:
            return np.concatenate([old, np.array(values, old.dtype)])

        return DocValues(
            longer(self.keys, [c.key for c in cards]),
            longer(self.ids, [c.id for c in cards]),
            longer(self.prior, [c.prior for c in cards]),
            longer(self.quality, [np.nan if c.quality is None else c.quality for c in cards]),
            longer(self.use, [c.use for c in cards]),
            longer(self.updated, [c.updated for c in cards]),
            longer(self.present, [True] * len(cards)),
            (*self.names, *(c.name for c in cards)),
            facets,
        )

    def _packed(self) -> DocValues:
        """Return this without the places of what is gone."""
        stay = self.present
        moved = np.cumsum(stay) - 1
        return DocValues(
            self.keys[stay],
            self.ids[stay],
            self.prior[stay],
            self.quality[stay],
            self.use[stay],
            self.updated[stay],
            stay[stay],
            tuple(name for name, here in zip(self.names, stay, strict=True) if here),
            {facet: values.kept(stay, moved) for facet, values in self.facets.items()},
        )


def _since(now: datetime, days: int) -> float:
    return (now - timedelta(days=days)).timestamp()
