"""What an answer says of other things: only of those that the caller may see."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.access.requests import decide, request_access
from catalog.models import Dataset, Domain
from catalog.people.domains import save_domain
from catalog.search.follow import follow
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


def test_a_domain_names_no_hidden_parent(call: Call, mesh: Mesh) -> None:
    below = save_domain("below", name="Below", parent=mesh.claims, by=None)
    assert call("charlie", "get", "/api/v1/domains/below").json()["parent"] == "claims"
    Domain.objects.filter(pk=mesh.claims.pk).update(audience="team:0")
    assert call("charlie", "get", f"/api/v1/domains/{below.key}").json()["parent"] is None
    assert call("charlie", "get", "/api/v1/domains?parent=claims").json()["results"] == []


def test_a_dataset_names_no_hidden_product(call: Call, mesh: Mesh) -> None:
    dataset, product = make_dataset(), make_product(visibility="team")
    Dataset.objects.filter(pk=dataset.pk).update(product=product, audience="public")
    address = f"/api/v1/datasets/{dataset.pk}"
    assert call("charlie", "get", address).json()["product"] is None
    assert call("alice", "get", address).json()["product"] == product.guid
    assert call("charlie", "get", f"/api/v1/datasets?product={product.guid}").json()["total"] == 0


def test_a_product_names_no_hidden_successor(call: Call, mesh: Mesh) -> None:
    heir = make_product("heir", visibility="team")
    product = make_product("old", successor=str(heir.ref))
    rows = call("charlie", "get", "/api/v1/dataproducts").json()["results"]
    assert [row["successor"] for row in rows] == [None]
    own = call("bob", "get", f"/api/v1/dataproducts/{product.guid}").json()
    assert own["successor"] == heir.guid


def test_the_contact_of_a_gated_product_opens_with_a_grant(call: Call, mesh: Mesh) -> None:
    product = make_product(classification="confidential", support="#claims-help")

    def shown(who: str) -> object:
        one = call(who, "get", f"/api/v1/dataproducts/{product.guid}").json()["support"]
        row = call(who, "get", "/api/v1/dataproducts").json()["results"][0]["support"]
        assert one == row
        return one

    assert [shown(who) for who in ("anonymous", "charlie", "bob")] == [None, None, "#claims-help"]
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="x")
    decide(asked, by=mesh.alice, approve=True)
    assert shown("charlie") == "#claims-help"


@pytest.mark.parametrize("kind", ["product", "dataset"])
def test_a_search_of_twenty_asks_as_often_as_one_of_two(
    client: Client, mesh: Mesh, kind: str, django_assert_max_num_queries: Any
) -> None:
    address = f"/api/v1/search?q=claims&kind={kind}&perPage=50"

    def grow(numbers: range) -> None:
        for n in numbers:
            make_product(f"claims-{n}", tags=["a"], classification="restricted", support="#x")
            make_dataset(f"main.claims_{n}", tags=["a"])
        follow()

    grow(range(2))
    client.get(address)
    with django_assert_max_num_queries(40) as few:
        assert len(client.get(address).json()["results"]) == 2
    asked = len(few)
    grow(range(2, 20))
    client.get(address)
    with django_assert_max_num_queries(asked):
        assert len(client.get(address).json()["results"]) == 20
