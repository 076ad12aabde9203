"""A token opens what its person may, and makes no further tokens."""

from __future__ import annotations

from django.test import Client

from catalog.models import ApiToken
from catalog.people.tokens import make_token
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh

ADDRESS = "/api/v1/tokens"
NEW = {"name": "more", "scope": "write", "days": 3660}


def test_a_token_makes_no_token(call: Call, mesh: Mesh) -> None:
    answer = call("alice", "post", ADDRESS, NEW)
    assert answer.status_code == 403
    assert "/profile/tokens" in answer.json()["detail"]
    assert mesh.alice.tokens.count() == 1


def test_a_signed_in_person_makes_one_and_sees_its_secret_once(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.alice)
    made = client.post(ADDRESS, NEW, content_type="application/json")
    assert made.status_code == 201
    assert made["Cache-Control"] == "private, no-store"
    secret = made.json()["secret"]
    assert secret not in client.get(ADDRESS).content.decode()
    assert Client().get(ADDRESS, headers={"x-api-key": secret}).status_code == 200


def test_a_token_revokes_itself_alone(call: Call, client: Client, mesh: Mesh) -> None:
    other, _ = make_token(mesh.alice, name="other", scope="read", days=1)
    foreign, _ = make_token(mesh.bob, name="foreign", scope="read", days=1)
    assert call("alice", "delete", f"{ADDRESS}/{other.pk}").status_code == 403
    assert call("alice", "delete", f"{ADDRESS}/{foreign.pk}").status_code == 404
    own = ApiToken.objects.get(user=mesh.alice, name="t")
    assert call("alice", "delete", f"{ADDRESS}/{own.pk}").status_code == 204
    assert call("alice", "get", ADDRESS).status_code == 401
    client.force_login(mesh.alice)
    assert client.delete(f"{ADDRESS}/{other.pk}").status_code == 204


def test_wrong_wishes_are_refused(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.alice)
    for wrong, path in (
        ({"scope": "admin"}, "scope"),
        ({"days": 0}, "days"),
        ({"days": "90"}, "days"),
        ({"days": 10**30}, "days"),
        ({"name": ""}, "name"),
        ({"forever": True}, "forever"),
    ):
        answer = client.post(ADDRESS, {**NEW, **wrong}, content_type="application/json")
        assert answer.status_code == 422, wrong
        assert answer.json()["errors"][0]["path"] == path
