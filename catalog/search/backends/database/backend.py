"""The database backend: documents, facets and words in tables, stems in the full-text table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta
from itertools import islice
from typing import Any, ClassVar

from django.db import connection, transaction

from catalog import bulk
from catalog.models import SearchDocument, SearchFacet, SearchWord
from catalog.search.backends.database.texts import TABLE, texts
from catalog.search.backends.engine import Engine, Entry, Mode, Scope
from catalog.search.explain import card_of
from catalog.search.fingerprint import fingerprint
from catalog.search.plan import Plan
from catalog.search.shelf import UPDATED_BANDS, prior
from catalog.search.shelf import card_of as shelf_card
from catalog.search.synonyms import Synonyms
from catalog.search.terms import Terms, terms_of
from catalog.search.types import Completion, Document, Health, Kind, Viewers

BATCH = 500
_ORDERS = {
    "prior": "d.prior DESC, d.name, d.id",
    "name": "lower(d.name), d.id",
    "updated": "CASE WHEN d.updated_at IS NULL THEN 1 ELSE 0 END, d.updated_at DESC, d.name",
    "quality": "CASE WHEN d.quality_score IS NULL THEN 1 ELSE 0 END, d.quality_score DESC, d.name",
    "use": "d.use_count DESC, d.name, d.id",
}


class DatabaseBackend(Engine):
    """SQLite FTS5 or PostgreSQL full text, whichever holds the catalog."""

    remote: ClassVar[bool] = False

    def __init__(self, synonyms: Synonyms | None = None) -> None:
        super().__init__(synonyms or Synonyms())
        self.damping = texts().damping

    # -- keeping ----------------------------------------------------------------------------

    def index(self, documents: Iterable[Document]) -> None:
        """Add or replace documents, some hundred in a transaction."""
        remaining = iter(documents)
        while batch := list(islice(remaining, BATCH)):
            with transaction.atomic():
                self._put(list({(d.kind, d.id): d for d in batch}.values()))

    def _put(self, documents: Sequence[Document]) -> None:
        for kind in {d.kind for d in documents}:
            self.delete(kind, [d.id for d in documents if d.kind == kind])
        ids = bulk.allocate(SearchDocument, len(documents))
        pairs = list(zip(ids, documents, strict=True))
        bulk.insert(SearchDocument, [_row(pk, d) for pk, d in pairs])
        bulk.insert(SearchFacet, [r for pk, d in pairs for r in _facet_rows(pk, d)], ignore=True)
        read: list[tuple[int, Terms]] = [(pk, terms_of(d)) for pk, d in pairs]
        texts().write(read)
        words = {w for _, terms in read for w in terms.words if 3 < len(w) <= 30 and w.isalpha()}
        rows = [{"word": word, "length": len(word)} for word in sorted(words)]
        bulk.insert(SearchWord, rows, ignore=True)

    def delete(self, kind: Kind, ids: Iterable[int]) -> None:
        """Take documents out."""
        with transaction.atomic():
            rows = SearchDocument.objects.filter(kind=kind, object_id__in=list(ids))
            known = list(rows.values_list("pk", flat=True))
            if known:
                texts().delete(known)
                SearchFacet.objects.filter(document__in=known)._raw_delete("default")
                SearchDocument.objects.filter(pk__in=known)._raw_delete("default")

    def rebuild(self, documents: Iterable[Document]) -> int:
        """Replace everything in one transaction: readers see the old index until it commits."""
        count = 0
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"DELETE FROM {TABLE}")
            SearchFacet.objects.all()._raw_delete("default")
            SearchDocument.objects.all()._raw_delete("default")
            SearchWord.objects.all()._raw_delete("default")
            remaining = iter(documents)
            while batch := list(islice(remaining, BATCH)):
                self._put(batch)
                count += len(batch)
        return count

    def known(self, kind: Kind) -> dict[int, str]:
        """Return id -> fingerprint."""
        rows = SearchDocument.objects.filter(kind=kind)
        return dict(rows.values_list("object_id", "fingerprint"))

    def check(self) -> Health:
        """Count documents."""
        counts = Counter(SearchDocument.objects.values_list("kind", flat=True))
        return Health(True, {"product": counts["product"], "dataset": counts["dataset"]})

    def close(self) -> None:
        """Nothing of its own is open."""

    # -- finding ----------------------------------------------------------------------------

    def find(
        self, plan: Plan, mode: Mode, scope: Scope, *, sort: str, offset: int, limit: int
    ) -> list[Entry]:
        """Return entries in order."""
        kept = texts()
        source, where, params = self._among(plan, mode, scope)
        score, order = "0.0", _ORDERS.get(sort, _ORDERS["prior"])
        head: list[Any] = []
        if sort == "relevance":
            score, order = kept.score, "2 DESC, d.name"
            head = [kept.match(plan, mode)] if "%s" in kept.score else []
            if mode == "any":
                head, score, order = self._all_first(plan, head, score)
        sql = (
            f"SELECT d.id, {score} AS text FROM {source} WHERE {where}"
            f" ORDER BY {order} LIMIT %s OFFSET %s"
        )
        with connection.cursor() as cursor:
            cursor.execute(sql, [*head, *params, limit, offset])
            found = [(int(pk), float(text or 0.0)) for pk, text in cursor.fetchall()]
        return self._entries(found)

    def _all_first(self, plan: Plan, head: list[Any], score: str) -> tuple[list[Any], str, str]:
        """Order what meets every word before what meets some."""
        whole = texts().match(plan, "all")
        inner = f"SELECT rowid FROM {TABLE} WHERE {texts().condition}"
        lifted = f"({score}) + CASE WHEN d.id IN ({inner}) THEN 30 ELSE 0 END"
        return [*head, whole], lifted, "2 DESC, d.name"

    def count(self, plan: Plan, mode: Mode, scope: Scope) -> int:
        """Count what fits."""
        source, where, params = self._among(plan, mode, scope)
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT count(*) FROM {source} WHERE {where}", params)
            return int(cursor.fetchone()[0])

    def tally(
        self, plan: Plan, mode: Mode, scope: Scope, facets: Sequence[str]
    ) -> dict[str, Counter[str]]:
        """Count facet values: one statement for all stored facets, one for the age bands."""
        found: dict[str, Counter[str]] = {facet: Counter() for facet in facets}
        source, where, params = self._among(plan, mode, scope)
        stored = [facet for facet in facets if facet != "updated"]
        with connection.cursor() as cursor:
            if stored:
                marks = ", ".join("%s" for _ in stored)
                cursor.execute(
                    f"SELECT f.facet, f.value, count(*) FROM catalog_searchfacet f"
                    f" WHERE f.facet IN ({marks}) AND f.document_id IN"
                    f" (SELECT d.id FROM {source} WHERE {where}) GROUP BY 1, 2",
                    [*stored, *params],
                )
                for facet, value, count in cursor.fetchall():
                    found[facet][value] = int(count)
            if "updated" in facets:
                sums = ", ".join(
                    "sum(CASE WHEN d.updated_at >= %s THEN 1 ELSE 0 END)" for _ in UPDATED_BANDS
                )
                since = [_since(scope, days) for _, days in UPDATED_BANDS]
                cursor.execute(f"SELECT {sums} FROM {source} WHERE {where}", [*since, *params])
                counts = cursor.fetchone() or ()
                for (name, _), count in zip(UPDATED_BANDS, counts, strict=False):
                    if count:
                        found["updated"][name] = int(count)
        return found

    def words_near(self, word: str) -> Iterable[str]:
        """Return words about as long, and beginning alike or ending alike."""
        size = len(word)
        rows = SearchWord.objects.filter(length__gte=size - 2, length__lte=size + 2)
        alike = rows.filter(word__startswith=word[0]) | rows.filter(word__endswith=word[-2:])
        return alike.values_list("word", flat=True)[:20_000]

    def suggest(self, prefix: str, *, viewers: Viewers, limit: int = 8) -> tuple[Completion, ...]:
        """Complete names."""
        start = prefix.strip()
        if not start:
            return ()
        rows = SearchDocument.objects.filter(name__istartswith=start) | (
            SearchDocument.objects.filter(name__icontains=f" {start}")
            | SearchDocument.objects.filter(name__icontains=f"_{start}")
        )
        if viewers is not None:
            rows = rows.filter(audience__in=viewers)
        found = rows.order_by("-kind", "-prior", "name").values_list(
            "name", "kind", "object_id", "prior"
        )
        return tuple(
            Completion(name, "product" if kind == "product" else "dataset", pk, score)
            for name, kind, pk, score in found[:limit]
        )

    # -- statements ----------------------------------------------------------------------------

    def _among(self, plan: Plan, mode: Mode, scope: Scope) -> tuple[str, str, list[Any]]:
        """Return FROM, WHERE and parameters for the documents a plan and scope mean."""
        source = "catalog_searchdocument d"
        where = ["d.kind = %s"]
        params: list[Any] = [scope.kind]
        if plan.wants:
            kept = texts()
            source = f"{TABLE} JOIN catalog_searchdocument d ON d.id = {TABLE}.rowid"
            where.insert(0, kept.condition)
            params.insert(0, kept.match(plan, mode))
        if scope.viewers is not None:
            marks = ", ".join("%s" for _ in scope.viewers)
            where.append(f"d.audience IN ({marks})" if marks else "1 = 0")
            params += sorted(scope.viewers)
        if scope.statuses:
            where.append(f"d.status IN ({', '.join('%s' for _ in scope.statuses)})")
            params += sorted(scope.statuses)
        for facet, values in scope.filters.items():
            self._narrow(facet, sorted(values), scope, where, params)
        return source, " AND ".join(where), params

    def _narrow(
        self, facet: str, values: list[str], scope: Scope, where: list[str], params: list[Any]
    ) -> None:
        if facet == "updated":
            days = [d for name, d in UPDATED_BANDS if name in values]
            where.append("d.updated_at >= %s" if days else "1 = 0")
            params += [_since(scope, max(days))] if days else []
            return
        marks = ", ".join("%s" for _ in values)
        where.append(
            "d.id IN (SELECT document_id FROM catalog_searchfacet"
            f" WHERE facet = %s AND value IN ({marks}))"
        )
        params += [facet, *values]

    def _entries(self, found: Sequence[tuple[int, float]]) -> list[Entry]:
        rows = SearchDocument.objects.in_bulk([pk for pk, _ in found])
        return list(self._made(found, rows))

    def _made(
        self, found: Sequence[tuple[int, float]], rows: dict[int, SearchDocument]
    ) -> Iterator[Entry]:
        for pk, text in found:
            row = rows[pk]
            yield Entry(
                row.object_id,
                text,
                row.name,
                row.prior,
                row.quality_score,
                row.use_count,
                row.updated_at.timestamp() if row.updated_at else 0.0,
                row.card,
            )


def _since(scope: Scope, days: int) -> Any:
    moment = scope.now - timedelta(days=days)
    return connection.ops.adapt_datetimefield_value(moment)


def _row(pk: int, document: Document) -> dict[str, Any]:
    return {
        "id": pk,
        "kind": document.kind,
        "object_id": document.id,
        "audience": document.audience,
        "name": document.name[:300],
        "exact": list(terms_of(document).fields[0]),
        "status": document.status,
        "prior": prior(shelf_card(document)),
        "quality_score": document.quality_score,
        "use_count": document.use_count,
        "updated_at": document.updated_at,
        "card": card_of(document),
        "fingerprint": fingerprint(document),
    }


def _facet_rows(pk: int, document: Document) -> Iterator[dict[str, Any]]:
    for code in dict.fromkeys(shelf_card(document).codes):
        facet, _, value = code.partition("=")
        yield {"document_id": pk, "facet": facet, "value": value[:120]}
