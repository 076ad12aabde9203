"""What reaches a person beside the portal, as they chose."""

from __future__ import annotations

from collections.abc import Sequence

from django.conf import settings
from django.utils import timezone

from catalog.models import Reach, User
from catalog.outbound.messages.outbox import FAMILIES
from catalog.outbound.webhooks.addresses import Rules, TargetRefused, read_target


class ReachInvalid(ValueError):
    """The choice cannot be kept; the message says why."""


def reach_of(user: User) -> Reach:
    """Return what a person chose, or nothing chosen yet (not saved)."""
    return Reach.objects.filter(user=user).first() or Reach(user=user)


def choose(
    user: User,
    *,
    mail: Sequence[str],
    chat: Sequence[str],
    chat_url: str,
    chat_format: str,
    digest_hour: int | None,
) -> Reach:
    """Keep what a person wants; what happened before is not sent. Raises ReachInvalid."""
    if chat_url:
        try:
            read_target(chat_url, Rules(settings.WEBHOOK_HTTP, tuple(settings.WEBHOOK_NETWORKS)))
        except TargetRefused as error:
            raise ReachInvalid(str(error)) from error
    elif chat:
        raise ReachInvalid("name the address of the chat's incoming webhook")
    now = timezone.now()
    fields = {
        "mail": [one for one in FAMILIES if one in mail],
        "chat": [one for one in FAMILIES if one in chat],
        "chat_url": chat_url,
        "chat_format": chat_format,
        "digest_hour": digest_hour,
        "since": now,
        "mail_retry_at": None,
        "chat_retry_at": None,
        "problem": "",
    }
    reach, is_new = Reach.objects.update_or_create(user=user, defaults=fields)
    local = timezone.localtime(now)
    if (
        digest_hour is not None
        and (is_new or reach.digest_on is None)
        and local.hour >= digest_hour
    ):
        Reach.objects.filter(pk=reach.pk).update(digest_on=local.date())
    return reach


def end_mail(user_id: int) -> None:
    """Send a person no more mail, neither at once nor daily."""
    Reach.objects.filter(user=user_id).update(mail=[], digest_hour=None)
