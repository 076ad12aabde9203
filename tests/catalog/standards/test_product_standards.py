"""Descriptors of data products in three standards: judged, and placed in the words of the catalog."""

from __future__ import annotations

import json
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.descriptors import ProductDescriptor
from catalog.standards import dpds, lf_odps
from catalog.standards.diagnostics import errors
from catalog.standards.odps.lint import lint
from catalog.standards.odps.product import statement_of
from catalog.standards.reading import of_value, read
from catalog.standards.writing import to_json, to_yaml
from tests.budget import examples
from tests.catalog.standards.test_odcs import mutate
from tests.engines import material

EXAMPLES = (
    "customer-data-product.odps.yaml",
    "dataproduct-cli-init.v1.1.0.odps.yaml",
    "simple-data-product.odps.yaml",
    "variables.v1.1.0.odps.yaml",
)
SCHEMAS = {"v0.9.0": "v0.9.0", "v1.0.0": "v1.0.0", "v1.1.0": "v1.1.0.dataproduct-cli-0.3.2"}


def product(**fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {"apiVersion": "v1.1.0", "kind": "DataProduct", "id": "p-1"}
    return {**said, "name": "Orders", "outputPorts": [{"name": "Orders SQL"}], **fields}


@pytest.mark.material
@pytest.mark.parametrize("name", EXAMPLES)
def test_official_products_are_taken_and_given_back_equal(name: str) -> None:
    document = read(material("standards", "odps", "examples", name).read_bytes())
    assert errors(lint(document)) == []
    said = statement_of(document.content)
    assert said.fields["extra"]["document"] == document.content
    assert read(to_yaml(document.content)).content == document.content
    assert read(to_json(document.content)).content == document.content
    ProductDescriptor(domain="d", key="k", **said.fields)


@pytest.mark.material
@settings(max_examples=examples(200), deadline=None)
@given(data=st.data())
def test_judges_as_the_official_schemas_do(data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(EXAMPLES))
    content = read(material("standards", "odps", "examples", name).read_bytes()).content
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(content, data)
    version = data.draw(st.sampled_from(sorted(SCHEMAS)))
    content["apiVersion"] = version
    ours = [one for one in errors(lint(of_value(content))) if "another port" not in one.message]
    judges = {
        v: jsonschema_rs.validator_for(
            json.loads(
                material("standards", "odps", "schema", f"odps-json-schema-{file}.json").read_text()
            )
        )
        for v, file in SCHEMAS.items()
        if v in {version, "v1.1.0"}
    }
    if judges[version].is_valid(content) or judges["v1.1.0"].is_valid(content):
        assert ours == []
    elif version != "v0.9.0":
        assert ours


def test_a_fault_has_path_value_and_rule() -> None:
    faults = lint(read("apiVersion: v1.1.0\nkind: DataProduct\nid: 1\noutputPort: []\n"))
    assert [(one.path, one.value, one.line) for one in errors(faults)] == [
        ("id", 1, 3),
        ("outputPort", "a list of 0", 4),
    ]
    assert "did you mean outputPorts" in faults[1].message


def test_two_ports_of_one_name_and_version_are_refused() -> None:
    said = product(
        outputPorts=[{"name": "a", "version": "1.0.0"}, {"name": "a", "version": "1.0.0"}]
    )
    assert [one.path for one in errors(lint(of_value(said)))] == ["outputPorts[1].name"]


def test_what_the_declared_version_asks_for_is_a_warning() -> None:
    said = product(apiVersion="v1.0.0")
    faults = lint(of_value(said))
    assert [(one.path, one.severity) for one in faults] == [
        ("status", "warning"),
        ("outputPorts[0].version", "warning"),
    ]


def test_a_product_is_placed_in_our_words() -> None:
    said = statement_of(
        product(
            status="draft",
            type="consumerAligned",
            domain="Sales",
            version="v2.1.0",
            description={"purpose": "See orders.", "limitations": "EU only."},
            team={"name": "Shop team"},
            productCreatedTs="2024-05-01T10:00:00Z",
            inputPorts=[{"name": "raw", "version": "1.0.0", "contractId": "c-raw"}],
            outputPorts=[
                {"name": "Orders SQL", "version": "1.4.0", "contractId": "c-1", "type": "tables"},
                {"name": "Orders SQL", "version": "2.0.0", "contractId": "c-2"},
            ],
        )
    )
    fields = said.fields
    assert (said.guid, said.domain, said.team, said.reads) == (
        "p-1",
        "Sales",
        "Shop team",
        {"raw": "c-raw"},
    )
    assert (fields["status"], fields["archetype"], fields["created_on"]) == (
        "proposed",
        "consumer-aligned",
        "2024-05-01",
    )
    assert [(p["name"], p["major"], p.get("contract")) for p in fields["ports"]] == [
        ("raw", 1, None),
        ("orders-sql", 1, "c-1"),
        ("orders-sql", 2, "c-2"),
    ]
    assert "**Limitations:** EU only." in fields["description"]


def test_an_unknown_stage_is_named() -> None:
    said = statement_of(product(status="simmering"))
    assert said.fields["status"] == "active"
    assert [(one.path, one.value) for one in said.unplaced] == [("status", "simmering")]


def linux() -> dict[str, Any]:
    details = {"name": "Pets", "productID": "123456are", "status": "production", "type": "dataset"}
    return {
        "schema": "https://opendataproducts.org/v4.1/schema/odps.json",
        "version": 4.1,
        "product": {
            "details": {"en": details, "fr": {"name": "Animaux"}},
            "contract": {"id": "c-pets", "$ref": "http://169.254.169.254/latest"},
            "dataAccess": {"API": {"outputPortType": "REST", "accessURL": "https://x.example"}},
            "dataHolder": {"legalName": "Pets Ltd"},
            "pricingPlans": [{"price": 5}],
        },
    }


def test_a_product_of_the_linux_foundation_says_what_found_no_place() -> None:
    content = linux()
    assert lf_odps.is_one(content)
    assert not lf_odps.is_one(product())
    assert errors(lf_odps.lint(of_value(content))) == []
    said = lf_odps.statement_of(content)
    assert (said.name, said.guid, said.team, said.fields["status"]) == (
        "Pets",
        "123456are",
        "Pets Ltd",
        "active",
    )
    assert said.fields["ports"][0]["contract"] == "c-pets"
    assert {one.path for one in said.unplaced} == {
        "product.details.en.type",
        "product.details.fr",
        "product.pricingPlans",
    }
    del content["product"]["details"]["en"]["name"]
    assert [one.path for one in lf_odps.lint(of_value(content))] == ["product.details.en.name"]


def mesh() -> dict[str, Any]:
    return {
        "dataProductDescriptor": "1.0.0",
        "info": {
            "fullyQualifiedName": "urn:dpds:it.acme:dataproducts:trips:1",
            "name": "trips",
            "version": "1.2.3",
            "domain": "Transport",
            "owner": {"id": "jane@acme.example"},
            "x-cost": 3,
        },
        "interfaceComponents": {
            "inputPorts": [{"name": "raw", "version": "1.0.0"}],
            "outputPorts": [
                {"name": "api", "version": "2.0.1", "promises": {"platform": "azure"}},
                {"$ref": "http://169.254.169.254/x"},
            ],
            "observabilityPorts": [],
        },
        "internalComponents": {},
    }


def test_a_product_of_the_open_data_mesh_says_what_found_no_place() -> None:
    content = mesh()
    assert dpds.is_one(content)
    assert dpds.lint(of_value(content)) == []
    said = dpds.statement_of(content)
    assert (said.name, said.domain, said.guid) == (
        "trips",
        "Transport",
        "urn:dpds:it.acme:dataproducts:trips:1",
    )
    assert [(p["direction"], p["name"], p["major"]) for p in said.fields["ports"]] == [
        ("in", "raw", 1),
        ("out", "api", 2),
    ]
    assert {one.path for one in said.unplaced} == {
        "info.x-cost",
        "internalComponents",
        "interfaceComponents.observabilityPorts",
        "interfaceComponents.outputPorts[1]",
    }
    del content["info"]["domain"]
    assert [one.path for one in dpds.lint(of_value(content))] == ["info.domain"]


@settings(max_examples=examples(150), deadline=None)
@given(data=st.data())
def test_a_tolerant_import_never_breaks(data: st.DataObject) -> None:
    module, content = data.draw(st.sampled_from([(lf_odps, linux()), (dpds, mesh())]))
    for _ in range(data.draw(st.integers(1, 4))):
        mutate(content, data)
    if not errors(module.lint(of_value(content))):
        ProductDescriptor(domain="d", key="k", **module.statement_of(content).fields)
