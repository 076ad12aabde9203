"""What changes of a contract mean for consumers and producers."""

from __future__ import annotations

import json
from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from catalog.standards.odcs.compare import compare, keyed
from catalog.standards.odcs.thresholds import OPERATORS, compare_rules, passes
from catalog.standards.odcs.verdicts import Comparison, judge
from catalog.standards.reading import read
from tests.budget import examples
from tests.engines import DATA, material

FOLDER = DATA / "standards" / "breaking_changes"
CASES = json.loads((FOLDER / "expected.json").read_text())["cases"] if FOLDER.is_dir() else []


@pytest.mark.material
@pytest.mark.parametrize("case", CASES, ids=lambda case: case["file"].partition(".")[0])
def test_each_labelled_change_gets_its_verdict(case: dict[str, Any]) -> None:
    base, changed = (
        read(material("standards", "breaking_changes", name).read_bytes()).content
        for name in ("00-base.odcs.yaml", case["file"])
    )
    found = judge(base, changed)
    assert (found.data_consumer, found.producer) == (case["consumer"], case["producer"])
    directions = {entry["path"]: entry["direction"] for entry in case["entries"]}
    for change in found.changes:
        if change.direction in {"tightens", "loosens", "both", "undetermined"}:
            path = change.path.replace(".q1", ".[0]").replace(".q2", ".[0]")
            known = {
                directions.get(path),
                directions.get(f"{path}.value"),
                directions.get(f"{path}.[0]"),
            }
            assert change.direction in known, (path, directions)
            assert change.reason


@pytest.mark.material
def test_there_are_33_labelled_changes() -> None:
    material("standards", "breaking_changes")
    assert len(CASES) == 33


def contract(**fields: Any) -> dict[str, Any]:
    said: dict[str, Any] = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "orders",
        "version": "1.4.2",
        "status": "active",
        "schema": [
            {
                "name": "orders",
                "properties": [
                    {"name": "id", "logicalType": "integer", "classification": "confidential"},
                    {"name": "note", "logicalType": "string"},
                ],
            }
        ],
        "servers": [{"server": "p", "type": "postgres", "host": "h", "port": 1}],
        "slaProperties": [
            {"property": "retention", "value": 3, "unit": "y"},
            {"property": "latency", "value": 4, "unit": "h"},
        ],
        "roles": [{"role": "reader", "access": "read"}],
    }
    return {**said, **fields}


def after(**fields: Any) -> Comparison:
    return judge(contract(), contract(**fields))


def with_column(**fields: Any) -> Comparison:
    changed = contract()
    changed["schema"] = deepcopy(changed["schema"])
    changed["schema"][0]["properties"][0].update(fields)
    return judge(contract(), changed)


def promises(retention: tuple[int, str], latency: tuple[int, str]) -> dict[str, Any]:
    said = {"retention": retention, "latency": latency}
    return {
        "slaProperties": [
            {"property": name, "value": value, "unit": unit} for name, (value, unit) in said.items()
        ]
    }


SERVER = {"server": "p", "type": "postgres", "host": "other", "port": 1}
TERMS: dict[str, tuple[dict[str, Any], str, str]] = {
    "retention cut": (promises((12, "month"), (4, "h")), "error", "less is promised"),
    "latency grown": (promises((3, "y"), (2, "d")), "error", "4 h → 2 d"),
    "the same in other units": (promises((3, "y"), (240, "minutes")), "info", ""),
    "promise gone": (
        {"slaProperties": [{"property": "latency", "value": 4, "unit": "h"}]},
        "error",
        "retention is promised no more",
    ),
    "server moved": ({"servers": [SERVER]}, "error", "moved: host h → other"),
    "server gone": ({"servers": []}, "error", "server p is gone"),
    "retired at once": ({"status": "retired"}, "error", "without having been deprecated"),
    "deprecated": ({"status": "deprecated"}, "warning", "look for its successor"),
    "a price": ({"price": {"priceAmount": 5, "priceCurrency": "EUR"}}, "error", "costs 5 now"),
    "an obligation": (
        {"description": {"limitations": "Not for marketing."}},
        "warning",
        "limitations",
    ),
    "role gone": ({"roles": []}, "error", "role reader is gone"),
    "words": ({"description": {"purpose": "x"}, "tags": ["a"]}, "info", ""),
}


@pytest.mark.parametrize("name", TERMS)
def test_terms_beside_the_data_are_judged(name: str) -> None:
    fields, level, said = TERMS[name]
    found = after(**fields)
    assert found.consumer == level
    assert said in " ".join(change.reason for change in found.changes)
    assert found.data_consumer == "info"


def test_loosened_sensitivity_breaks_and_more_of_it_warns() -> None:
    assert with_column(classification="public").consumer == "error"
    assert with_column(classification="restricted").consumer == "warning"
    assert with_column(classification=None).consumer == "error"


@pytest.mark.parametrize(
    ("changed", "version", "needs"),
    [
        (contract(), "1.4.2", "none"),
        (contract(tags=["x"]), "1.4.3", "patch"),
        (contract(schema=[*contract()["schema"], {"name": "more"}]), "1.5.0", "minor"),
        (contract(schema=[]), "2.0.0", "major"),
    ],
)
def test_the_next_version_is_suggested(changed: dict[str, Any], version: str, needs: str) -> None:
    found = judge(contract(), changed)
    assert (found.suggested, found.needs) == (version, needs)


@pytest.mark.parametrize(
    ("old", "new", "enough"),
    [
        ("1.4.2", "1.5.0", False),
        ("1.4.2", "2.0.0", True),
        ("v1", "v2", True),
        ("0.3.0", "0.4.0", True),
        ("0.3.0", "0.3.1", False),
        ("spring", "summer", True),
        ("spring", "spring", False),
    ],
)
def test_what_breaks_needs_a_number_that_says_so(old: str, new: str, enough: bool) -> None:
    found = judge(contract(version=old), contract(version=new, schema=[]))
    assert found.is_numbered_enough is enough


def test_versions_of_the_standard_are_compared_by_meaning() -> None:
    older = {
        "apiVersion": "v2.2.2",
        "kind": "DataContract",
        "uuid": "orders",
        "version": "1.0.0",
        "status": "active",
        "dataset": [
            {
                "table": "orders",
                "columns": [
                    {
                        "column": "id",
                        "logicalType": "integer",
                        "physicalType": "int",
                        "isNullable": False,
                    }
                ],
            }
        ],
    }
    newer = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "orders",
        "version": "1.0.0",
        "status": "active",
        "schema": [
            {
                "name": "orders",
                "properties": [
                    {
                        "name": "id",
                        "logicalType": "integer",
                        "physicalType": "int",
                        "required": True,
                    }
                ],
            }
        ],
    }
    assert {change.path for change in judge(older, newer).changes} == {"apiVersion"}


_RULES = st.one_of(
    st.builds(
        lambda name, value: {name: value}, st.sampled_from(OPERATORS[:6]), st.integers(-5, 5)
    ),
    st.builds(
        lambda name, low, width: {name: [low, low + width]},
        st.sampled_from(OPERATORS[6:]),
        st.integers(-5, 5),
        st.integers(1, 4),
    ),
)


@settings(max_examples=examples(300), deadline=None)
@given(_RULES, _RULES)
def test_rules_are_compared_by_what_they_let_pass(old: dict[str, Any], new: dict[str, Any]) -> None:
    probes = [value / 4 for value in range(-48, 49)]
    gained = any(passes(new, p) and not passes(old, p) for p in probes)
    lost = any(passes(old, p) and not passes(new, p) for p in probes)
    expected = (
        "both" if gained and lost else "loosens" if gained else "tightens" if lost else "untested"
    )
    assert compare_rules(old, new) == expected


@settings(max_examples=examples(100), deadline=None)
@given(st.permutations(range(6)))
def test_the_order_of_columns_is_no_change(order: list[int]) -> None:
    columns = [{"name": f"c{n}", "logicalType": "string"} for n in range(6)]
    old = contract(schema=[{"name": "t", "properties": columns}])
    new = contract(schema=[{"name": "t", "properties": [columns[n] for n in order]}])
    assert compare(old, new) == []


def test_items_of_one_name_are_counted_in_one_pass() -> None:
    many = keyed("enum", [{"value": "x"}] * 50_000)
    assert list(many)[:3] == ["x", "x#2", "x#3"]
    assert list(many)[-1] == "x#50000"
    taken = keyed("enum", [{"value": "x#2"}, {"value": "x"}, {"value": "x"}, {"value": "x#2"}])
    assert list(taken) == ["x#2", "x", "x#3", "x#2#2"]
