"""One product as its team sends it: what was sent comes back, to the letter."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Event, Product, Revision
from catalog.people.tokens import make_token
from tests.catalog.api.pushing import ADDRESS as BULK
from tests.conftest import Mesh

GUID = "ed457526-8d7e-4f58-905a-18aadd6eab"
SENT = {
    "dataProductGUID": GUID,
    "createDate": "2019-06-07T19:11:59.490Z",
    "owner": "Data Product A",
    "displayname": "Data product A",
    "sourceCodeLocation": "https://git.example.org/data-product-a",
    "description": "What team A knows of its orders.",
    "readableDataProductKey": "data_product_A",
    "requiredSecurityGroup": "Everybody who works on orders, and whoever the data owner of A lets in.",
}


@pytest.fixture
def team(mesh: Mesh) -> None:
    mesh.team.name = "Data Product A"
    mesh.team.save()


@pytest.fixture
def secret(mesh: Mesh) -> str:
    return make_token(mesh.alice, name="pipeline", scope="write", days=30)[1]


def put(client: Client, secret: str, body: dict[str, Any]) -> Any:
    address = f"/api/v1/dataproducts/{body['dataProductGUID']}"
    headers = {"Authorization": f"Bearer {secret}"}
    return client.put(address, body, content_type="application/json", headers=headers)


def read(client: Client) -> dict[str, Any]:
    answer = client.get(f"/api/v1/dataproducts/{GUID}").json()
    return {name: answer[name] for name in SENT}


@pytest.mark.usefixtures("team")
def test_what_was_sent_comes_back_to_the_letter(client: Client, secret: str) -> None:
    assert put(client, secret, SENT).status_code == 201
    before = (Event.objects.count(), Revision.objects.count())
    assert put(client, secret, SENT).status_code == 200
    assert (Event.objects.count(), Revision.objects.count()) == before
    assert read(client) == SENT
    product = Product.objects.select_related("domain").get()
    assert str(product.ref) == "claims/data-product-a", "a key alone is one of the team's domain"
    assert client.get("/products/claims/data-product-a").status_code == 200


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(
    "stated",
    ["2019-06-07", "2019-06-07T19:11:59Z", "2019-06-07T19:11+02:00", "2019-06-07t19:11:59z"],
)
def test_a_day_stays_a_day_and_a_moment_a_moment(client: Client, secret: str, stated: str) -> None:
    assert put(client, secret, {**SENT, "createDate": stated}).status_code == 201
    assert read(client)["createDate"] == stated


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(
    "wrong",
    ["07.06.2019", "2019-13-01", "2019-06-07T25:00:00Z", "2019-W23", "20190607", "", "2019"],
)
def test_what_names_no_day_is_refused_with_what_is_allowed(
    client: Client, secret: str, wrong: str
) -> None:
    answer = put(client, secret, {**SENT, "createDate": wrong})
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "createDate"
    assert not Product.objects.exists()


@pytest.mark.usefixtures("team")
@pytest.mark.parametrize(
    "stated", ["claims/data-product-a", "claims.data_product_a", "CLAIMS:Data_Product_A"]
)
def test_other_spellings_of_one_address_mean_one_product(
    client: Client, secret: str, stated: str
) -> None:
    assert put(client, secret, SENT).status_code == 201
    assert put(client, secret, {**SENT, "readableDataProductKey": stated}).status_code == 200
    assert read(client)["readableDataProductKey"] == stated
    assert Product.objects.count() == 1


@pytest.mark.usefixtures("team")
def test_an_address_as_written_ends_with_a_move(client: Client, secret: str) -> None:
    assert put(client, secret, SENT).status_code == 201
    Product.objects.update(key="orders")
    assert read(client)["readableDataProductKey"] == "claims/orders"


@pytest.mark.usefixtures("team")
def test_a_push_of_many_takes_the_same_body(client: Client, secret: str) -> None:
    answer = client.post(
        BULK,
        json.dumps({"kind": "product", "document": SENT}),
        content_type="application/x-ndjson",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.status_code == 200, answer.content
    assert read(client) == SENT
    assert put(client, secret, SENT).status_code == 200
