"""What to offer when a question finds nothing: other spellings, one word less. Free of Django."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace

from rapidfuzz import process
from rapidfuzz.distance import OSA

from catalog.search.plan import Plan, plan_of
from catalog.search.query import without
from catalog.search.synonyms import Synonyms
from catalog.search.types import Dropped

_SHORTEST = 4
_MOST_WORDS = 6
_MOST_OFFERED = 3


def respelled(
    plan: Plan,
    synonyms: Synonyms,
    *,
    is_found: Callable[[Plan], bool],
    near: Callable[[str], Iterable[str]],
) -> Iterator[tuple[str, Plan]]:
    """Give the question anew with a word nothing has replaced by known words, nearest first."""
    for want in plan.wants:
        word = want.clause.words[0]
        if not want.clause.is_plain or len(word) < _SHORTEST:
            continue
        if is_found(replace(plan, wants=(want,))):
            continue
        for other in nearest(word, near(word)):
            text = without(plan.question, want.clause, other)
            yield text, plan_of(f"{text} ", synonyms)


def nearest(word: str, known: Iterable[str]) -> Sequence[str]:
    """Return up to five known words within an edit for every four letters, nearest first."""
    most = max(1, len(word) // 4)
    found = process.extract(word, list(known), scorer=OSA.distance, score_cutoff=most, limit=5)
    return [near for near, _, _ in sorted(found, key=lambda one: (one[1], one[0][:1] != word[:1]))]


def shortened(plan: Plan, synonyms: Synonyms, count: Callable[[Plan], int]) -> tuple[Dropped, ...]:
    """Return the question with one word less where that finds something, the most first."""
    if len(plan.wants) < 2:
        return ()
    found = []
    for clause in [w.clause for w in plan.wants if w.clause.is_plain][:_MOST_WORDS]:
        text = without(plan.question, clause)
        other = plan_of(f"{text} ", synonyms)
        if other.wants and (hits := count(other)):
            found.append(Dropped(clause.text, text, hits))
    return tuple(sorted(found, key=lambda d: -d.count)[:_MOST_OFFERED])
