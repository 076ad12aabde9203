"""What every embedded index does with a question; subclasses only match words and keep documents. Free of Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from catalog.search.doc_values import DocValues, Mask, Rows
from catalog.search.explain import matches, reasons
from catalog.search.help import respelled, shortened
from catalog.search.plan import Plan, Want, plan_of
from catalog.search.synonyms import Synonyms
from catalog.search.types import (
    FACETS,
    KINDS,
    Completion,
    Dropped,
    FacetValue,
    Hit,
    Kind,
    Query,
    SearchResult,
    Spelling,
    Viewers,
)

Mode = Literal["all", "any"]
MOST_FACET_VALUES = 60
_LIFT = 3.0
_EXACT = 10.0
_PRIOR = 0.25


@dataclass(frozen=True, slots=True)
class Scored:
    """How well documents fit a plan; a higher score fits better."""

    keys: Rows
    scores: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class HitDetails:
    """What explains one hit; `card` as in `explain`."""

    name: str
    quality: float | None
    use: int
    card: Mapping[str, Any]


class Scope:
    """Among which documents of a shelf to look."""

    def __init__(self, shelf: DocValues, query: Query, statuses: frozenset[str]) -> None:
        self.shelf = shelf
        self.now = query.now or datetime.now(UTC)
        self.visible = shelf.visible(query.viewers)
        if statuses:
            self.visible = self.visible & shelf.having("is", statuses)
        self.filters = {
            facet: shelf.having(facet, values, self.now) for facet, values in query.filters.items()
        }

    @cached_property
    def mask(self) -> Mask:
        """Return what may be seen and passes every filter."""
        return self.without("")

    def without(self, facet: str) -> Mask:
        """Return what may be seen and passes every filter but one."""
        found = self.visible
        for name, mask in self.filters.items():
            if name != facet:
                found = found & mask
        return found


@dataclass(frozen=True, slots=True)
class Reading:
    """A plan as one index reads it: what matches all words, or some when that is too little."""

    hit: Mask
    scores: NDArray[np.float64]
    total: int
    is_widened: bool


class Engine:
    """The shared part of embedded backends.

    `damping` is about the score of a middling match: where all texts score far below it, words that
    nearly every document has, trust and use decide.
    """

    damping = 0.0

    def __init__(self, synonyms: Synonyms) -> None:
        self.synonyms = synonyms

    # -- what an index itself can do ----------------------------------------------------------

    def shelf(self, kind: Kind) -> DocValues:
        """Return the shelf as it is now."""
        raise NotImplementedError

    def match(self, kind: Kind, plan: Plan, mode: Mode) -> Rows:
        """Return the keys of what meets all or any of the words of a plan that has some."""
        raise NotImplementedError

    def score(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Return scores of what `match` gave, which was `count` keys; the likely best are enough."""
        raise NotImplementedError

    def exact(self, kind: Kind, plan: Plan) -> Rows:
        """Return the keys of what has the whole text as its name or key."""
        raise NotImplementedError

    def shown(self, kind: Kind, keys: Rows) -> dict[int, HitDetails]:
        """Return by key what explains the hits of one page."""
        raise NotImplementedError

    def words_near(self, word: str) -> Iterable[str]:
        """Return known words about as long as this one."""
        raise NotImplementedError

    # -- what all of them do alike ----------------------------------------------------------

    def search(self, query: Query) -> SearchResult:
        """Answer a question."""
        plan = plan_of(query.text, self.synonyms)
        scope = Scope(self.shelf(query.kind), query, plan.statuses)
        scored = query.sort == "relevance"
        least = query.offset + query.limit
        reading = self._read(plan, scope, query.kind, least=least, scored=scored)
        spelling = None
        if not reading.total and plan.wants:
            respelled = self._respelled(plan, scope, query.kind, least=least, scored=scored)
            if respelled is not None:
                spelling, plan, reading = respelled
        return SearchResult(
            self._hits(plan, reading, scope, query),
            reading.total,
            facets=self._facets(reading, scope, query),
            spelling=spelling,
            dropped=() if reading.total else self._dropped(plan, scope, query.kind),
            is_widened=reading.is_widened,
            unfiltered_total=self._unfiltered(plan, scope, query, reading.total),
            other_total=self.count(query.of_other()) if query.counts_other else None,
        )

    def count(self, query: Query) -> int:
        """Count what a question finds, without the help for misspelled words."""
        plan = plan_of(query.text, self.synonyms)
        scope = Scope(self.shelf(query.kind), query, plan.statuses)
        return self._read(
            plan, scope, query.kind, least=query.offset + query.limit, scored=False
        ).total

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete names: their words in any order, the last one unfinished."""
        plan = plan_of(prefix.strip(), self.synonyms).named()
        if not plan.wants:
            return ()
        found: list[Completion] = []
        for kind in KINDS:
            shelf = self.shelf(kind)
            hit = self._mask(shelf, self.match(kind, plan, "all"))
            places = np.flatnonzero(hit & shelf.visible(viewers))
            best = _top(shelf.prior[places], places, limit)
            cards = self.shown(kind, shelf.keys[best])
            found += [
                Completion(cards[key].name, kind, int(shelf.ids[place]), float(shelf.prior[place]))
                for place in best
                if (key := int(shelf.keys[place])) in cards
            ]
        found.sort(key=lambda c: (c.kind != "product", -c.score, c.text))
        return tuple(found[:limit])

    def _excluded(self, kind: Kind, plan: Plan) -> Rows:
        """Return what a question of nothing but exclusions takes out."""
        if not plan.excluded:
            return np.empty(0, np.int64)
        wants = tuple(Want(clause, (leaf,)) for clause, leaf in plan.refusals)
        return self.match(kind, replace(plan, wants=wants, refusals=()), "any")

    def _mask(self, shelf: DocValues, keys: Rows) -> Mask:
        hit = np.zeros(shelf.size, np.bool_)
        hit[shelf.places(keys)] = True
        return hit

    def _read(self, plan: Plan, scope: Scope, kind: Kind, *, least: int, scored: bool) -> Reading:
        """Match all words; where that gives fewer than `least`, any of them, the former first."""
        shelf = scope.shelf
        if not plan.wants:
            hit = ~self._mask(shelf, self._excluded(kind, plan))
            return Reading(hit, shelf.prior, int((hit & scope.mask).sum()), is_widened=False)
        scores: NDArray[np.float64] = np.zeros(shelf.size)
        same = self._mask(shelf, self._same(kind, plan))
        keys = self.match(kind, plan, "all")
        hit = same | self._mask(shelf, keys)
        total = int((hit & scope.mask).sum())
        mode: Mode = "all"
        if len(plan.wants) > 1 and total < least:
            more = self.match(kind, plan, "any")
            wide = hit | self._mask(shelf, more)
            count = int((wide & scope.mask).sum())
            if count > total:
                mode, keys, total = "any", more, count
                scores, hit = np.where(hit, _LIFT, 0.0), wide
        if scored and total:
            scores += _EXACT * same + self._text(kind, plan, mode, scope, keys)
            scores += _PRIOR * shelf.prior
        return Reading(hit, scores, total, is_widened=mode == "any")

    def _text(
        self, kind: Kind, plan: Plan, mode: Mode, scope: Scope, keys: Rows
    ) -> NDArray[np.float64]:
        """Return how well the text fits, 1 for the best that may be seen."""
        found = self.score(kind, plan, mode, keys.size)
        places, known = scope.shelf.known_places(found.keys)
        text = np.zeros(scope.shelf.size)
        text[places] = found.scores[known]
        best = float(text[scope.visible].max(initial=0.0)) or 1.0
        scaled: NDArray[np.float64] = text / (best + self.damping)
        return scaled

    def _same(self, kind: Kind, plan: Plan) -> Rows:
        """Return what has the whole text as its name or key."""
        if not plan.exact or plan.excluded:
            return np.empty(0, np.int64)
        return self.exact(kind, plan)

    def _hits(self, plan: Plan, reading: Reading, scope: Scope, query: Query) -> tuple[Hit, ...]:
        shelf = scope.shelf
        hit = reading.hit & scope.mask
        last = query.offset + query.limit
        if query.sort != "relevance" or not plan.wants:
            sort = "prior" if query.sort == "relevance" else query.sort
            order = shelf.order(sort)
            page = order[hit[order]][query.offset : last]
        else:
            places = np.flatnonzero(hit)
            page = _top(reading.scores[places], places, last)[query.offset :]
        cards = self.shown(query.kind, shelf.keys[page])
        return tuple(
            hit_of(plan, int(shelf.ids[place]), cards[key], float(reading.scores[place]))
            for place in page
            if (key := int(shelf.keys[place])) in cards
        )

    def _facets(
        self, reading: Reading, scope: Scope, query: Query
    ) -> dict[str, tuple[FacetValue, ...]]:
        found = {}
        for facet in FACETS:
            mask = scope.without(facet) if facet in scope.filters else scope.mask
            tally = scope.shelf.counts(facet, mask & reading.hit, scope.now)
            found[facet] = facet_values(tally, query.filters.get(facet))
        return found

    def _respelled(
        self, plan: Plan, scope: Scope, kind: Kind, *, least: int, scored: bool
    ) -> tuple[Spelling, Plan, Reading] | None:
        """Replace the words nothing has by the nearest that leads to something visible."""

        def is_found(alone: Plan) -> bool:
            keys = self.match(kind, alone, "all")
            return bool((self._mask(scope.shelf, keys) & scope.visible).any())

        offers = respelled(plan, self.synonyms, is_found=is_found, near=self.words_near)
        for text, other in offers:
            reading = self._read(other, scope, kind, least=least, scored=scored)
            if reading.total:
                return Spelling(text, reading.total, is_applied=True), other, reading
        return None

    def _dropped(self, plan: Plan, scope: Scope, kind: Kind) -> tuple[Dropped, ...]:
        def count(other: Plan) -> int:
            keys = self.match(kind, other, "all")
            return int((self._mask(scope.shelf, keys) & scope.mask).sum())

        return shortened(plan, self.synonyms, count)

    def _unfiltered(self, plan: Plan, scope: Scope, query: Query, total: int) -> int | None:
        if total or not scope.filters:
            return None
        return self.count(replace(query, filters={}))


def _top(scores: NDArray[np.float64], places: Rows, count: int) -> Rows:
    """Return the `count` places of the highest scores, best first, the same for every `count`."""
    if len(places) > 4 * count:
        least = np.partition(scores, len(scores) - count)[len(scores) - count]
        enough = scores >= least
        scores, places = scores[enough], places[enough]
    return places[np.lexsort((places, -scores))][:count]


def hit_of(plan: Plan, pk: int, shown: HitDetails, score: float) -> Hit:
    """Make a hit that says why."""
    met = matches(plan, shown.card)
    why = reasons(plan, shown.card, met, shown.quality, shown.use)
    return Hit(pk, round(score, 4), why, met)


def facet_values(tally: Counter[str], chosen: frozenset[str] | None) -> tuple[FacetValue, ...]:
    """Return the most frequent values, and the chosen ones whatever they count."""
    wanted = chosen or frozenset()
    ranked = sorted(tally, key=lambda value: (-tally[value], value))[:MOST_FACET_VALUES]
    shown = [*ranked, *sorted(wanted - set(ranked))]
    return tuple(FacetValue(v, v, tally.get(v, 0), v in wanted) for v in shown)
