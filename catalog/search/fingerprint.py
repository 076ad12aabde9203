"""A short mark of what an index holds of a document. Free of Django."""

from __future__ import annotations

import hashlib

import orjson

from catalog.search.types import Document


def fingerprint(document: Document) -> str:
    """Return a mark that changes when anything indexed of the document changes."""
    return hashlib.blake2b(orjson.dumps(document), digest_size=16).hexdigest()
