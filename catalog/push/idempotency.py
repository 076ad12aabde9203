"""How often and how many at once a token pushes, and the same call answered the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.models import ApiToken, Push, User

WINDOW = timedelta(minutes=1)
KEPT = timedelta(days=1)
#: A call that did not say for so long that it goes on has died with its process.
DEAD = timedelta(minutes=5)
#: How often a call says that it goes on.
TOUCH = timedelta(seconds=15)
_BUSY = 5  # seconds to wait while others run


class TooManyPushes(Exception):
    """The token pushes too often, or too much at once; `wait` says for how many seconds."""

    def __init__(self, message: str, wait: int) -> None:
        self.wait = wait
        super().__init__(message)


class KeyInUse(Exception):
    """A call with this key is running."""


@dataclass(slots=True)
class Opened:
    """A call that may run; `earlier` is the one that had its key, when that is finished."""

    row: Push | None
    earlier: Push | None = None
    touched_at: datetime | None = None

    def touch(self) -> None:
        """Say that the call goes on, now and then."""
        now = timezone.now()
        if self.row is not None and now - (self.touched_at or self.row.touched_at) > TOUCH:
            self.touched_at = now
            Push.objects.filter(pk=self.row.pk).update(touched_at=now)

    def finish(self, fingerprint: str, answer: Mapping[str, Any]) -> None:
        """Keep what was answered, for a call with a key."""
        if self.row is None:
            return
        rows = Push.objects.filter(pk=self.row.pk)
        answered = {"fingerprint": fingerprint, "answer": dict(answer)} if self.row.key else {}
        rows.update(finished_at=timezone.now(), **answered)

    def fail(self) -> None:
        """Forget the key, so that the same call may come again."""
        if self.row is not None:
            Push.objects.filter(pk=self.row.pk).update(finished_at=timezone.now(), key="")


def open_call(user: User, token: ApiToken | None, key: str) -> Opened:
    """Let a call in. Raises TooManyPushes and KeyInUse."""
    now = timezone.now()
    Push.objects.filter(started_at__lt=now - KEPT).exclude(
        finished_at=None, touched_at__gte=now - DEAD
    ).delete()
    own = Push.objects.filter(Q(token=token) if token else Q(token=None), user=user)
    _check(own, now)
    if key and (earlier := _earlier(user, key, now)):
        return Opened(None, earlier)
    try:
        with transaction.atomic():
            row = Push.objects.create(
                user=user, token=token, key=key, started_at=now, touched_at=now
            )
    except IntegrityError as error:
        raise KeyInUse from error
    return Opened(row)


def _earlier(user: User, key: str, now: datetime) -> Push | None:
    """Return the finished call of a key; what died frees its key. Raises KeyInUse."""
    rows = Push.objects.filter(user=user, key=key)
    rows.filter(finished_at=None, touched_at__lt=now - DEAD).update(key="", finished_at=now)
    found = rows.first()
    if found is not None and found.finished_at is None:
        raise KeyInUse
    return found


def _check(own: QuerySet[Push], now: datetime) -> None:
    running = own.filter(finished_at=None, touched_at__gte=now - DEAD).count()
    if running >= settings.PUSH_CONCURRENCY:
        raise TooManyPushes(f"{running} pushes of this token are running", _BUSY)
    begun = own.filter(started_at__gt=now - WINDOW).order_by("started_at")
    times = list(begun.values_list("started_at", flat=True))
    if len(times) >= settings.PUSH_RATE:
        first = times[len(times) - settings.PUSH_RATE]
        wait = max(1, int((first + WINDOW - now).total_seconds()) + 1)
        raise TooManyPushes(f"a token begins at most {settings.PUSH_RATE} pushes a minute", wait)
