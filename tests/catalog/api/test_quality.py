"""Checks and promises over the API, for those who may see what they are about."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

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


@pytest.fixture
def measured(mesh: Mesh) -> str:
    promise = ObjectiveDescriptor(key="nps", indicator="custom", comparison=">=", target=40)
    product = make_product("open-one", objectives=[promise])
    return f"/api/v1/objectives/{product.objectives.get().pk}"


def test_a_measurement_from_outside_breaks_a_promise_and_keeps_it_again(
    call: Call, measured: str
) -> None:
    address = f"{measured}/measurements"
    earlier = (timezone.now() - timedelta(hours=2)).isoformat()
    broken = call("bob", "post", address, {"value": 12, "measuredAt": earlier})
    assert broken.status_code == 201
    assert (broken.json()["isKept"], broken.json()["currentValue"]) == (False, 12)
    assert call("bob", "post", address, {"value": 55.5}).json()["isKept"] is True
    rows = call("charlie", "get", address).json()["results"]
    assert [row["value"] for row in rows] == [55.5, 12]


def test_only_the_team_says_what_was_measured(call: Call, measured: str) -> None:
    address = f"{measured}/measurements"
    assert call("charlie", "post", address, {"value": 1}).status_code == 403
    assert call("anonymous", "post", address, {"value": 1}).status_code == 401
    assert call("charlie", "get", address).json()["results"] == []


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ({}, "value"),
        ({"value": "12"}, "value"),
        ({"value": True}, "value"),
        ({"value": 1e300}, "value"),
        ({"value": 1, "measuredAt": "2999-01-01T00:00:00Z"}, "measuredAt"),
        ({"value": 1, "measuredAt": "1999-01-01T00:00:00Z"}, "measuredAt"),
        ({"value": 1, "measuredAt": "today"}, "measuredAt"),
        ({"value": 1, "kept": True}, "kept"),
    ],
)
def test_a_measurement_that_cannot_be_is_refused(
    call: Call, measured: str, sent: object, path: str
) -> None:
    answer = call("bob", "post", f"{measured}/measurements", sent)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path


def test_what_harvests_measure_is_not_said_from_outside(call: Call, mesh: Mesh) -> None:
    promise = ObjectiveDescriptor(key="fresh", indicator="freshness", comparison="<=", target=6)
    objective = make_product(objectives=[promise]).objectives.get()
    address = f"/api/v1/objectives/{objective.pk}/measurements"
    assert call("alice", "post", address, {"value": 1}).status_code == 409
