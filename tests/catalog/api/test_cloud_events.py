"""The feed of CloudEvents: valid, in order, complete for whoever may see, silent about the rest."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
from django.test import Client
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.models import Event
from catalog.people.domains import save_domain
from catalog.registry.remove import remove_product
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.engines import material
from tests.factories import make_dataset, make_product

BATCH = "application/cloudevents-batch+json"
FEED = "/api/v1/events"


def batch(call: Call, who: str, query: str = "") -> list[dict[str, Any]]:
    answer = call(who, "get", f"{FEED}?{query}", headers={"Accept": BATCH})
    assert answer.status_code == 200, answer.content
    assert answer["Content-Type"].partition(";")[0] == BATCH
    return list(json.loads(answer.content))


def keys(events: list[dict[str, Any]]) -> list[str]:
    return [event["subjectkey"] for event in events]


def walk(client: Client, address: str) -> Iterator[dict[str, Any]]:
    while True:
        answer = client.get(address, headers={"Accept": BATCH})
        events = json.loads(answer.content)
        if not events:
            return
        yield from events
        address = answer["Link"].partition(">")[0].removeprefix("<")


def test_every_event_is_a_cloud_event_of_the_standard(call: Call, mesh: Mesh) -> None:
    schema = json.loads(material("standards/cloudevents/spec/formats/cloudevents.json").read_text())
    make_dataset("main.claims")
    make_product("p1")
    validator = jsonschema_rs.validator_for(schema)
    events = batch(call, "alice")
    assert len(events) > 3
    for event in events:
        validator.validate(event)


def test_an_event_names_what_happened_to_which_product(call: Call, mesh: Mesh) -> None:
    product = make_product("p1")
    (event,) = batch(call, "anonymous", "type=product.created")
    number = Event.objects.get(type="product.created").pk
    assert event["id"] == str(number)
    assert event["sequence"] == f"{number:019d}"
    assert event["source"] == "http://127.0.0.1:8000/"
    assert event["type"] == "io.gazetteer.product.created"
    assert (event["subject"], event["domain"]) == (product.guid, "claims")
    assert event["subjectkey"] == "claims/p1"
    assert event["time"].endswith("Z")


def test_the_links_lead_through_the_whole_log_in_order(client: Client, mesh: Mesh) -> None:
    for n in range(5):
        make_product(f"p{n}")
    client.force_login(mesh.alice)
    ids = [int(event["id"]) for event in walk(client, f"{FEED}?pageSize=2&type=product.created")]
    assert ids == sorted(Event.objects.filter(type="product.created").values_list("pk", flat=True))
    assert len(ids) == 5


def test_an_empty_batch_leads_on_where_it_was_asked(client: Client, db: None) -> None:
    answer = client.get(f"{FEED}?after=17&type=a.b", headers={"Accept": BATCH})
    assert json.loads(answer.content) == []
    assert "after=17" in answer["Link"]
    assert "type=a.b" in answer["Link"]


def test_json_stays_what_it_was(client: Client, mesh: Mesh) -> None:
    make_product("p1")
    for accept in ("*/*", "application/json", "text/html, */*;q=0.8"):
        body = client.get(FEED, headers={"Accept": accept}).json()
        assert set(body) == {"next", "previous", "total", "totalIsExact", "results"}


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=product.created", ["claims/p1", "policy/p2"]),
        ("type=io.gazetteer.product.created", ["claims/p1", "policy/p2"]),
        ("type=product.created,product.removed", ["claims/p1", "policy/p2", "claims/p1"]),
        ("type=product.*", ["claims/p1", "policy/p2", "claims/p1"]),
        ("type=product.*&domain=policy", ["policy/p2"]),
        ("type=product.*&domain=insurance", ["claims/p1", "policy/p2", "claims/p1"]),
        ("type=product.*&domain=claims", ["claims/p1", "claims/p1"]),
        ("type=product.*&domain=nothing", []),
        ("type=domain.*&domain=policy", ["policy"]),
    ],
)
def test_filters(call: Call, mesh: Mesh, query: str, found: list[str]) -> None:
    gone = make_product("p1")
    make_product("p2", domain="policy", team="policy-team")
    remove_product(gone, by=mesh.alice)
    assert keys(batch(call, "alice", query)) == found


def test_a_product_hidden_later_hides_what_happened_to_it_before(call: Call, mesh: Mesh) -> None:
    product = make_product("p1")
    dataset = make_dataset("main.claims")
    assert {"claims/p1", str(dataset.ref)} <= set(keys(batch(call, "charlie")))
    counted = call("charlie", "get", FEED).json()["total"]
    save_domain("claims", name="Claims", parent=mesh.claims.parent, visibility="team", by=None)
    for who in ("charlie", "anonymous"):
        assert not {"claims/p1", str(dataset.ref)} & set(keys(batch(call, who)))
        assert batch(call, who, f"product={product.guid}") == []
    assert call("charlie", "get", FEED).json()["total"] < counted
    assert "claims/p1" in keys(batch(call, "bob"))


def test_the_events_of_a_hidden_domain_are_hidden(call: Call, mesh: Mesh) -> None:
    save_domain("vault", name="Vault", visibility="team", by=None)
    make_product("p1", domain="vault")
    assert batch(call, "charlie", "domain=vault") == []
    assert "vault/p1" not in keys(batch(call, "charlie"))


def test_a_batch_of_fifty_asks_as_often_as_a_batch_of_one(
    client: Client, mesh: Mesh, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for n in range(12):
        make_product(f"p{n}")
    client.force_login(mesh.alice)
    for size in (1, 50):
        with django_assert_num_queries(9):
            client.get(f"{FEED}?pageSize={size}&type=product.*", headers={"Accept": BATCH})


@pytest.mark.parametrize(
    "query", ["cursor=abc", "after=x", "pageSize=501", "kind=product", "type="]
)
def test_what_cannot_be_used_is_refused(call: Call, mesh: Mesh, query: str) -> None:
    answer = call("alice", "get", f"{FEED}?{query}", headers={"Accept": BATCH})
    assert answer.status_code == 400
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["path"] == query.partition("=")[0]
