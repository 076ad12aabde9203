"""Invitations: who makes them, and what their links open."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.utils import timezone

from catalog.models import Event, Invitation, Membership, User
from catalog.people.invitations import (
    InvitationClosed,
    InvitationRefused,
    NewAccount,
    accept_as,
    accept_as_new,
    find_invitation,
    invitations_for,
    invite,
    renew_invitation,
    revoke_invitation,
)
from catalog.people.teams import set_member
from catalog.people.viewers import forget_tokens
from tests.conftest import Mesh
from tests.factories import make_user

EVE = NewAccount("eve", "a long enough secret", "Eve Brandt")


def test_the_invited_is_in_the_team_with_the_role(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team, role="engineer", email="eve@example.com")
    eve = accept_as_new(secret, EVE)
    assert (str(eve), eve.email, eve.check_password(EVE.password)) == (
        "Eve Brandt",
        "eve@example.com",
        True,
    )
    assert Membership.objects.get(user=eve).role == "engineer"
    assert not eve.is_superuser
    told = Event.objects.filter(type__startswith="invitation.").order_by("id")
    assert [event.type for event in told] == ["invitation.made", "invitation.accepted"]


def test_the_secret_is_not_kept(mesh: Mesh) -> None:
    made, secret = invite(by=mesh.alice, team=mesh.team)
    assert secret not in str(Invitation.objects.values().get(pk=made.pk))
    assert secret not in str(list(Event.objects.values("data", "subject_key")))


@pytest.mark.parametrize(
    ("who", "into", "allowed"),
    [
        ("alice", "team", True),  # owns it
        ("dana", "team", True),  # stewards the domain above both
        ("admin", "team", True),
        ("bob", "team", False),  # is in it, and speaks for nobody
        ("charlie", "team", False),
        ("alice", "other_team", False),
        ("dana", "other_team", True),
        ("admin", "other_team", True),
        ("alice", None, False),
        ("dana", None, False),
        ("admin", None, True),
    ],
)
def test_who_says_who_is_in_a_team_invites_into_it(
    mesh: Mesh, who: str, into: str | None, allowed: bool
) -> None:
    user, team = mesh.people[who], getattr(mesh, into) if into else None
    assert isinstance(user, User)
    made, _ = invite(by=mesh.admin, team=team)
    assert invitations_for(user).filter(pk=made.pk).exists() is allowed
    if allowed:
        invite(by=user, team=team)
        renew_invitation(made, by=user)
        revoke_invitation(made, by=user)
        return
    with pytest.raises(PermissionDenied):
        invite(by=user, team=team)
    with pytest.raises(PermissionDenied):
        renew_invitation(made, by=user)
    with pytest.raises(PermissionDenied):
        revoke_invitation(made, by=user)
    assert Invitation.objects.get().revoked_at is None


def test_a_link_works_once(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team)
    accept_as_new(secret, EVE)
    with pytest.raises(InvitationClosed):
        accept_as_new(secret, NewAccount("mallory", "a long enough secret"))
    with pytest.raises(InvitationClosed):
        accept_as(secret, mesh.charlie)
    assert not User.objects.filter(username="mallory").exists()


@pytest.mark.skipif(
    "sqlite" in settings.DATABASES["default"]["ENGINE"], reason="SQLite has one writer at a time"
)
@pytest.mark.django_db(transaction=True)
def test_of_two_at_once_one_comes_in(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team)
    start, came = Barrier(2), list[str]()

    def accept(username: str) -> None:
        start.wait()
        try:
            came.append(accept_as_new(secret, NewAccount(username, EVE.password)).username)
        except InvitationClosed:
            came.append("")
        finally:
            connection.close()

    threads = [Thread(target=accept, args=[name]) for name in ("eve", "mallory")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert "" in came
    assert User.objects.filter(username__in=["eve", "mallory"]).count() == 1
    assert len(came) == 2


def test_a_link_ends_after_its_days(mesh: Mesh) -> None:
    made, secret = invite(by=mesh.alice, team=mesh.team, days=7)
    last = made.created_at + timedelta(days=7)
    assert find_invitation(secret, at=last - timedelta(seconds=1)) == made
    assert find_invitation(secret, at=last) is None
    with pytest.raises(InvitationClosed):
        accept_as_new(secret, EVE, at=last)


def test_a_withdrawn_link_and_a_guess_are_answered_alike(mesh: Mesh) -> None:
    made, secret = invite(by=mesh.alice, team=mesh.team)
    revoke_invitation(made, by=mesh.dana)
    for word in (secret, "gz_guess", ""):
        assert find_invitation(word) is None
        with pytest.raises(InvitationClosed, match="used, withdrawn, or has ended"):
            accept_as_new(word, EVE)
    with pytest.raises(InvitationClosed):
        renew_invitation(made, by=mesh.alice)


def test_a_new_link_ends_the_old_one(mesh: Mesh) -> None:
    made, old = invite(by=mesh.alice, team=mesh.team, days=1)
    new = renew_invitation(made, by=mesh.dana, at=timezone.now() + timedelta(days=30))
    assert find_invitation(old) is None
    assert find_invitation(new) == made
    assert Invitation.objects.get().invited_by == mesh.dana


def test_it_lasts_as_long_as_the_right_of_who_made_it(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team)
    set_member(mesh.team, mesh.alice, role="engineer", by=mesh.admin)
    assert find_invitation(secret) is None
    with pytest.raises(InvitationClosed):
        accept_as_new(secret, EVE)
    set_member(mesh.team, mesh.alice, role="owner", by=mesh.admin)
    assert find_invitation(secret) is not None
    User.objects.filter(pk=mesh.alice.pk).update(is_active=False)
    assert find_invitation(secret) is None


def test_somebody_with_an_account_joins_with_it(mesh: Mesh) -> None:
    forget_tokens(mesh.charlie)
    _, secret = invite(by=mesh.alice, team=mesh.team, role="steward")
    accept_as(secret, mesh.charlie)
    assert mesh.team.memberships.get(user=mesh.charlie).role == "steward"


def test_an_invitation_for_a_mail_address_is_for_nobody_else(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team, email="Eve@example.com")
    with pytest.raises(InvitationRefused, match="another mail address"):
        accept_as(secret, mesh.charlie)
    eve = make_user("eve", email="eve@example.com")
    accept_as(secret, eve)
    assert mesh.team.memberships.filter(user=eve).exists()


def test_who_is_in_the_team_keeps_the_role(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.admin, team=mesh.team, role="member")
    with pytest.raises(InvitationRefused, match="already"):
        accept_as(secret, mesh.alice)
    assert mesh.team.memberships.get(user=mesh.alice).role == "owner"
    assert find_invitation(secret) is not None


def test_a_user_name_that_is_taken_leaves_the_invitation_open(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.alice, team=mesh.team)
    with pytest.raises(InvitationRefused) as refused:
        accept_as_new(secret, NewAccount("bob", "a long enough secret"))
    assert refused.value.field == "username"
    accept_as_new(secret, EVE)


@pytest.mark.parametrize(
    ("field", "said"),
    [
        ("role", {"role": "king"}),
        ("email", {"email": "no address"}),
        ("days", {"days": 31}),
        ("days", {"days": 0}),
        ("note", {"note": "x" * 201}),
    ],
)
def test_what_cannot_be_is_refused_by_its_field(
    mesh: Mesh, field: str, said: dict[str, str | int]
) -> None:
    with pytest.raises(InvitationRefused) as refused:
        invite(by=mesh.alice, team=mesh.team, **said)  # type: ignore[arg-type]
    assert refused.value.field == field
    assert not Invitation.objects.exists()


def test_an_account_alone_has_no_team(mesh: Mesh) -> None:
    _, secret = invite(by=mesh.admin)
    assert not accept_as_new(secret, EVE).memberships.exists()


def test_whether_an_address_has_an_account_is_not_told(mesh: Mesh) -> None:
    User.objects.filter(pk=mesh.bob.pk).update(email="bob@example.com")
    known, _ = invite(by=mesh.alice, team=mesh.team, email="bob@example.com")
    unknown, _ = invite(by=mesh.alice, team=mesh.team, email="nobody@example.com")
    assert (known.role, known.accepted_at) == (unknown.role, unknown.accepted_at)
