"""Somebody leaves: what they hold is given to somebody or ends, and nothing is granted to them any more."""

from __future__ import annotations

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client

from catalog.access.errors import RequesterLeft
from catalog.access.requests import decide, request_access
from catalog.handover import deactivate, holdings_of
from catalog.models import (
    AccessRequest,
    Event,
    Grant,
    Invitation,
    Membership,
    User,
    Webhook,
)
from catalog.people.invitations import find_invitation, invite
from catalog.people.refusals import ChangeRefused
from catalog.people.teams import LastAccount, set_member, set_steward, switch_on
from catalog.people.tokens import make_token, open_tokens
from catalog.people.viewers import forget_tokens
from tests.conftest import Mesh
from tests.factories import make_product, make_user


def ref_of(user: User, words: str) -> str:
    """Return the name of what a person holds, by words of its title."""
    (found,) = [one.ref for one in holdings_of(user) if words in one.title]
    return found


def test_a_request_of_somebody_who_left_is_not_granted(mesh: Mesh) -> None:
    asked = request_access(make_product().ports.get(), by=mesh.charlie, purpose="To look")
    User.objects.filter(pk=mesh.charlie.pk).update(is_active=False)
    with pytest.raises(RequesterLeft, match="Charlie Lind can no longer sign in"):
        decide(asked, by=mesh.alice, approve=True)
    assert not Grant.objects.exists()
    assert decide(asked, by=mesh.alice, approve=False, comment="Left").state == "rejected"


def test_requests_grants_tokens_and_invitations_end(mesh: Mesh) -> None:
    first, second = make_product("first"), make_product("second")
    decide(
        request_access(first.ports.get(), by=mesh.charlie, purpose="To look"),
        by=mesh.alice,
        approve=True,
    )
    asked = request_access(second.ports.get(), by=mesh.charlie, purpose="To look")
    make_token(mesh.charlie, name="pipeline")
    set_member(mesh.other_team, mesh.charlie, role="owner", by=None)
    forget_tokens(mesh.charlie)
    _, secret = invite(by=mesh.charlie, team=mesh.other_team)
    titles = [one.title for one in holdings_of(mesh.charlie)]
    assert titles == [
        "Owner of Policy Platform",
        "Access to First",
        "Request for Second",
        "API token pipeline",
        "Open invitation to Policy Platform",
    ]
    deactivate(mesh.charlie, plan={ref_of(mesh.charlie, "Owner"): None}, by=mesh.admin)
    assert AccessRequest.objects.get(pk=asked.pk).state == "withdrawn"
    grant = Grant.objects.get()
    assert (grant.state, grant.ended_by, grant.end_comment) == (
        "revoked",
        mesh.admin,
        "The account was switched off.",
    )
    assert not open_tokens(mesh.charlie).exists()
    assert find_invitation(secret) is None
    assert Invitation.objects.get().revoked_at
    left = User.objects.get(pk=mesh.charlie.pk)
    assert holdings_of(left) == []
    told = set(Event.objects.values_list("type", flat=True))
    assert told >= {"access.withdrawn", "grant.revoked", "token.revoked", "person.changed"}


def test_the_last_owner_is_not_taken_out_silently(mesh: Mesh) -> None:
    with pytest.raises(ChangeRefused, match="name who follows"):
        deactivate(mesh.alice, plan={}, by=mesh.admin)
    assert User.objects.get(pk=mesh.alice.pk).is_active
    deactivate(mesh.alice, plan={ref_of(mesh.alice, "Owner"): mesh.bob}, by=mesh.admin)
    assert list(mesh.team.memberships.values_list("user", "role")) == [(mesh.bob.pk, "owner")]


def test_who_may_more_in_the_team_keeps_that(mesh: Mesh) -> None:
    deactivate(mesh.bob, plan={ref_of(mesh.bob, "Engineer"): mesh.alice}, by=mesh.admin)
    assert Membership.objects.get(team=mesh.team).role == "owner"


def test_stewardships_and_webhooks_are_given(mesh: Mesh) -> None:
    set_steward(mesh.claims, mesh.bob, by=None)
    hook = Webhook.objects.create(owner=mesh.bob, name="mine", url="https://example.com/h")
    plan = {ref_of(mesh.bob, "Steward"): mesh.charlie, ref_of(mesh.bob, "Webhook"): mesh.charlie}
    deactivate(mesh.bob, plan=plan, by=mesh.admin)
    assert mesh.charlie.stewardships.get().domain == mesh.claims
    hook.refresh_from_db()
    assert (hook.owner, hook.is_enabled) == (mesh.charlie, False)


def test_a_webhook_that_nobody_gets_is_deleted(mesh: Mesh) -> None:
    Webhook.objects.create(owner=mesh.bob, name="mine", url="https://example.com/h")
    deactivate(mesh.bob, plan={}, by=mesh.admin)
    assert not Webhook.objects.exists()


def test_it_is_all_or_nothing(mesh: Mesh) -> None:
    make_token(mesh.bob, name="pipeline")
    gone = make_user("gone", is_active=False)
    token = ref_of(mesh.bob, "API token")
    for plan in (
        {"membership:0": mesh.alice},
        {token: mesh.alice},
        {ref_of(mesh.bob, "Engineer"): gone},
        {ref_of(mesh.bob, "Engineer"): mesh.bob},
    ):
        with pytest.raises(ChangeRefused):
            deactivate(mesh.bob, plan=plan, by=mesh.admin)
    assert User.objects.get(pk=mesh.bob.pk).is_active
    assert open_tokens(mesh.bob).exists()
    assert mesh.team.memberships.filter(user=mesh.bob).exists()


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "dana"])
def test_only_platform_admins_switch_accounts_off_and_on(mesh: Mesh, who: str) -> None:
    user = mesh.people[who]
    assert isinstance(user, User)
    with pytest.raises(PermissionDenied):
        deactivate(mesh.bob, plan={}, by=user)
    with pytest.raises(PermissionDenied):
        switch_on(mesh.bob, by=user)


def test_nobody_switches_off_themselves_or_the_last_admin(mesh: Mesh) -> None:
    with pytest.raises(LastAccount, match="own account"):
        deactivate(mesh.admin, plan={}, by=mesh.admin)
    second = make_user("second", is_superuser=True)
    deactivate(mesh.admin, plan={}, by=second)
    left = User.objects.get(pk=mesh.admin.pk)
    assert (left.is_active, left.is_superuser) == (False, False)


def test_the_page_lists_what_they_hold_and_gives_it(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.admin)
    page, ref = f"/people/{mesh.alice.pk}/deactivate", ref_of(mesh.alice, "Owner")
    assert "The last owner: 0 products" in client.get(page).content.decode()
    for said, words in (
        ({}, "Name who follows"),
        ({ref: "nobody-here"}, "Nobody who may sign in has the user name"),
    ):
        answer = client.post(page, said)
        assert answer.status_code == 422
        assert words in answer.content.decode()
    answer = client.post(page, {ref: "bob"}, follow=True)
    assert "can no longer sign in" in answer.content.decode()
    assert mesh.team.memberships.get().user == mesh.bob
    assert client.get(page).status_code == 404


@pytest.mark.parametrize("who", ["alice", "dana"])
def test_the_page_is_for_admins_alone(client: Client, mesh: Mesh, who: str) -> None:
    user = mesh.people[who]
    assert isinstance(user, User)
    client.force_login(user)
    page = f"/people/{mesh.bob.pk}/deactivate"
    assert client.get(page).status_code == 404
    assert client.post(page).status_code == 404
    assert User.objects.get(pk=mesh.bob.pk).is_active
