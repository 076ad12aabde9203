"""The rights that came of requests: end them, renew them, warn ahead of their end."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

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
    User,
)
from catalog.people.policies import Action, may

__all__ = [
    "NOTICES",
    "Snippet",
    "connect_snippets",
    "end_of_leavers",
    "expire_due",
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
    held = list(_loaded().filter(user=user, state=GrantState.ACTIVE).order_by("pk"))
    target = grant_after(GrantState.ACTIVE, GrantMove.REVOKE)
    ended: dict[str, Any] = {"ended_at": now, "ended_by": by, "end_comment": LEFT}
    Grant.objects.filter(pk__in=[one.pk for one in held]).update(state=target, **ended)
    for one in held:
        one.state, one.ended_at, one.ended_by, one.end_comment = target, now, by, LEFT
    recount_consumers(one.port.product_id for one in held)
    record([grant_event("revoked", one, by=by, at=now) for one in held])
    return len(held)


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
    due = _loaded().filter(state=GrantState.ACTIVE, ends_on__lt=timezone.localdate(at))
    grants = list(due.select_for_update(of=("self",)).order_by("pk"))
    if not grants:
        return 0
    target = grant_after(GrantState.ACTIVE, GrantMove.EXPIRE)
    Grant.objects.filter(pk__in=[g.pk for g in grants]).update(state=target, ended_at=at)
    recount_consumers(g.port.product_id for g in grants)
    record([grant_event("expired", grant, by=None, at=at) for grant in grants])
    return len(grants)


@transaction.atomic
def end_of_leavers(now: datetime | None = None) -> int:
    """End the grants of people whose account is switched off; return how many. Safe to run again."""
    at = now or timezone.now()
    rows = _loaded().filter(state=GrantState.ACTIVE, user__is_active=False)
    grants = list(rows.select_for_update(of=("self",)).order_by("pk"))
    if not grants:
        return 0
    why = "The account of the holder is switched off"
    Grant.objects.filter(pk__in=[grant.pk for grant in grants]).update(
        state=grant_after(GrantState.ACTIVE, GrantMove.REVOKE), ended_at=at, end_comment=why
    )
    for grant in grants:
        grant.end_comment = why
    recount_consumers(grant.port.product_id for grant in grants)
    record([grant_event("revoked", grant, by=None, at=at) for grant in grants])
    return len(grants)


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


def _loaded() -> QuerySet[Grant]:
    return Grant.objects.select_related(
        "port__product__domain", "port__product__domain__team", "user", "team", "request"
    )
