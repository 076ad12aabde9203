"""Impact, ways, causes, changes, problems and the mesh over REST."""

from __future__ import annotations

import csv
import io
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Contract, Dataset, Event, Grant, Notification, Port
from catalog.outbound.notifications import follow
from catalog.people.domains import save_domain
from lineage.models import EdgeKind, Job, JobDataset, JobRun
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, state_edges
from tests.conftest import Mesh
from tests.contracts.flows import day, end, state
from tests.factories import NAMESPACE, column, make_dataset, make_product


def ask(client: Client, name: str, **query: Any) -> dict[str, Any]:
    answer = client.get(f"/api/v1/lineage-{name}", query)
    found: dict[str, Any] = answer.json()
    assert answer.status_code == 200, found
    return found


def made(*names: str, **fields: Any) -> list[Dataset]:
    return [make_dataset(name, **fields) for name in names]


def secret(mesh: Mesh, *names: str) -> list[Dataset]:
    save_domain("siu", name="Investigations", by=None, visibility="team", team=mesh.other_team)
    return made(*names, domain="siu", team="policy-team")


def serves(*names: str) -> PortDescriptor:
    addresses = [DatasetAddress(namespace=NAMESPACE, name=name) for name in names]
    return PortDescriptor(direction="out", name="sql", technology="sqlite", datasets=addresses)


def flow(up: Dataset, down: Dataset, *columns: ColumnFlow) -> EdgeStatement:
    return EdgeStatement(
        upstream=up.pk,
        downstream=down.pk,
        kind=EdgeKind.VIEW,
        source="t",
        columns=columns or None,
    )


@pytest.fixture
def company(mesh: Mesh) -> dict[str, Dataset]:
    """`raw.amount` goes into `ready.total` and filters `other`; `blind` reads `raw`, nobody knows what."""
    columns = [column("id"), column("amount"), column("note")]
    near = ("raw", "ready", "other", "blind", "unhit")
    rows = {name: make_dataset(name, columns=columns) for name in near}
    rows["last"] = make_dataset("last", columns=columns, domain="policy", team="policy-team")
    state_edges(
        [
            flow(rows["raw"], rows["ready"], ColumnFlow("amount", "amount", "DIRECT", "IDENTITY")),
            flow(rows["raw"], rows["other"], ColumnFlow("amount", "", "INDIRECT", "FILTER")),
            flow(rows["raw"], rows["unhit"], ColumnFlow("note", "note")),
            flow(rows["raw"], rows["blind"]),
            flow(rows["ready"], rows["last"], ColumnFlow("amount", "id")),
        ],
        at=day(0),
    )
    ready = make_product("ready-claims", ports=[serves("ready")])
    make_product("risk", domain="policy", team="policy-team", ports=[serves("last")])
    Contract.objects.create(
        product=ready, key="ready", version="1.0.0", port_name="sql", columns=[{"path": "amount"}]
    )
    Contract.objects.create(
        product=ready, key="notes", version="1.0.0", port_name="sql", columns=[{"path": "note"}]
    )
    Grant.objects.create(port=Port.objects.get(product=ready), user=mesh.charlie)
    return rows


def test_what_breaks_if_a_column_goes(
    client: Client, mesh: Mesh, company: dict[str, Dataset]
) -> None:
    client.force_login(mesh.alice)
    found = ask(client, "impact", focus=f"column:{company['raw'].pk}:amount")
    datasets = {d["name"]: (d["distance"], d["isCertain"]) for d in found["datasets"]}
    assert datasets == {
        "ready": (1, True),
        "other": (1, True),
        "blind": (1, False),
        "last": (2, True),
    }
    assert {(c["dataset"]["name"], c["path"]) for c in found["columns"]} == {
        ("ready", "amount"),
        ("other", ""),
        ("last", "id"),
    }
    assert {(p["name"], p["distance"]) for p in found["products"]} == {
        ("Ready claims", 1),
        ("Risk", 2),
    }
    assert [(c["key"], c["columns"]) for c in found["contracts"]] == [("ready", ["amount"])]
    assert [(c["name"], c["kind"]) for c in found["consumers"]] == [("Charlie Lind", "person")]
    assert {o["name"] for o in found["owners"]} == {"Claims Analytics", "Policy Platform"}
    assert (found["hasHidden"], found["truncated"]) == (False, None)


def test_what_is_not_known_by_column_may_break_as_far_away_as_it_is(
    client: Client, mesh: Mesh, company: dict[str, Dataset]
) -> None:
    far, farther = made("far", "farther")
    state((company["ready"], far), (far, farther))
    reads = PortDescriptor(
        direction="in",
        name="input",
        datasets=[DatasetAddress(namespace=NAMESPACE, name="ready")],
    )
    make_product("reader", ports=[reads])
    for focus, sure in (
        (f"column:{company['raw'].pk}:amount", False),
        (f"dataset:{company['raw'].pk}", True),
    ):
        found = ask(client, "impact", focus=focus)
        near = {d["name"]: (d["distance"], d["isCertain"]) for d in found["datasets"]}
        assert (near["far"], near["farther"]) == ((2, sure), (3, sure))
        products = {p["name"]: p["isCertain"] for p in found["products"]}
        assert (products["Reader"], products["Ready claims"]) == (sure, True)


def test_consumers_are_named_to_those_who_decide(
    client: Client, mesh: Mesh, company: dict[str, Dataset]
) -> None:
    focus = f"dataset:{company['raw'].pk}"
    assert ask(client, "impact", focus=focus)["consumers"] == []
    client.force_login(mesh.bob)
    assert ask(client, "impact", focus=focus)["consumers"] == []
    client.force_login(mesh.charlie)
    own = ask(client, "impact", focus=focus)["consumers"]
    assert [c["name"] for c in own] == ["Charlie Lind"]


def test_the_export_says_what_the_answer_says(
    client: Client, mesh: Mesh, company: dict[str, Dataset]
) -> None:
    for person in (None, mesh.charlie, mesh.alice):
        if person is not None:
            client.force_login(person)
        focus = f"column:{company['raw'].pk}:amount"
        answer = ask(client, "impact", focus=focus)
        table = client.get("/api/v1/lineage-impact.csv", {"focus": focus})
        assert table["Content-Type"] == "text/csv; charset=utf-8"
        rows = list(csv.DictReader(io.StringIO(table.getvalue().decode())))
        for kind in ("dataset", "product", "consumer"):
            assert [r["name"] for r in rows if r["what"] == kind] == [
                item["name"] for item in answer[f"{kind}s"]
            ]


def test_what_is_hidden_follows_without_a_name_or_a_number(client: Client, mesh: Mesh) -> None:
    hidden = secret(mesh, "suspects", "informants")
    a, b, c = made("a", "b", "=c")
    state(*((a, h) for h in hidden), (hidden[0], b), (a, c))
    found = ask(client, "impact", focus=f"dataset:{a.pk}")
    assert {d["name"]: d["distance"] for d in found["datasets"]} == {"b": 2, "=c": 1}
    assert found["hasHidden"] is True
    table = client.get("/api/v1/lineage-impact.csv", {"focus": f"dataset:{a.pk}"})
    text = table.getvalue().decode()
    assert "'=c" in text
    assert text.count("restricted") == 1
    assert "suspects" not in text + str(found)


def test_the_ways_between_two(client: Client, mesh: Mesh) -> None:
    a, b, c, d, aside = made("a", "b", "c", "d", "aside")
    state((a, b), (b, d), (a, c), (c, b), (a, aside), (d, a))
    query = {"from": f"dataset:{a.pk}", "to": f"dataset:{d.pk}"}
    names = {f"d{row.pk}": row.name for row in (a, b, c, d, aside)}

    def ways(found: dict[str, Any]) -> list[list[str]]:
        return [[names.get(i, "?") for i in way] for way in found["paths"]]

    assert ways(ask(client, "paths", **query)) == [["a", "b", "d"]]
    both = ask(client, "paths", **query, mode="all")
    assert ways(both) == [["a", "b", "d"], ["a", "c", "b", "d"]]
    assert {n["name"] for n in both["nodes"]} == {"a", "b", "c", "d"}
    assert len(both["edges"]) == 4
    assert ways(ask(client, "paths", **query, mode="all", depth=2)) == [["a", "b", "d"]]
    back = {"from": query["to"], "to": f"dataset:{aside.pk}"}
    assert ways(ask(client, "paths", **back)) == [["d", "a", "aside"]]
    none = {"from": f"dataset:{aside.pk}", "to": f"dataset:{a.pk}"}
    assert ways(ask(client, "paths", **none)) == []


def test_a_way_through_what_is_hidden_shows_one_nameless_node(client: Client, mesh: Mesh) -> None:
    h1, h2 = secret(mesh, "h1", "h2")
    a, b = made("a", "b")
    state((a, h1), (h1, h2), (h2, b))
    query = {"from": f"dataset:{a.pk}", "to": f"dataset:{b.pk}", "mode": "all"}
    found = ask(client, "paths", **query)
    assert found["paths"] == [[f"d{a.pk}", "restricted-1", f"d{b.pk}"]]
    assert {(e["source"], e["target"]) for e in found["edges"]} == {
        (f"d{a.pk}", "restricted-1"),
        ("restricted-1", f"d{b.pk}"),
    }
    assert "h1" not in str(found)
    client.force_login(mesh.charlie)
    assert len(ask(client, "paths", **query)["paths"][0]) == 4


def run(job: Job, state: str, hours: float, message: str = "") -> JobRun:
    at = timezone.now() - timedelta(hours=hours)
    return JobRun.objects.create(
        run_id=uuid.uuid4(), job=job, state=state, last_event_at=at, error_message=message
    )


def test_the_first_failure_upstream_is_the_root(client: Client, mesh: Mesh) -> None:
    a, b, c, fine = made("a", "b", "c", "fine")
    state((a, b), (b, c), (fine, c))
    jobs = [Job.objects.create(namespace="etl", name=f"load-{row.name}") for row in (a, b, fine)]
    for job, row in zip(jobs, (a, b, fine), strict=True):
        JobDataset.objects.create(job=job, dataset=row, direction="out")
    run(jobs[0], "COMPLETED", 9)
    first = run(jobs[0], "FAILED", 8)
    run(jobs[0], "FAILED", 2, "disk full")
    run(jobs[1], "FAILED", 1, "no input")
    run(jobs[2], "FAILED", 5)
    run(jobs[2], "COMPLETED", 1)
    client.force_login(mesh.alice)
    found = ask(client, "causes", focus=f"dataset:{c.pk}")["causes"]
    assert [(x["node"]["name"], x["isRoot"], x["distance"]) for x in found] == [
        ("a", True, 2),
        ("b", False, 1),
    ]
    assert found[0]["since"][:16] == first.last_event_at.isoformat()[:16]
    assert (found[0]["job"]["name"], found[0]["message"]) == ("load-a", "disk full")
    client.logout()
    unseen = ask(client, "causes", focus=f"dataset:{c.pk}")["causes"][0]
    assert (unseen["reason"], unseen["job"], unseen["message"]) == ("failed", None, "")


def test_what_changed_between_two_days(client: Client, mesh: Mesh) -> None:
    a, b, c, d = made("a", "b", "c", "d")
    end(state((a, b), at=1), at=5)
    state((b, c), at=3)
    state((a, d), at=1)
    query = {"focus": f"dataset:{a.pk}", "from": "2026-05-05", "to": "2026-05-20"}
    found = ask(client, "changes", **query)
    names = {node["id"]: node["name"] for node in found["nodes"]}
    assert {(names[e["target"]], e["change"]) for e in found["edges"]} == {
        ("b", "removed"),
        ("c", "added"),
    }
    assert set(names.values()) == {"a", "b", "c"}


def test_cycles_and_orphans(client: Client, mesh: Mesh) -> None:
    (hidden, alone) = secret(mesh, "hidden", "alone")
    a, b, c, orphan = made("a", "b", "c", "orphan")
    state((a, b), (b, hidden), (hidden, a), (b, c))
    found = ask(client, "problems")
    assert [[n["name"] for n in cycle] for cycle in found["cycles"]] == [["a", "b", "Restricted"]]
    assert [n["name"] for n in found["orphans"]] == ["orphan"]
    assert found["orphanCount"] == 1
    assert ask(client, "problems", domain="policy")["cycles"] == []
    client.force_login(mesh.charlie)
    assert ask(client, "problems")["orphanCount"] == 2
    assert {c.pk, alone.pk, orphan.pk}


def test_the_mesh_counts_pairs_of_products_one_may_see(client: Client, mesh: Mesh) -> None:
    raw, ready = made("raw", "ready")
    (far,) = made("far", domain="policy", team="policy-team")
    make_product("first", ports=[serves("raw")])
    make_product("second", ports=[serves("ready")], visibility="team")
    make_product("risk", domain="policy", team="policy-team", ports=[serves("far")])
    state((raw, far), (ready, far), (raw, ready))
    flows = ask(client, "mesh")["flows"]
    assert [(f["source"], f["target"], f["count"]) for f in flows] == [("claims", "policy", 1)]
    assert "Second" not in str(flows)
    client.force_login(mesh.alice)
    assert ask(client, "mesh")["flows"][0]["count"] == 2
    assert ask(client, "mesh", asOf="2020-01-01")["flows"] == []


@pytest.mark.parametrize(
    ("name", "query"),
    [
        ("paths", {}),
        ("paths", {"from": "dataset:1"}),
        ("impact", {}),
        ("impact.csv", {"focus": "x"}),
        ("causes", {"focus": "dataset:-1"}),
        ("changes", {"focus": "x"}),
        ("problems", {"domain": "nowhere"}),
        ("mesh", {"asOf": "soon"}),
        ("mesh", {"kind": "foreign-key"}),
        ("mesh", {"colour": "red"}),
    ],
)
def test_bad_questions_are_refused(
    client: Client, mesh: Mesh, name: str, query: dict[str, str]
) -> None:
    assert client.get(f"/api/v1/lineage-{name}", query).status_code in (400, 404)


def test_a_change_is_announced_to_whom_it_hits(
    client: Client, mesh: Mesh, company: dict[str, Dataset]
) -> None:
    said = {"focus": f"column:{company['raw'].pk}:amount", "message": "It goes on Monday."}

    def announce() -> Any:
        path = "/api/v1/lineage-impact/notify"
        return client.post(path, said, content_type="application/json")

    assert announce().status_code in (401, 403)
    client.force_login(mesh.charlie)
    assert announce().status_code == 403
    client.force_login(mesh.alice)
    first = announce().json()
    assert (first["productCount"], first["alreadyAt"]) == (2, None)
    assert [product["name"] for product in first["products"]] == ["Ready claims", "Risk"]
    again = announce().json()
    assert (again["products"], bool(again["alreadyAt"])) == (first["products"], True)
    assert Event.objects.filter(type="lineage.announced").count() == 2
    assert "amount" not in str(
        [e.data["about"] for e in Event.objects.filter(type="lineage.announced")]
    )
    follow()
    told = {n.user.username: n.text for n in Notification.objects.filter(kind="lineage.announced")}
    assert "bob" in told
    assert "alice" not in told
    assert "raw.amount" in told["charlie"]
    assert told["charlie"].endswith("It goes on Monday.")
