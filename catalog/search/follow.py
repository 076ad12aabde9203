"""The index follows the event log with a cursor of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from django.db.models import Q

from catalog.events import advance, read_after
from catalog.models import Dataset, Domain, Event, PortDataset, Product
from catalog.search.documents import dataset_documents, product_documents
from catalog.search.engines import backend
from catalog.search.types import Document, Kind

CURSOR = "search"
BATCH = 500


def follow(limit: int = 5_000) -> int:
    """Index what events since the last time touched; return how many events were read."""
    read = 0
    while read < limit and (events := read_after(CURSOR, BATCH)):
        _refresh(events)
        advance(CURSOR, events[-1].pk)
        read += len(events)
    return read


def _refresh(events: list[Event]) -> None:
    products, datasets = _touched(events)
    refresh("product", products)
    refresh("dataset", datasets)


def refresh(kind: Kind, ids: Iterable[int]) -> None:
    """Index some products or datasets again; those that are gone leave the index."""
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), BATCH):
        part = wanted[start : start + BATCH]
        made = list(product_documents(part) if kind == "product" else dataset_documents(part))
        backend().index(made)
        backend().delete(kind, set(part) - {d.id for d in made})


def _touched(events: list[Event]) -> tuple[set[int], set[int]]:
    products = {e.product_id for e in events if e.product_id}
    datasets = {e.subject_id for e in events if e.subject_kind == "dataset" and e.subject_id}
    products |= {e.subject_id for e in events if e.subject_kind == "product" and e.subject_id}
    domains = {e.subject_id for e in events if e.type == "domain.saved" and e.subject_id}
    teams = {
        e.subject_id for e in events if e.type in ("team.saved", "member.changed") and e.subject_id
    }
    runs = any(e.type == "run.finished" for e in events)
    if domains or teams:
        paths = Domain.objects.filter(pk__in=domains).values_list("path", flat=True)
        own = Q(team__in=teams)
        for path in paths:
            own |= Q(domain__path__startswith=path)
        products |= set(Product.objects.filter(own).values_list("pk", flat=True))
        datasets |= set(Dataset.objects.filter(own).values_list("pk", flat=True))
    if runs:
        since = min(e.recorded_at for e in events)
        fresh = Dataset.objects.filter(observed_at__gte=since).values_list("pk", flat=True)
        datasets |= set(fresh)
    links = PortDataset.objects.filter(
        Q(dataset__in=datasets) | Q(port__product__in=products), port__direction="out"
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
        remaining = iter(ids.iterator(chunk_size=5_000))
        while part := list(islice(remaining, BATCH)):
            yield from build(part)


def rebuild() -> int:
    """Build the whole index anew and note how far the log had come; return the count."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    count = backend().rebuild(everything())
    advance(CURSOR, last)
    return count


def differences() -> dict[Kind, tuple[set[int], set[int], set[int]]]:
    """Compare index and database: ids that are missing, changed, and too many, by kind."""
    from catalog.search.fingerprint import fingerprint

    wanted: dict[Kind, dict[int, str]] = {"product": {}, "dataset": {}}
    for document in everything():
        wanted[document.kind][document.id] = fingerprint(document)
    found: dict[Kind, tuple[set[int], set[int], set[int]]] = {}
    for kind, marks in wanted.items():
        held = backend().known(kind)
        changed = {pk for pk in marks.keys() & held.keys() if marks[pk] != held[pk]}
        found[kind] = (marks.keys() - held.keys(), changed, held.keys() - marks.keys())
    return found
