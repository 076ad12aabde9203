"""All sessions of a person end at once: as they wish, as an admin says, and with the account."""

from __future__ import annotations

from django.test import Client

from catalog.models import User
from catalog.people.sessions import end_sessions
from catalog.people.teams import switch_off, switch_on
from catalog.people.tokens import make_token
from tests.conftest import Mesh


def browser(user: User) -> Client:
    made = Client()
    made.force_login(user)
    return made


def is_signed_in(one: Client) -> bool:
    return one.get("/profile").status_code == 200


def test_signing_out_everywhere_else_keeps_this_browser(mesh: Mesh) -> None:
    here, there, others = browser(mesh.alice), browser(mesh.alice), browser(mesh.bob)
    secret = make_token(mesh.alice, name="pipeline", scope="read", days=1)[1]
    said = here.post("/profile/sign-out", follow=True).content.decode()
    assert "signed out everywhere but here" in said
    assert [is_signed_in(one) for one in (here, there, others)] == [True, False, True]
    assert Client(headers={"x-api-key": secret}).get("/api/v1/tokens").status_code == 200


def test_an_admin_signs_somebody_out_everywhere(mesh: Mesh) -> None:
    theirs, admin = browser(mesh.bob), browser(mesh.admin)
    assert "Sign out everywhere" in admin.get(f"/people/{mesh.bob.pk}").content.decode()
    admin.post(f"/people/{mesh.bob.pk}/account", {"what": "end-sessions"})
    assert [is_signed_in(one) for one in (theirs, admin)] == [False, True]


def test_nobody_else_does(mesh: Mesh) -> None:
    theirs, alice = browser(mesh.bob), browser(mesh.alice)
    address = f"/people/{mesh.bob.pk}/account"
    assert alice.post(address, {"what": "end-sessions"}).status_code == 404
    assert is_signed_in(theirs)


def test_an_account_that_is_switched_on_again_has_no_old_sessions(mesh: Mesh) -> None:
    theirs = browser(mesh.bob)
    switch_off(mesh.bob, by=mesh.admin)
    switch_on(mesh.bob, by=mesh.admin)
    assert not is_signed_in(theirs)


def test_sessions_that_began_later_go_on(mesh: Mesh) -> None:
    end_sessions(mesh.alice, by=mesh.alice)
    assert is_signed_in(browser(mesh.alice))
