"""Write a question in Elasticsearch's language. Free of Django."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Literal

from catalog.search.backends.elasticsearch.mapping import STORED_FACETS
from catalog.search.doc_values import UPDATED_BANDS
from catalog.search.plan import Leaf, Plan
from catalog.search.terms import TEXT_FIELDS, WEIGHTS
from catalog.search.types import Query, Viewers

Clause = dict[str, Any]
Mode = Literal["all", "any"]
EXACT = 10_000.0
LIFT = 1_000.0
PRIOR = 3.0
MOST_VALUES = 500
#: What a hit shows.
CARD = ["id", "name_shown", "quality_score", "use_count", "card"]

_SEARCHED = TEXT_FIELDS[1:]
_BOOSTED = [f"{f}^{w}" for f, w in zip(TEXT_FIELDS, WEIGHTS, strict=True) if f != "exact"]
_ORDERS: dict[str, list[Clause]] = {
    "prior": [{"prior": "desc"}],
    "name": [{"name_sorted": "asc"}],
    "updated": [{"updated_at": {"order": "desc", "missing": "_last"}}],
    "quality": [{"quality_score": {"order": "desc", "missing": "_last"}}],
    "use": [{"use_count": "desc"}],
}


def scope(viewers: Viewers, statuses: frozenset[str]) -> list[Clause]:
    """Return what limits every question: who asks, and what status is asked for."""
    found: list[Clause] = []
    if viewers is not None:
        found.append({"terms": {"audience": sorted(viewers)}})
    if statuses:
        found.append({"terms": {"status": sorted(statuses)}})
    return found


def filters(query: Query, now: datetime) -> dict[str, Clause]:
    """Return the chosen values of each facet as a filter."""
    found: dict[str, Clause] = {}
    for facet, values in query.filters.items():
        if facet == "updated":
            days = [d for name, d in UPDATED_BANDS if name in values]
            found[facet] = _since(now, max(days)) if days else {"match_none": {}}
        elif facet in STORED_FACETS:
            found[facet] = {"terms": {f"facets.{facet}": sorted(values)}}
    return found


def matching(plan: Plan, mode: Mode) -> Clause:
    """Return what meets all or any of the words, or has the whole text as its name."""
    refused = [_leaf(leaf) for leaf in plan.excluded]
    if not plan.wants:
        return {"bool": {"must": [{"match_all": {}}], "must_not": refused}}
    wants = [_any_of([_leaf(leaf) for leaf in want.leaves]) for want in plan.wants]
    words: Clause = {"bool": {"must": wants}} if mode == "all" else _any_of(wants)
    if plan.exact and not plan.excluded:
        words = _any_of([words, _exact(plan)])
    return {"bool": {"must": [words], "must_not": refused}}


def ranked(plan: Plan, mode: Mode, limits: Sequence[Clause]) -> Clause:
    """Return the question with what ranks its answers: text, whole names, all words first, prior."""
    leaves = [leaf for want in plan.ranking().wants for leaf in want.leaves]
    should = [_scored(leaf) for leaf in leaves]
    if plan.exact and not plan.excluded:
        should.append({"constant_score": {"filter": _exact(plan), "boost": EXACT}})
    if mode == "any":
        should.append({"constant_score": {"filter": matching(plan, "all"), "boost": LIFT}})
    return {
        "function_score": {
            "query": {"bool": {"filter": [matching(plan, mode), *limits], "should": should}},
            "functions": [{"field_value_factor": {"field": "prior", "factor": PRIOR}}],
            "boost_mode": "sum",
        }
    }


def order(sort: str) -> list[Clause]:
    """Return the order of a sort; `relevance` by score; the same for every page."""
    return [*_ORDERS.get(sort, [{"_score": "desc"}]), {"id": "asc"}]


def page(
    plan: Plan, mode: Mode, query: Query, limits: Sequence[Clause], chosen: dict[str, Clause]
) -> Clause:
    """Return the search for one page of hits; how many there are, `facets` tells."""
    is_ranked = query.sort == "relevance" and bool(plan.wants)
    sort = "prior" if query.sort == "relevance" and not is_ranked else query.sort
    narrowed = [*limits, *chosen.values()]
    asked = ranked(plan, mode, narrowed) if is_ranked else _filtered(plan, mode, narrowed)
    return {
        "query": asked,
        "sort": order(sort),
        "from": query.offset,
        "size": query.limit,
        "_source": {"includes": CARD},
        "track_total_hits": False,
        "track_scores": True,
    }


def facets(
    plan: Plan, mode: Mode, limits: Sequence[Clause], chosen: dict[str, Clause], now: datetime
) -> Clause:
    """Return the search for the counts of all facets, and of what passes all their filters (`total`)."""
    counts = tallies(chosen, now)
    counts["total"] = {"filter": {"bool": {"filter": list(chosen.values())}}}
    return {"query": _filtered(plan, mode, limits), "size": 0, "aggs": counts}


def number(plan: Plan, mode: Mode, limits: Sequence[Clause]) -> Clause:
    """Return the search for how many there are."""
    return {"query": _filtered(plan, mode, limits), "size": 0, "track_total_hits": True}


def _filtered(plan: Plan, mode: Mode, limits: Sequence[Clause]) -> Clause:
    return {"bool": {"filter": [matching(plan, mode), *limits]}}


def tallies(chosen: dict[str, Clause], now: datetime) -> dict[str, Clause]:
    """Return the counts of every facet, each without its own filter."""
    found: dict[str, Clause] = {}
    for facet in STORED_FACETS:
        terms = {"terms": {"field": f"facets.{facet}", "size": MOST_VALUES}}
        found[facet] = _among(facet, chosen, {"values": terms})
    bands = {name: {"filter": _since(now, days)} for name, days in UPDATED_BANDS}
    found["updated"] = _among("updated", chosen, bands)
    return found


def _among(facet: str, chosen: dict[str, Clause], aggregations: dict[str, Any]) -> Clause:
    others = [clause for name, clause in chosen.items() if name != facet]
    return {"filter": {"bool": {"filter": others}}, "aggs": aggregations}


def _exact(plan: Plan) -> Clause:
    return {"term": {"exact": plan.exact}}


def _since(now: datetime, days: int) -> Clause:
    return {"range": {"updated_at": {"gte": (now - timedelta(days=days)).isoformat()}}}


def _any_of(clauses: list[Clause]) -> Clause:
    if len(clauses) == 1:
        return clauses[0]
    return {"bool": {"should": clauses, "minimum_should_match": 1}}


def _leaf(leaf: Leaf) -> Clause:
    fields = [leaf.field] if leaf.field else list(_SEARCHED)
    if len(leaf.stems) > 1:
        kind = "phrase_prefix" if leaf.is_prefix else "phrase"
        text = " ".join(leaf.stems)
        return {"multi_match": {"query": text, "type": kind, "fields": fields, "analyzer": "stems"}}
    how = "prefix" if leaf.is_prefix else "term"
    return _any_of([{how: {field: leaf.stems[0]}} for field in fields])


def _scored(leaf: Leaf) -> Clause:
    if leaf.field or len(leaf.stems) > 1:
        return _leaf(leaf)
    return {"combined_fields": {"query": leaf.stems[0], "fields": _BOOSTED}}
