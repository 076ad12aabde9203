"""Write down what came of deliveries: the place in the log, the pause before the next try, the log of calls."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.db import bulk
from catalog.events.log import NewEvent, record
from catalog.models import Notification, Webhook, WebhookAttempt, WebhookLetter
from catalog.outbound.webhooks.calls import Call, Message, Talk
from catalog.outbound.webhooks.matching import Batch
from catalog.outbound.webhooks.schedule import PAUSES, Next, judge
from catalog.visibility import person_token

#: So many calls of each webhook stay in its log.
KEPT = 200
Outcome = tuple[Batch, Sequence[Message], Talk | None]


def settle(outcomes: Sequence[Outcome]) -> None:
    """Move webhooks on. One whose lease is no longer ours was moved by its owner, and stays there."""
    now = timezone.now()
    for batch, messages, done in outcomes:
        with transaction.atomic():
            if done is None:
                _write(batch.webhook, event_id=batch.reaches, turn_at=now)
            else:
                _settle(batch, messages, done, now)


def _settle(batch: Batch, messages: Sequence[Message], done: Talk, now: datetime) -> None:
    webhook = batch.webhook
    note(webhook, done.calls, now)
    fields: dict[str, object] = {"turn_at": now, "event_id": _reached(batch, messages, done)}
    if done.is_verified and webhook.verified_at is None and settings.WEBHOOK_HANDSHAKE:
        fields |= {"verified_at": now, "rate": done.rate}
    if done.taken:
        fields |= {"delivered_at": now, "tries": 0, "failing_since": None}
        fields |= {"retry_at": _paced(done.rate or webhook.rate, done.taken, now), "problem": ""}
    verdict = None
    if failure := done.failure:
        tries = (0 if done.taken else webhook.tries) + 1
        verdict = judge(tries, failure.answer)
        fields |= {
            "tries": tries,
            "failing_since": (None if done.taken else webhook.failing_since) or now,
            "problem": failure.problem,
            "retry_at": now + timedelta(seconds=verdict.pause),
        }
        if verdict.next is Next.DEAD and failure.kind == "event":
            fields |= {"event_id": failure.number, "tries": 0, "retry_at": None}
        elif verdict.next is Next.DEAD:
            fields["retry_at"] = now + timedelta(seconds=PAUSES[-1])
    if not _write(webhook, **fields):
        return
    if failure and verdict:
        _conclude(webhook, failure, verdict.next, fields, now)


def _reached(batch: Batch, messages: Sequence[Message], done: Talk) -> int:
    if done.taken == len(messages):
        return batch.reaches
    return messages[done.taken - 1].number if done.taken else batch.webhook.event_id


def _paced(rate: int | None, taken: int, now: datetime) -> datetime | None:
    """Return when a receiver that named a rate takes more."""
    return now + timedelta(seconds=60 * taken / rate) if rate else None


def _write(webhook: Webhook, **fields: object) -> bool:
    """Change a webhook that is still ours, and let it go."""
    ours = Webhook.objects.filter(pk=webhook.pk, lease=webhook.lease, url=webhook.url)
    return bool(ours.update(**fields, lease="", leased_until=None))


def _conclude(
    webhook: Webhook, failure: Call, follows: Next, fields: dict[str, object], now: datetime
) -> None:
    """Keep a dead letter, or stop a webhook that its receiver left or that failed for days."""
    if follows is Next.DEAD and failure.kind == "event":
        WebhookLetter.objects.get_or_create(
            webhook=webhook,
            event_id=failure.number,
            defaults={"tries": webhook.tries + 1, "problem": failure.problem, "at": now},
        )
    since = fields["failing_since"]
    days = settings.WEBHOOK_STOP_DAYS
    if follows is Next.STOP:
        stop(webhook, "The receiver answered 410 Gone: it wants no more.", now)
    elif isinstance(since, datetime) and now - since >= timedelta(days=days):
        stop(webhook, f"It failed for {days} days: {failure.problem}.", now)


def stop(webhook: Webhook, reason: str, now: datetime) -> None:
    """Send nothing more until its owner resumes it, and tell them; the place in the log stays."""
    stopped = Webhook.objects.filter(pk=webhook.pk, is_enabled=True).update(
        is_enabled=False, stopped_at=now, stopped_because=reason[:300], lease="", leased_until=None
    )
    if not stopped:
        return
    event = NewEvent(
        type="webhook.stopped",
        subject_kind="webhook",
        subject_key=f"{webhook.owner.username}:{webhook.name}",
        subject_id=webhook.pk,
        audience=person_token(webhook.owner_id),
        data={"reason": reason},
    )
    (number,) = record([event])
    Notification.objects.create(
        user_id=webhook.owner_id,
        event_id=number,
        kind="webhook.stopped",
        text=f"Your webhook “{webhook.name}” was stopped. {reason}"[:500],
        url=f"/profile/webhooks/{webhook.pk}",
    )


def note(webhook: Webhook, calls: Sequence[Call], now: datetime) -> None:
    """Add calls to the log of a webhook, and drop the oldest."""
    rows = [
        {
            "webhook_id": webhook.pk,
            "kind": one.kind,
            "event_id": one.number or None,
            "at": now,
            "took_ms": int(one.took * 1000),
            "status": one.answer.status if one.answer else None,
            "problem": one.problem[:300],
        }
        for one in calls
    ]
    if not Webhook.objects.filter(pk=webhook.pk).exists():
        return
    bulk.insert(WebhookAttempt, rows)
    mine = WebhookAttempt.objects.filter(webhook=webhook).order_by("-id")
    if oldest := mine.values_list("id", flat=True)[KEPT:][:1].first():
        WebhookAttempt.objects.filter(webhook=webhook, id__lte=oldest).delete()
