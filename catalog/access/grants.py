"""The rights that came of requests: end them, renew them, warn ahead of their end."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from catalog.access.announce import grant_event
from catalog.access.connect import Snippet, connect_snippets
from catalog.access.consumers import recount_consumers
from catalog.access.errors import AlreadyDecided, InvalidRequest, NotAllowed
from catalog.access.requests import LEFT, MAX_TEXT, ask_again
from catalog.access.states import GrantMove, grant_after
from catalog.events.log import record
from catalog.models import (
    AccessRequest,
    Grant,
    GrantQuerySet,
    GrantState,
    Membership,
    Product,
    Team,
    User,
)
from catalog.people.policies import Action, may

__all__ = [
    "NOTICES",
    "Snippet",
    "connect_snippets",
    "end_of_leavers",
    "expire_due",
    "give_to_team",
    "granted_products",
    "grants_of",
    "holds_grant",
    "notice_due",
    "renew",
    "revoke",
]

#: How many days ahead of its end a grantee hears of it.
NOTICES = (14, 1)


def grants_of(user: User | AnonymousUser) -> GrantQuerySet:
    """Return the grants of a person and of the teams they are in, in every state."""
    rows = Grant.objects.select_related("port__product__domain", "user", "team", "request")
    if not user.is_authenticated:
        return rows.none()
    teams = Membership.objects.filter(user=user).values("team")
    return rows.filter(Q(user=user) | Q(team__in=teams))


def granted_products(user: User | AnonymousUser) -> frozenset[int]:
    """Return the ids of the products a person may use by a current grant."""
    current = grants_of(user).current().order_by()
    return frozenset(current.values_list("port__product_id", flat=True))


def holds_grant(user: User | AnonymousUser, product: Product) -> bool:
    """Tell whether a person, or a team they are in, holds a current grant of a product."""
    return grants_of(user).current().filter(port__product=product).exists()


@transaction.atomic
def revoke(grant: Grant, *, by: User, comment: str, at: datetime | None = None) -> Grant:
    """End a grant before its time; the holder may give it back.

    Raises NotAllowed, InvalidRequest (no comment) or AlreadyDecided (it has ended).
    """
    now = at or timezone.now()
    fresh = _loaded().get(pk=grant.pk)
    if not may(by, Action.REVOKE_GRANT, fresh):
        raise NotAllowed("only an owner or steward of the owning team revokes a grant")
    if not comment.strip() or len(comment) > MAX_TEXT:
        raise InvalidRequest(
            f"say why the grant is revoked, in at most {MAX_TEXT} characters", field="comment"
        )
    target = grant_after(GrantState.ACTIVE, GrantMove.REVOKE)
    changed = Grant.objects.filter(pk=grant.pk, state=GrantState.ACTIVE).update(
        state=target, ended_at=now, ended_by=by, end_comment=comment.strip()
    )
    if not changed:
        raise AlreadyDecided(f"this grant is already {fresh.get_state_display().lower()}")
    fresh = _loaded().get(pk=grant.pk)
    recount_consumers([fresh.port.product_id])
    record([grant_event("revoked", fresh, by=by, at=now)])
    return fresh


@transaction.atomic
def end_for(user: User, *, by: User, at: datetime | None = None) -> int:
    """End every grant of somebody who leaves, and return how many; see `catalog.handover`."""
    now = at or timezone.now()
    ended = _end(Grant.objects.filter(user=user), GrantMove.REVOKE, by=by, at=now, why=LEFT)
    record([grant_event("revoked", one, by=by, at=now) for one in ended])
    return len(ended)


@transaction.atomic
def give_to_team(
    team: Team, successor: Team, *, by: User | None, at: datetime | None = None
) -> None:
    """Give the grants of a team to another, which ends those that this one has already; see `catalog.merging`."""
    held = Grant.objects.filter(team=successor, state=GrantState.ACTIVE).values("port")
    doubled = Grant.objects.filter(team=team, port__in=held)
    why = f"{successor} has it already"
    _end(doubled, GrantMove.RENEW, by=by, at=at or timezone.now(), why=why)
    Grant.objects.filter(team=team).update(team=successor)
    recount_consumers(Grant.objects.filter(team=successor).values_list("port__product", flat=True))


def renew(
    grant: Grant,
    *,
    by: User,
    purpose: str = "",
    note: str = "",
    ends_on: date | None = None,
    at: datetime | None = None,
) -> AccessRequest:
    """Ask for a grant to go on; the purpose stays the same unless another one is given.

    Raises what `request_access` raises, and AlreadyDecided when the grant was revoked or replaced.
    """
    now = at or timezone.now()
    fresh = _loaded().get(pk=grant.pk)
    holds = fresh.user_id == by.pk or grants_of(by).filter(pk=fresh.pk).exists()
    if not holds:
        raise NotAllowed("only the holder of a grant may ask for its renewal")
    if fresh.state not in {GrantState.ACTIVE, GrantState.EXPIRED}:
        raise AlreadyDecided(
            f"this grant was {fresh.get_state_display().lower()}; ask for access anew"
        )
    stated = purpose.strip() or (fresh.request.purpose if fresh.request else "")
    return ask_again(fresh, by=by, purpose=stated, note=note, ends_on=ends_on, at=now)


@transaction.atomic
def expire_due(now: datetime | None = None) -> int:
    """End every grant whose last day has passed; return how many. Safe to run again."""
    at = now or timezone.now()
    due = Grant.objects.filter(ends_on__lt=timezone.localdate(at))
    ended = _end(due, GrantMove.EXPIRE, by=None, at=at)
    if ended:
        record([grant_event("expired", one, by=None, at=at) for one in ended])
    return len(ended)


@transaction.atomic
def end_of_leavers(now: datetime | None = None) -> int:
    """End the grants of people whose account is switched off; return how many. Safe to run again."""
    at = now or timezone.now()
    held = Grant.objects.filter(user__is_active=False)
    ended = _end(held, GrantMove.REVOKE, by=None, at=at, why=LEFT)
    if ended:
        record([grant_event("revoked", one, by=None, at=at) for one in ended])
    return len(ended)


@transaction.atomic
def notice_due(now: datetime | None = None) -> int:
    """Announce the ends that are 14 days and 1 day ahead; return how many. Safe to run again.

    A notice that was missed (nothing ran that day) is given late; a grant that began within the 14
    days hears only the last notice.
    """
    at = now or timezone.now()
    today = timezone.localdate(at)
    horizon = today + timedelta(days=max(NOTICES))
    ending = _loaded().filter(state=GrantState.ACTIVE, ends_on__range=(today, horizon))
    events, told = [], dict[int, list[int]]()
    for grant in ending.select_for_update(of=("self",)).order_by("pk"):
        notice = _notice(grant, today)
        if notice is None or grant.ends_on is None:
            continue
        told.setdefault(notice, []).append(grant.pk)
        left = (grant.ends_on - today).days
        extra = {"notice": notice, "days_left": left}
        events.append(grant_event("expiring", grant, by=None, at=at, extra={**extra}))
    for notice, ids in told.items():
        Grant.objects.filter(pk__in=ids).update(noticed_days=notice)
    if events:
        record(events)
    return len(events)


def _notice(grant: Grant, today: date) -> int | None:
    """Return which notice is due now: 14, 1 or none."""
    if grant.ends_on is None:
        return None
    left = (grant.ends_on - today).days
    due = min((n for n in NOTICES if left <= n), default=None)
    if due is None or (grant.noticed_days is not None and grant.noticed_days <= due):
        return None
    whole = (grant.ends_on - timezone.localdate(grant.starts_at)).days
    return due if due == min(NOTICES) or whole > due else None


def _end(
    rows: QuerySet[Grant], move: GrantMove, *, by: User | None, at: datetime, why: str = ""
) -> list[Grant]:
    """End those that are active, with who ended them and why, and return them as they are now."""
    active = _loaded().filter(pk__in=rows.values("pk"), state=GrantState.ACTIVE)
    found = list(active.select_for_update(of=("self",)).order_by("pk"))
    target = grant_after(GrantState.ACTIVE, move)
    for one in found:
        one.state, one.ended_at, one.ended_by, one.end_comment = target, at, by, why
    if found:
        Grant.objects.filter(pk__in=[one.pk for one in found]).update(
            state=target, ended_at=at, ended_by=by, end_comment=why
        )
        recount_consumers(one.port.product_id for one in found)
    return found


def _loaded() -> QuerySet[Grant]:
    return Grant.objects.select_related(
        "port__product__domain", "port__product__domain__team", "user", "team", "request"
    )
