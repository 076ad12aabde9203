"""Chores: what is done again and again, kept in the database.

Claimed by a conditional update, so any number of clocks and workers may look at once. Whatever the time of
day does, a chore is due when its next time has come, or lies further ahead than it ever should.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.utils import timezone

from catalog.models import User
from ingestors.models import Chore
from ingestors.scheduling.clock import CHORES

log = logging.getLogger(__name__)
#: A chore that no worker began within this is sent again.
UNHEARD = timedelta(seconds=60)
MOST_SECONDS = 7 * 24 * 3600


class ChoreInvalid(ValueError):
    """The chore cannot be changed like that."""


def find_chores() -> list[Chore]:
    """Return every chore, those added by this version of Gazetteer among them."""
    known = set(Chore.objects.values_list("name", flat=True))
    missing = [usual for usual in CHORES if usual.name not in known]
    if missing:
        Chore.objects.bulk_create(
            [Chore(name=u.name, task=u.task, every=u.every, about=u.about) for u in missing],
            ignore_conflicts=True,
        )
    return list(Chore.objects.all())


def claim_due(now: datetime) -> list[Chore]:
    """Take what is due; what one caller takes, no other does."""
    return [chore for chore in find_chores() if is_due(chore, now) and _claim(chore, now)]


def is_due(chore: Chore, now: datetime) -> bool:
    """Return whether a chore should be done now."""
    if not chore.is_enabled:
        return False
    is_unheard = bool(chore.sent_at and chore.started_at is None and now - chore.sent_at > UNHEARD)
    is_ahead = chore.next_at - now > timedelta(seconds=chore.every)  # the clock went back
    return chore.next_at <= now or is_ahead or is_unheard


def _claim(chore: Chore, now: datetime) -> bool:
    same = Chore.objects.filter(
        pk=chore.pk, next_at=chore.next_at, sent_at=chore.sent_at, is_enabled=True
    )
    following = now + timedelta(seconds=chore.every)
    return bool(same.update(next_at=following, sent_at=now, started_at=None))


def lasts(chore: Chore) -> int:
    """Return for how many seconds a message about a chore is worth anything."""
    return max(10, min(chore.every, int(UNHEARD.total_seconds())))


def note_started(name: str) -> None:
    """Keep that a worker does a chore now."""
    Chore.objects.filter(name=name).update(started_at=timezone.now())


def note_finished(name: str, error: str = "") -> None:
    """Keep that a chore was done, or why not."""
    Chore.objects.filter(name=name).update(finished_at=timezone.now(), error=error[:500])


def change_chore(chore: Chore, *, by: User | None, every: int | None = None) -> None:
    """Do a chore every so many seconds from now on. Raises ChoreInvalid."""
    if every is None or not 1 <= every <= MOST_SECONDS:
        raise ChoreInvalid(f"every {every} seconds is not possible; 1 to {MOST_SECONDS} are")
    chore.every, chore.next_at = every, timezone.now()
    chore.save(update_fields=["every", "next_at"])
    log.info("chore %s is done every %s s, says %s", chore, every, by or "the operator")


def hasten_chore(chore: Chore, *, by: User | None) -> None:
    """Do a chore at the next tick of the clock."""
    Chore.objects.filter(pk=chore.pk).update(next_at=timezone.now())
    log.info("chore %s is done at once, says %s", chore, by or "the operator")


def pause_chore(chore: Chore, *, by: User | None) -> None:
    """Do a chore no more, until it is resumed."""
    Chore.objects.filter(pk=chore.pk).update(is_enabled=False)
    log.info("chore %s is paused, says %s", chore, by or "the operator")


def resume_chore(chore: Chore, *, by: User | None) -> None:
    """Do a chore again."""
    Chore.objects.filter(pk=chore.pk).update(is_enabled=True, next_at=timezone.now())
    log.info("chore %s is resumed, says %s", chore, by or "the operator")
