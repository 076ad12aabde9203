"""An index in the memory of one process: for tests, and the plainest statement of what search means."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from catalog.search.backends.engine import Engine, Entry, Mode, Scope
from catalog.search.explain import card_of
from catalog.search.fingerprint import fingerprint
from catalog.search.plan import Leaf, Plan
from catalog.search.shelf import UPDATED_BANDS, Card, prior
from catalog.search.shelf import card_of as shelf_card
from catalog.search.synonyms import Synonyms
from catalog.search.terms import TEXT_FIELDS, WEIGHTS, Terms, terms_of
from catalog.search.types import Completion, Document, Health, Kind, Viewers

_WEIGHT = dict(zip(TEXT_FIELDS, WEIGHTS, strict=True))


class _Held:
    """A document with its stems."""

    def __init__(self, document: Document) -> None:
        self.document = document
        self.terms: Terms = terms_of(document)
        self.fields = dict(zip(TEXT_FIELDS, self.terms.fields, strict=True))
        self.shelf: Card = shelf_card(document)
        self.card: dict[str, Any] = card_of(document)


class MemoryBackend(Engine):
    """Documents in dictionaries."""

    remote: ClassVar[bool] = False

    def __init__(self, synonyms: Synonyms | None = None) -> None:
        super().__init__(synonyms or Synonyms())
        self._held: dict[tuple[Kind, int], _Held] = {}

    def index(self, documents: Iterable[Document]) -> None:
        """Add or replace documents."""
        for document in documents:
            self._held[document.kind, document.id] = _Held(document)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        for pk in ids:
            self._held.pop((kind, pk), None)

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Replace everything."""
        fresh = {(d.kind, d.id): _Held(d) for d in documents}
        self._held = fresh
        return len(fresh)

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint."""
        return {pk: fingerprint(h.document) for (k, pk), h in self._held.items() if k == kind}

    def check(self) -> Health:
        """Say how many documents there are."""
        counts = Counter(kind for kind, _ in self._held)
        return Health(True, {kind: counts[kind] for kind in ("product", "dataset")})

    def close(self) -> None:
        """Forget everything."""
        self._held.clear()

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete names."""
        start = prefix.strip().lower()
        if not start:
            return ()
        found = [
            Completion(h.document.name, h.document.kind, h.document.id, prior(h.shelf))
            for h in self._held.values()
            if _may(h, viewers)
            and any(f" {h.document.name.lower()}".find(f"{sign}{start}") >= 0 for sign in " _-.")
        ]
        return tuple(sorted(found, key=lambda c: (-c.score, c.text))[:limit])

    def find(
        self, plan: Plan, mode: Mode, scope: Scope, *, sort: str, offset: int, limit: int
    ) -> list[Entry]:
        """Return entries in order."""
        held = self._matching(plan, mode, scope)
        entries = [self._entry(h, plan, mode) for h in held]
        entries.sort(key=_ORDERS[sort])
        return entries[offset : offset + limit]

    def count(self, plan: Plan, mode: Mode, scope: Scope) -> int:
        """Count documents."""
        return len(self._matching(plan, mode, scope))

    def tally(
        self, plan: Plan, mode: Mode, scope: Scope, facets: Sequence[str]
    ) -> dict[str, Counter[str]]:
        """Count facet values."""
        found: dict[str, Counter[str]] = {facet: Counter() for facet in facets}
        for held in self._matching(plan, mode, scope):
            for facet in facets:
                found[facet].update(_facet_values(held, facet, scope))
        return found

    def words_near(self, word: str) -> Iterable[str]:
        """Return words about as long."""
        known = {w for h in self._held.values() for w in h.terms.words}
        return [w for w in known if abs(len(w) - len(word)) <= 2]

    def _matching(self, plan: Plan, mode: Mode, scope: Scope) -> list[_Held]:
        return [
            h
            for (kind, _), h in self._held.items()
            if kind == scope.kind
            and _may(h, scope.viewers)
            and (not scope.statuses or h.document.status in scope.statuses)
            and all(v & set(_facet_values(h, f, scope)) for f, v in scope.filters.items())
            and _meets(h, plan, mode)
        ]

    def _entry(self, held: _Held, plan: Plan, mode: Mode) -> Entry:
        document = held.document
        met = sum(any(_has(held, leaf) for leaf in w.leaves) for w in plan.wants)
        text = sum(
            max((_weigh(held, leaf) for leaf in want.leaves), default=0.0) for want in plan.wants
        )
        if plan.wants and mode == "any" and met == len(plan.wants):
            text += 5.0
        return Entry(
            document.id,
            text,
            document.name,
            prior(held.shelf),
            document.quality_score,
            document.use_count,
            held.shelf.updated,
            held.card,
        )


_ORDERS: dict[str, Any] = {
    "relevance": lambda e: (-e.text, e.name, e.id),
    "prior": lambda e: (-e.prior, e.name, e.id),
    "name": lambda e: (e.name.lower(), e.id),
    "updated": lambda e: (-e.updated, e.name, e.id),
    "quality": lambda e: (-(-1 if e.quality is None else e.quality), e.name, e.id),
    "use": lambda e: (-e.use, e.name, e.id),
}


def _may(held: _Held, viewers: Viewers) -> bool:
    return viewers is None or held.document.audience in viewers


def _facet_values(held: _Held, facet: str, scope: Scope) -> list[str]:
    if facet == "updated":
        age = scope.now.timestamp() - held.shelf.updated
        return [name for name, days in UPDATED_BANDS if age <= days * 86_400]
    start = f"{facet}="
    return [c[len(start) :] for c in held.shelf.codes if c.startswith(start)]


def _meets(held: _Held, plan: Plan, mode: Mode) -> bool:
    if any(_has(held, leaf) for leaf in plan.excluded):
        return False
    if not plan.wants:
        return True
    met = [any(_has(held, leaf) for leaf in want.leaves) for want in plan.wants]
    return all(met) if mode == "all" else any(met)


def _has(held: _Held, leaf: Leaf) -> bool:
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


def _weigh(held: _Held, leaf: Leaf) -> float:
    fields = (leaf.field,) if leaf.field else TEXT_FIELDS
    total = 0.0
    for field in fields:
        stems = held.fields[field]
        if stems and _in_field(stems, leaf):
            total += _WEIGHT[field] / (1 + math.log(1 + len(stems)))
    return total
