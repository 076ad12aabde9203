"""Domains, teams and their people, made and changed on pages without JavaScript."""

from __future__ import annotations

import re

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.models import Domain, Event, Membership, Role, Team, User
from catalog.people.domains import save_domain
from catalog.people.teams import set_member
from tests.conftest import Mesh
from tests.factories import make_product, make_user


def browser(user: User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def text(client: Client, address: str, status: int = 200) -> str:
    answer = client.get(address)
    assert answer.status_code == status
    return answer.content.decode()


def fields(client: Client, address: str) -> dict[str, str]:
    """Return what a form would send as it is shown."""
    form = client.get(address).context["form"]
    return {
        name: "" if (value := form[name].value()) is None else str(value) for name in form.fields
    }


def send(client: Client, address: str, **changes: str) -> str:
    """Fill in a form, send it, and return the page that follows."""
    answer = client.post(address, {**fields(client, address), **changes}, follow=True)
    assert answer.status_code == 200, re.findall(
        r'class="error".*?</p>', answer.content.decode(), re.S
    )
    return answer.content.decode()


def test_an_admin_fills_an_empty_installation(db: None) -> None:
    root = browser(make_user("root", is_superuser=True))
    ana = make_user("ana", display_name="Ana Ruiz")
    assert 'href="/domains/new"' in text(root, "/domains")
    assert "Platform admins create domains" in text(browser(ana), "/domains")
    page = send(root, "/domains/new", name="Record sales", description="What we *sell*.")
    assert "Record sales is there" in page
    assert "/teams/new?domain=record-sales" in page
    people = send(root, "/teams/new?domain=record-sales", name="Vinyl", contact="#vinyl")
    assert "Nobody yet. Find somebody below" in people
    found = text(root, "/teams/vinyl/members?q=ruiz")
    assert "Add Ana Ruiz" in found
    root.post("/teams/vinyl/members", {"person": "ana", "role": "owner"})
    assert Membership.objects.get().role == Role.OWNER
    assert "Ana Ruiz" in text(browser(ana), "/teams/vinyl")
    root.post("/domains/record-sales/stewards", {"person": "ana", "role": "steward"})
    send(browser(ana), "/domains/new?parent=record-sales", name="Labels")
    assert Domain.objects.get(key="labels").path == "record-sales/labels/"


def test_who_is_taken_out_can_be_put_back(mesh: Mesh) -> None:
    alice = browser(mesh.alice)
    page = "/teams/claims-team/members"
    gone = alice.post(page, {"person": "bob", "role": "engineer", "do": "remove"}, follow=True)
    html = gone.content.decode()
    assert not Membership.objects.filter(user=mesh.bob).exists()
    assert "Bob Osei is out." in html
    assert 'name="role" value="engineer"' in html
    alice.post(page, {"person": "bob", "role": "engineer"})
    assert Membership.objects.get(user=mesh.bob).role == "engineer"
    assert "is out" not in text(alice, f"{page}?gone=bob&role=engineer")


def test_a_domain_is_edited_and_moved(mesh: Mesh) -> None:
    dana = browser(mesh.dana)
    send(dana, "/domains/claims/edit", name="Losses", parent=str(mesh.policy.pk))
    moved = Domain.objects.get(key="claims")
    assert (moved.name, moved.path) == ("Losses", "insurance/policy/claims/")
    assert "saved the domain" in text(dana, "/activity?type=domain.saved")
    assert "name, path" in text(dana, "/activity?type=domain.saved")


def test_a_team_is_edited_and_moved(mesh: Mesh) -> None:
    send(browser(mesh.dana), "/teams/claims-team/edit", name="Losses", domain=str(mesh.policy.pk))
    team = Team.objects.get(key="claims-team")
    assert (team.name, team.domain) == ("Losses", mesh.policy)


def test_two_who_edit_at_once_do_not_overwrite_each_other(mesh: Mesh) -> None:
    dana, admin = browser(mesh.dana), browser(mesh.admin)
    opened = fields(dana, "/domains/claims/edit")
    send(admin, "/domains/claims/edit", description="What went wrong.")
    late = dana.post("/domains/claims/edit", {**opened, "name": "Losses"})
    assert late.status_code == 422
    assert "Somebody changed it meanwhile" in late.content.decode()
    assert Domain.objects.get(key="claims").name == "Claims"


@pytest.mark.parametrize(
    ("address", "changes", "said"),
    [
        ("/domains/new", {"name": ""}, "This field is required"),
        ("/domains/new", {"name": "X", "key": "claims"}, "Is taken or reserved"),
        ("/domains/new", {"name": "漢字"}, "Write 1 to 64 lower-case letters"),
        ("/teams/new", {"name": "X", "key": "claims-team"}, "Is taken or reserved"),
        ("/teams/new", {"name": "X", "key": "A B"}, "Write 1 to 64 lower-case letters"),
        ("/domains/claims/edit", {"visibility": "nobody"}, "Select a valid choice"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    mesh: Mesh, address: str, changes: dict[str, str], said: str
) -> None:
    admin = browser(mesh.admin)
    answer = admin.post(address, {**fields(admin, address), **changes})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert not Event.objects.filter(actor=mesh.admin).exists()


PAGES = (
    "/domains/new", "/domains/claims/edit", "/domains/claims/stewards",
    "/domains/claims/retire", "/teams/claims-team/retire",
    "/teams/new", "/teams/claims-team/edit", "/teams/claims-team/members",
)  # fmt: skip
MAY = {
    "alice": {"/teams/claims-team/members"},
    "bob": set(),
    "charlie": set(),
    "dana": set(PAGES),
    "admin": set(PAGES),
}


@pytest.mark.parametrize("who", MAY)
def test_each_page_is_for_those_who_may_and_says_who(mesh: Mesh, who: str) -> None:
    client = browser(getattr(mesh, who))
    shown = text(client, "/domains/claims") + text(client, "/teams/claims-team")
    for page in PAGES:
        answer = client.get(page)
        assert answer.status_code == (200 if page in MAY[who] else 403)
        if answer.status_code == 403:
            assert "platform admins" in answer.content.decode()
            assert f'href="{page}' not in shown, page
        elif page not in {"/teams/claims-team/members"}:
            assert f'href="{page}' in shown, page


def test_visitors_sign_in_first_and_strangers_find_nothing(client: Client, mesh: Mesh) -> None:
    for page in PAGES:
        assert client.get(page).status_code == 302
    save_domain("vault", name="Vault", visibility="team", by=None)
    assert browser(mesh.dana).get("/domains/vault/edit").status_code == 404
    assert browser(mesh.dana).get("/domains/vault/stewards").status_code == 404


def test_a_steward_moves_things_only_to_where_they_steward(mesh: Mesh) -> None:
    media = save_domain("media", name="Media", by=None)
    dana = browser(mesh.dana)
    assert f'value="{media.pk}"' not in text(dana, "/domains/claims/edit")
    opened = fields(dana, "/domains/claims/edit")
    answer = dana.post("/domains/claims/edit", {**opened, "parent": str(media.pk)})
    assert answer.status_code == 422


def test_a_large_team_costs_no_more_queries(
    mesh: Mesh, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(60):
        user = make_user(f"user-{n:02}")
        if n % 2:
            set_member(mesh.team, user, role=Role.MEMBER, by=None)
    dana = browser(mesh.dana)
    with django_assert_max_num_queries(12):
        html = text(dana, "/teams/claims-team/members?q=user")
    assert html.count("Take out user-") == 30
    assert html.count('aria-label="Add user-') == 20


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("/domains/claims", "/domains/losses"),
        ("/domains/claims/edit", "/domains/losses/edit"),
        ("/domains/claims?sort=use", "/domains/losses?sort=use"),
        ("/products/claims/settled-claims/schema", "/products/losses/settled-claims/schema"),
        ("/teams/claims-team", "/teams/loss-team"),
        ("/api/v1/domains/claims", "/api/v1/domains/losses"),
        ("/api/v1/teams/claims-team/members", "/api/v1/teams/loss-team/members"),
    ],
)
def test_old_addresses_lead_on_after_a_rename(mesh: Mesh, before: str, after: str) -> None:
    make_product()
    dana = browser(mesh.dana)
    assert "Losses is saved" in send(dana, "/domains/claims/edit", key="losses", name="Losses")
    send(dana, "/teams/claims-team/edit", key="loss-team")
    moved = dana.get(before)
    assert (moved.status_code, moved["Location"]) == (301, after)
    assert dana.get(after).status_code == 200
    assert dana.post("/teams/claims-team/members", {"person": "bob"}).status_code == 308


def test_old_addresses_of_what_is_hidden_lead_nowhere(client: Client, mesh: Mesh) -> None:
    dana = browser(mesh.dana)
    send(dana, "/domains/claims/edit", key="losses", visibility="domain")
    assert client.get("/domains/claims").status_code == 404
    assert client.get("/api/v1/domains/claims").status_code == 404
    assert client.get("/domains/nowhere").status_code == 404
    assert dana.get("/domains/claims").status_code == 301


def test_a_taken_key_is_refused_beside_its_field(mesh: Mesh) -> None:
    dana = browser(mesh.dana)
    opened = fields(dana, "/domains/claims/edit")
    answer = dana.post("/domains/claims/edit", {**opened, "key": "policy", "name": "Losses"})
    assert answer.status_code == 422
    assert "Is taken or reserved" in answer.content.decode()
    assert Domain.objects.get(key="claims").name == "Claims"


def test_a_team_is_merged_into_another(mesh: Mesh) -> None:
    make_product()
    dana = browser(mesh.dana)
    assert "It has 1 product" in text(dana, "/teams/claims-team/retire")
    opened = {
        "successor": str(mesh.other_team.pk),
        "seen": fields(dana, "/teams/claims-team/retire")["seen"],
    }
    wrong = dana.post("/teams/claims-team/retire", {**opened, "confirm": "claims"})
    assert "Write claims-team." in wrong.content.decode()
    done = dana.post("/teams/claims-team/retire", {**opened, "confirm": "claims-team"}, follow=True)
    assert "Claims Analytics is retired" in done.content.decode()
    assert dana.get("/teams/claims-team")["Location"] == "/teams/policy-team"
    assert "retired the team" in text(dana, "/activity")


def test_a_domain_is_merged_and_an_empty_one_retired(mesh: Mesh) -> None:
    make_product()
    dana = browser(mesh.dana)
    missing = dana.post(
        "/domains/claims/retire",
        {"confirm": "claims", "seen": fields(dana, "/domains/claims/retire")["seen"]},
    )
    assert missing.status_code == 422
    send(dana, "/domains/claims/retire", successor=str(mesh.policy.pk), confirm="claims")
    assert (
        dana.get("/products/claims/settled-claims")["Location"] == "/products/policy/settled-claims"
    )
    save_domain("empty", name="Empty", parent=mesh.policy, by=None)
    assert "Empty is retired" in send(dana, "/domains/empty/retire", confirm="empty")
    assert dana.get("/domains/empty").status_code == 404


def test_a_team_without_an_owner_is_shown_to_those_who_can_name_one(mesh: Mesh) -> None:
    dana, admin = browser(mesh.dana), browser(mesh.admin)
    pages = {"/domains/claims": "No owner", "/teams/claims-team": "No owner."}
    for page, said in pages.items():
        assert said not in text(dana, page)
    assert "/teams/claims-team/members" not in text(admin, "/operator")
    User.objects.filter(pk=mesh.alice.pk).update(is_active=False)
    for page, said in pages.items():
        assert said in text(dana, page)
        assert said not in text(browser(mesh.charlie), page)
    assert "/teams/claims-team/members" in text(admin, "/operator")
