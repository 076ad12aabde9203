"""What every question needs of each document, kept in memory: who may see it, facets, order.

A set of documents is one Python integer with a bit per id ("bits"): intersecting and counting sets of
100,000 takes microseconds. Free of Django.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain

from catalog.search.types import Document, Viewers

QUALITY_BANDS = ("90", "75", "50", "0", "unmeasured")
UPDATED_BANDS = (("day", 1), ("week", 7), ("month", 30), ("year", 365))
_FEW = 3_000
_STATUS_TRUST = {"active": 0.0, "proposed": -0.35, "deprecated": -0.7, "retired": -1.0}


@dataclass(frozen=True, slots=True)
class Card:
    """One document on the shelf. `trust` is -1 to 1, `codes` are its facet values."""

    id: int
    audience: str
    name: str
    codes: tuple[str, ...]
    status: str
    is_certified: bool
    quality: float | None
    use: int
    updated: float

    @property
    def trust(self) -> float:
        """Certified and good before unmeasured, active before deprecated."""
        quality = 0.0 if self.quality is None else (self.quality - 50) / 100
        return 0.4 * self.is_certified + quality + _STATUS_TRUST.get(self.status, 0.0)


def card_of(document: Document) -> Card:
    """Make the card of a document."""
    codes = [f"{facet}={value}" for facet, values in document.facets.items() for value in values]
    return Card(
        document.id,
        document.audience,
        document.name,
        (*dict.fromkeys(codes), f"quality={quality_band(document.quality_score)}"),
        document.status,
        document.is_certified,
        document.quality_score,
        document.use_count,
        document.updated_at.timestamp() if document.updated_at else 0.0,
    )


def quality_band(score: float | None) -> str:
    """Name the band of a score by its lower end."""
    if score is None:
        return "unmeasured"
    return next(band for band in QUALITY_BANDS if band != "unmeasured" and score >= float(band))


def bits_of(ids: Iterable[int], size: int) -> int:
    """Make one integer with a bit per id; ids of `size` or more are left out."""
    digits = bytearray(b"0") * (size + 1)
    for pk in ids:
        if pk <= size:
            digits[size - pk] = 49
    return int(digits, 2)


def ids_in(bits: int) -> Iterator[int]:
    """Give the ids of a set, ascending."""
    digits = f"{bits:b}"
    last = len(digits) - 1
    at = digits.rfind("1")
    while at >= 0:
        yield last - at
        at = digits.rfind("1", 0, at)


class Shelf:
    """The cards of one kind, and the sets they form."""

    def __init__(self) -> None:
        self.cards: dict[int, Card] = {}
        self.version = 0
        self.present = 0
        self.size = 0
        self._audiences: dict[str, int] = {}
        self._codes: dict[str, dict[str, int]] = {}
        self._order: list[int] | None = None
        self._bands: tuple[tuple[int, int], dict[str, int]] | None = None

    def put(self, cards: list[Card], gone: Iterable[int] = ()) -> None:
        """Add or replace cards, take others away."""
        leaving = {pk for pk in chain(gone, (c.id for c in cards)) if pk in self.cards}
        if leaving:
            self._take(leaving)
        if cards:
            self._add(cards)
        self.version += 1
        self._order = None

    def visible(self, viewers: Viewers) -> int:
        """Return what these viewers may see."""
        if viewers is None:
            return self.present
        found = 0
        for token in viewers:
            found |= self._audiences.get(token, 0)
        return found

    def having(self, facet: str, values: Iterable[str], now: datetime) -> int:
        """Return the documents with any of the values of a facet."""
        known = self._values(facet, now)
        found = 0
        for value in values:
            found |= known.get(value, 0)
        return found

    def counts(self, facet: str, among: int, now: datetime) -> dict[str, int]:
        """Count each value of a facet among some documents; values that count 0 are left out."""
        if facet != "updated" and among.bit_count() <= _FEW:
            return self._few_counts(facet, among)
        found = {v: (bits & among).bit_count() for v, bits in self._values(facet, now).items()}
        return {value: count for value, count in found.items() if count}

    def by_prior(self) -> list[int]:
        """Return all ids, the most trusted and most used first."""
        if self._order is None:
            cards = self.cards
            self._order = sorted(cards, key=lambda pk: (-prior(cards[pk]), cards[pk].name, pk))
        return self._order

    def _few_counts(self, facet: str, among: int) -> dict[str, int]:
        start = f"{facet}="
        counted = Counter(chain.from_iterable(self.cards[pk].codes for pk in ids_in(among)))
        return {c[len(start) :]: n for c, n in counted.items() if c.startswith(start)}

    def _values(self, facet: str, now: datetime) -> dict[str, int]:
        return self._updated(now) if facet == "updated" else self._codes.get(facet, {})

    def _updated(self, now: datetime) -> dict[str, int]:
        stamp = (self.version, int(now.timestamp() // 600))
        if self._bands is None or self._bands[0] != stamp:
            bands = {}
            for name, days in UPDATED_BANDS:
                since = (now - timedelta(days=days)).timestamp()
                ids = (c.id for c in self.cards.values() if c.updated >= since)
                bands[name] = bits_of(ids, self.size)
            self._bands = (stamp, bands)
        return self._bands[1]

    def _add(self, cards: list[Card]) -> None:
        self.size = max(self.size, *(c.id for c in cards), 0)
        audiences: dict[str, list[int]] = {}
        codes: dict[str, list[int]] = {}
        for card in cards:
            self.cards[card.id] = card
            audiences.setdefault(card.audience, []).append(card.id)
            for code in card.codes:
                codes.setdefault(code, []).append(card.id)
        self.present |= bits_of((c.id for c in cards), self.size)
        for token, ids in audiences.items():
            self._audiences[token] = self._audiences.get(token, 0) | bits_of(ids, self.size)
        for code, ids in codes.items():
            facet, _, value = code.partition("=")
            values = self._codes.setdefault(facet, {})
            values[value] = values.get(value, 0) | bits_of(ids, self.size)

    def _take(self, ids: set[int]) -> None:
        keep = ~bits_of(ids, self.size)
        gone = [self.cards.pop(pk) for pk in ids]
        self.present &= keep
        for token in {card.audience for card in gone}:
            self._audiences[token] &= keep
        for code in {code for card in gone for code in card.codes}:
            facet, _, value = code.partition("=")
            self._codes[facet][value] &= keep


def prior(card: Card) -> float:
    """Weigh what is known of a document before anything is asked: trust, then use."""
    return card.trust + 0.3 * min(card.use, 50) / 50
