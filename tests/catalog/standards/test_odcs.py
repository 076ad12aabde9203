"""Contracts of the Open Data Contract Standard: judged rightly, given back equal, in the version asked for."""

from __future__ import annotations

import json
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.standards.diagnostics import Diagnostic, errors
from catalog.standards.odcs.contract import descriptor_of, ordered
from catalog.standards.odcs.convert import convert
from catalog.standards.odcs.lint import lint
from catalog.standards.odcs.versions import VERSIONS
from catalog.standards.reading import of_value, read
from catalog.standards.writing import to_json, to_yaml
from tests.budget import examples
from tests.engines import DATA, material

#: What each of the official refused files gets wrong: the path, and words of what is allowed.
REFUSED = {
    "additional-unknown-property": ("unknownRootField", "unknown field; allowed are apiVersion"),
    "enum-duplicate-values": ("schema[0].properties[0].enum", "differ"),
    "enum-empty": ("schema[0].properties[0].enum", "at least 1"),
    "enum-missing-value": ("schema[0].properties[0].enum[0].value", "required"),
    "invalid-api-version": ("apiVersion", "allowed are v3.2.0, v3.1.0"),
    "invalid-kind": ("kind", "allowed are DataContract"),
    "invalid-quality-dimension": ("schema[0].properties[0].quality[0].dimension", "accuracy, "),
    "invalid-quality-metric": ("schema[0].properties[0].quality[0].metric", "nullValues, "),
    "invalid-quality-type": ("schema[0].properties[0].quality[0].type", "text, library, sql"),
    "map-missing-block": ("schema[0].properties[0].map", "required"),
    "map-missing-key": ("schema[0].properties[0].map.key", "required"),
    "map-missing-value": ("schema[0].properties[0].map.value", "required"),
    "missing-required-fields": ("id", "required"),
    "quality-custom-missing-implementation": (
        "schema[0].properties[0].quality[0].implementation",
        "required",
    ),
    "quality-element-field": ("schema[0].properties[0].quality[0].element", "unknown field"),
    "quality-library-missing-metric": ("schema[0].properties[0].quality[0].metric", "required"),
    "quality-multiple-operators": (
        "schema[0].properties[0].quality[0]",
        "exactly one of mustBe, mustNotBe",
    ),
    "quality-mustbebetween-wrong-size": ("schema[0].quality[0].mustBeBetween", "at least 2"),
    "quality-sql-missing-query": ("schema[0].properties[0].quality[0].query", "required"),
    "relationship-property-level-with-from": (
        "schema[0].properties[0].relationships[0].from",
        "not allowed here",
    ),
    "relationship-schema-level-missing-from-to": ("schema[0].relationships[0].from", "required"),
    "schema-property-invalid-logicaltype": ("schema[0].properties[0].logicalType", "string, date"),
    "schema-property-missing-name": ("schema[0].properties[0].name", "required"),
    "server-invalid-type": ("servers[0].type", "allowed are api, athena"),
    "server-missing-conditional-fields": ("servers[0].schema", "required"),
    "server-missing-required-fields": ("servers[0].server", "required"),
    "sla-missing-required-value": ("slaProperties[0].value", "required"),
    "synonym-missing-term": ("schema[0].properties[0].synonyms[0].synonym", "required"),
}


def contract(**fields: Any) -> dict[str, Any]:
    said = {"apiVersion": "v3.2.0", "kind": "DataContract", "id": "orders", "version": "1.0.0"}
    return {**said, "status": "active", **fields}


def with_column(**fields: Any) -> dict[str, Any]:
    return contract(schema=[{"name": "orders", "properties": [{"name": "id", **fields}]}])


def found(content: dict[str, Any]) -> list[Diagnostic]:
    return lint(of_value(content))


def valid_files() -> list[Path]:
    return sorted((DATA / "standards" / "odcs_valid").glob("*/*.yaml"))


@pytest.mark.material
@pytest.mark.parametrize("path", valid_files(), ids=lambda path: path.stem)
def test_official_contracts_are_taken_and_given_back_equal(path: Path) -> None:
    document = read(path.read_bytes())
    assert errors(lint(document)) == []
    kept = descriptor_of(document.content, port="sql").document
    assert kept == document.content
    assert read(to_yaml(kept)).content == document.content
    assert read(to_json(kept)).content == document.content
    assert convert(kept, document.content["apiVersion"]).content == document.content


@pytest.mark.material
def test_there_are_18_official_contracts() -> None:
    material("standards", "odcs_valid")
    assert len(valid_files()) == 18


@pytest.mark.material
@pytest.mark.parametrize("name", REFUSED)
def test_official_faults_are_refused_with_path_value_and_rule(name: str) -> None:
    document = read(material("standards", "odcs_invalid", f"{name}.odcs.yaml").read_bytes())
    faults = errors(lint(document))
    path, said = REFUSED[name]
    fault = next((one for one in faults if one.path == path), None)
    assert fault is not None, faults
    assert said in fault.message
    assert fault.line > 0


def test_a_misspelt_field_is_answered_with_its_neighbour() -> None:
    fault = errors(found(with_column(logcalType="string")))[0]
    assert fault.path == "schema[0].properties[0].logcalType"
    assert fault.message.startswith("unknown field; did you mean logicalType,")


def test_a_field_of_another_type_of_server_is_said_to_be_that() -> None:
    server = {"server": "p", "type": "local", "path": "a.csv", "format": "csv", "delimiter": ","}
    fault = errors(found(contract(servers=[server])))[0]
    assert (fault.path, "does not go with the type" in fault.message) == (
        "servers[0].delimiter",
        True,
    )


def test_variables_are_kept_and_never_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOST", "secret.example.org")
    server = {"server": "p", "type": "postgres", "host": "${HOST}", "port": 5432}
    said = contract(servers=[{**server, "database": "${DB:-d}", "schema": "s"}])
    assert errors(found(said)) == []
    assert descriptor_of(said, port="sql").document == said


def test_fields_newer_than_the_declared_version_are_a_warning() -> None:
    said = {**with_column(enum=[{"value": "a"}]), "apiVersion": "v3.0.2"}
    faults = found(said)
    assert [(one.severity, one.message) for one in faults] == [
        ("warning", "came with v3.2.0; the contract declares v3.0.2")
    ]


def test_ids_stand_once_in_a_list_and_names_are_warned_of() -> None:
    column = {"name": "id", "id": "one"}
    said = contract(schema=[{"name": "orders", "properties": [column, column]}])
    assert [(one.path, one.severity) for one in found(said)] == [
        ("schema[0].properties[1].id", "error"),
        ("schema[0].properties[1].name", "warning"),
    ]


def test_ids_may_hold_what_the_text_of_the_standard_allows() -> None:
    assert errors(found(with_column(id="größe:1"))) == []
    assert errors(found(with_column(id="a b")))[0].path == "schema[0].properties[0].id"


def test_composite_keys_have_equal_length() -> None:
    said = with_column()
    said["schema"][0]["relationships"] = [
        {"from": ["orders.id", "orders.id"], "to": ["orders.id"]},
    ]
    assert "to has 1" not in str(errors(found(said)))
    assert errors(found(said))[0].path == "schema[0].relationships[0].to"


def test_the_older_specification_is_named() -> None:
    fault = found({"dataContractSpecification": "1.2.0", "id": "x"})[0]
    assert "Data Contract Specification" in fault.message


def second() -> dict[str, Any]:
    return {
        "apiVersion": "v2.2.2",
        "kind": "DataContract",
        "uuid": "u-1",
        "type": "tables",
        "status": "current",
        "version": "1.1.0",
        "datasetName": "orders",
        "quantumName": "shop",
        "productDl": "team@example.org",
        "dataset": [
            {
                "table": "orders",
                "columns": [
                    {
                        "column": "id",
                        "logicalType": "decimal",
                        "physicalType": "decimal(9)",
                        "isNullable": False,
                    }
                ],
                "quality": [{"templateName": "row", "toolName": "Elevate", "columns": "id"}],
            }
        ],
        "slaProperties": [{"property": "latency", "value": 4, "unit": "d", "column": "orders.id"}],
    }


def test_version_two_is_judged_by_its_own_shape() -> None:
    assert found(second()) == []
    broken = second()
    del broken["dataset"][0]["columns"][0]["physicalType"]
    assert [one.path for one in found(broken)] == ["dataset[0].columns[0].physicalType"]
    promised = descriptor_of(second(), port="sql")
    assert (promised.key, promised.columns[0].path, promised.columns[0].required) == (
        "u-1",
        "id",
        True,
    )


def test_version_two_goes_up_without_loss_and_back() -> None:
    up = convert(second(), "v3.2.0")
    assert up.unplaced == ()
    assert errors(found(up.content)) == []
    back = convert(up.content, "v2.2.2").content
    assert found(back) == []
    assert back["productDl"] == "team@example.org"
    assert back["dataset"][0]["columns"][0]["isNullable"] is False


def test_what_an_older_version_cannot_say_is_named() -> None:
    said = with_column(logicalType="map", map={"key": {}, "value": {}}, semanticType="column")
    down = convert(said, "v3.0.2")
    assert {one.path for one in down.unplaced} == {
        "schema[0].properties[0].logicalType",
        "schema[0].properties[0].map",
        "schema[0].properties[0].semanticType",
    }
    assert down.content["schema"][0]["properties"][0] == {"name": "id", "logicalType": "object"}
    assert said["schema"][0]["properties"][0]["logicalType"] == "map"


def test_an_unknown_version_names_the_known() -> None:
    with pytest.raises(ValueError, match=r"v3\.2\.0"):
        convert(contract(), "v9")


def test_fields_are_written_in_the_order_of_the_standard() -> None:
    said = {name: contract()[name] for name in reversed(contract())}
    assert list(ordered(said)) == ["apiVersion", "kind", "id", "version", "status"]


def schema_of(version: str) -> Any:
    name = "v3.2.0.datacontract-cli-1.2.8" if version == "v3.2.0" else version
    path = material("standards", "odcs_schema", f"odcs-json-schema-{name}.json")
    return jsonschema_rs.validator_for(json.loads(path.read_text()))


@pytest.mark.material
@pytest.mark.parametrize("version", [v for v in VERSIONS if v not in {"v2.2.0", "v2.2.1"}])
def test_conversions_fit_the_official_schema_or_say_why_not(version: str) -> None:
    judge = schema_of(version)
    for path in valid_files():
        source = read(path.read_bytes()).content
        made = convert(source, version)
        if not made.unplaced and source["apiVersion"] != version:
            assert judge.is_valid(made.content), path.name


@pytest.mark.material
@settings(max_examples=examples(300), deadline=None)
@given(data=st.data())
def test_what_is_valid_in_the_declared_version_is_taken(data: st.DataObject) -> None:
    """Mutants of the official files: never refuse what the official schema of their version takes."""
    path = data.draw(st.sampled_from(valid_files() or [Path()]))
    if not path.name:
        material("standards", "odcs_valid")
    content = deepcopy(read(path.read_bytes()).content)
    for _ in range(data.draw(st.integers(1, 3))):
        mutate(content, data)
    version = data.draw(st.sampled_from(["v3.0.0", "v3.0.2", "v3.1.0", "v3.2.0"]))
    content["apiVersion"] = version
    ours = errors(lint(of_value(content)))
    if schema_of(version).is_valid(content):
        assert [one for one in ours if "another item" not in one.message] == []
    elif version >= "v3.1" and not schema_of("v3.2.0").is_valid(content):
        assert ours, content


def mutate(content: dict[str, Any], data: st.DataObject) -> None:
    holder: Any = content
    while True:
        keys: list[Any] = sorted(holder) if isinstance(holder, dict) else list(range(len(holder)))
        if not keys:
            return
        key = data.draw(st.sampled_from(keys))
        inner = holder[key]
        if not isinstance(inner, dict | list) or not inner or data.draw(st.integers(0, 3)) == 0:
            break
        holder = inner
    if holder is content and key in {"apiVersion", "kind"}:
        return
    change = data.draw(st.sampled_from(["drop", "text", "number", "list", "extra"]))
    if change == "drop":
        del holder[key]
    elif change == "extra" and isinstance(holder, dict):
        holder[data.draw(st.sampled_from(["foo", "id", "rule", "enum", "name"]))] = "x"
    else:
        holder[key] = {"text": "x", "number": 1, "list": [], "extra": None}[change]
