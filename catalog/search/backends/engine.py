"""What every embedded index does with a question; subclasses only find, count and keep. Free of Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from difflib import get_close_matches
from typing import Any, Literal

from catalog.search.explain import matches, reasons
from catalog.search.plan import Plan, plan_of
from catalog.search.query import Clause, without
from catalog.search.synonyms import Synonyms
from catalog.search.terms import exact_token
from catalog.search.types import (
    FACETS,
    Answer,
    Dropped,
    FacetValue,
    Hit,
    Kind,
    Query,
    Spelling,
    Viewers,
)

Mode = Literal["all", "any"]
CANDIDATES = 400
MOST_FACET_VALUES = 60


@dataclass(frozen=True, slots=True)
class Scope:
    """Among which documents to look."""

    kind: Kind
    viewers: Viewers
    filters: Mapping[str, frozenset[str]]
    statuses: frozenset[str]
    now: datetime

    def without(self, facet: str) -> Scope:
        """Return the scope as it would be without one filter."""
        return replace(self, filters={k: v for k, v in self.filters.items() if k != facet})


@dataclass(frozen=True, slots=True)
class Entry:
    """A found document with what ranks and explains it; a higher `text` fits better."""

    id: int
    text: float
    name: str
    prior: float
    quality: float | None
    use: int
    updated: float
    card: Mapping[str, Any]


class Engine:
    """The shared part of embedded backends.

    `damping` is about the score of a middling match: where all texts score far below it, words that
    nearly every document has, trust and use decide.
    """

    damping = 0.0

    def __init__(self, synonyms: Synonyms) -> None:
        self.synonyms = synonyms

    # -- what an index itself can do ----------------------------------------------------------

    def find(
        self, plan: Plan, mode: Mode, scope: Scope, *, sort: str, offset: int, limit: int
    ) -> list[Entry]:
        """Return entries in the order of `sort`; by relevance: of the text alone."""
        raise NotImplementedError

    def count(self, plan: Plan, mode: Mode, scope: Scope) -> int:
        """Count what `find` would find."""
        raise NotImplementedError

    def tally(
        self, plan: Plan, mode: Mode, scope: Scope, facets: Sequence[str]
    ) -> dict[str, Counter[str]]:
        """Count the values of facets among what `find` would find."""
        raise NotImplementedError

    def words_near(self, word: str) -> Iterable[str]:
        """Return known words about as long as this one."""
        raise NotImplementedError

    # -- what all of them do alike ----------------------------------------------------------

    def search(self, query: Query) -> Answer:
        """Answer a question."""
        plan = plan_of(query.text, self.synonyms)
        scope = Scope(
            query.kind, query.viewers, query.filters, plan.statuses, query.now or datetime.now(UTC)
        )
        total = self.count(plan, "all", scope)
        spelling = None
        if not total and plan.wants:
            respelled = self._respelled(plan, scope)
            if respelled is not None:
                spelling, plan = respelled
                total = spelling.count
        mode: Mode = "all"
        is_widened = False
        if len(plan.wants) > 1 and total < query.offset + query.limit:
            wide = self.count(plan, "any", scope)
            is_widened = wide > total
            mode, total = ("any", wide) if is_widened else ("all", total)
        return Answer(
            self._hits(plan, mode, scope, query),
            total,
            facets=self._facets(plan, mode, scope),
            spelling=spelling,
            dropped=() if total else self._dropped(plan, scope),
            is_widened=is_widened,
            unfiltered_total=self._unfiltered(plan, scope, total),
        )

    def _hits(self, plan: Plan, mode: Mode, scope: Scope, query: Query) -> tuple[Hit, ...]:
        if query.sort != "relevance" or plan.is_empty:
            sort = "prior" if query.sort == "relevance" else query.sort
            page = self.find(plan, mode, scope, sort=sort, offset=query.offset, limit=query.limit)
            return tuple(self._hit(plan, entry, entry.text) for entry in page)
        top = max(CANDIDATES, query.offset + query.limit)
        found = self.find(plan, mode, scope, sort="relevance", offset=0, limit=top)
        best = max((entry.text for entry in found), default=1.0) or 1.0
        scored = [(self._score(plan, entry, best), entry) for entry in found]
        scored.sort(key=lambda pair: (-pair[0], pair[1].name, pair[1].id))
        page_of = scored[query.offset : query.offset + query.limit]
        return tuple(self._hit(plan, entry, score) for score, entry in page_of)

    def _score(self, plan: Plan, entry: Entry, best: float) -> float:
        """Weigh the text first, then trust and use; an exact name stands before everything."""
        names = (*entry.card.get("name", ()), *entry.card.get("key", ()))
        exact = 10.0 if plan.exact and plan.exact in map(exact_token, names) else 0.0
        return exact + entry.text / (best + self.damping) + 0.25 * entry.prior

    def _hit(self, plan: Plan, entry: Entry, score: float) -> Hit:
        met = matches(plan, entry.card)
        said = reasons(plan, entry.card, met, entry.quality, entry.use)
        return Hit(entry.id, round(score, 4), said, met)

    def _facets(self, plan: Plan, mode: Mode, scope: Scope) -> dict[str, tuple[FacetValue, ...]]:
        open_facets = [f for f in FACETS if f not in scope.filters]
        tallies = self.tally(plan, mode, scope, open_facets)
        for facet in scope.filters:
            if facet in FACETS:
                tallies |= self.tally(plan, mode, scope.without(facet), [facet])
        return {f: _values(tallies.get(f, Counter()), scope.filters.get(f)) for f in FACETS}

    def _respelled(self, plan: Plan, scope: Scope) -> tuple[Spelling, Plan] | None:
        """Replace the words nothing has by the nearest that leads to something visible."""
        for want in plan.wants:
            if not want.clause.is_plain or len(want.clause.words[0]) < 4:
                continue
            alone = replace(plan, wants=(want,), excluded=())
            if self.count(alone, "all", replace(scope, filters={})):
                continue
            word = want.clause.words[0]
            for near in get_close_matches(word, list(self.words_near(word)), n=5, cutoff=0.7):
                text = without(plan.question, want.clause, near)
                other = plan_of(f"{text} ", self.synonyms)
                if found := self.count(other, "all", scope) or (
                    self.count(other, "any", scope) if len(other.wants) > 1 else 0
                ):
                    return Spelling(text, found, is_applied=True), other
        return None

    def _dropped(self, plan: Plan, scope: Scope) -> tuple[Dropped, ...]:
        plain: list[Clause] = [w.clause for w in plan.wants if w.clause.is_plain]
        if len(plan.wants) < 2:
            return ()
        found = []
        for clause in plain[:6]:
            text = without(plan.question, clause)
            count = self.count(plan_of(f"{text} ", self.synonyms), "all", scope)
            if count:
                found.append(Dropped(clause.text, text, count))
        return tuple(sorted(found, key=lambda d: -d.count)[:3])

    def _unfiltered(self, plan: Plan, scope: Scope, total: int) -> int | None:
        if total or not scope.filters:
            return None
        return self.count(plan, "any", replace(scope, filters={}))


def _values(tally: Counter[str], chosen: frozenset[str] | None) -> tuple[FacetValue, ...]:
    wanted = chosen or frozenset()
    ranked = [v for v, _ in tally.most_common(MOST_FACET_VALUES)]
    shown = [*ranked, *sorted(wanted - set(ranked))]
    return tuple(FacetValue(v, v, tally.get(v, 0), v in wanted) for v in shown)
