"""When the catalog's own work happens: the followers of the event log, and what time itself changes.

Every task may come twice, or not at all: what is to be done stands in the database, a message only says
that somebody should look.
"""

from __future__ import annotations

from typing import Any

from celery import shared_task
from django.conf import settings
from django.dispatch import receiver
from django.utils import timezone

from catalog.access.grants import end_of_leavers, expire_due, notice_due
from catalog.events.wakeup import Debouncer
from catalog.outbound import notifications
from catalog.outbound.messages.outbox import send_messages
from catalog.outbound.webhooks.deliver import deliver as send_webhooks
from catalog.search.follow import follow as follow_search
from catalog.signals import events_recorded
from catalog.trust.objectives import measure_freshness

HOUR = 3600
#: Seconds after which a message that only wakes a follower is not worth reading.
WAKE_UP_LASTS = 30
#: A follower far behind reads so many events, then lets the worker's other tasks have their turn.
EVENTS_AT_ONCE = 5_000


@shared_task(name="catalog.index", time_limit=HOUR, soft_time_limit=HOUR - 60)
def index() -> None:
    """Let the search indexes catch up with the event log; a new index is built whole."""
    if follow_search(EVENTS_AT_ONCE) >= EVENTS_AT_ONCE:
        index.delay()


@shared_task(name="catalog.notify", time_limit=300, soft_time_limit=240)
def notify() -> None:
    """Let the notifications catch up with the event log."""
    if notifications.follow(most=EVENTS_AT_ONCE) >= EVENTS_AT_ONCE:
        notify.delay()


@shared_task(name="catalog.deliver", time_limit=300, soft_time_limit=240)
def deliver() -> None:
    """Send events to the receivers of webhooks."""
    if send_webhooks():
        deliver.apply_async(retry=False, expires=WAKE_UP_LASTS)


@shared_task(name="catalog.send_messages", time_limit=300, soft_time_limit=240)
def message() -> None:
    """Send by mail and chat what people chose to be told there."""
    send_messages(timezone.now())


@shared_task(name="catalog.expire", time_limit=900, soft_time_limit=840)
def expire() -> None:
    """End rights whose last day has passed, warn ahead of others, judge freshness as time goes by."""
    now = timezone.now()
    expire_due(now)
    end_of_leavers(now)
    notice_due(now)
    measure_freshness(now)


def _wake_followers() -> None:
    for task in (index, notify, deliver):
        task.apply_async(retry=False, expires=WAKE_UP_LASTS)


_debouncer = Debouncer(_wake_followers)


@receiver(events_recorded)
def wake_followers(sender: object, **_: Any) -> None:
    """Let the followers look soon."""
    if settings.WAKE_FOLLOWERS:
        _debouncer.call()
