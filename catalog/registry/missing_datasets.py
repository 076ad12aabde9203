"""Datasets that a complete harvest no longer finds are marked as gone, never deleted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import TextField, Value
from django.db.models.functions import Concat

from catalog.db import bulk
from catalog.descriptors import LayerKind
from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Dataset, Layer
from catalog.names import DatasetRef
from catalog.people.authority import Authority
from catalog.registry.dataset_access import editable

#: The share of a source's datasets that may go without somebody saying so.
BRAKE = 0.3


class TooManyMissing(Exception):
    """More would go than a slip explains; nothing was changed."""

    def __init__(self, gone: int, known: int) -> None:
        self.gone, self.known = gone, known
        super().__init__(
            f"{gone} of {known} datasets of this source were not found; at most "
            f"{BRAKE:.0%} may go without confirmation"
        )


@dataclass(frozen=True, slots=True)
class Missing:
    """What was marked as gone."""

    gone: tuple[int, ...]
    known: int


def check_missing(*, source: str, seen: Iterable[DatasetRef], confirm: bool = False) -> int:
    """Count what would go. Raises TooManyMissing when that is more than 30 % without `confirm`."""
    rows, known = _missing(source, seen)
    if rows and len(rows) > known * BRAKE and not confirm:
        raise TooManyMissing(len(rows), known)
    return len(rows)


def mark_missing(
    *,
    source: str,
    authority: Authority,
    seen: Iterable[DatasetRef],
    at: datetime,
    confirm: bool = False,
) -> Missing:
    """Mark the datasets of a source that a complete read did not see, as far as it may speak of them.

    Raises TooManyMissing, having changed nothing, when more than 30 % would go without `confirm`.
    """
    refs = list(seen)
    with transaction.atomic():
        event_log.lock()
        check_missing(source=source, seen=refs, confirm=confirm)
        rows, known = _missing(source, refs)
        allowed = editable(rows, authority)
        rows = [row for row in rows if row.pk in allowed]
        bulk.update(Dataset, [{"id": row.pk, "gone_at": at, "updated_at": at} for row in rows])
        event_log.record([_gone(row, source, at) for row in rows])
        return Missing(tuple(row.pk for row in rows), known)


def mark_gone(
    when: Mapping[int, datetime], *, source: str, authority: Authority
) -> tuple[int, ...]:
    """Mark datasets (by id) as gone since a moment; of those gone already only a later moment counts.

    Datasets that whoever speaks may not describe stay. Returns those that were there until now.
    """
    if not when:
        return ()
    with transaction.atomic():
        event_log.lock()
        rows = list(Dataset.objects.filter(pk__among=when))
        allowed = editable(rows, authority)
        mine = [row for row in rows if row.pk in allowed]
        found = [r for r in mine if r.gone_at is None or r.gone_at < when[r.pk]]
        values = [
            {"id": row.pk, "gone_at": when[row.pk], "updated_at": max(row.updated_at, when[row.pk])}
            for row in found
        ]
        bulk.update(Dataset, values)
        fresh = [row for row in found if row.gone_at is None]
        event_log.record([_gone(row, source, when[row.pk]) for row in fresh])
    return tuple(row.pk for row in fresh)


def _missing(source: str, seen: Iterable[DatasetRef]) -> tuple[list[Dataset], int]:
    """Return the present datasets of a source that were not seen, and how many it has."""
    layers = Layer.objects.filter(
        subject_kind="dataset", kind=LayerKind.HARVESTED, source=source
    ).values_list("subject_key", flat=True)
    missing = set(layers) - {ref.subject for ref in seen}
    rows = list(_present(missing)) if missing else []
    return rows, len(layers) - (len(missing) - len(rows))


def _present(subjects: set[str]) -> Iterable[Dataset]:
    """Return the datasets of these addresses that are not gone yet."""
    wanted = Dataset.objects.annotate(
        subject=Concat("namespace", Value(" "), "name", output_field=TextField())
    )
    return wanted.filter(gone_at__isnull=True, subject__among=subjects)


def _gone(row: Dataset, source: str, at: datetime) -> NewEvent:
    return NewEvent(
        type="dataset.gone",
        at=at,
        actor_name=source,
        subject_kind="dataset",
        subject_key=row.ref.subject,
        subject_id=row.pk,
        product_id=row.product_id,
        audience=row.audience,
        data={},
    )
