"""Asking for a port and deciding on it."""

from __future__ import annotations

from datetime import date, timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from catalog.access.errors import (
    AccessError,
    AlreadyDecided,
    AlreadyGranted,
    AlreadyRequested,
    InvalidRequest,
    NotAllowed,
    ProductClosed,
    RequesterLeft,
)
from catalog.access.requests import MAX_DAYS, decide, may_decide, request_access, withdraw
from catalog.models import AccessRequest, Event, Grant, Port, Product, Role, Team, User
from catalog.people.policies import requests_to_decide
from catalog.people.teams import set_member, switch_off
from catalog.people.viewers import forget_tokens
from catalog.visibility import team_token
from tests.conftest import Mesh
from tests.factories import make_product, make_user


@pytest.fixture
def port(mesh: Mesh) -> Port:
    return port_of(make_product())


def port_of(product: Product) -> Port:
    return Port.objects.select_related("product__domain").get(product=product, direction="out")


def ask(port: Port, user: User, **more: object) -> AccessRequest:
    team, ends_on = more.get("team"), more.get("ends_on")
    return request_access(
        port,
        by=user,
        team=team if isinstance(team, Team) else None,
        ends_on=ends_on if isinstance(ends_on, date) else None,
        purpose=str(more.get("purpose", "Reserving")),
    )


def in_days(days: int) -> date:
    return timezone.localdate() + timedelta(days=days)


def test_an_approved_request_becomes_a_grant(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie, ends_on=in_days(90))
    done = decide(request, by=mesh.alice, approve=True, comment="Fine")
    grant = Grant.objects.get()
    assert (done.state, done.decided_by, done.comment) == ("approved", mesh.alice, "Fine")
    assert (grant.user, grant.port, grant.ends_on) == (mesh.charlie, port, in_days(90))
    assert Product.objects.get().consumer_count == 1


def test_each_step_is_an_event_kept_to_the_owning_team(mesh: Mesh, port: Port) -> None:
    decide(ask(port, mesh.charlie), by=mesh.alice, approve=True)
    events = list(Event.objects.filter(type__startswith="access."))
    assert [e.type for e in events] == ["access.requested", "access.approved"]
    assert {e.audience for e in events} == {team_token(mesh.team.pk)}
    assert events[0].data["purpose"] == "Reserving"
    assert events[1].data["grant"] == Grant.objects.get().pk
    assert events[1].actor == mesh.alice


def test_a_rejection_needs_a_reason(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie)
    with pytest.raises(InvalidRequest, match="why") as caught:
        decide(request, by=mesh.alice, approve=False, comment="  ")
    assert caught.value.field == "comment"
    assert decide(request, by=mesh.alice, approve=False, comment="No basis").state == "rejected"
    assert not Grant.objects.exists()


def test_only_owners_and_stewards_of_the_team_decide(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie)
    for user in (mesh.bob, mesh.charlie, mesh.dana, mesh.admin):
        with pytest.raises(NotAllowed):
            decide(request, by=user, approve=True)
    steward = make_user("sue")
    set_member(mesh.team, steward, role=Role.STEWARD, by=None)
    assert decide(request, by=steward, approve=True).state == "approved"


def test_nobody_decides_on_an_own_request(mesh: Mesh, port: Port) -> None:
    second = make_user("second")
    set_member(mesh.team, second, role=Role.OWNER, by=None)
    request = ask(port, mesh.alice)
    assert not may_decide(mesh.alice, request)
    assert request not in requests_to_decide(mesh.alice)
    assert request in requests_to_decide(second)
    with pytest.raises(NotAllowed, match="four eyes"):
        decide(request, by=mesh.alice, approve=True)
    assert not decide(request, by=second, approve=True).is_self_decided


def test_the_only_owner_decides_on_an_own_request_and_it_is_recorded(
    mesh: Mesh, port: Port
) -> None:
    request = ask(port, mesh.alice)
    assert request in requests_to_decide(mesh.alice)
    assert decide(request, by=mesh.alice, approve=True).is_self_decided
    assert Event.objects.get(type="access.approved").data["is_self_decided"] is True


def test_the_second_decider_learns_that_the_first_one_won(mesh: Mesh, port: Port) -> None:
    steward = make_user("sue")
    set_member(mesh.team, steward, role=Role.STEWARD, by=None)
    request = ask(port, mesh.charlie)
    decide(request, by=steward, approve=False, comment="No")
    with pytest.raises(AlreadyDecided, match="already rejected by sue"):
        decide(request, by=mesh.alice, approve=True)
    assert not Grant.objects.exists()


@pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)
@pytest.mark.django_db(transaction=True)
def test_of_two_deciders_at_once_one_wins(mesh: Mesh, port: Port) -> None:
    steward = make_user("sue")
    set_member(mesh.team, steward, role=Role.STEWARD, by=None)
    request = ask(port, mesh.charlie)
    start, ends = Barrier(2), list[str]()

    def run(user: User, approve: bool) -> None:
        start.wait()
        try:
            ends.append(decide(request, by=user, approve=approve, comment="Said").state)
        except AlreadyDecided:
            ends.append("late")
        finally:
            connection.close()

    threads = [Thread(target=run, args=a) for a in ((mesh.alice, True), (steward, False))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) in (["approved", "late"], ["late", "rejected"])
    assert Event.objects.filter(type__in=["access.approved", "access.rejected"]).count() == 1


def test_a_request_can_be_withdrawn_by_the_one_who_asked(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie)
    with pytest.raises(NotAllowed):
        withdraw(request, by=mesh.alice)
    assert withdraw(request, by=mesh.charlie).state == "withdrawn"
    with pytest.raises(AlreadyDecided):
        decide(request, by=mesh.alice, approve=True)
    assert ask(port, mesh.charlie).state == "open"


def test_a_request_for_a_team_needs_membership(mesh: Mesh, port: Port) -> None:
    with pytest.raises(NotAllowed, match="you are not in"):
        ask(port, mesh.charlie, team=mesh.team)
    decide(ask(port, mesh.charlie, team=mesh.other_team), by=mesh.alice, approve=True)
    assert Grant.objects.get().team == mesh.other_team
    with pytest.raises(AlreadyGranted, match="Policy Platform already has"):
        ask(port, mesh.charlie)


def test_a_second_open_request_is_refused(mesh: Mesh, port: Port) -> None:
    ask(port, mesh.charlie)
    with pytest.raises(AlreadyRequested, match="open request"):
        ask(port, mesh.charlie)
    assert AccessRequest.objects.count() == 1
    assert Event.objects.filter(type="access.requested").count() == 1


@pytest.mark.parametrize("days", [-1, 0, MAX_DAYS + 1])
def test_an_end_must_lie_ahead_and_within_two_years(mesh: Mesh, port: Port, days: int) -> None:
    with pytest.raises(InvalidRequest, match="choose a day after") as caught:
        ask(port, mesh.charlie, ends_on=in_days(days))
    assert caught.value.field == "ends_on"


def test_a_purpose_is_required(mesh: Mesh, port: Port) -> None:
    with pytest.raises(InvalidRequest) as caught:
        ask(port, mesh.charlie, purpose="   ")
    assert caught.value.field == "purpose"
    with pytest.raises(InvalidRequest, match="at most"):
        ask(port, mesh.charlie, purpose="x" * 5000)


def test_a_deprecated_product_names_its_successor(mesh: Mesh) -> None:
    make_product("claims-v2")
    old = port_of(make_product("claims-v1", status="deprecated", successor="claims/claims-v2"))
    with pytest.raises(ProductClosed, match="Claims v2") as caught:
        ask(old, mesh.charlie)
    assert caught.value.successor == "claims/claims-v2"


def test_a_hidden_successor_is_not_named(mesh: Mesh) -> None:
    make_product("secret-v2", visibility="team")
    old = port_of(make_product("claims-v1", status="retired", successor="claims/secret-v2"))
    with pytest.raises(ProductClosed) as caught:
        ask(old, mesh.charlie)
    assert "ecret" not in str(caught.value)


def test_what_is_hidden_cannot_be_asked_for(mesh: Mesh) -> None:
    port = port_of(make_product(visibility="team"))
    with pytest.raises(AccessError):
        ask(port, mesh.charlie)
    forget_tokens(mesh.bob)
    assert ask(port, mesh.bob).state == "open"


def test_an_input_port_cannot_be_asked_for(mesh: Mesh, port: Port) -> None:
    port.direction = "in"
    with pytest.raises(InvalidRequest, match="output ports"):
        ask(port, mesh.charlie)


def test_a_request_whose_end_has_passed_cannot_be_approved(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie, ends_on=in_days(3))
    late = timezone.now() + timedelta(days=10)
    with pytest.raises(InvalidRequest, match="has passed"):
        decide(request, by=mesh.alice, approve=True, at=late)
    assert (
        decide(request, by=mesh.alice, approve=False, comment="Late", at=late).state == "rejected"
    )


def test_who_cannot_sign_in_any_more_is_given_nothing(mesh: Mesh, port: Port) -> None:
    request = ask(port, mesh.charlie)
    switch_off(mesh.charlie, by=mesh.admin)
    with pytest.raises(RequesterLeft, match="can no longer sign in; reject the request"):
        decide(request, by=mesh.alice, approve=True)
    assert not Grant.objects.exists()
    assert decide(request, by=mesh.alice, approve=False, comment="left").state == "rejected"
