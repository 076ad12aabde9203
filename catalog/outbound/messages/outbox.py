"""Send what people chose, at most once.

What is about to be sent is marked first, in a transaction of its own. A process that dies in between leaves a mail
unsent rather than sent twice: the portal shows every notification anyway. What the server refuses is unmarked and
tried again after a pause. What a person may see is asked anew each time.
"""

from __future__ import annotations

import logging
import smtplib
import time
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from catalog.models import Notification, Reach
from catalog.outbound.messages.chat import Line, payload
from catalog.outbound.messages.mail import write_mail
from catalog.outbound.notifications import notifications_of
from catalog.outbound.webhooks.addresses import Rules, TargetRefused, read_target, resolve
from catalog.outbound.webhooks.schedule import is_taken
from catalog.outbound.webhooks.transport import Unreachable, call

log = logging.getLogger(__name__)
#: Families of events that people are told of, and what they are called.
FAMILIES = {
    "access": "Requests for access",
    "grant": "Access that ends",
    "product": "Products I look after or follow",
    "contract": "New versions of contracts",
    "check": "Quality checks that fail",
    "objective": "Promises that break",
    "lineage": "Announced changes upstream",
    "namespace": "Names of datasets and jobs of my teams",
    "webhook": "My webhooks",
}
MOST = 50
PAUSE = timedelta(minutes=5)
#: What waited longer is no news: the portal shows it.
OLDEST = timedelta(days=2)
SECONDS = 60.0


def send_messages(now: datetime, seconds: float = SECONDS) -> int:
    """Send by mail and chat what is due; return how many messages were sent."""
    ends, sent = time.monotonic() + seconds, 0
    for reach in _with_news(now):
        if time.monotonic() > ends:
            break
        if reach.user.email and reach.mail and _rested(reach.mail_retry_at, now):
            sent += _mail(reach, now)
        if reach.chat_url and reach.chat and _rested(reach.chat_retry_at, now):
            sent += _chat(reach, now)
    for reach in _digests(now):
        if time.monotonic() > ends:
            break
        if _rested(reach.mail_retry_at, now):
            sent += _digest(reach, now)
    return sent


def _with_news(now: datetime) -> QuerySet[Reach]:
    fresh = Notification.objects.filter(
        Q(mailed_at=None) | Q(chatted_at=None),
        user=OuterRef("user"),
        created_at__gte=now - OLDEST,
    )
    rows = Reach.objects.filter(Exists(fresh), user__is_active=True).exclude(mail=[], chat=[])
    return rows.select_related("user").order_by("pk")


def _digests(now: datetime) -> QuerySet[Reach]:
    local = timezone.localtime(now)
    due = Q(digest_on=None) | Q(digest_on__lt=local.date())
    rows = Reach.objects.filter(due, digest_hour__lte=local.hour, user__is_active=True)
    return rows.exclude(user__email="").select_related("user").order_by("pk")


def _rested(until: datetime | None, now: datetime) -> bool:
    return until is None or until <= now or until > now + 2 * PAUSE


def _mail(reach: Reach, now: datetime) -> int:
    rows = _take(reach, "mailed_at", reach.mail, now)
    if not rows:
        return 0
    try:
        write_mail(reach.user, _lines(rows)).send()
    except (smtplib.SMTPException, OSError) as error:
        return _give_back(reach, rows, "mail", now, f"mail was not taken: {_brief(error)}")
    return 1


def _digest(reach: Reach, now: datetime) -> int:
    before, today = reach.digest_on, timezone.localdate(now)
    mine = Reach.objects.filter(pk=reach.pk, digest_on=before)
    if not mine.update(digest_on=today):
        return 0
    rows = _take(reach, "mailed_at", FAMILIES, now)
    if not rows:
        return 0
    count = f"{len(rows)} thing{'s' if len(rows) > 1 else ''}"
    try:
        write_mail(reach.user, _lines(rows), f"Gazetteer: {count} since yesterday").send()
    except (smtplib.SMTPException, OSError) as error:
        Reach.objects.filter(pk=reach.pk, digest_on=today).update(digest_on=before)
        return _give_back(reach, rows, "mail", now, f"mail was not taken: {_brief(error)}")
    return 1


def _chat(reach: Reach, now: datetime) -> int:
    rows = _take(reach, "chatted_at", reach.chat, now)
    if not rows:
        return 0
    if problem := say(reach, _lines(rows)):
        return _give_back(reach, rows, "chat", now, problem)
    return 1


def say(reach: Reach, lines: Sequence[Line]) -> str:
    """Say something in a person's chat; return what was wrong, empty when it was taken."""
    rules = Rules(settings.WEBHOOK_HTTP, tuple(settings.WEBHOOK_NETWORKS))
    headers = {"Content-Type": "application/json", "User-Agent": "Gazetteer/1"}
    body = payload(reach.chat_format, lines)
    try:
        target = read_target(reach.chat_url, rules)
        found = resolve(target, rules)
        answer = call("POST", target, found, headers, body, settings.WEBHOOK_TIMEOUT)
    except (TargetRefused, Unreachable) as error:
        return f"chat was not reached: {error}"
    return "" if is_taken(answer.status) else f"chat answered {answer.status}"


def _take(reach: Reach, mark: str, families: Collection[str], now: datetime) -> list[Notification]:
    """Mark the next notifications as sent and return them; nobody else takes them."""
    wanted = Q(pk=None)
    for family in families:
        wanted |= Q(kind__startswith=f"{family}.")
    with transaction.atomic():
        if connection.features.has_select_for_update:
            Reach.objects.select_for_update().get(pk=reach.pk)
        since = max(reach.since, now - OLDEST)
        mine = notifications_of(reach.user).filter(wanted, created_at__gte=since, **{mark: None})
        rows = list(mine.order_by("id")[:MOST])
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(**{mark: now})
    return rows


def _give_back(
    reach: Reach, rows: Sequence[Notification], channel: str, now: datetime, problem: str
) -> int:
    mark = {"mail": "mailed_at", "chat": "chatted_at"}[channel]
    log.warning("%s to %s: %s", channel, reach.user.username, problem)
    with transaction.atomic():
        Notification.objects.filter(pk__in=[row.pk for row in rows]).update(**{mark: None})
        pause = {f"{channel}_retry_at": now + PAUSE, "problem": problem[:300]}
        Reach.objects.filter(pk=reach.pk).update(**pause)
    return 0


def _lines(rows: Sequence[Notification]) -> list[Line]:
    return [Line(row.text, settings.PUBLIC_URL + (row.url or "/notifications")) for row in rows]


def _brief(error: Exception) -> str:
    return type(error).__name__
