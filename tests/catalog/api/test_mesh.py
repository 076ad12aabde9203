"""Domains, teams, members and stewards over the API."""

from __future__ import annotations

import pytest

from catalog.models import Domain, Event, Membership, Team
from catalog.people.domains import save_domain
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import make_product

DOMAINS, TEAMS = "/api/v1/domains", "/api/v1/teams"


def test_an_empty_installation_is_filled(call: Call, mesh: Mesh) -> None:
    area = {"name": "Record sales", "description": "What we sell.", "visibility": "signed-in"}
    made = call("admin", "post", DOMAINS, area)
    assert made.status_code == 201, made.content
    assert made["Location"].endswith("/api/v1/domains/record-sales")
    assert call("admin", "get", made["Location"])["ETag"] == made["ETag"]
    team = {"key": "vinyl", "name": "Vinyl", "domain": "record-sales", "contact": "#vinyl"}
    assert call("admin", "post", TEAMS, team).status_code == 201
    owner = call("admin", "put", f"{TEAMS}/vinyl/members/charlie", {"role": "owner"})
    assert (owner.status_code, owner.json()["role"]) == (201, "owner")
    again = call("charlie", "put", f"{TEAMS}/vinyl/members/charlie", {"role": "owner"})
    assert again.status_code == 200
    steward = call("admin", "put", f"{DOMAINS}/record-sales/stewards/bob")
    assert (steward.status_code, steward.json()["name"]) == (201, "Bob Osei")
    assert (
        call(
            "bob", "put", f"{DOMAINS}/labels", {"name": "Labels", "parent": "record-sales"}
        ).json()["parent"]
        == "record-sales"
    )
    members = call("charlie", "get", f"{TEAMS}/vinyl/members").json()["results"]
    assert [row["person"] for row in members] == ["charlie"]


def test_a_domain_is_stated_again_and_changed_in_part(call: Call, mesh: Mesh) -> None:
    address = f"{DOMAINS}/auto"
    body = {"name": "Auto", "parent": "claims", "team": "claims-team", "hue": 3}
    assert call("dana", "put", address, body, {"If-None-Match": "*"}).status_code == 201
    assert call("dana", "put", address, body, {"If-None-Match": "*"}).status_code == 412
    told = Event.objects.exclude(type="token.created").count()
    assert call("dana", "put", address, body).status_code == 200
    assert Event.objects.exclude(type="token.created").count() == told
    changed = call("dana", "patch", address, {"name": "Motor", "breakingChanges": "refuse"}).json()
    assert (changed["name"], changed["parent"], changed["team"]) == (
        "Motor",
        "claims",
        "claims-team",
    )
    assert (changed["breakingChanges"], changed["hue"]) == ("refuse", 3)
    moved = call("dana", "patch", address, {"parent": "policy", "team": None}).json()
    assert (moved["parent"], moved["team"]) == ("policy", None)
    assert Domain.objects.get(key="auto").path == "insurance/policy/auto/"


def test_changes_hold_only_for_the_version_the_caller_knows(call: Call, mesh: Mesh) -> None:
    for address, body in (
        (f"{DOMAINS}/claims", {"name": "Losses"}),
        (f"{TEAMS}/claims-team", {"name": "Losses"}),
        (f"{TEAMS}/claims-team/members/bob", {"role": "member"}),
    ):
        method = "put" if "members" in address else "patch"
        tag = call("dana", "get", address)["ETag"]
        assert call("dana", "get", address, headers={"If-None-Match": tag}).status_code == 304
        stale = call("dana", method, address, body, {"If-Match": '"x"'})
        assert stale.status_code == 412
        assert call("dana", method, address, body, {"If-Match": tag}).status_code == 200
        assert call("dana", method, address, body, {"If-Match": tag}).status_code == 412


def test_a_trial_changes_nothing_and_answers_as_if(call: Call, mesh: Mesh) -> None:
    before = Event.objects.exclude(type="token.created").count()
    for who, method, path, body, status in (
        ("dana", "post", DOMAINS, {"name": "Auto", "parent": "claims"}, 201),
        ("dana", "patch", f"{DOMAINS}/claims", {"name": "Losses"}, 200),
        ("dana", "post", TEAMS, {"name": "Fraud", "domain": "claims"}, 201),
        ("alice", "put", f"{TEAMS}/claims-team/members/charlie", {"role": "owner"}, 201),
        ("alice", "delete", f"{TEAMS}/claims-team/members/bob", None, 204),
        ("dana", "put", f"{DOMAINS}/claims/stewards/bob", None, 201),
        ("bob", "patch", f"{DOMAINS}/claims", {"name": "Losses"}, 403),
    ):
        answer = call(who, method, f"{path}?dryRun=true", body)
        assert answer.status_code == status, (path, answer.content)
    assert Event.objects.exclude(type="token.created").count() == before
    assert Domain.objects.get(key="claims").name == "Claims"
    assert Membership.objects.filter(team=mesh.team).count() == 2


@pytest.mark.parametrize(
    ("path", "body", "field"),
    [
        (DOMAINS, {}, "name"),
        (DOMAINS, {"name": "X", "colour": 1}, "colour"),
        (DOMAINS, {"name": "X", "key": "New Domain"}, "key"),
        (DOMAINS, {"name": "X", "parent": "nowhere"}, "parent"),
        (DOMAINS, {"name": "X", "parent": 7}, "parent"),
        (DOMAINS, {"name": "X", "visibility": "nobody"}, "visibility"),
        (DOMAINS, {"name": "X", "hue": 12}, "hue"),
        (DOMAINS, {"name": "X", "team": "hidden-team"}, "team"),
        (DOMAINS, {"name": "漢字"}, "key"),
        (TEAMS, {"name": "X", "domain": "nowhere"}, "domain"),
        (TEAMS, {"name": "X" * 201}, "name"),
        (TEAMS, {"name": "X", "contact": "x" * 301}, "contact"),
    ],
)
def test_bad_input_names_the_field(
    call: Call, mesh: Mesh, path: str, body: object, field: str
) -> None:
    answer = call("admin", "post", path, body)
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["path"] == field


def test_a_taken_key_is_a_conflict_also_where_it_is_hidden(call: Call, mesh: Mesh) -> None:
    save_domain("vault", name="Vault", visibility="team", by=None)
    for key in ("claims", "vault"):
        answer = call("dana", "post", DOMAINS, {"key": key, "name": "X", "parent": "policy"})
        assert answer.status_code == 409
        assert answer.json()["detail"] == "key: is taken or reserved; choose another"
    assert (
        call("dana", "put", f"{DOMAINS}/vault", {"name": "X", "parent": "policy"}).status_code
        == 409
    )
    assert Domain.objects.get(key="vault").name == "Vault"


def test_a_domain_does_not_move_below_itself(call: Call, mesh: Mesh) -> None:
    answer = call("admin", "patch", f"{DOMAINS}/insurance", {"parent": "claims"})
    assert answer.json()["errors"][0]["path"] == "parent"
    assert "lies below" in answer.json()["errors"][0]["message"]


def test_the_key_of_the_address_counts(call: Call, mesh: Mesh) -> None:
    answer = call("admin", "put", f"{TEAMS}/vinyl", {"key": "tape", "name": "X"})
    assert answer.json()["errors"][0]["message"] == "the address says vinyl"
    assert not Team.objects.filter(key__in=("vinyl", "tape")).exists()


def test_people_are_named_by_their_user_name(call: Call, mesh: Mesh) -> None:
    unknown = call("alice", "put", f"{TEAMS}/claims-team/members/nobody", {"role": "owner"})
    assert unknown.json()["errors"][0]["path"] == "person"
    wrong = call("alice", "put", f"{TEAMS}/claims-team/members/bob", {"role": "king"})
    assert "owner, steward, engineer, member" in wrong.json()["errors"][0]["message"]
    assert call("alice", "delete", f"{TEAMS}/claims-team/members/charlie").status_code == 404
    assert (
        call("charlie", "put", f"{TEAMS}/claims-team/members/nobody", {"role": "owner"}).status_code
        == 403
    )
    assert call("anonymous", "get", f"{TEAMS}/claims-team/members").status_code == 401
    assert call("anonymous", "get", f"{DOMAINS}/claims/stewards").status_code == 401


def test_what_is_hidden_is_not_there(call: Call, mesh: Mesh) -> None:
    save_domain("vault", name="Vault", visibility="team", by=None)
    for method, path, body in (
        ("get", "", None),
        ("patch", "", {"name": "X"}),
        ("get", "/stewards", None),
        ("put", "/stewards/bob", None),
        ("delete", "/stewards/bob", None),
    ):
        assert call("dana", method, f"{DOMAINS}/vault{path}", body).status_code == 404


def test_the_lead_of_a_domain_is_named_and_its_hidden_home_is_not(call: Call, mesh: Mesh) -> None:
    vault = save_domain("vault", name="Vault", visibility="team", by=None)
    Team.objects.filter(pk=mesh.other_team.pk).update(domain=vault)
    Domain.objects.filter(key="policy").update(team=mesh.other_team)
    answer = call("alice", "get", f"{DOMAINS}/policy")
    assert answer.json()["team"] == "policy-team"
    assert "vault" not in answer.content.decode()


def test_the_contact_of_a_team_is_for_those_signed_in(call: Call, mesh: Mesh) -> None:
    call("dana", "patch", f"{TEAMS}/claims-team", {"contact": "#claims"})
    assert call("charlie", "get", f"{TEAMS}/claims-team").json()["contact"] == "#claims"
    assert call("anonymous", "get", f"{TEAMS}/claims-team").json()["contact"] == ""


def test_a_key_is_changed_and_the_old_address_leads_on(call: Call, mesh: Mesh) -> None:
    for address, fresh in ((f"{DOMAINS}/claims", "losses"), (f"{TEAMS}/claims-team", "loss-team")):
        tag = call("dana", "get", address)["ETag"]
        renamed = call(
            "dana", "patch", address, {"key": fresh, "name": "Losses"}, {"If-Match": tag}
        )
        assert (renamed.status_code, renamed.json()["key"]) == (200, fresh)
        assert call("dana", "get", address).status_code == 301
        moved = call("dana", "patch", address, {"name": "Losses of us"})
        assert (moved.status_code, moved["Location"].rsplit("/", 1)[1]) == (308, fresh)
    taken = call("dana", "patch", f"{DOMAINS}/losses", {"key": "policy"})
    assert taken.status_code == 409
    assert (
        call(
            "dana", "post", DOMAINS, {"key": "claims", "name": "X", "parent": "policy"}
        ).status_code
        == 409
    )


def test_a_product_is_pushed_under_the_former_keys(call: Call, mesh: Mesh) -> None:
    body = {
        "dataProductGUID": "7b5bb4a3-31ac-44a5-9b4a-96a0ee1a5b3b",
        "createDate": "2026-01-15",
        "owner": "claims-team",
        "displayname": "Settled",
        "description": "Paid.",
        "readableDataProductKey": "claims/settled",
    }
    address = f"/api/v1/dataproducts/{body['dataProductGUID']}"
    assert call("alice", "put", address, body).status_code == 201
    call("dana", "patch", f"{DOMAINS}/claims", {"key": "losses"})
    call("dana", "patch", f"{TEAMS}/claims-team", {"key": "loss-team"})
    again = call("alice", "put", address, body)
    assert (again.status_code, again.json()["revision"]) == (200, 1)
    assert again.json()["readableDataProductKey"] == "losses/settled"
    listed = call("alice", "get", "/api/v1/dataproducts?domain=claims").json()
    assert listed["total"] == 1


def test_teams_and_domains_end_with_or_without_a_successor(call: Call, mesh: Mesh) -> None:
    make_product()
    team, domain = f"{TEAMS}/claims-team", f"{DOMAINS}/claims"
    left = call("dana", "delete", team)
    assert left.json()["errors"][0]["path"] == "successor"
    assert "1 product" in left.json()["errors"][0]["message"]
    assert call("dana", "delete", f"{team}?successor=nowhere").status_code == 422
    assert call("alice", "delete", f"{team}?successor=policy-team").status_code == 403
    assert call("dana", "delete", f"{team}?successor=policy-team&dryRun=true").status_code == 204
    assert Team.objects.filter(key="claims-team").exists()
    stale = call("dana", "delete", f"{team}?successor=policy-team", headers={"If-Match": '"x"'})
    assert stale.status_code == 412
    assert call("dana", "delete", f"{team}?successor=policy-team").status_code == 204
    assert call("dana", "get", team).status_code == 301
    assert call("dana", "delete", f"{domain}?successor=policy").status_code == 204
    assert call("dana", "get", domain)["Location"].endswith("/domains/policy")
    call("dana", "put", f"{DOMAINS}/empty", {"name": "Empty", "parent": "policy"})
    assert call("dana", "delete", f"{DOMAINS}/empty").status_code == 204
    assert call("dana", "get", f"{DOMAINS}/empty").status_code == 404
