"""Checks and promises over the API, for those who may see what they are about."""

from __future__ import annotations

import pytest

from catalog.descriptors import DatasetAddress, ObjectiveDescriptor, PortDescriptor
from catalog.models import Check, Dataset, Product
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import NAMESPACE, make_dataset, make_product


@pytest.fixture
def dataset(mesh: Mesh) -> Dataset:
    return make_dataset()


def check(name: str, **said: object) -> Check:
    common = {"key": name, "dimension": "validity", "rule": "enum", "origin": "declared"}
    return Check.objects.create(**{**common, "name": name, **said})


def listed(call: Call, who: str, query: str = "") -> set[str]:
    rows = call(who, "get", f"/api/v1/checks{query}").json()["results"]
    return {row["name"] for row in rows}


def test_a_check_shows_where_both_its_dataset_and_its_product_may_be_seen(
    call: Call, dataset: Dataset
) -> None:
    hidden = make_product("hidden-one", visibility="team")
    open_one = make_product("open-one")
    check("of-dataset", dataset=dataset)
    check("of-open", product=open_one)
    mine = check("of-hidden", product=hidden, dataset=dataset)
    check("old", dataset=dataset, retired_at=dataset.created_at)
    assert listed(call, "charlie") == {"of-dataset", "of-open"}
    assert listed(call, "alice") == {"of-dataset", "of-open", "of-hidden"}
    assert call("charlie", "get", f"/api/v1/checks/{mine.pk}").status_code == 404
    assert call("charlie", "get", f"/api/v1/checks/{mine.pk}/results").status_code == 404


def test_checks_of_a_product_are_its_own_and_those_of_what_it_serves(
    call: Call, dataset: Dataset
) -> None:
    address = DatasetAddress(namespace=NAMESPACE, name=dataset.name)
    port = PortDescriptor(direction="out", name="sql", datasets=[address])
    product = make_product("serving", ports=[port])
    check("served", dataset=dataset, last_outcome="failed")
    check("own", product=product)
    check("foreign", product=make_product("other"))
    assert listed(call, "charlie", f"?product={product.guid}") == {"served", "own"}
    assert listed(call, "charlie", "?outcome=failed") == {"served"}
    assert listed(call, "charlie", f"?dataset={dataset.pk}") == {"served"}


def test_the_limits_of_a_check_name_no_address(call: Call, mesh: Mesh) -> None:
    address = {"namespace": NAMESPACE, "name": "main.hidden"}
    product: Product = make_product()
    check("waiting", product=product, params={"values": ["a"], "address": address})
    row = call("charlie", "get", "/api/v1/checks").json()["results"][0]
    assert row["params"] == {"values": ["a"]}
    assert row["product"] == product.guid


def test_promises_are_seen_with_their_product(call: Call, mesh: Mesh) -> None:
    promise = ObjectiveDescriptor(key="fresh", indicator="freshness", comparison="<=", target=6)
    seen = make_product("open-one", objectives=[promise])
    hidden = make_product("hidden-one", objectives=[promise], visibility="team")
    rows = call("charlie", "get", "/api/v1/objectives").json()["results"]
    assert [row["product"] for row in rows] == [seen.guid]
    own = hidden.objectives.get()
    for address in (f"objectives/{own.pk}", f"objectives/{own.pk}/measurements"):
        assert call("charlie", "get", f"/api/v1/{address}").status_code == 404
        assert call("bob", "get", f"/api/v1/{address}").status_code == 200
    assert call("charlie", "get", f"/api/v1/dataproducts/{hidden.guid}/scores").status_code == 404
