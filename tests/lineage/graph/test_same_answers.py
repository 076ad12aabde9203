"""The same answers by API, page and export for owner, stranger and anonymous; hidden names nowhere in any byte."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.conf import LazySettings
from django.test import Client

from catalog.descriptors import ColumnDescriptor, DatasetAddress, LayerKind, PortDescriptor
from catalog.models import Contract, Dataset, Grant, Port, Product
from catalog.people.domains import save_domain
from catalog.registry.apply import apply
from catalog.visibility import PUBLIC
from lineage.adjacency import memory
from lineage.models import Edge, EdgeKind, Job
from tests.conftest import Mesh
from tests.contracts.flows import state
from tests.factories import SYSTEM, column, dataset_descriptor, make_product
from tests.lineage.openlineage.events import DB, columns, dataset, event, facet, run_id, take

SECRET = "zyxquartz"
PEOPLE = ("alice", "charlie", "anonymous")
GRAPHS = ("memory", "tables")


def table(name: str, *paths: str, domain: str = "claims", team: str = "claims-team") -> Dataset:
    """Harvest a dataset that events will speak of."""
    said = [column(path, ordinal=n) for n, path in enumerate(paths)]
    described = dataset_descriptor(name, namespace=DB, domain=domain, team=team, columns=said)
    assert all(isinstance(c, ColumnDescriptor) for c in described.columns or ())
    applied = apply([described], layer=LayerKind.HARVESTED, source="source:shop", authority=SYSTEM)
    assert applied.refused == (), applied.refused
    return Dataset.objects.get(pk=applied.outcomes[0].id or 0)


def serves(row: Dataset) -> PortDescriptor:
    """Describe a port that serves a dataset."""
    address = DatasetAddress(namespace=row.namespace, name=row.name)
    return PortDescriptor(direction="out", name="sql", technology="postgres", datasets=[address])


class World(NamedTuple):
    """What events told: `raw` → hidden → `clean` → `report`, and a cycle through what is hidden."""

    rows: dict[str, Dataset]
    products: dict[str, Product]


@pytest.fixture
def world(mesh: Mesh) -> World:
    """A company with one area that only the claims team may see."""
    area = f"{SECRET}-area"
    save_domain(area, name=f"{SECRET} area", visibility="team", team=mesh.team, by=None)
    rows = {
        "raw": table("shop.raw", "id", "amount"),
        "side": table("shop.side", "key"),
        "secret": table(f"{SECRET}.t", f"{SECRET}_c", "id", domain=area),
        "loop": table(f"{SECRET}.loop", "id", domain=area),
        "orphan": table(f"{SECRET}.orphan", "id", domain=area),
        "clean": table("shop.clean", "total", "key"),
        "report": table("shop.report", "total", domain="policy", team="policy-team"),
    }
    found = {
        key: make_product(key, domain=domain, ports=[serves(rows[name])], **fields)
        for key, name, domain, fields in (
            (f"{SECRET}-product", "secret", area, {"visibility": "team"}),
            ("clean-claims", "clean", "claims", {}),
            ("report", "report", "policy", {"team": "policy-team"}),
            ("raw-claims", "raw", "claims", {}),
        )
    }
    for key, row in found.items():
        Contract.objects.create(
            product=row, key=f"{key}-promise", version="1.0.0", port_name="sql",
            columns=[{"path": path} for path in ("total", f"{SECRET}_c") if SECRET in key or path == "total"],
        )  # fmt: skip
        Grant.objects.create(port=Port.objects.get(product=row, direction="out"), user=mesh.dana)
    _report(mesh)
    state((rows["secret"], rows["loop"]), (rows["loop"], rows["secret"]), source=f"{SECRET}-scan")
    state((rows["secret"], rows["clean"]), kind=EdgeKind.FOREIGN_KEY, source=f"{SECRET}-scan")
    return World(rows, found)


def _report(mesh: Mesh) -> None:
    """Let jobs report: one hidden, one whose statement and error tell of what is hidden, one plain."""
    hidden = f"{SECRET}.t"
    failed = facet(message=f"no column {SECRET}_c", programmingLanguage="SQL")
    alias = {"namespace": DB, "name": f"{SECRET}.alias", "type": "TABLE"}
    aliases = {"symlinks": facet(identifiers=[alias])}
    filled = dataset(hidden, facets={**columns(**{f"{SECRET}_c": ["shop.raw.amount"]}), **aliases})
    clean = dataset(
        "shop.clean", facets=columns(total=[f"{hidden}.{SECRET}_c"], key=["shop.side.key"])
    )
    sql = {"sql": facet(query=f"SELECT {SECRET}_c FROM {hidden}")}
    report = dataset("shop.report", facets=columns(total=["shop.clean.total"]))
    take(
        event(run=1, job=f"{SECRET}-load", reads=["shop.raw"], writes=[filled]),
        event("FAIL", minute=1, run=2, job="nightly", reads=[hidden, "shop.side"], writes=[clean],
              job_facets=sql, run_facets={"errorMessage": failed, "note": facet(text=SECRET)}),
        event(minute=2, run=3, job="sum", reads=["shop.clean"], writes=[report]),
        event(minute=3, run=4, job=f"{SECRET}-split", reads=["shop.clean"],
              writes=["shop.report", f"{SECRET}.loop"]),
        by=mesh.admin,
    )  # fmt: skip
    Job.objects.filter(name__in=("nightly", "sum")).update(audience=PUBLIC)


def reader(mesh: Mesh, who: str) -> Client:
    """Open a browser as somebody."""
    client = Client()
    person = mesh.people[who]
    if person.is_authenticated:
        client.force_login(getattr(mesh, who))
    return client


def read(client: Client, path: str, **query: Any) -> str:
    """Read an address that must answer."""
    answer = client.get(path, query)
    body = b"".join(answer) if answer.streaming else answer.content
    assert answer.status_code == 200, (path, query, body[:400])
    return body.decode() + str(answer.headers)


def rest(client: Client, path: str, **query: Any) -> Any:
    """Read JSON."""
    answer = client.get(f"/api/v1/{path}", query)
    assert answer.status_code == 200, (path, query, answer.content[:400])
    return answer.json()


def addresses(world: World) -> list[str]:
    """Return every address that tells of the graph, as links."""
    asked = []
    for row in (world.rows[name] for name in ("raw", "clean", "report", "side")):
        asked += _of_dataset(row)
    for key, product in world.products.items():
        if SECRET not in key:
            focus = f"product:{product.guid}"
            asked += [_link(page, focus=focus) for page in ("/lineage", "/lineage/impact")]
            asked += [_link(f"/api/v1/lineage-{name}", focus=focus) for name in QUESTIONS]
            asked += [f"/api/v1/dataproducts/{product.guid}/lineage"]
            asked += [
                f"/products/{product.domain.key}/{product.key}{tab}" for tab in ("", "/lineage")
            ]
    ends = {"from": f"dataset:{world.rows['raw'].pk}", "to": f"dataset:{world.rows['report'].pk}"}
    asked += [_link("/api/v1/lineage-paths", **ends, mode=mode) for mode in ("shortest", "all")]
    asked += [f"/api/v1/{path}" for path in OVERVIEWS]
    asked += ["/map", "/jobs", "/activity", "/lineage", _link("/jobs", q=SECRET[:4])]
    asked += [f"/jobs/{job.pk}" for job in Job.objects.filter(name__in=("nightly", "sum"))]
    nightly = Job.objects.get(name="nightly").pk
    asked += [f"/jobs/{nightly}/runs/{run_id(2)}", _link("/lineage", focus=f"job:{nightly}")]
    asked += [_link(f"/api/v1/lineage-{name}", focus=f"job:{nightly}") for name in QUESTIONS]
    seen = Edge.objects.exclude(upstream__name__contains=SECRET)
    asked += [f"/lineage/flows/{e.pk}" for e in seen.exclude(downstream__name__contains=SECRET)]
    return asked


QUESTIONS = ("graph", "impact", "impact.csv", "causes", "changes?from=2026-05-01&")
OVERVIEWS = (
    "lineage-problems", "lineage-mesh", "events/lineage", "namespaces", "tags", "lineage-edges",
    "namespaces/airflow/jobs", "namespaces/airflow/jobs/nightly", "namespaces/airflow/jobs/nightly/runs",
    f"jobs/runs/{run_id(2)}", f"jobs/runs/{run_id(2)}/facets?type=run", f"jobs/runs/{run_id(2)}/facets?type=job",
    f"runlineage/upstream?runId={run_id(2)}", f"runlineage/upstream?runId={run_id(3)}",
    "lineage?nodeId=job:airflow:nightly", "lineage?nodeId=job:airflow:sum", "search?q=shop&filter=DATASET",
    "search?q=n&filter=JOB", "events?pageSize=200",
)  # fmt: skip


def _of_dataset(row: Dataset) -> list[str]:
    focus, node = f"dataset:{row.pk}", f"dataset:{row.namespace}:{row.name}"
    asked = [_link(f"/api/v1/lineage-{name}", focus=focus) for name in QUESTIONS]
    asked += [_link("/api/v1/lineage-graph", focus=focus, level="column", influences="true")]
    asked += [
        _link("/api/v1/lineage-graph", focus=focus, columnsOf=row.pk, changedSince="2020-01-01")
    ]
    asked += [
        _link("/lineage", focus=focus, level=level, columns=row.pk)
        for level in ("dataset", "column")
    ]
    asked += [_link("/lineage", focus=focus, asOf="2026-05-04", compare=mark) for mark in ("", "1")]
    asked += [
        _link("/lineage/impact", focus=focus),
        f"/datasets/{row.pk}",
        f"/datasets/{row.pk}/lineage",
    ]
    asked += [f"/api/v1/datasets/{row.pk}/lineage", _link("/api/v1/lineage", nodeId=node, depth=20)]
    asked += [_link("/api/v1/column-lineage", nodeId=node, depth=20, withDownstream="true")]
    first = row.columns.order_by("ordinal").first()
    assert first is not None
    of_column = f"column:{row.pk}:{first.path}"
    asked += [
        _link(f"/api/v1/lineage-{name}", focus=of_column)
        for name in ("graph", "impact", "impact.csv")
    ]
    return [*asked, _link("/lineage", focus=of_column), _link("/lineage/impact", focus=of_column)]


def _link(path: str, **query: Any) -> str:
    return f"{path}{'' if path.endswith('&') else '?'}{urlencode(query)}"


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest, settings: LazySettings) -> Iterator[str]:
    """Where the graph is read from."""
    settings.LINEAGE_GRAPH = request.param
    memory.forget()
    yield str(request.param)
    memory.forget()


@pytest.mark.parametrize("who", ["charlie", "anonymous"])
def test_no_byte_tells_of_what_is_hidden(world: World, mesh: Mesh, graph: str, who: str) -> None:
    client = reader(mesh, who)
    hidden = [SECRET, world.products[f"{SECRET}-product"].guid]
    leaks = []
    for address in addresses(world):
        answer = client.get(address)
        is_refused = who == "anonymous" and answer.status_code in (401, 403)
        body = (b"".join(answer) if answer.streaming else answer.content).decode()
        said = body.replace(f"q={SECRET[:4]}", "") + str(answer.headers)
        if (answer.status_code >= 400 and not is_refused) or any(word in said for word in hidden):
            leaks.append((address, answer.status_code))
    assert leaks == [], leaks


def test_the_owner_is_told_all_of_it_at_the_same_addresses(
    world: World, mesh: Mesh, graph: str
) -> None:
    client = reader(mesh, "alice")
    assert SECRET in read(client, "/jobs")
    for name in ("graph", "impact", "impact.csv"):
        asked = {"focus": f"dataset:{world.rows['raw'].pk}"}
        assert SECRET in read(client, f"/api/v1/lineage-{name}", **asked)
    nightly = Job.objects.get(name="nightly").pk
    for address in (f"/jobs/{nightly}", f"/jobs/{nightly}/runs/{run_id(2)}"):
        assert f"{SECRET}_c" in read(client, address)


def page_graph(html: str) -> dict[str, Any]:
    """Return what a page gives to the element that draws."""
    found = re.search(r'id="lineage-answer" type="application/json">(.*?)</script>', html, re.S)
    assert found, "the page carries no graph"
    answer: dict[str, Any] = json.loads(found[1])
    return answer


def cells(html: str, mark: str) -> list[list[str]]:
    """Return the text of a table's cells, without markup."""
    start = html.index(mark)
    body = html[html.index("<tbody", start) : html.index("</tbody>", start)]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row, re.S) for row in body.split("<tr")[1:]]
    return [[" ".join(re.sub(r"<[^>]+>", " ", cell).split()) for cell in row] for row in rows]


def flows(graph: dict[str, Any]) -> list[tuple[str, str, str]]:
    """Return the flows of an answer by name, sorted."""
    names = {node["id"]: node["name"] for node in graph["nodes"]}
    return sorted((names[e["source"]], names[e["target"]], e["kind"]) for e in graph["edges"])


def told(node: str, names: set[str]) -> str:
    """Return which of some names a cell starts with, the longest."""
    column_name = node.partition(" . ")[2]
    said = column_name or node
    return max((name for name in names if said.startswith(name)), key=len)


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("level", ["dataset", "column", "product"])
def test_page_table_and_api_draw_one_graph(world: World, mesh: Mesh, who: str, level: str) -> None:
    client = reader(mesh, who)
    focus = f"dataset:{world.rows['clean'].pk}"
    if level == "product":
        focus = f"product:{world.products['clean-claims'].guid}"
    answer = rest(client, "lineage-graph", focus=focus, level=level, depth=5)
    html = read(client, "/lineage", focus=focus, level=level, depth=5)
    drawn = page_graph(html)
    assert flows(drawn) == flows(answer)
    assert drawn["nodes"] == answer["nodes"]
    names = {node["name"] for node in answer["nodes"]}
    listed = {(told(row[0], names), told(row[1], names)) for row in cells(html, "data-flows")}
    assert listed == {(up, down) for up, down, _ in flows(answer)}
    assert ("Restricted" in names) is (who != "alice")
    assert len(listed) >= 2


@pytest.mark.parametrize("who", PEOPLE)
@pytest.mark.parametrize("path", ["", "amount"])
def test_impact_is_the_same_on_page_api_and_in_the_file(
    world: World, mesh: Mesh, who: str, path: str
) -> None:
    client = reader(mesh, who)
    pk = world.rows["raw"].pk
    focus = f"column:{pk}:{path}" if path else f"dataset:{pk}"
    answer = rest(client, "lineage-impact", focus=focus)
    html = read(client, "/lineage/impact", focus=focus)
    file = client.get("/api/v1/lineage-impact.csv", {"focus": focus}).getvalue().decode()
    lines = list(csv.DictReader(io.StringIO(file)))
    for what, key in (
        ("dataset", "name"),
        ("product", "name"),
        ("consumer", "name"),
        ("contract", "key"),
    ):
        said = [item[key] for item in answer[f"{what}s"]]
        assert [line["name"].split(" ")[0] if what == "contract" else line["name"]
                for line in lines if line["what"] == what] == said  # fmt: skip
        shown = cells(html, f'id="{what}s"') if said else []
        assert len(shown) == len(said)
        assert all(name in row[0] for name, row in zip(said, shown, strict=True))
    in_file = [(x["name"], x["column"]) for x in lines if x["what"] == "column"]
    assert in_file == [(c["dataset"]["name"], c["path"]) for c in answer["columns"]]
    seen = [d["name"] for d in answer["datasets"]]
    assert {"clean", "report"} <= {name.rpartition(".")[2] for name in seen}
    assert answer["hasHidden"] is (who != "alice")
    assert any(line["what"] == "restricted" for line in lines) is (who != "alice")


@pytest.mark.parametrize("who", PEOPLE)
def test_map_and_mesh_count_the_same(world: World, mesh: Mesh, who: str) -> None:
    client = reader(mesh, who)
    said = rest(client, "lineage-mesh")["flows"]
    found = re.findall(
        r'data-source="([\w-]+)"\s+data-target="([\w-]+)"\s+data-count="(\d+)"',
        read(client, "/map"),
    )
    assert sorted(found) == sorted((f["source"], f["target"], str(f["count"])) for f in said)
    assert len(found) == (3 if who == "alice" else 1)


@pytest.mark.parametrize("who", PEOPLE)
def test_jobs_are_the_same_on_the_page_and_for_clients_of_marquez(
    world: World, mesh: Mesh, who: str
) -> None:
    client = reader(mesh, who)
    said = {job["name"] for job in rest(client, "namespaces/airflow/jobs")["jobs"]}
    html = read(client, "/jobs")
    assert said == {
        name for name in Job.objects.values_list("name", flat=True) if f">{name}<" in html
    }
    own = {"nightly", "sum"}
    secret = {f"{SECRET}-load", f"{SECRET}-split"}
    assert said == (own | secret if who == "alice" else own)


def marquez(client: Client, row: Dataset) -> set[str]:
    """Return the datasets of a graph as clients of Marquez read it."""
    node = f"dataset:{row.namespace}:{row.name}"
    found = rest(client, "lineage", nodeId=node, depth=20)["graph"]
    return {node["data"]["name"] for node in found if node["type"] == "DATASET"}


@pytest.mark.parametrize("who", PEOPLE)
def test_clients_of_marquez_reach_what_the_graph_reaches(
    world: World, mesh: Mesh, who: str
) -> None:
    client = reader(mesh, who)
    row = world.rows["raw"]
    ours = rest(client, "lineage-graph", focus=f"dataset:{row.pk}", depth=9)["nodes"]
    names = {f"{DB}:{name}" for name in marquez(client, row) if "restricted" not in name}
    by_id = {f"d{d.pk}": f"{d.namespace}:{d.name}" for d in Dataset.objects.all()}
    assert {by_id[n["id"]] for n in ours if n["kind"] == "dataset"} - names <= {
        f"{DB}:{SECRET}.loop"  # drawn by a scan, not by a job: Marquez has only jobs
    }
    assert names <= {by_id[n["id"]] for n in ours if n["kind"] == "dataset"}


def test_memory_and_tables_answer_alike(world: World, mesh: Mesh, settings: LazySettings) -> None:
    asked = [a for a in addresses(world) if a.startswith("/api/v1/lineage")]
    for who in PEOPLE:
        answers: dict[str, dict[str, bytes]] = {}
        for place in GRAPHS:
            settings.LINEAGE_GRAPH = place
            memory.forget()
            client = reader(mesh, who)
            answers[place] = {address: client.get(address).getvalue() for address in asked}
        different = [a for a in asked if answers["memory"][a] != answers["tables"][a]]
        assert different == [], (answers["memory"][different[0]], answers["tables"][different[0]])
