"""What a person holds, and what becomes of it when the account is switched off.

What a team owns stays the team's: a person holds it by a role, and the role is given to somebody or ends. Requests,
grants, tokens and invitations are a person's own: they end, and whoever follows asks anew.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from catalog.access.grants import end_for
from catalog.access.requests import withdraw_for
from catalog.events.log import lock
from catalog.models import (
    AccessRequest,
    DomainSteward,
    Grant,
    Invitation,
    Membership,
    Product,
    RequestState,
    Role,
    User,
    Webhook,
)
from catalog.outbound.webhooks.subscriptions import WebhookInvalid, give_webhook, remove_webhook
from catalog.people.invitations import revoke_invitation
from catalog.people.policies import sole_teams
from catalog.people.refusals import ChangeRefused, need_domain
from catalog.people.teams import (
    remove_steward,
    set_member,
    set_steward,
    switch_off,
)
from catalog.people.tokens import open_tokens, revoke_tokens

#: From the role that may least to the one that may most.
RANK = (Role.MEMBER, Role.ENGINEER, Role.STEWARD, Role.OWNER)


@dataclass(frozen=True, slots=True)
class Holding:
    """One thing that a person holds; `ref` names it in a plan.

    What `can_be_given` goes to somebody or ends. What `must_be_said` is never ended silently: nobody else does it.
    """

    ref: str
    title: str
    note: str = ""
    can_be_given: bool = False
    must_be_said: bool = False


#: To whom each holding goes; None: it ends. What is not named ends.
Plan = Mapping[str, User | None]


def holdings_of(user: User) -> list[Holding]:
    """Return everything a person holds, what can be given first."""
    return [
        *_memberships(user),
        *_stewardships(user),
        *_webhooks(user),
        *_grants(user),
        *_requests(user),
        *_tokens(user),
        *_invitations(user),
    ]


def deactivate(user: User, *, plan: Plan, by: User) -> list[Holding]:
    """Give or end everything a person holds, then switch the account off; return what they held.

    All or nothing. Raises PermissionDenied, LastAccount, and ChangeRefused with the holding as its field.
    """
    need_domain(by, None)
    with transaction.atomic():
        lock()
        held = holdings_of(user)
        _check(held, plan, user)
        for holding in held:
            heir = plan.get(holding.ref)
            if heir is not None:
                _give(holding, user, heir, by)
        _end_all(user, by)
        switch_off(user, by=by)
    return held


def _check(held: list[Holding], plan: Plan, user: User) -> None:
    known = {one.ref: one for one in held}
    for ref, heir in plan.items():
        if ref not in known:
            raise ChangeRefused(ref, ref, "is not held (any more); look again")
        if heir is None:
            continue
        if not known[ref].can_be_given:
            raise ChangeRefused(ref, heir.username, "cannot be given, it ends")
        if not heir.is_active or heir.pk == user.pk:
            raise ChangeRefused(ref, heir.username, "name somebody else who may sign in")
    for one in held:
        if one.must_be_said and one.ref not in plan:
            raise ChangeRefused(one.ref, None, "name who follows, or say that nobody does")


def _memberships(user: User) -> Iterator[Holding]:
    alone = sole_teams(user)
    for row in user.memberships.select_related("team").order_by("team__name"):
        is_last = row.team_id in alone
        yield Holding(
            f"membership:{row.pk}",
            f"{row.get_role_display()} of {row.team}",
            _last_owner(row) if is_last else "",
            can_be_given=True,
            must_be_said=is_last,
        )


def _last_owner(row: Membership) -> str:
    """Say what stands still without an owner."""
    products = Product.objects.filter(team=row.team).count()
    waiting = AccessRequest.objects.filter(
        state=RequestState.OPEN, port__product__team=row.team
    ).count()
    return f"The last owner: {products} products, {waiting} requests waiting, and the sources of the team."


def _stewardships(user: User) -> Iterator[Holding]:
    for row in user.stewardships.select_related("domain").order_by("domain__path"):
        yield Holding(f"stewardship:{row.pk}", f"Steward of {row.domain}", can_be_given=True)


def _webhooks(user: User) -> Iterator[Holding]:
    for row in user.webhooks.order_by("name"):
        note = f"Sends to {row.url}. It is paused until the new owner resumes it."
        yield Holding(f"webhook:{row.pk}", f"Webhook {row.name}", note, can_be_given=True)


def _grants(user: User) -> Iterator[Holding]:
    rows = Grant.objects.current().filter(user=user).select_related("port__product")
    for row in rows.order_by("pk"):
        yield Holding(f"grant:{row.pk}", f"Access to {row.port.product}", "Who follows asks anew.")


def _requests(user: User) -> Iterator[Holding]:
    rows = user.access_requests.filter(state=RequestState.OPEN)
    for row in rows.select_related("port__product").order_by("pk"):
        yield Holding(f"request:{row.pk}", f"Request for {row.port.product}", "It is withdrawn.")


def _tokens(user: User) -> Iterator[Holding]:
    for row in open_tokens(user):
        yield Holding(
            f"token:{row.pk}", f"API token {row.name}", "Make a new one for what uses it."
        )


def _invitations(user: User) -> Iterator[Holding]:
    for row in (
        Invitation.objects.open(timezone.now()).filter(invited_by=user).select_related("team")
    ):
        where = row.team or "Gazetteer"
        yield Holding(f"invitation:{row.pk}", f"Open invitation to {where}", "Its link ends.")


def _give(holding: Holding, user: User, heir: User, by: User) -> None:
    kind, _, number = holding.ref.partition(":")
    try:
        _GIVE[kind](int(number), heir, by)
    except WebhookInvalid as error:
        raise ChangeRefused(holding.ref, heir.username, error.message) from error


def _give_membership(pk: int, heir: User, by: User) -> None:
    """Give the role; somebody who may more in the team already keeps that."""
    row = Membership.objects.select_related("team__domain").get(pk=pk)
    own = Membership.objects.filter(team=row.team, user=heir).values_list("role", flat=True).first()
    if own is None or RANK.index(Role(own)) < RANK.index(Role(row.role)):
        set_member(row.team, heir, role=row.role, by=by)


def _give_stewardship(pk: int, heir: User, by: User) -> None:
    set_steward(DomainSteward.objects.select_related("domain").get(pk=pk).domain, heir, by=by)


def _give_webhook(pk: int, heir: User, by: User) -> None:
    give_webhook(Webhook.objects.select_related("owner").get(pk=pk), to=heir, by=by)


_GIVE: Mapping[str, Callable[[int, User, User], None]] = {
    "membership": _give_membership,
    "stewardship": _give_stewardship,
    "webhook": _give_webhook,
}


def _end_all(user: User, by: User) -> None:
    for membership in user.memberships.select_related("team__domain"):
        set_member(membership.team, user, role=None, by=by)
    for stewardship in user.stewardships.select_related("domain"):
        remove_steward(stewardship.domain, user, by=by)
    for webhook in Webhook.objects.filter(owner=user).select_related("owner"):
        remove_webhook(webhook, by=by)
    for invitation in Invitation.objects.filter(
        invited_by=user, accepted_at=None, revoked_at=None
    ).select_related("team__domain"):
        revoke_invitation(invitation, by=by)
    end_for(user, by=by)
    withdraw_for(user, by=by)
    revoke_tokens(user, by=by)
