"""The one door: what every source of metadata states becomes rows, revisions and events here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.db import bulk
from catalog.db.batches import batched
from catalog.descriptors import Descriptor, LayerKind
from catalog.events import log as event_log
from catalog.models import Dataset, Layer, User
from catalog.people.authority import Authority
from catalog.registry import curation, journal, rows
from catalog.registry.decide import decide
from catalog.registry.outcomes import Applied, Outcome
from catalog.registry.preload import load
from catalog.registry.receive import receive
from catalog.registry.renaming import today
from catalog.registry.stages import Author, Incoming, PendingChange, SubjectKey
from catalog.registry.unchanged import find_unchanged, reaffirm

CHUNK = 1000


def apply(
    descriptors: Iterable[Descriptor],
    *,
    layer: LayerKind,
    source: str,
    authority: Authority,
    by: User | None = None,
    at: datetime | None = None,
) -> Applied:
    """Take many descriptors of one source; refused items leave the good ones applied.

    `authority` is whoever speaks: what it may not do is refused, item by item. `by` is noted as the person.
    """
    author = Author(layer, source, by, at or timezone.now(), authority, is_now=at is None)
    outcomes: list[Outcome] = []
    for chunk in batched(descriptors, CHUNK):
        outcomes += apply_chunk(chunk, author)
    return Applied(tuple(outcomes))


def apply_chunk(descriptors: Sequence[Descriptor], author: Author) -> list[Outcome]:
    """Take one batch in one transaction; of two descriptors of one subject the later counts."""
    subjects, batch = receive(today(descriptors))
    with transaction.atomic():
        event_log.lock()
        unchanged = find_unchanged(batch, author)
        reaffirm(unchanged, author)
        outcomes = _apply_rest(batch, unchanged.rows, author)
    for one in batch:
        if (row_id := unchanged.rows.get(one.subject)) is not None:
            outcomes[one.subject] = Outcome("unchanged", one.kind, one.descriptor.ref, row_id)
    return [outcomes[subject] for subject in subjects]


def _apply_rest(
    batch: Sequence[Incoming], unchanged: dict[SubjectKey, int], author: Author
) -> dict[SubjectKey, Outcome]:
    """Decide on what may change something, and write it."""
    rest = [one.descriptor for one in batch if one.subject not in unchanged]
    if not rest:
        return {}
    context = load(rest)
    decided = decide(batch, unchanged, context, author)
    _rename_layers([change for change in decided if change.renamed_from])
    _store_layers(decided)
    back = [change for change in decided if change.is_back and change.row]
    bulk.update(Dataset, [{"id": c.row.pk, "gone_at": None} for c in back if c.row])
    moving = [change for change in decided if change.moves]
    written = rows.write(moving, context, author.at, kept_for=author.authority.kept_for)
    journal.write(written, back, author)
    curation.hide_sensitive(written, author)
    ids = {one.change.incoming.subject: one.row_id for one in written}
    return {c.incoming.subject: c.outcome(ids.get(c.incoming.subject)) for c in decided}


def _rename_layers(changes: Sequence[PendingChange]) -> None:
    """Move the layers of products whose GUID came with a new address; they replace what lay there."""
    for change in changes:
        layers = Layer.objects.filter(subject_kind="product")
        layers.filter(subject_key=change.key).delete()
        layers.filter(subject_key=change.renamed_from).update(subject_key=change.key)


def _store_layers(changes: Sequence[PendingChange]) -> None:
    """Store each statement: a source's first by insert, a later one in the place of its last."""
    stated = [(change, change.layer) for change in changes if change.layer is not None]
    first = [layer for change, layer in stated if not (change.has_layer or change.renamed_from)]
    bulk.insert(Layer, first)
    bulk.upsert(
        Layer,
        [layer for change, layer in stated if change.has_layer or change.renamed_from],
        on=("subject_kind", "subject_key", "kind", "source"),
        fields=("content", "digest", "stamps", "stated_at", "by_id"),
    )
