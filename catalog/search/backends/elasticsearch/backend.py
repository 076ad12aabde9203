"""Elasticsearch behind the search: two indexes behind aliases, swapped when they are built anew."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from elasticsearch import BadRequestError, Elasticsearch, NotFoundError, helpers
from elasticsearch.serializer import OrjsonSerializer

from catalog.search.backends.elasticsearch import questions
from catalog.search.backends.elasticsearch.mapping import MAPPING, SETTINGS, VERSION
from catalog.search.backends.elasticsearch.reading import Asked, Reading, ask, total_of
from catalog.search.backends.elasticsearch.writing import Target, reaching
from catalog.search.backends.engine import HitDetails, facet_values, hit_of
from catalog.search.base import DocumentsRejected, Keeper, SearchUnavailable
from catalog.search.help import respelled, shortened
from catalog.search.plan import Plan, plan_of
from catalog.search.synonyms import Synonyms
from catalog.search.types import (
    FACETS,
    KINDS,
    Completion,
    Document,
    FacetValue,
    Health,
    Hit,
    Kind,
    Query,
    SearchResult,
    Spelling,
    Viewers,
)

SECONDS_TO_ANSWER = 1.0
SECONDS_TO_WRITE = 60.0


class ElasticsearchBackend:
    """An index each of products and datasets: `{prefix}-product`, `{prefix}-dataset`."""

    remote: ClassVar[bool] = True

    def __init__(
        self,
        url: str,
        synonyms: Synonyms | None = None,
        *,
        prefix: str = "gazetteer",
        timeout: float = SECONDS_TO_ANSWER,
    ) -> None:
        self.synonyms = synonyms or Synonyms()
        self.prefix = prefix
        client = Elasticsearch(
            url, retry_on_timeout=False, max_retries=0, serializer=OrjsonSerializer()
        )
        self._asking = client.options(request_timeout=timeout)
        self._writing = client.options(request_timeout=SECONDS_TO_WRITE)
        self._client = client

    # -- keeping ----------------------------------------------------------------------------

    def index(self, documents: Iterable[Document]) -> None:
        """Add or replace documents; they can be found when this returns."""
        with reaching():
            self._prepare()
            Target(self._writing, {kind: self.alias(kind) for kind in KINDS}).index(documents)
            self._writing.indices.refresh(index=self._aliases())

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        wanted = list(ids)
        if not wanted:
            return
        with reaching():
            self._prepare()
            Target(self._writing, {kind: self.alias(kind)}).delete(kind, wanted)
            self._writing.indices.refresh(index=self.alias(kind))

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Fill new indexes beside those that answer, then let both aliases point to them at once.

        What an earlier rebuild left half-built is dropped first; that rebuild, if it still runs, fails.
        Raises DocumentsRejected after all that when some documents were refused.
        """
        with reaching():
            self._drop(self._indexes() - {name for _, name in self._live()})
            made = {kind: self._create(kind) for kind in KINDS}
            target = Target(self._writing, {k: f"{name}-new" for k, name in made.items()})
            count, refused = target.fill(documents)
            if catch_up is not None:
                catch_up(target)
            self._writing.indices.refresh(index=list(made.values()))
            self._swap(made)
        if refused:
            raise DocumentsRejected(refused)
        return count

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint."""
        with reaching():
            self._prepare()
            found = helpers.scan(
                self._writing,
                index=self.alias(kind),
                query={"query": {"match_all": {}}, "_source": ["fingerprint"]},
                size=5_000,
            )
            return {int(hit["_id"]): str(hit["_source"]["fingerprint"]) for hit in found}

    def check(self) -> Health:
        """Say whether the cluster answers, and whether its indexes are of this version."""
        try:
            with reaching():
                if len(self._live()) < len(KINDS):
                    return Health(
                        False, {}, "there is no index yet: run `manage.py search rebuild`"
                    )
                if any(version != VERSION for version in self._versions()):
                    return Health(False, {}, "the index is of an older version: rebuild it")
                counts = {
                    kind: int(self._asking.count(index=self.alias(kind))["count"]) for kind in KINDS
                }
                return Health(True, counts)
        except SearchUnavailable as error:
            return Health(False, {}, str(error))

    def is_current(self) -> bool:
        """Return whether there are indexes of this version; raises SearchUnavailable."""
        with reaching():
            return len(self._live()) == len(KINDS) and set(self._versions()) == {VERSION}

    def close(self) -> None:
        """Close connections."""
        self._client.close()

    def drop(self) -> None:
        """Delete every index of this prefix."""
        with reaching():
            self._drop(self._indexes())

    # -- asking ----------------------------------------------------------------------------

    def search(self, query: Query) -> SearchResult:
        """Answer a question in one round trip, or two where too little meets all words."""
        with reaching():
            plan = plan_of(query.text, self.synonyms)
            reading = self._read(plan, query)
            other_total = reading.other_total
            spelling = None
            if not reading.total and plan.wants:
                for text, other in self._respelled(plan, query):
                    again = self._read(other, replace(query, counts_other=False))
                    if again.total:
                        spelling, plan = Spelling(text, again.total, is_applied=True), other
                        reading = again
                        break
            total = reading.total
            return SearchResult(
                self._hits(plan, reading),
                total,
                facets=self._facets(reading, query),
                spelling=spelling,
                dropped=() if total else self._shortened(plan, query),
                is_widened=reading.mode == "any",
                unfiltered_total=self._unfiltered(query, total),
                other_total=other_total,
            )

    def count(self, query: Query) -> int:
        """Count what a question finds."""
        with reaching():
            plan = plan_of(query.text, self.synonyms)
            return _best_count(ask(self._asking, self._counts(plan, query)), query)

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete names, products first."""
        plan = plan_of(prefix.strip(), self.synonyms).named()
        if not plan.wants:
            return ()
        plan = Plan(plan.question, plan.wants, (), frozenset(), "")
        body = {
            "bool": {
                "filter": [questions.matching(plan, "all"), *questions.scope(viewers, frozenset())]
            }
        }
        with reaching():
            found = self._asking.search(
                index=self._aliases(),
                query=body,
                sort=[{"kind": "desc"}, {"prior": "desc"}, {"name_sorted": "asc"}, {"id": "asc"}],
                size=limit,
                source_includes=["id", "kind", "name_shown", "prior"],
                track_total_hits=False,
            )
        return tuple(
            Completion(s["name_shown"], s["kind"], s["id"], s["prior"])
            for s in (hit["_source"] for hit in found["hits"]["hits"])
        )

    def _read(self, plan: Plan, query: Query) -> Reading:
        reading = self._ask(plan, query, "all")
        if len(plan.wants) > 1 and reading.total < query.offset + query.limit:
            wide = self._ask(plan, replace(query, counts_other=False), "any")
            if wide.total > reading.total:
                return replace(wide, other_total=reading.other_total)
        return reading

    def _ask(self, plan: Plan, query: Query, mode: questions.Mode) -> Reading:
        """Ask for a page, for the facets and for the other kind's count, side by side.

        Scoring and counting facets in one search takes three times as long as both apart.
        """
        now = query.now or datetime.now(UTC)
        chosen = questions.filters(query, now)
        limits = questions.scope(query.viewers, plan.statuses)
        alias = self.alias(query.kind)
        asked: list[Asked] = [
            (alias, questions.page(plan, mode, query, limits, chosen)),
            (alias, questions.facets(plan, mode, limits, chosen, now)),
        ]
        other = query.of_other()
        if query.counts_other:
            asked += self._counts(plan, other)
        page, tallies, *counts = ask(self._asking, asked)
        other_total = _best_count(counts, other) if query.counts_other else None
        return Reading(page["hits"]["hits"], mode, tallies["aggregations"], other_total)

    def _counts(self, plan: Plan, query: Query) -> list[Asked]:
        """Return the questions how many meet all words, and how many any."""
        modes: list[questions.Mode] = ["all", "any"] if len(plan.wants) > 1 else ["all"]
        chosen = questions.filters(query, query.now or datetime.now(UTC))
        limits = questions.scope(query.viewers, plan.statuses)
        limits += chosen.values()
        alias = self.alias(query.kind)
        return [(alias, questions.number(plan, mode, limits)) for mode in modes]

    def _count(self, plan: Plan, query: Query, mode: questions.Mode) -> int:
        chosen = questions.filters(query, query.now or datetime.now(UTC))
        limits = questions.scope(query.viewers, plan.statuses)
        parts = [questions.matching(plan, mode), *limits, *chosen.values()]
        found = self._asking.count(index=self.alias(query.kind), query={"bool": {"filter": parts}})
        return int(found["count"])

    def _hits(self, plan: Plan, reading: Reading) -> tuple[Hit, ...]:
        made = []
        for hit in reading.hits:
            kept = hit["_source"]
            shown = HitDetails(
                kept["name_shown"], kept["quality_score"], kept["use_count"], kept["card"]
            )
            made.append(hit_of(plan, int(kept["id"]), shown, float(hit.get("_score") or 0.0)))
        return tuple(made)

    def _facets(self, reading: Reading, query: Query) -> dict[str, tuple[FacetValue, ...]]:
        return {f: facet_values(reading.tally(f), query.filters.get(f)) for f in FACETS}

    def _respelled(self, plan: Plan, query: Query) -> Iterator[tuple[str, Plan]]:
        open_query = Query(viewers=query.viewers, kind=query.kind, now=query.now)
        return respelled(
            plan,
            self.synonyms,
            is_found=lambda alone: self._count(alone, open_query, "all") > 0,
            near=lambda word: self._near(word, query.kind),
        )

    def _near(self, word: str, kind: Kind) -> list[str]:
        found = self._asking.search(
            index=self.alias(kind),
            size=0,
            suggest={
                "near": {
                    "text": word,
                    "term": {
                        "field": "words",
                        "analyzer": "stems",
                        "suggest_mode": "always",
                        "max_edits": 2,
                        "prefix_length": 0,
                        "size": 20,
                        "max_inspections": 50,
                    },
                }
            },
        )
        return [o["text"] for entry in found["suggest"]["near"] for o in entry["options"]]

    def _shortened(self, plan: Plan, query: Query) -> Any:
        return shortened(plan, self.synonyms, lambda other: self._count(other, query, "all"))

    def _unfiltered(self, query: Query, total: int) -> int | None:
        if total or not query.filters:
            return None
        plan = plan_of(query.text, self.synonyms)
        free = Query(viewers=query.viewers, kind=query.kind, now=query.now)
        return self._count(plan, free, "all") or self._count(plan, free, "any")

    # -- indexes and aliases ------------------------------------------------------------------

    def alias(self, kind: Kind) -> str:
        """Return the name under which an index of this kind is asked."""
        return f"{self.prefix}-{kind}"

    def _aliases(self) -> list[str]:
        return [self.alias(kind) for kind in KINDS]

    def _live(self) -> list[tuple[str, str]]:
        """Return each alias with the index that it points to."""
        try:
            found = self._asking.indices.get_alias(name=self._aliases())
        except NotFoundError:
            return []
        return [(alias, name) for name, held in found.items() for alias in held["aliases"]]

    def _indexes(self) -> set[str]:
        found = self._asking.indices.get(index=f"{self.prefix}-*", expand_wildcards="all")
        ours = re.compile(rf"{re.escape(self.prefix)}-({'|'.join(KINDS)})-v\d+-\d+")
        return {name for name in found if ours.fullmatch(name)}

    def _versions(self) -> list[int]:
        found = self._asking.indices.get_mapping(index=self._aliases())
        return [int(held["mappings"].get("_meta", {}).get("version", 0)) for held in found.values()]

    def _prepare(self) -> None:
        """Make empty indexes where there are none; of two who do so at once, one does."""
        live = {alias for alias, _ in self._live()}
        for kind in KINDS:
            alias = self.alias(kind)
            if alias in live:
                continue
            try:
                self._writing.indices.create(
                    index=f"{alias}-v{VERSION}-0",
                    settings=SETTINGS,
                    mappings=MAPPING,
                    aliases={alias: {}},
                )
            except BadRequestError as error:
                if error.error != "resource_already_exists_exception":
                    raise

    def _create(self, kind: Kind) -> str:
        name = f"{self.alias(kind)}-v{VERSION}-{time.time_ns()}"
        self._writing.indices.create(
            index=name, settings=SETTINGS, mappings=MAPPING, aliases={f"{name}-new": {}}
        )
        return name

    def _swap(self, made: Mapping[Kind, str]) -> None:
        """Let each alias point to its new index alone, whatever it pointed to; drop what it left."""
        actions: list[Mapping[str, Any]] = []
        for kind, name in made.items():
            alias = self.alias(kind)
            old = {"index": f"{alias}-v*", "alias": alias, "must_exist": False}
            actions.append({"remove": {"index": name, "alias": f"{name}-new"}})
            actions.append({"remove": old})
            actions.append({"add": {"index": name, "alias": alias}})
        left = {name for _, name in self._live()}
        self._writing.indices.update_aliases(actions=actions)
        for kind in KINDS:  # two who swap in the same moment both stay: the younger counts
            names = [name for alias, name in self._live() if alias == self.alias(kind)]
            left |= set(sorted(names, key=_made_at)[:-1])
        self._drop(left)

    def _drop(self, names: Iterable[str]) -> None:
        for name in names:
            self._writing.indices.delete(index=name, ignore_unavailable=True)


def _made_at(name: str) -> int:
    return int(name.rpartition("-")[2])


def _best_count(answers: Sequence[Mapping[str, Any]], query: Query) -> int:
    """Return what a search would show: what meets all words, or any where that is too little."""
    totals = [total_of(answer) for answer in answers]
    return totals[0] if totals[0] >= query.offset + query.limit else totals[-1]
