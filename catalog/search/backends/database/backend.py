"""The database backend: words in full-text tables, and a shelf in memory that follows the documents' table."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any, ClassVar

from django.db import transaction

from catalog.db import bulk
from catalog.db.batches import batched
from catalog.db.locks import LockKey, lock_until_commit
from catalog.models import SearchChange, SearchDocument, SearchWord
from catalog.search.backends.database.texts import keys_of, texts
from catalog.search.backends.engine import Engine, HitDetails, Mode, Scored
from catalog.search.base import Keeper
from catalog.search.doc_values import Card, DocValues, Rows, codes_of, prior, short_name
from catalog.search.explain import card_of as explaining
from catalog.search.fingerprint import fingerprint
from catalog.search.plan import Plan
from catalog.search.synonyms import Synonyms
from catalog.search.terms import Terms, terms_of
from catalog.search.types import KINDS, Document, Health, Kind

BATCH = 500
CHANGES_KEPT = 1_000
_LOAD = 20_000
_Change = tuple[int, int, int]
_NOTHING: _Change = (0, 0, 0)


class DatabaseBackend(Engine):
    """SQLite FTS5 or PostgreSQL full text, whichever holds the catalog."""

    remote: ClassVar[bool] = False

    def __init__(self, synonyms: Synonyms | None = None) -> None:
        super().__init__(synonyms or Synonyms())
        self.damping = texts().damping
        self._lock = Lock()
        self._seen = _NOTHING
        self._shelves: dict[Kind, DocValues] = {kind: DocValues() for kind in KINDS}

    # -- keeping ----------------------------------------------------------------------------

    def index(self, documents: Iterable[Document]) -> None:
        """Add or replace documents, some hundred in a transaction."""
        for batch in batched(documents, BATCH):
            with transaction.atomic():
                _alone()
                fresh = list({(d.kind, d.id): d for d in batch}.values())
                gone = [
                    key
                    for kind in KINDS
                    for key in _drop(kind, [d.id for d in fresh if d.kind == kind])
                ]
                _put(fresh)
                _note(gone)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        wanted = list(ids)
        if wanted:
            with transaction.atomic():
                _alone()
                if gone := _drop(kind, wanted):
                    _note(gone)

    def rebuild(
        self, documents: Iterable[Document], catch_up: Callable[[Keeper], None] | None = None
    ) -> int:
        """Replace everything in one transaction: readers see the old index until it commits."""
        count = 0
        with transaction.atomic():
            _alone()
            for kind in KINDS:
                texts().clear(kind)
            for model in (SearchDocument, SearchWord, SearchChange):
                model.objects.all()._raw_delete("default")
            for batch in batched(documents, BATCH):
                _put(batch)
                count += len(batch)
            _note([])
            if catch_up is not None:
                catch_up(self)
        return count

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint."""
        rows = SearchDocument.objects.filter(kind=kind)
        return dict(rows.values_list("object_id", "fingerprint"))

    def is_current(self) -> bool:
        """Its tables and the program come together."""
        return True

    def check(self) -> Health:
        """Count documents."""
        return Health(True, {kind: int(self.shelf(kind).present.sum()) for kind in KINDS})

    def close(self) -> None:
        """Forget the shelves."""
        with self._lock:
            self._seen = _NOTHING
            self._shelves = {kind: DocValues() for kind in KINDS}

    # -- the shelf ----------------------------------------------------------------------------

    def shelf(self, kind: Kind) -> DocValues:
        """Return the shelf as of the last change: one small question when nothing changed."""
        last = _last_change()
        if last != self._seen:
            with self._lock:
                self._catch_up(last)
        return self._shelves[kind]

    def _catch_up(self, last: _Change) -> None:
        """Read the documents written since; everything where the changes do not follow ours."""
        seen = self._seen
        if last == seen:
            return
        shelves = {kind: DocValues() for kind in KINDS}
        first, gone = 0, []
        news = SearchChange.objects.order_by("id")
        if seen != _NOTHING and news.filter(id=seen[0], mark=seen[1]).exists():
            if last[0] < seen[0]:
                return
            lists = news.filter(id__gt=seen[0], id__lte=last[0]).values_list("gone", flat=True)
            shelves, first = dict(self._shelves), seen[2]
            gone = [key for keys in lists for key in keys]
        for batch in _cards(first, last[2]):
            for kind in KINDS:
                shelves[kind] = shelves[kind].put([card for k, card in batch if k == kind])
        for kind in KINDS:
            shelves[kind] = shelves[kind].put([], gone)
        self._shelves, self._seen = shelves, last

    # -- finding ----------------------------------------------------------------------------

    def match(self, kind: Kind, plan: Plan, mode: Mode) -> Rows:
        """Ask the full-text table."""
        return keys_of(*texts().select(kind, plan, mode))

    def score(self, kind: Kind, plan: Plan, mode: Mode, count: int) -> Scored:
        """Rank by words as they stand; by the beginnings of words only where that finds nothing."""
        found = texts().rank(kind, plan.ranking(), mode, count)
        return found if found.keys.size else texts().rank(kind, plan, mode, count)

    def exact(self, kind: Kind, plan: Plan) -> Rows:
        """Ask the full-text table for the token of a whole name."""
        return keys_of(*texts().exact(kind, plan.exact))

    def shown(self, kind: Kind, keys: Rows) -> dict[int, HitDetails]:
        """Load the cards of a page."""
        rows = SearchDocument.objects.filter(pk__in=[int(key) for key in keys])
        found = rows.values_list("pk", "name", "quality_score", "use_count", "card")
        return {pk: HitDetails(name, quality, use, card) for pk, name, quality, use, card in found}

    def words_near(self, word: str) -> Iterable[str]:
        """Return words about as long, and beginning alike or ending alike."""
        size = len(word)
        rows = SearchWord.objects.filter(length__gte=size - 2, length__lte=size + 2)
        alike = rows.filter(word__startswith=word[0]) | rows.filter(word__endswith=word[-2:])
        return alike.values_list("word", flat=True)[:50_000]


def _last_change() -> _Change:
    rows = SearchChange.objects.order_by("-id").values_list("id", "mark", "last_key")
    return rows.first() or _NOTHING


def _alone() -> None:
    """Let no other writer of the index in: keys are committed in their order."""
    lock_until_commit(LockKey.SEARCH_INDEX)


def _note(gone: Sequence[int]) -> None:
    """Tell every process what is gone, and that there may be news."""
    last = SearchDocument.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    before = SearchChange.objects.order_by("-pk").values_list("last_key", flat=True).first() or 0
    note = SearchChange.objects.create(
        mark=secrets.randbits(62), last_key=max(last, before), gone=list(gone)
    )
    SearchChange.objects.filter(pk__lt=note.pk - CHANGES_KEPT)._raw_delete("default")


def _put(documents: Sequence[Document]) -> None:
    pairs = list(zip(bulk.allocate(SearchDocument, len(documents)), documents, strict=True))
    bulk.insert(SearchDocument, [_row(pk, d) for pk, d in pairs])
    words: set[str] = set()
    for kind in KINDS:
        read: list[tuple[int, Terms]] = [(pk, terms_of(d)) for pk, d in pairs if d.kind == kind]
        texts().write(kind, read)
        words |= {w for _, t in read for w in t.words if 3 < len(w) <= 30 and w.isalpha()}
    rows = [{"word": word, "length": len(word)} for word in sorted(words)]
    bulk.insert(SearchWord, rows, ignore=True)


def _drop(kind: Kind, ids: Sequence[int]) -> list[int]:
    rows = SearchDocument.objects.filter(kind=kind, object_id__in=ids)
    keys = list(rows.values_list("pk", flat=True)) if ids else []
    if keys:
        texts().delete(kind, keys)
        SearchDocument.objects.filter(pk__in=keys)._raw_delete("default")
    return keys


def _row(pk: int, document: Document) -> dict[str, Any]:
    return {
        "id": pk,
        "kind": document.kind,
        "object_id": document.id,
        "audience": document.audience,
        "name": document.name[:300],
        "codes": "\n".join(code.replace("\n", " ")[:140] for code in codes_of(document)),
        "prior": prior(document),
        "quality_score": document.quality_score,
        "use_count": document.use_count,
        "updated_at": document.updated_at,
        "card": explaining(document),
        "fingerprint": fingerprint(document),
    }


def _cards(after: int, last: int) -> Iterator[list[tuple[str, Card]]]:
    """Read the documents of keys above `after` up to `last`, some thousand at a time."""
    rows = (
        SearchDocument.objects.filter(pk__gt=after, pk__lte=last)
        .order_by("pk")
        .values_list(
            "pk",
            "kind",
            "object_id",
            "audience",
            "name",
            "codes",
            "prior",
            "quality_score",
            "use_count",
            "updated_at",
        )
        .iterator(chunk_size=_LOAD)
    )
    for batch in batched(rows, _LOAD):
        yield [
            (
                kind,
                Card(
                    pk,
                    object_id,
                    audience,
                    short_name(name),
                    tuple(codes.split("\n")),
                    weight,
                    quality,
                    use,
                    updated.timestamp() if updated else 0.0,
                ),
            )
            for pk, kind, object_id, audience, name, codes, weight, quality, use, updated in batch
        ]
