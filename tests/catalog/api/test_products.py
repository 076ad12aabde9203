"""Products over the API."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.models import Event, Product, Revision
from catalog.people.tokens import make_token
from tests.conftest import Mesh
from tests.factories import make_product

GUID = "ed457526-8d7e-4f58-905a-18aadd6eab"
ADDRESS = f"/api/v1/dataproducts/{GUID}"
NAMES = {
    "dataProductGUID",
    "createDate",
    "owner",
    "displayname",
    "sourceCodeLocation",
    "description",
    "readableDataProductKey",
    "requiredSecurityGroup",
}


def body(**changes: Any) -> dict[str, Any]:
    return {
        "dataProductGUID": GUID,
        "createDate": "2026-01-15",
        "owner": "claims-team",
        "displayname": "Litigated claims",
        "sourceCodeLocation": "https://git.example.org/litigated",
        "description": "Claims that went to court.",
        "readableDataProductKey": "claims/litigated-claims",
        "requiredSecurityGroup": "grp-claims",
        **changes,
    }


def put(client: Client, secret: str, said: dict[str, Any], header: str = "x-api-key") -> Any:
    value = f"Bearer {secret}" if header == "Authorization" else secret
    return client.put(ADDRESS, said, content_type="application/json", headers={header: value})


@pytest.fixture
def secret(mesh: Mesh) -> str:
    return make_token(mesh.alice, name="pipeline", scope="write", days=30)[1]


def test_put_registers_then_repeats_without_a_trace(client: Client, secret: str) -> None:
    assert put(client, secret, body()).status_code == 201
    before = (Event.objects.count(), Revision.objects.count())
    assert put(client, secret, body(), "Authorization").status_code == 200
    assert (Event.objects.count(), Revision.objects.count()) == before
    answer = client.get(ADDRESS).json()
    assert answer.keys() >= NAMES
    assert {name: answer[name] for name in NAMES} == body(owner="Claims Analytics")


def test_put_needs_a_token_that_may_write_for_the_team(client: Client, mesh: Mesh) -> None:
    assert client.put(ADDRESS, body(), content_type="application/json").status_code in (401, 403)
    readonly = make_token(mesh.alice, name="r", scope="read", days=1)[1]
    assert put(client, readonly, body()).status_code == 403
    stranger = make_token(mesh.charlie, name="s", scope="write", days=1)[1]
    assert put(client, stranger, body()).status_code == 403
    assert put(client, "gz_wrong", body()).status_code == 401
    admin = make_token(mesh.admin, name="a", scope="write", days=1)[1]
    assert put(client, admin, body()).status_code == 201
    assert Product.objects.count() == 1


@pytest.mark.parametrize(
    ("changes", "path", "word"),
    [
        ({"owner": "nobody"}, "owner", "claims-team"),
        ({"colour": "red"}, "colour", "allowed"),
        ({"dataProductGUID": "other"}, "dataProductGUID", GUID),
        ({"readableDataProductKey": "Not A Key"}, "readableDataProductKey", "<domain>/<product>"),
        ({"createDate": "yesterday"}, "createDate", "YYYY"),
    ],
)
def test_bad_input_names_the_field_and_what_is_allowed(
    client: Client, secret: str, changes: dict[str, Any], path: str, word: str
) -> None:
    answer = put(client, secret, body(**changes))
    assert answer.status_code == 422
    assert answer["Content-Type"].startswith("application/problem+json")
    problem = answer.json()["errors"][0]
    assert problem["path"] == path
    assert word in problem["message"]
    assert not Product.objects.exists()


def test_broken_json_is_a_problem_and_not_a_crash(client: Client, secret: str) -> None:
    answer = client.put(
        ADDRESS, b"{broken", content_type="application/json", headers={"x-api-key": secret}
    )
    assert answer.status_code == 400
    assert answer.json()["status"] == 400


def test_a_stale_if_match_is_refused_and_if_none_match_saves_the_body(
    client: Client, secret: str
) -> None:
    tag = put(client, secret, body())["ETag"]
    assert client.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 304
    refused = client.put(
        ADDRESS,
        body(description="newer"),
        content_type="application/json",
        headers={"x-api-key": secret, "If-Match": '"99"'},
    )
    assert refused.status_code == 412


def test_a_hidden_product_is_not_there(client: Client, mesh: Mesh) -> None:
    product = make_product("secret-thing", visibility="team")
    listed = client.get("/api/v1/dataproducts").content.decode()
    assert "secret-thing" not in listed
    assert client.get(f"/api/v1/dataproducts/{product.guid}").status_code == 404
    client.force_login(mesh.bob)
    assert client.get(f"/api/v1/dataproducts/{product.guid}").status_code == 200


def test_an_unknown_filter_is_refused_with_the_known_ones(client: Client, db: None) -> None:
    answer = client.get("/api/v1/dataproducts?colour=red")
    assert answer.status_code == 400
    assert "domain" in answer.json()["errors"][0]["message"]


@pytest.mark.parametrize("count", [1, 30])
def test_a_list_asks_the_same_however_long_it_is(
    client: Client, mesh: Mesh, count: int, django_assert_max_num_queries: Any
) -> None:
    for n in range(count):
        make_product(f"p{n}", tags=["x"])
    with django_assert_max_num_queries(6):
        assert len(client.get("/api/v1/dataproducts?pageSize=50").json()["results"]) == count
