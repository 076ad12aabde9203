"""Contracts and descriptors over the API."""

from __future__ import annotations

import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import Contract, Event, Product, Revision
from catalog.people.tokens import make_token
from catalog.standards.reading import read
from tests.conftest import Mesh
from tests.engines import material
from tests.factories import make_product

YAML = """\
apiVersion: v3.1.0
kind: DataContract
id: orders
version: 1.0.0
status: active
dataProduct: claims/settled-claims
description:
  purpose: Bill ${CUSTOMER:-them}.
schema:
- name: orders
  properties:
  - name: id
    logicalType: integer
    required: true
servers:
- server: prod
  type: postgres
  host: db.secret.example
  port: 5432
  database: d
  schema: s
"""
ADDRESS = "/api/v1/contracts/orders"


class Caller:
    """Somebody with a token."""

    def __init__(self, client: Client, secret: str) -> None:
        self.client = client
        self.headers = {"x-api-key": secret}

    def put(
        self, address: str, text: str | bytes, kind: str = "application/yaml", **more: str
    ) -> Any:
        return self.client.put(address, text, content_type=kind, headers=self.headers | more)

    def post(self, address: str, text: str | bytes, kind: str = "application/yaml") -> Any:
        return self.client.post(address, text, content_type=kind, headers=self.headers)

    def get(self, address: str, **more: str) -> Any:
        return self.client.get(address, headers=self.headers | more)


@pytest.fixture
def alice(client: Client, mesh: Mesh) -> Caller:
    return Caller(client, make_token(mesh.alice, name="ci", scope="write", days=9)[1])


@pytest.fixture
def charlie(client: Client, mesh: Mesh) -> Caller:
    return Caller(client, make_token(mesh.charlie, name="ci", scope="write", days=9)[1])


def test_a_contract_is_given_back_equal_and_the_same_again_leaves_no_trace(alice: Caller) -> None:
    product = make_product()
    answer = alice.put(ADDRESS, YAML)
    assert answer.status_code == 200, answer.content
    assert answer.json() == read(YAML).content
    before = (Event.objects.count(), Revision.objects.count())
    assert (
        alice.put(
            "/api/datacontracts/orders", json.dumps(answer.json()), "application/json"
        ).status_code
        == 200
    )
    assert (Event.objects.count(), Revision.objects.count()) == before
    contract = Contract.objects.get()
    assert (contract.product, contract.port_name, contract.purpose) == (
        product,
        "sql",
        "Bill ${CUSTOMER:-them}.",
    )
    assert contract.columns[0]["path"] == "id"


def test_a_contract_is_read_as_yaml_or_json_in_the_version_asked_for(alice: Caller) -> None:
    make_product()
    alice.put(ADDRESS, YAML)
    as_yaml = alice.get(ADDRESS, accept="application/odcs+yaml")
    assert as_yaml["Content-Type"].startswith("application/odcs+yaml")
    assert read(as_yaml.content).content == read(YAML).content
    assert as_yaml.content.startswith(b"apiVersion: v3.1.0\nkind: DataContract\nid: orders\n")
    assert alice.get(f"{ADDRESS}?apiVersion=v3.2.0").json()["apiVersion"] == "v3.2.0"
    assert alice.get(f"{ADDRESS}?apiVersion=v9").status_code == 400
    assert alice.get(f"{ADDRESS}?version=7").status_code == 404


def test_tags_tell_whether_somebody_was_faster(alice: Caller) -> None:
    make_product()
    first = alice.put(ADDRESS, YAML)["ETag"]
    assert alice.get(ADDRESS)["ETag"] == first
    assert alice.get(ADDRESS, **{"If-None-Match": first}).status_code == 304
    newer = YAML.replace("version: 1.0.0", "version: 1.1.0")
    assert alice.put(ADDRESS, newer, **{"If-Match": '"other"'}).status_code == 412
    assert alice.put(ADDRESS, newer, **{"If-Match": first}).status_code == 200
    assert alice.put(ADDRESS, newer, **{"If-None-Match": "*"}).status_code == 412


def test_versions_live_side_by_side_and_the_newest_in_force_is_shown(alice: Caller) -> None:
    make_product()
    for version, status in (
        ("1.0.0", "active"),
        ("1.10.0", "active"),
        ("1.9.0", "active"),
        ("2.0.0", "draft"),
    ):
        said = YAML.replace("1.0.0", version).replace("active", status)
        assert alice.put(ADDRESS, said).status_code == 200
    rows = alice.get(f"{ADDRESS}/versions").json()
    assert [row["version"] for row in rows] == ["2.0.0", "1.10.0", "1.9.0", "1.0.0"]
    assert alice.get(ADDRESS).json()["version"] == "1.10.0"
    listed = alice.get("/api/v1/contracts?contractId=orders&status=draft").json()["results"]
    assert [row["version"] for row in listed] == ["2.0.0"]


def test_a_published_version_stays_as_it_is_and_a_draft_may_change(alice: Caller) -> None:
    make_product()
    draft = YAML.replace("active", "draft")
    assert alice.put(ADDRESS, draft).status_code == 200
    assert alice.put(ADDRESS, draft.replace("integer", "string")).status_code == 200
    assert alice.put(ADDRESS, YAML).status_code == 200
    answer = alice.put(ADDRESS, YAML.replace("integer", "string"))
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == "version"
    assert answer.json()["errors"][0]["value"] == "1.0.0"


@pytest.mark.parametrize(
    ("sent", "path"),
    [
        ("a: 1\na: 2", "a"),
        ("a: [", ""),
        (
            YAML.replace("logicalType: integer", "logicalType: uuid"),
            "schema[0].properties[0].logicalType",
        ),
        (YAML.replace("id: orders", "id: other", 1), "id"),
        (YAML.replace("claims/settled-claims", "nowhere/x"), "dataProduct"),
        (YAML + "customProperties:\n- {property: outputPort, value: nope}\n", "port"),
        (YAML.replace("version: 1.0.0", f"version: '{'1' * 50}'"), "version"),
        (YAML.replace("version: 1.0.0", "version: ''"), "version"),
        ("", ""),
        (b"\xff", ""),
    ],
    ids=["twice", "broken", "type", "id", "product", "port", "long", "empty", "nothing", "bytes"],
)
def test_bad_input_is_refused_with_its_path(alice: Caller, sent: str, path: str) -> None:
    make_product()
    answer = alice.put(ADDRESS, sent)
    assert answer.status_code == 422, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["errors"][0]["path"] == path
    assert not Contract.objects.exists()


def test_other_bodies_are_refused(alice: Caller) -> None:
    make_product()
    assert alice.put(ADDRESS, "<xml/>", "application/xml").status_code == 415
    assert alice.put(ADDRESS, "a: " + "x" * 5_000_000).status_code == 413
    assert alice.put(f"{ADDRESS}?portt=1", YAML).status_code == 400


@pytest.mark.material
def test_the_28_official_faults_are_refused_over_the_wire(alice: Caller) -> None:
    make_product()
    paths = sorted(material("standards", "odcs_invalid").glob("*.yaml"))
    assert len(paths) == 28
    for path in paths:
        for address in ("/api/v1/descriptors", "/api/v1/contracts/lint"):
            answer = alice.post(address, path.read_bytes())
            if address.endswith("lint"):
                assert (answer.status_code, answer.json()["isValid"]) == (200, False), path
            elif path.stem.startswith("invalid-kind"):
                assert answer.status_code == 422
            else:
                error = answer.json()["errors"][0]
                assert (answer.status_code, bool(error["path"])) == (422, True), path


def test_a_judgement_names_line_and_severity(alice: Caller) -> None:
    said = YAML.replace("v3.1.0", "v3.0.2").replace("integer", "time")
    found = alice.post("/api/v1/contracts/lint", said).json()
    assert found["isValid"] is True
    assert found["diagnostics"] == [
        {
            "path": "schema[0].properties[0].logicalType",
            "value": "time",
            "message": "came with v3.1.0; the contract declares v3.0.2",
            "severity": "warning",
            "line": 13,
            "column": 18,
        }
    ]


def test_strangers_publish_nothing_and_see_nothing_hidden(
    alice: Caller, charlie: Caller, client: Client
) -> None:
    make_product(visibility="team")
    assert alice.put(ADDRESS, YAML).status_code == 200
    for address in (ADDRESS, f"{ADDRESS}/versions", "/api/datacontracts/orders"):
        assert alice.get(address).status_code == 200
        assert charlie.get(address).status_code == 404
        assert client.get(address).status_code == 404
    assert charlie.get("/api/v1/contracts").json()["results"] == []
    hidden, absent = (
        charlie.put(f"/api/v1/contracts/{name}", YAML.replace("id: orders", f"id: {name}"))
        for name in ("orders", "absent")
    )
    assert (hidden.status_code, absent.status_code) == (422, 422)
    assert hidden.json()["errors"] == absent.json()["errors"]
    assert client.put(ADDRESS, YAML, content_type="application/yaml").status_code == 401


def test_of_a_gated_product_strangers_read_no_place_and_no_contact(
    alice: Caller, charlie: Caller
) -> None:
    make_product(classification="confidential")
    alice.put(ADDRESS, YAML)
    assert "servers" in alice.get(ADDRESS).json()
    assert b"secret" not in charlie.get(ADDRESS).content
    assert charlie.get(ADDRESS).json()["schema"]


ODPS = {
    "apiVersion": "v1.0.0",
    "kind": "DataProduct",
    "id": "g-77",
    "name": "Late claims",
    "domain": "Claims",
    "status": "active",
    "outputPorts": [{"name": "API", "version": "2.1.0", "contractId": "late"}],
    "inputPorts": [{"name": "in", "version": "1.0.0", "contractId": "orders"}],
}


def test_a_product_descriptor_registers_a_product_once(alice: Caller) -> None:
    make_product()
    alice.put(ADDRESS, YAML)
    answer = alice.post("/api/v1/descriptors", json.dumps(ODPS), "application/json")
    assert answer.status_code == 200, answer.content
    said = answer.json()
    assert (said["outcome"], said["readableDataProductKey"]) == ("created", "claims/late-claims")
    assert [one["value"] for one in said["warnings"]] == ["late"]
    product = Product.objects.get(guid="g-77")
    ports = {port.direction: port for port in product.ports.all()}
    assert (ports["out"].name, ports["out"].major, ports["out"].contract_key) == ("api", 2, "late")
    assert ports["in"].upstream_ref == "claims/settled-claims"
    again = alice.put("/api/dataproducts/g-77", json.dumps(ODPS), "application/json")
    assert again.status_code == 200
    assert again["location-html"].endswith("/products/claims/late-claims")
    assert Revision.objects.filter(subject_kind="product", subject_id=product.pk).count() == 1
    assert alice.get("/api/dataproducts/g-77").json() == ODPS
    assert alice.get("/api/dataproducts/nope").status_code == 404


def test_a_contract_finds_the_port_that_waits_for_it(alice: Caller) -> None:
    alice.post("/api/v1/descriptors", json.dumps(ODPS), "application/json")
    text = YAML.replace("dataProduct: claims/settled-claims\n", "").replace(
        "id: orders", "id: late", 1
    )
    answer = alice.post("/api/v1/descriptors", text)
    assert answer.status_code == 200, answer.content
    assert (answer.json()["dataProductGUID"], answer.json()["port"]) == ("g-77", "api")


def test_another_team_cannot_take_a_product_over(alice: Caller, charlie: Caller) -> None:
    alice.post("/api/v1/descriptors", json.dumps(ODPS), "application/json")
    assert charlie.post(
        "/api/v1/descriptors", json.dumps(ODPS), "application/json"
    ).status_code in {403, 422}
    mine = {**ODPS, "team": {"name": "Policy Platform"}}
    assert (
        charlie.post("/api/v1/descriptors", json.dumps(mine), "application/json").status_code == 403
    )
    assert Product.objects.get(guid="g-77").team.key == "claims-team"  # type: ignore[union-attr]


def test_descriptors_of_other_standards_say_what_found_no_place(alice: Caller) -> None:
    said = {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": "urn:dpds:x:dataproducts:trips:1",
            "name": "trips",
            "version": "1.0.0",
            "domain": "claims",
            "owner": {"id": "claims-team"},
        },
        "interfaceComponents": {"outputPorts": [{"$ref": "http://169.254.169.254/"}]},
    }
    answer = alice.post("/api/v1/descriptors", json.dumps(said), "application/json")
    assert answer.status_code == 200, answer.content
    assert [one["path"] for one in answer.json()["warnings"]] == [
        "interfaceComponents.outputPorts[0]"
    ]
    assert Product.objects.get(key="trips").extra["document"] == said


@pytest.mark.parametrize("word", ["%00", "a%00b", "%20", "..", "a/b/c", "x" * 300])
def test_strange_addresses_are_just_not_there(alice: Caller, word: str) -> None:
    make_product()
    for base in ("/api/v1/contracts/", "/api/datacontracts/", "/api/dataproducts/"):
        assert alice.get(f"{base}{word}").status_code == 404
    assert alice.get(f"/api/v1/contracts/{word}/versions").status_code == 404
    assert alice.put(f"/api/v1/contracts/{word}", YAML).status_code == 422
