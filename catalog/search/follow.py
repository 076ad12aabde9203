"""The indexes follow the event log, each with a cursor of its own.

A step holds its cursor's row, so two followers of one index never work at once. What cannot be
written now is tried again after a pause that doubles; what an index will never take is kept as a dead
letter and does not stop the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import overload

from django.db import connection, transaction
from django.db.models import Q
from django.utils import timezone

from catalog.db.batches import batched
from catalog.models import Cursor, Dataset, DeadLetter, Domain, Event, PortDataset, Product
from catalog.search.base import DocumentsRejected, Keeper, SearchBackend, SearchUnavailable
from catalog.search.documents import dataset_documents, product_documents
from catalog.search.engines import kept
from catalog.search.types import KINDS, Document, Kind

BATCH = 500
LONGEST_PAUSE = 60


def follow(limit: int = 5_000) -> int:
    """Index what events since the last time touched; return how many events were read.

    The indexes take turns, so that none waits until another has read all. An index has caught up when it
    found less than a batch: what came meanwhile is for the next call. Past `limit` events all stop.
    """
    read = 0
    going = [(n, i) for n, i in kept().items() if not i.remote or _is_ready(n, i)]
    while going and read < limit:
        steps = [(name, index, _step(name, index)) for name, index in going]
        read += sum(step for _, _, step in steps)
        going = [(name, index) for name, index, step in steps if step >= BATCH]
    return read


def _is_ready(name: str, index: SearchBackend) -> bool:
    """Build a missing or outdated remote index; keep away from one that rests."""
    cursor = Cursor.objects.filter(name=name).first()
    if cursor is not None and _rests(cursor):
        return False
    try:
        return index.is_current() or _build_alone(name, index)
    except SearchUnavailable as error:
        with transaction.atomic():
            _rest(_held(name), str(error))
        return False


def _build_alone(name: str, index: SearchBackend) -> bool:
    """Build an index unless another follower is at it, who holds the cursor meanwhile."""
    with ExitStack() as held:
        if connection.features.has_select_for_update:
            held.enter_context(transaction.atomic())
            if _held(name, skip=True) is None:
                return False
        if not index.is_current():  # who held the cursor until now may have built it
            rebuild_one(name, index)
    return True


@transaction.atomic
def _step(name: str, index: SearchBackend) -> int:
    cursor = _held(name, skip=True)
    if cursor is None:
        return 0
    if _rests(cursor):
        return 0
    events = list(Event.objects.filter(id__gt=cursor.event_id).order_by("id")[:BATCH])
    if not events:
        return 0
    try:
        _refresh(name, index, events)
    except SearchUnavailable as error:
        _rest(cursor, str(error))
        return 0
    cursor.event_id = events[-1].pk
    cursor.failures, cursor.retry_at, cursor.problem = 0, None, ""
    cursor.save()
    return len(events)


@overload
def _held(name: str) -> Cursor: ...
@overload
def _held(name: str, *, skip: bool) -> Cursor | None: ...
def _held(name: str, *, skip: bool = False) -> Cursor | None:
    """Return the cursor, held until the transaction ends; with `skip` None where another holds it."""
    Cursor.objects.get_or_create(name=name)
    rows = Cursor.objects.filter(name=name)
    if connection.features.has_select_for_update:
        rows = rows.select_for_update(skip_locked=skip)
    return rows.first() if skip else rows.get()


def _rests(cursor: Cursor) -> bool:
    """Return whether a follower pauses; a pause longer than any is of a clock that went back."""
    if cursor.retry_at is None:
        return False
    left = cursor.retry_at - timezone.now()
    return timedelta(0) < left <= timedelta(seconds=LONGEST_PAUSE)


def _rest(cursor: Cursor, problem: str) -> None:
    cursor.failures += 1
    pause = min(LONGEST_PAUSE, 2**cursor.failures)
    cursor.retry_at = timezone.now() + timedelta(seconds=pause)
    cursor.problem = problem[:500]
    cursor.save()


def _refresh(name: str, index: Keeper, events: list[Event]) -> None:
    products, datasets = _touched(events)
    refresh(name, index, "product", products)
    refresh(name, index, "dataset", datasets)


def refresh(name: str, index: Keeper, kind: Kind, ids: Iterable[int]) -> None:
    """Index some products or datasets again; those that are gone leave the index."""
    for part in batched(sorted(set(ids)), BATCH):
        made = list(product_documents(part) if kind == "product" else dataset_documents(part))
        refused: DocumentsRejected | None = None
        try:
            index.index(made)
        except DocumentsRejected as error:
            refused = error
        index.delete(kind, set(part) - {d.id for d in made})
        _note_letters(name, kind, part, refused)


def _note_letters(name: str, kind: Kind, ids: list[int], refused: DocumentsRejected | None) -> None:
    """Keep what was refused, forget what was refused before and is written now."""
    letters = DeadLetter.objects.filter(index=name, kind=kind, object_id__among=ids)
    if refused is None:
        letters.delete()
        return
    reasons = {one.id: one.reason for one in refused.rejections if one.kind == kind}
    letters.exclude(object_id__in=reasons).delete()
    DeadLetter.objects.bulk_create(
        [
            DeadLetter(index=name, kind=kind, object_id=pk, reason=reason)
            for pk, reason in reasons.items()
        ],
        update_conflicts=True,
        unique_fields=["index", "kind", "object_id"],
        update_fields=["reason", "at"],
    )


def _touched(events: list[Event]) -> tuple[set[int], set[int]]:
    products = {e.product_id for e in events if e.product_id}
    datasets = {e.subject_id for e in events if e.subject_kind == "dataset" and e.subject_id}
    domains = {e.subject_id for e in events if e.type == "domain.saved" and e.subject_id}
    teams = {
        e.subject_id for e in events if e.type in ("team.saved", "member.changed") and e.subject_id
    }
    runs = [e for e in events if e.type == "run.finished"]
    if domains or teams:
        paths = Domain.objects.filter(pk__in=domains).values_list("path", flat=True)
        own = Q(team__among=teams)
        for path in paths:
            own |= Q(domain__path__startswith=path)
        products |= set(Product.objects.filter(own).values_list("pk", flat=True))
        datasets |= set(Dataset.objects.filter(own).values_list("pk", flat=True))
    if runs:
        since = min(str(e.data.get("began") or e.at.isoformat()) for e in runs)
        fresh = Dataset.objects.filter(observed_at__gte=since).values_list("pk", flat=True)
        datasets |= set(fresh)
    links = PortDataset.objects.filter(
        Q(dataset__among=datasets) | Q(port__product__among=products), port__direction="out"
    ).values_list("port__product_id", "dataset_id")
    for product, dataset in links:
        products.add(product)
        if dataset:
            datasets.add(dataset)
    return {p for p in products if p}, {d for d in datasets if d}


def everything() -> Iterator[Document]:
    """Build every document, a batch at a time."""
    for build, ids in (
        (product_documents, Product.objects.order_by("pk").values_list("pk", flat=True)),
        (dataset_documents, Dataset.objects.order_by("pk").values_list("pk", flat=True)),
    ):
        for part in batched(ids.iterator(chunk_size=5_000), BATCH):
            yield from build(part)


def rebuild(documents: Iterable[Document] | None = None) -> int:
    """Build every index anew; return the count of documents of the last."""
    count = 0
    for name, index in kept().items():
        count = rebuild_one(name, index, documents)
    return count


def rebuild_one(
    name: str, index: SearchBackend, documents: Iterable[Document] | None = None
) -> int:
    """Build one index anew, up to the event at which it is swapped in; searches go on meanwhile.

    Raises SearchUnavailable where the index is away, which leaves it as it was.
    """
    position, started, count = _last_event(), timezone.now(), 0

    def counted() -> Iterator[Document]:
        nonlocal count
        for document in everything() if documents is None else documents:
            count += 1
            yield document

    def pass_over(target: Keeper) -> None:
        nonlocal position
        while True:
            events = list(Event.objects.filter(id__gt=position).order_by("id")[:BATCH])
            if events:
                _refresh(name, target, events)
                position = events[-1].pk
            if len(events) < BATCH:
                return

    with ExitStack() as held:
        if not index.remote:
            held.enter_context(transaction.atomic())

        def catch_up(target: Keeper) -> None:
            pass_over(target)
            if index.remote:
                held.enter_context(transaction.atomic())
                _held(name)
                pass_over(target)

        refused: DocumentsRejected | None = None
        try:
            index.rebuild(counted(), catch_up)
        except DocumentsRejected as error:
            refused = error
        if refused is not None:
            for kind in KINDS:
                ids = [one.id for one in refused.rejections if one.kind == kind]
                _note_letters(name, kind, ids, refused)
        DeadLetter.objects.filter(index=name, at__lt=started).delete()
        _held(name)
        Cursor.objects.filter(name=name).update(
            event_id=position, failures=0, retry_at=None, problem="", moved_at=timezone.now()
        )
    return count


def _last_event() -> int:
    return Event.objects.order_by("-id").values_list("id", flat=True).first() or 0


def differences(index: SearchBackend) -> dict[Kind, tuple[set[int], set[int], set[int]]]:
    """Compare an index with the database: ids that are missing, changed, and too many, by kind."""
    from catalog.search.fingerprint import fingerprint

    wanted: dict[Kind, dict[int, str]] = {"product": {}, "dataset": {}}
    for document in everything():
        wanted[document.kind][document.id] = fingerprint(document)
    found: dict[Kind, tuple[set[int], set[int], set[int]]] = {}
    for kind, marks in wanted.items():
        held = index.known(kind)
        changed = {pk for pk in marks.keys() & held.keys() if marks[pk] != held[pk]}
        found[kind] = (marks.keys() - held.keys(), changed, held.keys() - marks.keys())
    return found
