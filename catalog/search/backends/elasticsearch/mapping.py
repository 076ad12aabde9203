"""What Elasticsearch keeps of a document, and how. Free of Django.

The stems are made here, by the same code for every backend, and Elasticsearch splits them at spaces:
so a question means the same wherever it is asked. VERSION goes up with every change of the mapping or
of `source`; an index of another version is built anew beside the old one.
"""

from __future__ import annotations

from typing import Any

from catalog.search.doc_values import codes_of, prior, short_name
from catalog.search.explain import card_of
from catalog.search.fingerprint import fingerprint
from catalog.search.terms import TEXT_FIELDS, terms_of
from catalog.search.types import FACETS, Document

VERSION = 2
STORED_FACETS = tuple(facet for facet in FACETS if facet != "updated")
PRIOR_SHIFT = 3.0
"""Added to the prior weight of a document, which may be negative, as Elasticsearch's may not."""

_TEXT = {"type": "text", "analyzer": "stems", "index_options": "positions"}
_KEYWORD = {"type": "keyword", "ignore_above": 8191}

SETTINGS: dict[str, Any] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    "refresh_interval": "1s",
    "max_result_window": 1_000_000,
    "analysis": {"analyzer": {"stems": {"type": "custom", "tokenizer": "whitespace"}}},
}

MAPPING: dict[str, Any] = {
    "dynamic": "strict",
    "_meta": {"version": VERSION},
    "properties": {
        "id": {"type": "long"},
        "kind": _KEYWORD,
        "audience": _KEYWORD,
        "status": _KEYWORD,
        "name_shown": {"type": "keyword", "index": False, "doc_values": False},
        "name_sorted": _KEYWORD,
        **{field: _KEYWORD if field == "exact" else _TEXT for field in TEXT_FIELDS},
        "words": {"type": "text", "analyzer": "stems", "norms": False, "index_options": "docs"},
        "facets": {
            "dynamic": "strict",
            "properties": dict.fromkeys(STORED_FACETS, _KEYWORD),
        },
        "prior": {"type": "double"},
        "quality_score": {"type": "double"},
        "use_count": {"type": "long"},
        "updated_at": {"type": "date"},
        "card": {"type": "object", "enabled": False},
        "fingerprint": {"type": "keyword", "index": False},
    },
}


def source(document: Document) -> dict[str, Any]:
    """Return the document as Elasticsearch gets it."""
    terms = terms_of(document)
    texts = {
        field: list(stems) if field == "exact" else " ".join(stems)
        for field, stems in zip(TEXT_FIELDS, terms.fields, strict=True)
    }
    facets: dict[str, list[str]] = {}
    for code in codes_of(document):
        facet, _, value = code.partition("=")
        if facet in STORED_FACETS:
            facets.setdefault(facet, []).append(value)
    return {
        "id": document.id,
        "kind": document.kind,
        "audience": document.audience,
        "status": document.status,
        "name_shown": document.name,
        "name_sorted": short_name(document.name),
        **texts,
        "words": " ".join(sorted(w for w in terms.words if 3 < len(w) <= 30 and w.isalpha())),
        "facets": facets,
        "prior": prior(document) + PRIOR_SHIFT,
        "quality_score": document.quality_score,
        "use_count": document.use_count,
        "updated_at": document.updated_at.isoformat() if document.updated_at else None,
        "card": card_of(document),
        "fingerprint": fingerprint(document),
    }
