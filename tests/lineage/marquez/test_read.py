"""What clients of Marquez read, as its API describes it, and for whom."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

import pytest
import yaml
from django.test import Client
from jsonschema import Draft202012Validator
from referencing import Registry
from referencing.jsonschema import DRAFT202012

from catalog.models import Dataset
from catalog.people.domains import save_domain
from lineage.models import Job
from tests.conftest import Mesh
from tests.engines import material
from tests.factories import make_dataset
from tests.lineage.openlineage.events import DB, columns, dataset, event, facet, run_id, take

API = "/api/v1"


def reader(mesh: Mesh, who: str = "charlie") -> Client:
    """Sign somebody in."""
    client = Client()
    if who != "anonymous":
        client.force_login(getattr(mesh, who))
    return client


def get(client: Client, path: str, status: int = 200, /, **query: Any) -> Any:
    """Read an address."""
    answer = client.get(f"{API}{path}", query)
    assert answer.status_code == status, answer.content
    return answer.json()


@pytest.fixture
def flow(mesh: Mesh) -> Mesh:
    """`raw` → load → `clean` → sum → `report`; `raw` → other → `side`."""
    schema = {"schema": facet(fields=[{"name": "x", "type": "int"}]), "unknown": facet(deep=[1])}
    clean = dataset("shop.clean", facets={**schema, **columns(x=["shop.raw.p"])})
    report = dataset("shop.report", facets=columns(total=["shop.clean.x"]))
    sql = {"sql": facet(query="SELECT x FROM shop.raw")}
    take(
        event("START", run=1, job="load", reads=["shop.raw"]),
        event("COMPLETE", minute=2, run=1, job="load", writes=[clean], job_facets=sql),
        event("FAIL", minute=3, run=2, job="sum", reads=["shop.clean"], writes=[report],
              run_facets={"errorMessage": facet(message="no space", programmingLanguage="SQL")}),
        event("COMPLETE", minute=4, run=3, job="other", reads=["shop.raw"], writes=["shop.side"]),
    )  # fmt: skip
    return mesh


def ids(answer: dict[str, Any]) -> list[str]:
    """Return the ids of a graph, shortened."""
    return [node["id"].replace(f"{DB}:shop.", "") for node in answer["graph"]]


def test_a_graph_goes_up_and_down_and_never_to_siblings(flow: Mesh) -> None:
    client = reader(flow)
    answer = get(client, "/lineage", nodeId=f"dataset:{DB}:shop.clean")
    assert ids(answer) == sorted(
        ["dataset:clean", "dataset:raw", "dataset:report", "job:airflow:load", "job:airflow:sum"]
    )
    near = get(client, "/lineage", nodeId=f"dataset:{DB}:shop.raw", depth=2)
    assert "dataset:report" not in ids(near)
    assert {"dataset:clean", "dataset:side"} <= set(ids(near))
    of_job = get(client, "/lineage", nodeId="job:airflow:sum")
    assert "job:airflow:other" not in ids(of_job)
    clean = next(n for n in answer["graph"] if n["data"]["name"] == "shop.clean")
    assert clean["inEdges"] == [
        {"origin": "job:airflow:load", "destination": f"dataset:{DB}:shop.clean"}
    ]
    assert clean["data"]["facets"]["unknown"]["deep"] == [1]


def test_columns_flow_upstream_and_on_demand_downstream(flow: Mesh) -> None:
    client = reader(flow)
    node = f"datasetField:{DB}:shop.clean:x"
    assert ids(get(client, "/column-lineage", nodeId=node)) == [
        "datasetField:clean:x",
        "datasetField:raw:p",
    ]
    both = get(client, "/column-lineage", nodeId=node, withDownstream="True")
    assert "datasetField:report:total" in ids(both)
    field = next(n for n in both["graph"] if n["id"] == node)
    assert field["data"]["inputFields"][0]["field"] == "p"
    assert field["data"]["fieldType"] == "int"


def test_names_with_colons_and_slashes_are_found(mesh: Mesh) -> None:
    odd = "a:b/datasets/c#d e/versions"
    take(event(job="x:y/runs", reads=[odd], writes=["shop.b"]))
    client = reader(mesh)
    for namespace in (quote(DB, safe=""), DB):
        assert get(client, f"/namespaces/{namespace}/datasets/{quote(odd, safe='')}")["name"] == odd
    assert len(get(client, "/lineage", nodeId=f"dataset:{DB}:{odd}")["graph"]) == 3
    assert get(client, "/namespaces/airflow/jobs/x%3Ay%2Fruns")["name"] == "x:y/runs"
    assert len(get(client, "/namespaces/airflow/jobs/x%3Ay%2Fruns/runs")["runs"]) == 1


def test_jobs_and_runs_have_states_and_durations(flow: Mesh) -> None:
    client = reader(flow)
    job = get(client, "/namespaces/airflow/jobs/load")
    assert job["inputs"] == [{"namespace": DB, "name": "shop.raw"}]
    assert job["latestRun"]["state"] == "COMPLETED"
    assert job["latestRun"]["durationMs"] == 120_000
    run = get(client, f"/jobs/runs/{run_id(2)}")
    assert (run["state"], run["startedAt"]) == ("FAILED", None)
    assert run["facets"]["errorMessage"]["message"] == "no space"
    assert get(client, f"/jobs/runs/{run_id(1)}/facets", type="job")["facets"]["sql"]
    up = get(client, "/runlineage/upstream", runId=run_id(2))
    assert [r["run"]["id"] for r in up["runs"]] == [run_id(2), run_id(1)]


def test_lists_are_paged_and_unknown_things_are_not_there(flow: Mesh) -> None:
    client = reader(flow)
    space = quote(DB, safe="")
    assert [n["name"] for n in get(client, "/namespaces")["namespaces"]] == ["airflow", DB]
    second = get(client, f"/namespaces/{space}/datasets", limit=1, offset=1)
    assert (second["datasets"][0]["name"], second["totalCount"]) == ("shop.raw", 4)
    assert get(client, "/namespaces/airflow/jobs")["totalCount"] == 3
    events = get(client, "/events/lineage", limit=2, sortDirection="asc")
    assert (len(events["events"]), events["totalCount"]) == (2, 4)
    for path in ("/namespaces/nowhere", "/namespaces/nowhere/jobs", f"/jobs/runs/{run_id(99)}"):
        get(client, path, 404)
    get(client, "/lineage", 404, nodeId="dataset:x:y")
    get(client, "/lineage", 400, nodeId="what")
    get(client, "/lineage", 400)


def test_search_of_marquez_and_our_own_live_side_by_side(flow: Mesh) -> None:
    client = reader(flow)
    theirs = get(client, "/search", q="clean", filter="DATASET", sort="UPDATE_AT", limit=5)
    assert [hit["nodeId"] for hit in theirs["results"]] == [f"dataset:{DB}:shop.clean"]
    assert "facets" in get(client, "/search", q="clean")
    assert "facets" in get(client, "/search", q="clean", sort="name")


def test_what_is_hidden_is_nameless_and_uncounted(flow: Mesh) -> None:
    save_domain("secret", name="Secret", visibility="team", by=None)
    make_dataset("shop.clean", namespace=DB, domain="secret")
    assert Dataset.objects.get(name="shop.clean").audience.startswith("team:")
    for who in ("charlie", "anonymous"):
        client = reader(flow, who)
        for path, query in (
            ("/namespaces", {}),
            (f"/namespaces/{quote(DB, safe='')}/datasets", {}),
            ("/namespaces/airflow/jobs", {}),
            ("/namespaces/airflow/jobs/sum", {}),
            (f"/jobs/runs/{run_id(2)}", {}),
            ("/events/lineage", {}),
            ("/search", {"q": "clean", "filter": "ALL"}),
            ("/lineage", {"nodeId": f"dataset:{DB}:shop.raw"}),
            ("/lineage", {"nodeId": f"dataset:{DB}:shop.report"}),
            ("/column-lineage", {"nodeId": f"dataset:{DB}:shop.report"}),
        ):
            answer = client.get(f"{API}{path}", query)
            assert b"clean" not in answer.content, (who, path, answer.content)
            assert b"SELECT x" not in answer.content
        get(client, "/lineage", 404, nodeId=f"dataset:{DB}:shop.clean")
        get(client, "/namespaces/airflow/jobs/load", 404)
    client = reader(flow)
    shown = get(client, "/lineage", nodeId=f"dataset:{DB}:shop.raw")
    assert "dataset:report" in ids(shown)
    assert sum("restricted" in name for name in ids(shown)) == 2
    assert get(client, "/events/lineage")["totalCount"] == 1
    assert get(reader(flow, "admin"), "/events/lineage")["totalCount"] == 4


def test_a_job_is_deleted_by_who_owns_what_it_writes_and_comes_back(flow: Mesh) -> None:
    make_dataset("shop.side", namespace=DB, domain="claims", team="claims-team")
    path = f"{API}/namespaces/airflow/jobs/other"
    assert reader(flow, "charlie").delete(path).status_code == 403
    assert reader(flow, "alice").delete(path).status_code == 200
    get(reader(flow, "alice"), "/namespaces/airflow/jobs/other", 404)
    take(event(minute=9, run=9, job="other", reads=["shop.raw"], writes=["shop.side"]))
    assert Job.objects.get(name="other").deleted_at is None


@pytest.mark.material
@pytest.mark.parametrize(
    ("path", "query", "schema"),
    [
        ("/namespaces", {}, "NamespaceList"),
        ("/namespaces/airflow/jobs", {}, "JobList"),
        ("/namespaces/airflow/jobs/load", {}, "Job"),
        ("/namespaces/airflow/jobs/load/versions", {}, "JobVersionList"),
        ("/namespaces/airflow/jobs/load/runs", {}, "RunList"),
        (f"/namespaces/{quote(DB, safe='')}/datasets", {}, "DatasetList"),
        (f"/namespaces/{quote(DB, safe='')}/datasets/shop.clean", {}, "Dataset"),
        (f"/jobs/runs/{run_id(1)}", {}, "Run"),
        ("/tags", {}, "TagList"),
        ("/events/lineage", {}, "LineageEventList"),
        ("/search", {"q": "shop", "filter": "ALL"}, "SearchResultList"),
        ("/runlineage/upstream", {"runId": run_id(2)}, "UpstreamRunLineage"),
    ],
)
def test_answers_are_as_the_api_of_marquez_says(
    flow: Mesh, path: str, query: dict[str, Any], schema: str
) -> None:
    document = yaml.safe_load(material("standards", "marquez_api", "openapi.yml").read_text())
    _allow_null(document["components"]["schemas"])
    registry: Any = Registry().with_resource("urn:marquez", DRAFT202012.create_resource(document))
    wanted = {"$ref": f"urn:marquez#/components/schemas/{schema}"}
    Draft202012Validator(wanted, registry=registry).validate(get(reader(flow), path, **query))


@pytest.mark.material
@pytest.mark.parametrize("name", ["lineage-node.json", "column-lineage-node.json"])
def test_nodes_have_the_fields_of_the_examples(flow: Mesh, name: str) -> None:
    import json

    example = json.loads(material("standards", "marquez_api", name).read_text())
    path = "/lineage" if name.startswith("lineage") else "/column-lineage"
    answer = get(reader(flow), path, nodeId=f"dataset:{DB}:shop.clean")
    node = next(n for n in answer["graph"] if n["type"] == example["type"] and n["inEdges"])
    assert example.keys() == node.keys()
    assert example["data"].keys() <= node["data"].keys()


def _allow_null(schemas: Any) -> None:
    """Let values be null, as Marquez' own examples and answers have them."""
    if isinstance(schemas, dict):
        if "type" in schemas and schemas["type"] is None:
            del schemas["type"]  # a slip of the document
        if isinstance(schemas.get("type"), str) and schemas["type"] != "object":
            schemas["type"] = [schemas["type"], "null"]
        elif schemas.get("type") == "object":
            schemas["type"] = ["object", "null"]
        for part in schemas.values():
            _allow_null(part)
    elif isinstance(schemas, list):
        for part in schemas:
            _allow_null(part)
