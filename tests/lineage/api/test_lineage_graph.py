"""The graph over REST: levels, time, what is hidden, what is refused."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Dataset
from catalog.people.domains import save_domain
from lineage.models import EdgeKind
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, state_edges
from tests.conftest import Mesh
from tests.contracts.flows import day, end, state
from tests.factories import NAMESPACE, make_dataset, make_product


def read(client: Client, focus: Dataset | str, **query: Any) -> dict[str, Any]:
    said = focus if isinstance(focus, str) else f"dataset:{focus.pk}"
    answer = client.get("/api/v1/lineage-graph", {"focus": said, **query})
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


def levels(graph: dict[str, Any]) -> dict[str, int]:
    return {node["name"]: node["level"] for node in graph["nodes"]}


def flows(graph: dict[str, Any]) -> set[tuple[str, str]]:
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return {(names[edge["source"]], names[edge["target"]]) for edge in graph["edges"]}


def made(*names: str, **fields: Any) -> list[Dataset]:
    return [make_dataset(name, **fields) for name in names]


def test_nothing_beside_the_way_is_shown(client: Client, mesh: Mesh) -> None:
    root, focus, sibling, child, other = made("root", "focus", "sibling", "child", "other")
    state((root, focus), (root, sibling), (focus, child), (other, child))
    graph = read(client, focus)
    assert levels(graph) == {"root": -1, "focus": 0, "child": 1}
    more = {node["name"]: node["more"] for node in graph["nodes"]}
    assert more["root"] == {"upstream": 0, "downstream": 1, "atLeast": False}
    assert more["child"] == {"upstream": 1, "downstream": 0, "atLeast": False}
    (edge,) = [e for e in graph["edges"] if e["target"] == f"d{child.pk}"]
    assert (edge["kind"], edge["isEnded"], edge["origin"]) == ("view", False, "t")
    assert edge["firstSeenAt"] == "2026-05-03T06:00:00Z"


def test_a_node_met_both_ways_is_followed_both_ways(client: Client, mesh: Mesh) -> None:
    a, n, m = made("a", "n", "m")
    state((a, n), (n, a), (n, m))
    assert levels(read(client, a)) == {"a": 0, "n": -1, "m": 2}


def test_the_graph_of_a_day_and_what_changed_since(client: Client, mesh: Mesh) -> None:
    a, b, c = made("a", "b", "c")
    end(state((a, b), at=1), at=5)
    state((a, c), at=3)
    assert flows(read(client, a)) == {("a", "c")}
    assert flows(read(client, a, asOf="2026-05-05T06:00:00Z")) == {("a", "b")}
    assert flows(read(client, a, asOf="2026-05-07T06:00:00+00:00")) == {("a", "b"), ("a", "c")}
    changed = read(client, a, changedSince="2026-05-05")
    names = {node["id"]: node["name"] for node in changed["nodes"]}
    assert {names[e["target"]]: e["change"] for e in changed["edges"]} == {
        "b": "removed",
        "c": "added",
    }


def secret(mesh: Mesh, *names: str) -> list[Dataset]:
    save_domain("siu", name="Investigations", by=None, visibility="team", team=mesh.other_team)
    return made(*names, domain="siu", team="policy-team")


def test_a_chain_of_hidden_nodes_cannot_be_told_from_one(client: Client, mesh: Mesh) -> None:
    h1, h2, h3 = secret(mesh, "h1", "h2", "h3")
    a, b = made("a", "b")
    state((a, h1), (h1, h2), (h2, h3), (h3, b))
    graph = read(client, a, depth=2)
    assert levels(graph) == {"a": 0, "Restricted": 1, "b": 2}
    assert len([n for n in graph["nodes"] if n["kind"] == "restricted"]) == 1
    assert flows(graph) == {("a", "Restricted"), ("Restricted", "b")}
    assert {e["kind"] for e in graph["edges"]} == {"restricted"}
    client.force_login(mesh.charlie)
    assert levels(read(client, a, depth=9)) == {"a": 0, "h1": 1, "h2": 2, "h3": 3, "b": 4}


def test_many_hidden_nodes_side_by_side_are_one(client: Client, mesh: Mesh) -> None:
    hidden = secret(mesh, *(f"h{n}" for n in range(7)))
    a, b = made("a", "b")
    state(*((a, h) for h in hidden), *((h, b) for h in hidden))
    graph = read(client, a)
    assert len(graph["nodes"]) == 3
    assert {n["name"]: n["more"]["downstream"] for n in graph["nodes"]}["a"] == 0


def test_no_way_is_drawn_through_the_hidden_that_is_not_there(client: Client, mesh: Mesh) -> None:
    h1, h2 = secret(mesh, "h1", "h2")
    a, b, c, d = made("a", "b", "c", "d")
    state((a, h1), (h1, h2), (c, h2), (h1, d), (h2, b))
    graph = read(client, b, direction="upstream")
    assert levels(graph) == {"b": 0, "Restricted": -1, "a": -2, "c": -2}
    whole = read(client, a, direction="downstream")
    assert "c" not in levels(whole)
    into_d = {e["source"] for e in whole["edges"] if e["target"] == f"d{d.pk}"}
    names = {e["target"] for e in whole["edges"] if e["source"] in into_d}
    assert names == {f"d{d.pk}", f"d{b.pk}"}


def test_everybody_hears_the_same_but_for_what_is_hidden(client: Client, mesh: Mesh) -> None:
    (hidden,) = secret(mesh, "suspects")
    a, b = made("a", "b")
    state((a, hidden), (hidden, b))
    client.force_login(mesh.charlie)
    assert "suspects" in levels(read(client, a))
    for person in (None, mesh.alice, mesh.bob):
        client.logout()
        if person is not None:
            client.force_login(person)
        graph = read(client, a)
        assert levels(graph) == {"a": 0, "Restricted": 1, "b": 2}
        for word in ("suspects", "siu", f'"d{hidden.pk}"'):
            assert word not in str(graph)
        assert (
            client.get("/api/v1/lineage-graph", {"focus": f"dataset:{hidden.pk}"}).status_code
            == 404
        )


def test_columns_flow_on_their_own_level(client: Client, mesh: Mesh) -> None:
    a, b, c = made("a", "b", "c")
    said = {
        (a, b): (ColumnFlow("id", "key"), ColumnFlow("note", "", "INDIRECT", "FILTER")),
        (b, c): (ColumnFlow("key", "id"), ColumnFlow("other", "note")),
    }
    state_edges(
        [
            EdgeStatement(upstream=u.pk, downstream=d.pk, kind=EdgeKind.VIEW, source="t", columns=f)
            for (u, d), f in said.items()
        ],
        at=day(0),
    )
    graph = read(client, f"column:{a.pk}:id")
    assert {n["id"]: n["level"] for n in graph["nodes"]} == {
        f"c{a.pk}:id": 0,
        f"c{b.pk}:key": 1,
        f"c{c.pk}:id": 2,
    }
    assert {n["parent"] for n in graph["nodes"]} == {f"d{a.pk}", f"d{b.pk}", f"d{c.pk}"}
    assert levels(read(client, f"column:{a.pk}:note")) == {"note": 0}
    influenced = read(client, f"column:{a.pk}:note", influences="true")
    assert f"c{c.pk}:note" in {n["id"] for n in influenced["nodes"]}
    shown = read(client, a, columnsOf=f"{a.pk},{b.pk}")
    columns = {n["id"]: n["columns"] for n in shown["nodes"]}
    assert [column["path"] for column in columns[f"d{a.pk}"]] == ["id", "note"]
    assert columns[f"d{c.pk}"] is None
    edge = next(e for e in shown["edges"] if e["source"] == f"d{a.pk}")
    assert edge["columns"] == [["id", "key", ""], ["note", "", "FILTER"]]


def test_products_flow_through_datasets_that_no_product_serves(client: Client, mesh: Mesh) -> None:
    raw, staging, ready = made("raw", "staging", "ready")
    first = make_product("first", ports=[_serves("raw")])
    last = make_product("last", ports=[_serves("ready")])
    state((raw, staging), (staging, ready))
    graph = read(client, f"product:{first.guid}", level="product")
    assert levels(graph) == {"First": 0, "Last": 1}
    assert levels(read(client, ready, level="product")) == {"First": -1, "Last": 0}
    assert levels(read(client, f"product:{last.guid}", level="dataset")) == {
        "raw": -2,
        "staging": -1,
        "ready": 0,
    }
    refused = client.get(
        "/api/v1/lineage-graph", {"focus": f"dataset:{staging.pk}", "level": "product"}
    )
    assert refused.status_code == 400


def _serves(name: str) -> PortDescriptor:
    address = DatasetAddress(namespace=NAMESPACE, name=name)
    return PortDescriptor(direction="out", name="sql", technology="sqlite", datasets=[address])


def test_a_cut_answer_says_what_is_left_out(client: Client, mesh: Mesh) -> None:
    hidden = secret(mesh, "h1", "h2")
    focus, *more = made("focus", *(f"v{n}" for n in range(6)))
    state(*((focus, row) for row in [*more, *hidden]))
    graph = read(client, focus, limit=3)
    assert graph["truncated"] == {
        "nodes": 4,
        "edges": 4,
        "atLeast": False,
        "said": "Only the nearest 3 are shown; 4 more are within 3 steps. Choose one of them to go on.",
    }


def test_kinds_and_domains_narrow(client: Client, mesh: Mesh) -> None:
    a, b, c = made("a", "b", "c")
    (far,) = made("far", domain="policy", team="policy-team")
    state((a, b), (a, far))
    state((a, c), kind=EdgeKind.DBT)
    assert set(levels(read(client, a, kind="dbt"))) == {"a", "c"}
    assert set(levels(read(client, a, kind="dbt,view"))) == {"a", "b", "c", "far"}
    assert set(levels(read(client, a, domain="policy"))) == {"a", "far"}
    assert set(levels(read(client, a, domain="insurance"))) == {"a", "b", "c", "far"}


def test_a_domain_narrows_columns_too(client: Client, mesh: Mesh) -> None:
    (a, b), (far,) = made("a", "b"), made("far", domain="policy", team="policy-team")
    state_edges(
        [
            EdgeStatement(
                upstream=a.pk, downstream=down.pk, kind=EdgeKind.VIEW, source="t",
                columns=(ColumnFlow("id", "id"),),
            )
            for down in (b, far)
        ],
        at=day(0),
    )  # fmt: skip
    focus = f"column:{a.pk}:id"
    assert {n["parentName"] for n in read(client, focus)["nodes"]} == {"a", "b", "far"}
    assert {n["parentName"] for n in read(client, focus, domain="policy")["nodes"]} == {"a", "far"}


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"focus": "dataset:x"},
        {"focus": "table:1"},
        {"focus": "dataset:"},
        {"focus": "column:1"},
        {"depth": "0"},
        {"depth": "21"},
        {"level": "row"},
        {"direction": "sideways"},
        {"asOf": "yesterday"},
        {"asOf": "2026-13-01"},
        {"changedSince": "2999-01-01"},
        {"kind": "foreign-key"},
        {"job": "x"},
        {"domain": "nowhere"},
        {"limit": "100000"},
        {"columnsOf": "1,x"},
        {"influences": "maybe"},
        {"colour": "red"},
    ],
)
def test_what_cannot_be_meant_is_refused(client: Client, mesh: Mesh, query: dict[str, str]) -> None:
    row = make_dataset("a")
    asked = {"focus": f"dataset:{row.pk}", **query} if query else {}
    answer = client.get("/api/v1/lineage-graph", asked)
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"]


@pytest.mark.parametrize(
    "focus", ["dataset:999999", "product:nothing", "job:7", "column:999999:id", "product:\u00e9"]
)
def test_what_is_not_there_is_404(client: Client, mesh: Mesh, focus: str) -> None:
    assert client.get("/api/v1/lineage-graph", {"focus": focus}).status_code == 404


def test_a_column_that_nobody_knows_is_404(client: Client, mesh: Mesh) -> None:
    row = make_dataset("a")
    for path, status in (("id", 200), ("nothing", 404), ("😀", 404)):
        answer = client.get("/api/v1/lineage-graph", {"focus": f"column:{row.pk}:{path}"})
        assert answer.status_code == status


def test_a_cycle_and_a_loop_end(client: Client, mesh: Mesh) -> None:
    a, b = made("a", "b")
    state((a, b), (b, a), (a, a))
    assert levels(read(client, a, depth=20)) == {"a": 0, "b": -1}
