"""A short mark of what an index holds of a document. Free of Django."""

from __future__ import annotations

import hashlib

from catalog.search.types import Document


def fingerprint(document: Document) -> str:
    """Return a mark that changes when anything indexed of the document changes."""
    return hashlib.blake2b(repr(document).encode(), digest_size=16).hexdigest()
