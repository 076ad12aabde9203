"""The people of the installation, as platform admins see and change them."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Event, User
from catalog.people.teams import LastAccount, set_admin, switch_off
from tests.conftest import Mesh
from tests.factories import make_user


@pytest.fixture
def admin(client: Client, mesh: Mesh) -> Client:
    """The browser of a platform admin."""
    client.force_login(mesh.admin)
    return client


def text(client: Client, address: str) -> str:
    """Open a page."""
    answer = client.get(address)
    assert answer.status_code == 200
    return answer.content.decode()


def done(client: Client, address: str, **fields: str) -> str:
    """Post and return the page that follows."""
    answer = client.post(address, fields, follow=True)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.parametrize("who", ["alice", "bob", "charlie", "dana"])
def test_nobody_else_learns_that_the_page_exists(client: Client, mesh: Mesh, who: str) -> None:
    user = mesh.people[who]
    assert isinstance(user, User)
    client.force_login(user)
    assert client.get("/people").status_code == 404
    assert client.get(f"/people/{mesh.bob.pk}").status_code == 404
    for what in ("role", "steward", "account"):
        posted = client.post(f"/people/{mesh.bob.pk}/{what}", {"what": "deactivate"})
        assert posted.status_code == 404
    assert User.objects.get(pk=mesh.bob.pk).is_active
    assert "/people" not in text(client, "/")


def test_a_visitor_is_asked_to_sign_in(client: Client, mesh: Mesh) -> None:
    assert client.get("/people").status_code == 302


def test_people_are_found_by_name_and_team(admin: Client) -> None:
    assert "Bob Osei" in text(admin, "/people")
    found = text(admin, "/people?q=policy+platform")
    assert "Charlie Lind" in found
    assert "Bob Osei" not in found
    assert "Nobody fits" in text(admin, "/people?q=nobody%27")
    assert "Bob Osei" not in text(admin, "/people?show=admin")


def test_a_role_is_given_changed_and_taken(admin: Client, mesh: Mesh) -> None:
    page = f"/people/{mesh.bob.pk}"
    assert "is owner in Policy Platform" in done(
        admin, f"{page}/role", team="policy-team", role="owner"
    )
    done(admin, f"{page}/role", team="policy-team", role="")
    assert not mesh.bob.memberships.filter(team=mesh.other_team).exists()
    assert Event.objects.filter(type="member.changed", actor=mesh.admin).count() == 2
    assert "Choose a team and a role" in done(admin, f"{page}/role", team="x", role="king")


def test_a_steward_is_named_and_relieved(admin: Client, mesh: Mesh) -> None:
    page = f"/people/{mesh.bob.pk}/steward"
    assert "Bob Osei stewards Policy" in done(admin, page, domain="policy")
    done(admin, page, domain="policy")
    assert mesh.bob.stewardships.count() == 1
    done(admin, page, domain="policy", what="remove")
    assert mesh.bob.stewardships.count() == 0
    assert Event.objects.filter(type="member.changed", actor=mesh.admin).count() == 2


def test_an_account_is_switched_off_and_on(admin: Client, mesh: Mesh) -> None:
    other = Client()
    other.force_login(mesh.bob)
    assert "can no longer sign in" in done(admin, f"/people/{mesh.bob.pk}/deactivate")
    assert other.get("/profile").status_code == 302
    assert not Client().login(username="bob", password="secret-bob")
    done(admin, f"/people/{mesh.bob.pk}/account", what="activate")
    assert other.get("/profile").status_code == 302  # no session comes back
    assert not Client().login(username="bob", password="secret-bob")
    page = done(admin, f"/people/{mesh.bob.pk}/account", what="password")
    found = re.search(r"/password/gz_[\w-]+", page)
    assert found
    said = {"new_password1": "a long enough secret", "new_password2": "a long enough secret"}
    assert other.post(found[0], {**said, "new_password2": "another"}).status_code == 422
    assert other.post(found[0], said).status_code == 302
    assert other.get("/profile").status_code == 200
    assert Client().get(found[0]).status_code == 404
    told = [
        e.data.get("active") for e in Event.objects.filter(type="person.changed").order_by("id")
    ]
    assert told[:2] == [False, True]


def test_admins_cannot_lock_everybody_out(admin: Client, mesh: Mesh) -> None:
    refused = admin.post(f"/people/{mesh.admin.pk}/deactivate")
    assert refused.status_code == 422
    assert "your own account" in refused.content.decode()
    assert "from yourself" in done(admin, f"/people/{mesh.admin.pk}/account", what="end-admin")
    second = make_user("second", is_superuser=True)
    User.objects.exclude(pk=second.pk).update(is_superuser=False)
    with pytest.raises(LastAccount, match="last platform admin"):
        switch_off(second, by=mesh.admin)
    with pytest.raises(LastAccount, match="last platform admin"):
        set_admin(second, False, by=mesh.admin)


def test_a_platform_admin_is_made_and_unmade(admin: Client, mesh: Mesh) -> None:
    page = f"/people/{mesh.bob.pk}/account"
    assert "is a platform admin" in done(admin, page, what="make-admin")
    assert User.objects.get(pk=mesh.bob.pk).is_superuser
    done(admin, page, what="end-admin")
    assert not User.objects.get(pk=mesh.bob.pk).is_superuser
    assert "Choose what to change" in done(admin, page, what="promote")


def test_a_long_list_has_pages_and_few_queries(
    admin: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(60):
        make_user(f"user-{n:02}")
    with django_assert_max_num_queries(8):
        html = text(admin, "/people")
    assert "1–50 of 65" in html
    assert "user-59" in text(admin, "/people?page=2")
