"""The event log: written in the transaction of the change, followed by cursors, never changed.

Numbers commit in order: on PostgreSQL every writer holds one advisory lock until its transaction ends,
SQLite has one writer at a time. So a follower that has read up to a number has missed nothing before it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.db import bulk
from catalog.db.locks import LockKey, lock_until_commit
from catalog.models import Cursor, Event, User
from catalog.signals import events_recorded
from catalog.visibility import PUBLIC


@dataclass(frozen=True, slots=True, kw_only=True)
class NewEvent:
    """Something that just happened. `at` is when it happened in the world; empty: now."""

    type: str
    subject_kind: str
    subject_key: str
    subject_id: int | None = None
    product_id: int | None = None
    audience: str = PUBLIC
    actor: User | None = None
    actor_name: str = ""
    at: datetime | None = None
    data: Mapping[str, object] = field(default_factory=dict)


def lock() -> None:
    """Let no other writer of events in until this transaction ends."""
    lock_until_commit(LockKey.EVENT_LOG)


def record(events: Sequence[NewEvent]) -> list[int]:
    """Append events to the log in the caller's transaction; return their numbers."""
    if not events:
        return []
    with transaction.atomic():
        lock()
        now = timezone.now()
        ids = bulk.allocate(Event, len(events))
        bulk.insert(
            Event,
            [
                {
                    "id": number,
                    "type": event.type,
                    "at": event.at or now,
                    "recorded_at": now,
                    "actor_id": event.actor.pk if event.actor else None,
                    "actor_name": (event.actor_name or str(event.actor or "Gazetteer"))[:200],
                    "subject_kind": event.subject_kind,
                    "subject_key": event.subject_key,
                    "subject_id": event.subject_id,
                    "product_id": event.product_id or _own_product(event),
                    "audience": event.audience,
                    "data": event.data,
                }
                for number, event in zip(ids, events, strict=True)
            ],
        )
        transaction.on_commit(lambda: events_recorded.send_robust(Event))
    return ids


def _own_product(event: NewEvent) -> int | None:
    return event.subject_id if event.subject_kind == "product" else None


def read_after(name: str, limit: int = 500) -> list[Event]:
    """Return the next events of the follower `name`, oldest first."""
    seen = Cursor.objects.filter(name=name).values_list("event_id", flat=True).first() or 0
    return list(Event.objects.filter(id__gt=seen).select_related("actor").order_by("id")[:limit])


def advance(name: str, event_id: int) -> None:
    """Remember that the follower `name` has come as far as `event_id`; never goes back."""
    Cursor.objects.get_or_create(name=name)
    Cursor.objects.filter(name=name, event_id__lt=event_id).update(
        event_id=event_id, moved_at=timezone.now()
    )
