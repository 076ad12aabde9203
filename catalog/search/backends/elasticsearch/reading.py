"""Answers of Elasticsearch, several in one round trip. Free of Django."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from elasticsearch import ApiError, Elasticsearch

from catalog.search.backends.elasticsearch.questions import Mode

#: The name of an index, and what is asked of it.
Asked = tuple[str, dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Reading:
    """One page of hits and the counts beside it."""

    hits: Sequence[Mapping[str, Any]]
    mode: Mode
    counts: Mapping[str, Any]
    other_total: int | None

    @property
    def total(self) -> int:
        """How many there are on all pages."""
        return int(self.counts["total"]["doc_count"])

    def tally(self, facet: str) -> Counter[str]:
        """Return the counts of a facet's values."""
        held = self.counts[facet]
        if facet == "updated":
            bands = {n: band["doc_count"] for n, band in held.items() if isinstance(band, dict)}
            return Counter({name: count for name, count in bands.items() if count})
        return Counter({b["key"]: b["doc_count"] for b in held["values"]["buckets"]})


def ask(client: Elasticsearch, asked: Sequence[Asked]) -> list[Mapping[str, Any]]:
    """Ask several questions in one round trip; raises ApiError with the first that failed."""
    searches = [part for index, body in asked for part in ({"index": index}, body)]
    found = client.msearch(searches=searches)
    for answer in found["responses"]:
        if "error" in answer:
            meta = replace(found.meta, status=int(answer["status"]))
            raise ApiError(str(answer["error"].get("reason")), meta, answer)
    return list(found["responses"])


def total_of(answer: Mapping[str, Any]) -> int:
    """Return how many an answer counts."""
    return int(answer["hits"]["total"]["value"])
