"""An index in the memory of one process: for tests, and the plainest statement of what search means."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterable
from itertools import count
from typing import Any, ClassVar

import numpy as np

from catalog.search.backends.engine import Engine, HitDetails, Mode, Scored
from catalog.search.base import Keeper
from catalog.search.doc_values import DocValues, Rows, card_of
from catalog.search.explain import card_of as explaining
from catalog.search.fingerprint import fingerprint
from catalog.search.plan import Leaf, Plan
from catalog.search.synonyms import Synonyms
from catalog.search.terms import TEXT_FIELDS, WEIGHTS, Terms, terms_of
from catalog.search.types import KINDS, Document, Health, Kind

_WEIGHT = dict(zip(TEXT_FIELDS, WEIGHTS, strict=True))


class _Entry:
    """A document with its stems."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.terms: Terms = terms_of(document)
        self.fields = dict(zip(TEXT_FIELDS, self.terms.fields, strict=True))
        self.stems = frozenset(stem for stems in self.terms.fields for stem in stems)
        self.card: dict[str, Any] = explaining(document)


class MemoryBackend(Engine):
    """Documents in dictionaries, by a key that grows with each writing."""

    remote: ClassVar[bool] = False

    def __init__(self, synonyms: Synonyms | None = None) -> None:
        super().__init__(synonyms or Synonyms())
        self._held: dict[Kind, dict[int, _Entry]] = {kind: {} for kind in KINDS}
        self._keys: dict[tuple[Kind, int], int] = {}
        self._shelves: dict[Kind, DocValues] = {kind: DocValues() for kind in KINDS}
        self._next = count(1)

    def index(self, documents: Iterable[Document]) -> None:
        """Add or replace documents."""
        fresh = {(d.kind, d.id): d for d in documents}
        for kind in KINDS:
            mine = [d for (k, _), d in fresh.items() if k == kind]
            gone = self._forget(kind, (d.id for d in mine))
            cards = []
            for document in mine:
                key = next(self._next)
                self._keys[kind, document.id] = key
                self._held[kind][key] = _Entry(document)
                cards.append(card_of(key, document))
            self._shelves[kind] = self._shelves[kind].put(cards, gone)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        self._shelves[kind] = self._shelves[kind].put([], self._forget(kind, ids))

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Replace everything."""
        fresh = list(documents)
        self.close()
        self.index(fresh)
        if catch_up is not None:
            catch_up(self)
        return len(self._keys)

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint."""
        return {h.document.id: fingerprint(h.document) for h in self._held[kind].values()}

    def is_current(self) -> bool:
        """Its tables and the program come together."""
        return True

    def check(self) -> Health:
        """Say how many documents there are."""
        return Health(True, {kind: len(self._held[kind]) for kind in KINDS})

    def close(self) -> None:
        """Forget everything."""
        self._keys.clear()
        for kind in KINDS:
            self._held[kind].clear()
            self._shelves[kind] = DocValues()

    def shelf(self, kind: Kind) -> DocValues:
        """Return the shelf."""
        return self._shelves[kind]

    def match(self, kind: Kind, plan: Plan, mode: Mode) -> Rows:
        """Look at every document."""
        held = self._held[kind].items()
        return np.array([key for key, h in held if _meets(h, plan, mode)], np.int64)

    def score(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Weigh every document that matches; a word that few have weighs more."""
        keys = self.match(kind, plan, mode)
        leaves = [leaf for want in plan.ranking().wants for leaf in want.leaves]
        scores = np.zeros(keys.size)
        for leaf in leaves:
            weights = np.array([_weigh(self._held[kind][int(key)], leaf) for key in keys])
            rarity = math.log(1 + len(self._held[kind]) / (1 + np.count_nonzero(weights)))
            scores = scores + weights * rarity
        return Scored(keys, scores)

    def exact(self, kind: Kind, plan: Plan) -> Rows:
        """Compare whole names."""
        held = self._held[kind].items()
        return np.array([key for key, h in held if plan.exact in h.fields["exact"]], np.int64)

    def shown(self, kind: Kind, keys: Rows) -> dict[int, HitDetails]:
        """Return what explains hits."""
        found = {int(key): self._held[kind][int(key)] for key in keys}
        return {
            key: HitDetails(h.document.name, h.document.quality_score, h.document.use_count, h.card)
            for key, h in found.items()
        }

    def words_near(self, word: str) -> Iterable[str]:
        """Return words about as long."""
        known = Counter(
            w for held in self._held.values() for h in held.values() for w in h.terms.words
        )
        return [w for w in known if abs(len(w) - len(word)) <= 2]

    def _forget(self, kind: Kind, ids: Iterable[int]) -> list[int]:
        keys = [self._keys.pop((kind, pk), 0) for pk in ids]
        for key in keys:
            self._held[kind].pop(key, None)
        return [key for key in keys if key]


def _meets(held: _Entry, plan: Plan, mode: Mode) -> bool:
    if any(_has(held, leaf) for leaf in plan.excluded):
        return False
    met = (any(_has(held, leaf) for leaf in want.leaves) for want in plan.wants)
    return all(met) if mode == "all" else any(met)


def _has(held: _Entry, leaf: Leaf) -> bool:
    known = leaf.stems[:-1] if leaf.is_prefix else leaf.stems
    if not held.stems.issuperset(known):
        return False
    fields = (leaf.field,) if leaf.field else TEXT_FIELDS
    return any(_in_field(held.fields[field], leaf) for field in fields)


def _in_field(stems: tuple[str, ...], leaf: Leaf) -> bool:
    size = len(leaf.stems)
    for start in range(len(stems) - size + 1):
        part = stems[start : start + size]
        if part == leaf.stems:
            return True
        if leaf.is_prefix and part[:-1] == leaf.stems[:-1] and part[-1].startswith(leaf.stems[-1]):
            return True
    return False


def _weigh(held: _Entry, leaf: Leaf) -> float:
    if not _has(held, leaf):
        return 0.0
    fields = (leaf.field,) if leaf.field else TEXT_FIELDS
    total = 0.0
    for field in fields:
        stems = held.fields[field]
        if stems and _in_field(stems, leaf):
            total += _WEIGHT[field] / (1 + math.log(1 + len(stems)))
    return total
