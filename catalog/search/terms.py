"""What an index keeps of a document's text: stems by field. Free of Django."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from catalog.search.identifiers import name_tokens, prose_words, same_name, stem, words
from catalog.search.types import Document

TEXT_FIELDS = (
    "exact",
    "name",
    "key",
    "tag",
    "domain",
    "owner",
    "port",
    "dataset",
    "column",
    "note",
    "description",
)
"""The fields of an index, in the order of `WEIGHTS`."""

WEIGHTS = (0.0, 2.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.5, 1.5, 1.0, 1.0)
HEAD = ("name", "key", "tag")
MARK = "\ue001"
"""Stands before a word kept as written: the same form counts more than the same stem."""
GAP = "\ue000"
"""Stands between two names in one field, so that no phrase runs across them."""
_LONGEST_PROSE = 20_000


def exact_token(text: str) -> str:
    """Return the token under which a whole name is found."""
    same = same_name(text)
    return "x" + hashlib.blake2b(same.encode(), digest_size=10).hexdigest() if same else ""


@dataclass(frozen=True, slots=True)
class Terms:
    """The stems of each field of `TEXT_FIELDS`, in order, and the plain words they came from."""

    fields: tuple[tuple[str, ...], ...]
    words: frozenset[str]


def terms_of(document: Document) -> Terms:
    """Read a document's text into stems."""
    vocabulary: set[str] = set()
    fields = (
        _exact(document),
        _names((document.name,), vocabulary, marked=True),
        _names((document.key,), vocabulary, marked=True),
        _names(document.tags, vocabulary, marked=True),
        _prose((document.domain,), vocabulary),
        _prose((document.team, *document.owners), vocabulary),
        _names((p.name for p in document.ports), vocabulary),
        _names((d.name for d in document.datasets), vocabulary),
        _names((c.name for c in document.columns), vocabulary),
        _prose(
            (t.description for t in (*document.ports, *document.datasets, *document.columns)),
            vocabulary,
        ),
        _prose((document.description,), vocabulary),
    )
    return Terms(fields, frozenset(vocabulary))


def _exact(document: Document) -> tuple[str, ...]:
    names = (document.name, document.key, *document.aliases)
    return tuple(dict.fromkeys(filter(None, map(exact_token, names))))


def _names(names: Iterable[str], vocabulary: set[str], *, marked: bool = False) -> tuple[str, ...]:
    found: list[str] = []
    written: list[str] = []
    for name in names:
        if name:
            found += [GAP, *name_tokens(name)] if found else name_tokens(name)
            written += words(name)
    vocabulary.update(written)
    return (*found, *_marked(written)) if marked else tuple(found)


def _prose(texts: Iterable[str], vocabulary: set[str]) -> tuple[str, ...]:
    found: list[str] = []
    written: list[str] = []
    for text in texts:
        if text:
            parts = prose_words(text[:_LONGEST_PROSE])
            written += parts
            found += [GAP] if found else []
            found += [stem(part) for part in parts]
    vocabulary.update(written)
    return (*found, *_marked(written))


def _marked(written: list[str]) -> list[str]:
    return [GAP, *(MARK + word for word in written)] if written else []
