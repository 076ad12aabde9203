"""Inviting people in the portal, and coming in by a link."""

from __future__ import annotations

import html
import re

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client

from catalog.models import Invitation, Membership, User
from catalog.people.invitations import invite
from catalog.people.teams import set_member
from tests.conftest import Mesh

EVE = {
    "display_name": "Eve Brandt",
    "username": "eve.brandt",
    "password1": "a long enough secret",
    "password2": "a long enough secret",
}


@pytest.fixture
def alice(client: Client, mesh: Mesh) -> Client:
    """The browser of the team's owner."""
    client.force_login(mesh.alice)
    return client


def link_in(page: str) -> str:
    """Return the path of the link that a page or mail shows."""
    found = re.search(r"http://[^/]+(/join/gz_[\w-]+)", html.unescape(page))
    assert found, page
    return found[1]


def made_link(client: Client, **said: str) -> str:
    answer = client.post(
        "/people/invitations", {"team": "claims-team", "role": "engineer", "days": "7", **said}
    )
    assert answer.status_code == 200
    return link_in(answer.content.decode())


def test_the_invited_lands_signed_in_in_the_team(alice: Client, mesh: Mesh) -> None:
    assert (
        "/people/invitations?team=claims-team" in alice.get("/teams/claims-team").content.decode()
    )
    link = made_link(alice, note="Eve")
    assert "gz_" not in alice.get("/people/invitations").content.decode()
    invited = Client()
    page = invited.get(link).content.decode()
    assert "Alice Moreau invites you" in " ".join(page.split())
    answer = invited.post(link, EVE, follow=True)
    assert answer.redirect_chain == [("/teams/claims-team", 302)]
    assert "Welcome to" in answer.content.decode()
    assert Membership.objects.get(user__username="eve.brandt").role == "engineer"
    assert invited.get("/profile").status_code == 200
    again = Client().post(link, {**EVE, "username": "mallory"})
    assert again.status_code == 404
    assert "opens nothing any more" in again.content.decode()


def test_a_weak_password_and_a_taken_name_are_told_beside_their_fields(
    alice: Client, mesh: Mesh
) -> None:
    link, invited = made_link(alice), Client()
    weak = invited.post(link, {**EVE, "password1": "short", "password2": "short"})
    assert weak.status_code == 422
    assert "too short" in weak.content.decode()
    taken = invited.post(link, {**EVE, "username": "BOB"})
    assert taken.status_code == 422
    assert "already exists" in taken.content.decode()
    assert invited.post(link, EVE).status_code == 302


def test_somebody_signed_in_joins_as_themselves(alice: Client, mesh: Mesh) -> None:
    link, charlie = made_link(alice), Client()
    charlie.force_login(mesh.charlie)
    assert "Join as Charlie" in charlie.get(link).content.decode()
    assert charlie.post(link).status_code == 302
    assert mesh.team.memberships.filter(user=mesh.charlie).exists()


def test_a_new_link_ends_the_old_one_and_a_withdrawn_one_is_closed(alice: Client) -> None:
    old = made_link(alice)
    row = Invitation.objects.get()
    new = link_in(alice.post(f"/people/invitations/{row.pk}", {"do": "renew"}).content.decode())
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    alice.post(f"/people/invitations/{row.pk}", {"do": "revoke"})
    assert Client().get(new).status_code == 404
    assert alice.post(f"/people/invitations/{row.pk}", {"do": "renew"}).status_code == 404


def test_with_a_mail_server_the_link_goes_by_mail_alone(
    alice: Client, settings: LazySettings
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    said = {"team": "claims-team", "role": "member", "days": "7", "email": "eve@example.com"}
    answer = alice.post("/people/invitations", said, follow=True)
    assert "on its way to eve@example.com" in answer.content.decode()
    assert "/join/" not in answer.content.decode()
    sent = mail.outbox[0]
    assert sent.to == ["eve@example.com"]
    Client().post(link_in(str(sent.body)), EVE)
    assert User.objects.get(username="eve.brandt").email == "eve@example.com"


def test_a_mail_that_is_refused_leaves_the_link_on_the_page(
    alice: Client, settings: LazySettings
) -> None:
    settings.EMAIL_HOST = "mail.example.com"
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    link = made_link(alice, email="eve@example.com")
    assert Client().get(link).status_code == 200
    assert Invitation.objects.get().mailed_at is None


@pytest.mark.parametrize(("who", "status"), [("bob", 403), ("charlie", 200), ("anonymous", 302)])
def test_others_invite_nobody_into_the_team(
    client: Client, mesh: Mesh, who: str, status: int
) -> None:
    """Charlie owns the other team, and sees none of this one's invitations."""
    made, _ = invite(by=mesh.alice, team=mesh.team, note="zyxquartz")
    set_member(mesh.other_team, mesh.charlie, role="owner", by=None)
    user = mesh.people[who]
    if isinstance(user, User):
        client.force_login(user)
    answer = client.get("/people/invitations")
    assert answer.status_code == status
    assert "zyxquartz" not in answer.content.decode()
    client.post("/people/invitations", {"team": "claims-team", "role": "owner", "days": "7"})
    client.post(f"/people/invitations/{made.pk}", {"do": "revoke"})
    assert Invitation.objects.get().revoked_at is None
    assert "/people/invitations" not in client.get("/teams/claims-team").content.decode()
