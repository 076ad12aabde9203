"""What happened, as a dated list with field-by-field differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import Event, User

Viewer = User | AnonymousUser
ABOUT_CONTENT = (
    Q(type__startswith="product.")
    | Q(type__startswith="dataset.")
    | Q(type__startswith="check.")
    | Q(type__startswith="objective.")
)
_WORDS = {
    "product.created": ("registered the product", "plus"),
    "product.updated": ("changed the product", "pencil"),
    "product.removed": ("removed the product", "trash-2"),
    "product.followed": ("followed the product", "star"),
    "dataset.created": ("found the dataset", "table-2"),
    "dataset.updated": ("changed the dataset", "pencil"),
    "dataset.gone": ("no longer found the dataset", "unlink"),
    "dataset.returned": ("found the dataset again", "rotate-ccw"),
    "check.failed": ("saw a check fail:", "circle-x"),
    "check.recovered": ("saw a check pass again:", "circle-check"),
    "objective.broken": ("saw a promise broken:", "circle-x"),
    "objective.kept": ("saw a promise kept again:", "circle-check"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words."""

    event: Event
    words: str
    icon: str
    subject: str
    changes: Sequence[dict[str, object]]


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day."""

    day: date
    entries: tuple[Entry, ...]


def events_of_product(user: Viewer, product_id: int) -> QuerySet[Event]:
    """Return what happened to a product and its datasets, newest first."""
    own = Q(product_id=product_id) | Q(subject_kind="product", subject_id=product_id)
    rows = Event.objects.visible_to(user).filter(own, ABOUT_CONTENT)
    return rows.exclude(type="product.followed").order_by("-at", "-id")


def events_of_dataset(user: Viewer, dataset_id: int) -> QuerySet[Event]:
    """Return what happened to a dataset, newest first."""
    rows = Event.objects.visible_to(user).filter(subject_kind="dataset", subject_id=dataset_id)
    return rows.order_by("-at", "-id")


def entry(event: Event) -> Entry:
    """Put an event into words."""
    words, icon = _WORDS.get(event.type, (event.type.replace(".", " "), "activity"))
    data = event.data if isinstance(event.data, dict) else {}
    changes = data.get("changes")
    name = data.get("name") or data.get("display_name") or ""
    subject = str(name) if name else event.subject_key.rpartition(" ")[2].rpartition("/")[2]
    return Entry(event, words, icon, subject, changes if isinstance(changes, list) else ())


def by_day(events: Sequence[Event]) -> list[Day]:
    """Group events by local day, keeping their order."""
    days: dict[date, list[Entry]] = {}
    for event in events:
        days.setdefault(timezone.localdate(event.at), []).append(entry(event))
    return [Day(one, tuple(entries)) for one, entries in days.items()]
