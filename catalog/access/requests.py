"""Ask for an output port, and decide on what was asked."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from catalog.access.announce import request_event
from catalog.access.consumers import recount_consumers
from catalog.access.errors import (
    AlreadyDecided,
    AlreadyGranted,
    AlreadyRequested,
    InvalidRequest,
    NotAllowed,
    ProductClosed,
    RequesterLeft,
)
from catalog.access.states import GrantMove, RequestMove, grant_after, request_after
from catalog.descriptors import Status
from catalog.events.log import lock, record
from catalog.models import (
    AccessRequest,
    Grant,
    GrantState,
    Membership,
    Port,
    Product,
    RequestState,
    Team,
    User,
)
from catalog.people.policies import Action, may, owning_team, sole_teams
from catalog.visibility import viewer_tokens

#: The longest a right may run before it must be renewed.
MAX_DAYS = 731
MAX_TEXT = 4000
#: Why requests and grants of somebody who left ended.
LEFT = "The account was switched off."


def request_access(
    port: Port,
    *,
    by: User,
    team: Team | None = None,
    purpose: str,
    note: str = "",
    ends_on: date | None = None,
    at: datetime | None = None,
) -> AccessRequest:
    """Ask for an output port, for oneself or for a team one is in.

    Raises InvalidRequest, NotAllowed, ProductClosed, AlreadyRequested or AlreadyGranted.
    """
    now = at or timezone.now()
    _check_port(port, by=by, now=now)
    _check_input(by=by, team=team, purpose=purpose, note=note, ends_on=ends_on, now=now)
    _check_unused(port, by=by, team=team, now=now)
    return _ask(AccessRequest(port=port, ends_on=ends_on), by, team, purpose, note, now)


def ask_again(
    grant: Grant, *, by: User, purpose: str, note: str, ends_on: date | None, at: datetime
) -> AccessRequest:
    """Ask for a grant to be renewed, with the same grantee; see `catalog.access.grants.renew`."""
    port = _loaded_port(grant.port_id)
    _check_port(port, by=by, now=at)
    _check_input(by=by, team=grant.team, purpose=purpose, note=note, ends_on=ends_on, now=at)
    if grant.ends_on and ends_on and ends_on <= grant.ends_on:
        raise InvalidRequest(
            f"{ends_on} is not after the present end, {grant.ends_on}", field="ends_on"
        )
    request = AccessRequest(port=port, ends_on=ends_on, renews=grant)
    return _ask(request, by, grant.team, purpose, note, at)


@transaction.atomic
def decide(
    request: AccessRequest,
    *,
    by: User,
    approve: bool,
    comment: str = "",
    at: datetime | None = None,
) -> AccessRequest:
    """Approve or reject an open request; return it as it is now.

    Of two deciders at once the first one wins; the other gets AlreadyDecided. A rejection needs a
    comment. Nobody decides on an own request, unless they are the team's only owner: that is recorded.
    Raises NotAllowed, AlreadyDecided, InvalidRequest, RequesterLeft or ProductClosed.
    """
    now = at or timezone.now()
    lock()  # nobody leaves between the look and the grant
    fresh = _loaded(request.pk)
    _check_decider(fresh, by)
    comment = _text(comment, field="comment")
    if not approve and not comment:
        raise InvalidRequest("say why the request is rejected", field="comment")
    if approve and fresh.state == RequestState.OPEN:
        _check_grantable(fresh, now)
    _move(
        fresh,
        RequestMove.APPROVE if approve else RequestMove.REJECT,
        by=by,
        now=now,
        comment=comment,
        is_self_decided=fresh.requester_id == by.pk,
    )
    grant = _give(fresh, by=by, now=now) if approve else None
    kind = "approved" if approve else "rejected"
    record([request_event(kind, fresh, by=by, at=now, grant=grant)])
    return fresh


@transaction.atomic
def withdraw(request: AccessRequest, *, by: User, at: datetime | None = None) -> AccessRequest:
    """Take back an own open request; raises NotAllowed or AlreadyDecided."""
    now = at or timezone.now()
    fresh = _loaded(request.pk)
    if fresh.requester_id != by.pk:
        raise NotAllowed("only the person who asked may withdraw a request")
    _move(fresh, RequestMove.WITHDRAW, by=by, now=now)
    record([request_event("withdrawn", fresh, by=by, at=now)])
    return fresh


@transaction.atomic
def withdraw_for(user: User, *, by: User, at: datetime | None = None) -> int:
    """Withdraw every open request of somebody who leaves, and return how many; see `catalog.handover`."""
    now = at or timezone.now()
    rows = AccessRequest.objects.filter(requester=user, state=RequestState.OPEN).order_by("pk")
    open_ = [_loaded(pk) for pk in rows.values_list("pk", flat=True)]
    for request in open_:
        _move(request, RequestMove.WITHDRAW, by=by, now=now, comment=LEFT)
    record([request_event("withdrawn", request, by=by, at=now) for request in open_])
    return len(open_)


def may_decide(user: User, request: AccessRequest) -> bool:
    """Tell whether a person may decide on a request, four eyes included."""
    if not may(user, Action.DECIDE_ACCESS, request):
        return False
    return request.requester_id != user.pk or owning_team(request) in sole_teams(user)


def _loaded(pk: int) -> AccessRequest:
    rows = AccessRequest.objects.select_related(
        "port__product__domain", "requester", "grantee_team", "renews"
    )
    return rows.get(pk=pk)


def _loaded_port(pk: int) -> Port:
    return Port.objects.select_related("product__domain", "product__successor__domain").get(pk=pk)


def _check_port(port: Port, *, by: User, now: datetime) -> None:
    product = port.product
    tokens = viewer_tokens(by)
    if tokens is not None and product.audience not in tokens:
        raise NotAllowed("this product is not visible to you", field="port")
    if not may(by, Action.REQUEST_ACCESS, port):
        raise NotAllowed("sign in to ask for access", field="port")
    if port.direction != "out":
        raise InvalidRequest(
            f"{port.name!r} is an input port; access is asked for output ports", field="port"
        )
    if product.status in {Status.DEPRECATED, Status.RETIRED}:
        raise _closed(product, by)
    if port.sunset_on and port.sunset_on < timezone.localdate(now):
        raise ProductClosed(f"port {port.name!r} was closed on {port.sunset_on}")


def _closed(product: Product, by: User) -> ProductClosed:
    tokens = viewer_tokens(by)
    heir = product.successor
    if heir is not None and (tokens is None or heir.audience in tokens):
        message = (
            f"{product.name} is {product.status}; ask for its successor {heir.name} ({heir.ref})"
        )
        return ProductClosed(message, successor=str(heir.ref))
    return ProductClosed(f"{product.name} is {product.status} and takes no new requests")


def _check_input(
    *, by: User, team: Team | None, purpose: str, note: str, ends_on: date | None, now: datetime
) -> None:
    if not _text(purpose, field="purpose"):
        raise InvalidRequest("say what you need the data for", field="purpose")
    _text(note, field="note")
    if team is not None and not Membership.objects.filter(team=team, user=by).exists():
        raise NotAllowed(f"you are not in {team.name}; ask for a team you are in", field="team")
    if ends_on is None:
        return
    today = timezone.localdate(now)
    latest = today + timedelta(days=MAX_DAYS)
    if not today < ends_on <= latest:
        raise InvalidRequest(
            f"{ends_on} is not allowed; choose a day after {today} and up to {latest}",
            field="ends_on",
        )


def _check_unused(port: Port, *, by: User, team: Team | None, now: datetime) -> None:
    grantee = Q(team=team) if team else Q(user=by) | Q(team__memberships__user=by)
    held = Grant.objects.current(timezone.localdate(now)).filter(grantee, port=port)
    grant = held.select_related("team").order_by("pk").first()
    if grant is None:
        return
    who = f"{grant.team.name} already has" if grant.team else "You already have"
    until = f" until {grant.ends_on}" if grant.ends_on else ""
    raise AlreadyGranted(f"{who} access to this port{until}; renew it instead", field="port")


def _ask(
    request: AccessRequest, by: User, team: Team | None, purpose: str, note: str, now: datetime
) -> AccessRequest:
    request.requester, request.grantee_team = by, team
    request.purpose, request.note = purpose.strip(), note.strip()
    request.created_at = now
    try:
        with transaction.atomic():
            request.save(force_insert=True)
            record([request_event("requested", request, by=by, at=now)])
    except IntegrityError as error:
        open_ = AccessRequest.objects.filter(port=request.port, state=RequestState.OPEN)
        same = open_.filter(grantee_team=team) if team else open_.filter(requester=by)
        if not same.exists():
            raise
        who = f"{team.name} has" if team else "You have"
        raise AlreadyRequested(
            f"{who} an open request for this port; wait for the decision or withdraw it",
            field="port",
        ) from error
    return request


def _text(text: str, *, field: str) -> str:
    if len(text) > MAX_TEXT:
        raise InvalidRequest(
            f"{len(text)} characters are too many; at most {MAX_TEXT} are allowed", field=field
        )
    return text.strip()


def _check_decider(request: AccessRequest, by: User) -> None:
    if not may(by, Action.DECIDE_ACCESS, request):
        raise NotAllowed("only an owner or steward of the owning team decides on requests")
    if not may_decide(by, request):
        raise NotAllowed("somebody else of the team must decide on your own request (four eyes)")


def _check_grantable(request: AccessRequest, now: datetime) -> None:
    if not request.requester.is_active:
        raise RequesterLeft(f"{request.requester} can no longer sign in; reject the request")
    product = request.port.product
    if product.status == Status.RETIRED:
        raise ProductClosed(f"{product.name} is retired; reject the request")
    if request.ends_on and request.ends_on < timezone.localdate(now):
        raise InvalidRequest(
            f"the end that was asked for, {request.ends_on}, has passed; reject the request",
            field="ends_on",
        )


def _move(
    request: AccessRequest,
    move: RequestMove,
    *,
    by: User,
    now: datetime,
    comment: str = "",
    is_self_decided: bool = False,
) -> None:
    """Move a request in memory and, if it is still open there, in the database."""
    target = request_after(RequestState.OPEN, move)
    changed = AccessRequest.objects.filter(pk=request.pk, state=RequestState.OPEN).update(
        state=target,
        decided_by=by,
        decided_at=now,
        comment=comment,
        is_self_decided=is_self_decided,
    )
    if not changed:
        raise _decided(request.pk)
    request.state, request.decided_by, request.decided_at = target, by, now
    request.comment, request.is_self_decided = comment, is_self_decided


def _decided(pk: int) -> AlreadyDecided:
    row = AccessRequest.objects.select_related("decided_by").get(pk=pk)
    return AlreadyDecided(f"this request was already {row.state} by {row.decided_by}")


def _give(request: AccessRequest, *, by: User, now: datetime) -> Grant:
    """Make the grant; a current one of the same grantee is replaced by it."""
    team = request.grantee_team
    user = None if team else request.requester
    Grant.objects.filter(port=request.port, user=user, team=team, state=GrantState.ACTIVE).update(
        state=grant_after(GrantState.ACTIVE, GrantMove.RENEW),
        ended_at=now,
        ended_by=by,
        end_comment=f"Replaced by the grant of request {request.pk}",
    )
    grant = Grant.objects.create(
        request=request,
        port=request.port,
        user=user,
        team=team,
        starts_at=now,
        ends_on=request.ends_on,
    )
    recount_consumers([request.port.product_id])
    return grant
