"""Slow down who guesses passwords: after too many wrong ones, nobody signs in that way for a while.

Kept in the database, so it counts for all web processes together; names and addresses only as keyed digests.
Every attempt counts as wrong from before its password is looked at, until it turns out to be right: however many
are made at once, no more are judged than are allowed.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Count, Min, Q
from django.utils.crypto import salted_hmac

from catalog.api.callers import connection_of
from catalog.db.locks import LockKey, lock_until_commit
from portal.models import SignInFailure

WINDOW = timedelta(minutes=15)
#: Wrong passwords within the window for one account from one address, from one address, for one account.
MOST_TOGETHER, MOST_FROM_ADDRESS, MOST_FOR_ACCOUNT = 10, 50, 100


@dataclass(frozen=True, slots=True)
class Attempt:
    """Somebody at an address tries to sign in to an account."""

    account: str
    address: str

    @classmethod
    def of(cls, username: str, address: str) -> Attempt:
        """Make one of what was typed; all ways to write a name count as one, and a network of IPv6 does."""
        account = unicodedata.normalize("NFKC", username).strip().casefold()
        connection = connection_of(address)
        return cls(_digest(f"account:{account}"), _digest(f"address:{connection}"))


def begin(attempt: Attempt, now: datetime) -> int:
    """Count an attempt as wrong and return 0, or return the seconds for which it is refused unseen."""
    with transaction.atomic():
        lock_until_commit(LockKey.SIGN_IN)
        SignInFailure.objects.filter(at__lte=now - WINDOW).delete()
        if seconds := _seconds_to_wait(attempt, now):
            return seconds
        SignInFailure.objects.create(account=attempt.account, address=attempt.address, at=now)
        return 0


def forget(attempt: Attempt) -> None:
    """Forget the wrong passwords of somebody who then knew the right one."""
    SignInFailure.objects.filter(account=attempt.account, address=attempt.address).delete()


def _seconds_to_wait(attempt: Attempt, now: datetime) -> int:
    recent = SignInFailure.objects.filter(at__gt=now - WINDOW)
    account, address = Q(account=attempt.account), Q(address=attempt.address)
    found = recent.filter(account | address).aggregate(
        together=Count("pk", filter=account & address),
        from_address=Count("pk", filter=address),
        for_account=Count("pk", filter=account),
        first=Min("at"),
    )
    is_free = (
        found["together"] < MOST_TOGETHER
        and found["from_address"] < MOST_FROM_ADDRESS
        and found["for_account"] < MOST_FOR_ACCOUNT
    )
    return 0 if is_free else max(1, int((found["first"] + WINDOW - now).total_seconds()))


def _digest(text: str) -> str:
    return salted_hmac("portal.throttle", text, algorithm="sha256").hexdigest()
