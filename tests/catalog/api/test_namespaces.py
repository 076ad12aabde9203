"""Claims on namespaces over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import NamespaceClaim, User
from catalog.people.domains import save_domain
from tests.conftest import Mesh

URL = "/api/v1/namespace-claims"
STORE = "postgres://warehouse:5432"


def call(who: User | None, method: str, path: str = URL, body: Any = None, **headers: str) -> Any:
    client = Client()
    if who is not None:
        client.force_login(who)
    return getattr(client, method)(
        path,
        body,
        **({} if method == "get" else {"content_type": "application/json"}),
        headers=headers,
    )


@pytest.fixture
def claim(mesh: Mesh) -> dict[str, Any]:
    answer = call(
        mesh.dana, "post", body={"namespace": STORE, "team": "claims-team", "note": "their store"}
    )
    assert answer.status_code == 201, answer.content
    made: dict[str, Any] = answer.json()
    return made


def test_a_steward_grants_moves_and_ends_a_claim(mesh: Mesh, claim: dict[str, Any]) -> None:
    assert (claim["owner"], claim["domain"], claim["by"]) == (
        "Claims Analytics",
        "claims",
        "Dana Roth",
    )
    path = f"{URL}/{claim['id']}"
    moved = call(mesh.dana, "patch", path, {"domain": "policy"})
    assert (moved.status_code, moved.json()["team"], moved.json()["owner"]) == (200, None, "Policy")
    assert call(mesh.dana, "delete", path).status_code == 204
    assert call(mesh.dana, "get", path).status_code == 404


def test_a_claim_changes_only_from_the_version_its_caller_knows(
    mesh: Mesh, claim: dict[str, Any]
) -> None:
    path = f"{URL}/{claim['id']}"
    tag = call(mesh.dana, "get", path)["ETag"]
    body = {"domain": "policy"}
    assert call(mesh.dana, "get", path, **{"If-None-Match": tag}).status_code == 304
    assert call(mesh.dana, "patch", path, body, **{"If-Match": '"x"'}).status_code == 412
    assert call(mesh.dana, "patch", path, body, **{"If-Match": tag}).status_code == 200
    assert call(mesh.dana, "delete", path, **{"If-Match": tag}).status_code == 412


@pytest.mark.parametrize(("who", "status"), [("alice", 403), ("charlie", 403), ("anonymous", 401)])
def test_nobody_else_grants_moves_or_ends(
    mesh: Mesh, claim: dict[str, Any], who: str, status: int
) -> None:
    user = None if who == "anonymous" else getattr(mesh, who)
    path = f"{URL}/{claim['id']}"
    for method, address, body in (
        ("post", URL, {"namespace": "airflow", "team": "claims-team"}),
        ("patch", path, {"team": "policy-team"}),
        ("delete", path, None),
    ):
        answer = call(user, method, address, body)
        assert answer.status_code == status, (method, answer.content)
        assert answer["Content-Type"] == "application/problem+json"
    assert NamespaceClaim.objects.get().team == mesh.team


def test_bad_input_names_the_field_and_what_is_allowed(mesh: Mesh, claim: dict[str, Any]) -> None:
    for body, path in (
        ({"namespace": "n"}, "team"),
        ({"namespace": "n", "team": "claims-team", "domain": "claims"}, "team"),
        ({"namespace": "n", "team": "no-team"}, "team"),
        ({"namespace": "", "team": "claims-team"}, "namespace"),
        ({"namespace": "n", "team": "claims-team", "colour": "red"}, "colour"),
    ):
        answer = call(mesh.admin, "post", body=body)
        assert answer.status_code == 422, answer.content
        assert answer.json()["errors"][0]["path"] == path
    again = call(mesh.admin, "post", body={"namespace": STORE, "team": "policy-team"})
    assert again.status_code == 409


def test_anybody_disputes_and_a_steward_decides(mesh: Mesh, claim: dict[str, Any]) -> None:
    path = f"{URL}/{claim['id']}/dispute"
    said = call(mesh.charlie, "post", path, {"word": "It is our ledger."})
    assert said.status_code == 200
    assert (said.json()["dispute"]["by"], said.json()["dispute"]["word"]) == (
        "Charlie Lind",
        "It is our ledger.",
    )
    assert call(mesh.charlie, "post", path, {"word": "Again."}).status_code == 422
    listed = call(mesh.alice, "get", f"{URL}?disputed=true").json()["results"]
    assert [row["id"] for row in listed] == [claim["id"]]
    assert call(mesh.alice, "delete", path).status_code == 403
    assert call(mesh.dana, "delete", path).json()["dispute"] is None
    assert call(mesh.alice, "get", f"{URL}?disputed=true").json()["results"] == []


def test_a_claim_of_a_hidden_domain_is_not_there_for_others(mesh: Mesh) -> None:
    save_domain("hidden", name="Hidden", visibility="team", team=mesh.team, by=None)
    made = call(mesh.admin, "post", body={"namespace": "quartz", "domain": "hidden"}).json()
    assert call(mesh.charlie, "get").json()["results"] == []
    assert call(mesh.charlie, "get", f"{URL}/{made['id']}").status_code == 404
    word = {"word": "What is it?"}
    assert call(mesh.charlie, "post", f"{URL}/{made['id']}/dispute", word).status_code == 404
    assert call(mesh.alice, "get").json()["results"][0]["namespace"] == "quartz"
