"""The follower that sends events to receivers: each webhook has a place of its own in the log.

A webhook is taken by a conditional update that leaves a mark (a lease), its next events are read in one go with
those of others, sent in a thread, and its place moves after the receiver took them. A process that dies in between
leaves the place where it was: the lease ends, and another sends the same events again, under the same `webhook-id`.
So every event comes at least once, in order. Receivers that are slow hold up one thread each, never the others.
"""

from __future__ import annotations

import json
import time
import uuid
from collections.abc import Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from catalog.access.redaction import withhold_from_all
from catalog.events.feed import cloud_events
from catalog.models import Event, Webhook
from catalog.outbound.webhooks.addresses import Rules
from catalog.outbound.webhooks.calls import TURN, Message, Receiver, Talk, origin_of, talk
from catalog.outbound.webhooks.matching import Batch, next_batches
from catalog.outbound.webhooks.record_outcome import settle
from catalog.outbound.webhooks.schedule import LONGEST
from catalog.outbound.webhooks.secrets import secrets_of

THREADS = 16
#: Longer than one turn of the slowest receiver takes: it may begin and end with a call that takes the whole
#: time-out, each after names were looked up. So long nothing is sent when a process died.
MARGIN = timedelta(seconds=TURN + 40)
Flying = dict[Future[Talk], tuple[Batch, tuple[Message, ...]]]


def deliver(seconds: float = 10.0) -> bool:
    """Send what is due; return whether something is left when the time is over."""
    if not Webhook.objects.filter(is_enabled=True).exists():
        return False
    ends = time.monotonic() + seconds
    flying: Flying = {}
    with ThreadPoolExecutor(THREADS, thread_name_prefix="webhook") as pool:
        while True:
            is_over = time.monotonic() >= ends
            taken = 0 if is_over else _start(pool, flying)
            if not flying and not taken:
                return is_over and _due(timezone.now()).exists()
            _land(flying)


def _start(pool: ThreadPoolExecutor, flying: Flying) -> int:
    """Take webhooks that are due, as many as there is room for; return how many."""
    room = THREADS - len(flying)
    webhooks = claim(room) if room else []
    if not webhooks:
        return 0
    batches = next_batches(webhooks)
    bodies = bodies_of({e.pk: e for batch in batches for e in batch.events}.values())
    now = timezone.now()
    for batch in batches:
        messages = tuple(bodies[event.pk] for event in batch.events)
        if messages:
            flying[pool.submit(talk, receiver_of(batch.webhook, now), messages)] = batch, messages
    settle([(batch, (), None) for batch in batches if not batch.events])
    return len(webhooks)


def _land(flying: Flying) -> None:
    """Write down what came of those that are back; wait a moment for one."""
    if not flying:
        return
    done, _ = wait(flying, timeout=0.5, return_when=FIRST_COMPLETED)
    landed = [(future, *flying.pop(future)) for future in done]
    settle([(batch, messages, future.result()) for future, batch, messages in landed])


def claim(room: int) -> list[Webhook]:
    """Take webhooks that have something to read, those first that waited longest; no other takes them."""
    now = timezone.now()
    due = _due(now)
    first = due.order_by(F("turn_at").asc(nulls_first=True), "pk").values_list("pk", flat=True)
    wanted = list(first[:room])
    if not wanted:
        return []
    mark = uuid.uuid4().hex
    until = now + timedelta(seconds=settings.WEBHOOK_TIMEOUT * 2) + MARGIN
    _due(now).filter(pk__in=wanted).update(lease=mark, leased_until=until)
    return list(Webhook.objects.filter(lease=mark).select_related("domain"))


def _due(now: datetime) -> QuerySet[Webhook]:
    """Return the webhooks to look at. A pause longer than any is of a clock that went back."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    longest = now + timedelta(seconds=LONGEST * 1.1)
    rested = Q(retry_at=None) | Q(retry_at__lte=now) | Q(retry_at__gt=longest)
    free = Q(leased_until=None) | Q(leased_until__lte=now) | Q(leased_until__gt=longest)
    return Webhook.objects.filter(
        rested, free, is_enabled=True, owner__is_active=True, event_id__lt=last
    )


def bodies_of(events: Iterable[Event]) -> dict[int, Message]:
    """Return events as they are sent, by number; what opens with access is sent to nobody."""
    rows = withhold_from_all(events)
    return {
        row.pk: Message(str(row.pk), row.pk, json.dumps(event, separators=(",", ":")).encode())
        for row, event in zip(rows, cloud_events(rows), strict=True)
    }


def receiver_of(webhook: Webhook, now: datetime) -> Receiver:
    """Return whom to call for a webhook."""
    return Receiver(
        url=webhook.url,
        secrets=secrets_of(webhook, now),
        origin=origin_of(settings.PUBLIC_URL),
        needs_handshake=settings.WEBHOOK_HANDSHAKE and webhook.verified_at is None,
        rules=rules(),
        timeout=settings.WEBHOOK_TIMEOUT,
    )


def rules() -> Rules:
    """Return what the operator allows."""
    return Rules(settings.WEBHOOK_HTTP, tuple(settings.WEBHOOK_NETWORKS))
