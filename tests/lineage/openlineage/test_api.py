"""Events over HTTP: taken, refused with a reason, and bounded."""

from __future__ import annotations

import gzip
import json
from typing import Any

import pytest
from django.test import Client

from catalog.models import ApiToken, Check, Dataset, User
from catalog.people.tokens import make_token
from lineage.models import Edge, Job, JobDataset, JobRun, LineageEvent
from tests.conftest import Mesh
from tests.engines import material
from tests.factories import make_dataset
from tests.lineage.openlineage.events import columns, dataset, edges, event, facet, take

URL = "/api/v1/lineage"


def post(who: User | None, body: Any, url: str = URL, **more: Any) -> Any:
    """Send a body with a token that may write."""
    headers = {}
    if who is not None:
        _, secret = make_token(who, name="events", scope="write")
        headers["Authorization"] = f"Bearer {secret}"
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    headers |= more.pop("headers", {})
    return Client().post(url, raw, content_type="application/json", headers=headers, **more)


def test_an_event_makes_job_run_datasets_and_edges(mesh: Mesh) -> None:
    answer = post(
        mesh.admin,
        event(reads=["shop.a"], writes=[dataset("shop.b", facets=columns(x=["shop.a.p"]))]),
    )
    assert answer.status_code == 201, answer.content
    assert answer.json()["status"] == "accepted"
    assert edges() == {("shop.a", "shop.b")}
    edge = Edge.objects.get()
    assert (edge.kind, edge.source, edge.job) == ("job", "openlineage:airflow", Job.objects.get())
    assert [(c.upstream_path, c.downstream_path) for c in edge.columns.all()] == [("p", "x")]
    assert JobRun.objects.get().state == "COMPLETED"
    assert {d.audience for d in Dataset.objects.all()} == {"signed-in"}


def test_the_same_event_again_changes_nothing(mesh: Mesh) -> None:
    body = event(reads=["shop.a"], writes=["shop.b"])
    assert post(mesh.charlie, body).json()["status"] == "accepted"
    again = post(mesh.charlie, dict(reversed(body.items())))
    assert (again.status_code, again.json()["status"]) == (201, "duplicate")
    assert LineageEvent.objects.count() == 1


def test_gzip_is_unpacked(mesh: Mesh) -> None:
    raw = gzip.compress(json.dumps(event(writes=["shop.b"])).encode())
    assert post(mesh.charlie, raw, headers={"Content-Encoding": "gzip"}).status_code == 201
    assert Dataset.objects.filter(name="shop.b").exists()


@pytest.mark.parametrize(
    ("raw", "encoding", "status"),
    [
        (b"{", "", 400),
        (b"\xff\xfe", "", 400),
        (b"[" * 100_000, "", 400),
        (b"no gzip", "gzip", 400),
        (gzip.compress(b"{}", mtime=0)[:-6], "gzip", 400),
        (b"{}", "br", 415),
        (b"{}", "", 422),
        (b"[]", "", 422),
        (b"3", "", 422),
    ],
)
def test_garbage_is_refused_with_a_reason(
    mesh: Mesh, raw: bytes, encoding: str, status: int
) -> None:
    answer = post(mesh.charlie, raw, headers={"Content-Encoding": encoding} if encoding else {})
    assert answer.status_code == status, answer.content
    assert answer["Content-Type"] == "application/problem+json"


def test_a_bomb_and_a_long_body_are_refused_unread(mesh: Mesh, settings: Any) -> None:
    settings.LINEAGE_MAX_BODY = 10_000
    bomb = gzip.compress(b" " * 1_000_000)
    assert len(bomb) < 10_000
    assert post(mesh.charlie, bomb, headers={"Content-Encoding": "gzip"}).status_code == 413
    assert post(mesh.charlie, b" " * 10_001).status_code == 413


def test_only_a_token_that_may_write_is_taken(mesh: Mesh) -> None:
    assert post(None, event()).status_code == 401
    _, secret = make_token(mesh.charlie, name="reads", scope="read")
    headers = {"Authorization": f"Bearer {secret}"}
    assert post(None, event(), headers=headers).status_code == 403
    assert not Job.objects.exists()
    assert ApiToken.objects.count() == 1


@pytest.mark.parametrize(
    ("change", "path"),
    [
        ({"run": {}}, "run.runId"),
        ({"run": None}, "run.runId"),
        ({"job": {"namespace": "x"}}, "job.name"),
        ({"job": {"namespace": "x", "name": ""}}, "job.name"),
        ({"job": {"namespace": "x", "name": "n" * 1001}}, "job.name"),
        ({"job": {"namespace": "x", "name": "語" * 1000}}, "job.name"),
        ({"eventTime": "yesterday"}, "eventTime"),
        ({"eventTime": "2999-01-01T00:00:00Z"}, "eventTime"),
        ({"eventTime": "0001-01-01T00:00:00+23:00"}, "eventTime"),
        ({"eventTime": None}, "eventTime"),
        ({"inputs": {"namespace": "x"}}, "inputs"),
        ({"producer": "a\0b"}, ""),
        ({"producer": "\ud800"}, ""),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    mesh: Mesh, change: dict[str, Any], path: str
) -> None:
    answer = post(mesh.charlie, event() | change)
    assert answer.status_code == 422, answer.content
    [error] = answer.json()["errors"]
    assert error["path"] == path
    assert error["message"]
    assert not LineageEvent.objects.exists()


def test_old_producers_are_taken_and_flagged(mesh: Mesh) -> None:
    body = event(reads=["shop.a", {"name": "no namespace"}, {"namespace": "a b", "name": "c"}])
    del body["producer"], body["schemaURL"]
    body |= {"eventTime": "2021-07-05T11:43:17.218104123", "eventType": "finished"}
    body["run"] = {"runId": "run 7", "facets": {"x": {}, "y": 3}}
    answer = post(mesh.charlie, body)
    assert answer.status_code == 201
    flagged = {problem["path"] for problem in answer.json()["problems"]}
    assert flagged == {
        "producer",
        "schemaURL",
        "eventTime",
        "eventType",
        "run.runId",
        "run.facets.x",
        "run.facets.y",
        "inputs[1].namespace",
        "inputs[2].namespace",
    }
    assert JobRun.objects.get().state == "RUNNING"


def test_a_batch_keeps_what_is_good(mesh: Mesh) -> None:
    good = event(reads=["shop.a"], writes=["shop.b"])
    answer = post(mesh.charlie, [good, {"eventTime": 3}, good, 7], f"{URL}/batch")
    assert answer.status_code == 200
    body = answer.json()
    assert body["status"] == "partial_success"
    assert body["summary"] == {
        "received": 4,
        "successful": 2,
        "failed": 2,
        "retriable": 0,
        "non_retriable": 2,
    }
    assert [failed["index"] for failed in body["failed_events"]] == [1, 3]
    assert edges() == {("shop.a", "shop.b")}
    assert post(mesh.charlie, good, f"{URL}/batch").status_code == 422


def test_names_of_every_kind_stay_as_they_are(mesh: Mesh) -> None:
    names = [
        "a/b:c#d?e&f=g",
        "Ünïcödé 語 🦆",
        "  padded  ",
        "quo\"te's",
        "..",
        "a" * 1000,
        "\u202eleft",
        "%00",
    ]
    answer = post(mesh.charlie, event(reads=names, writes=["shop.b"]))
    assert answer.status_code == 201, answer.content
    assert edges() == {(name, "shop.b") for name in names}


def test_a_loop_and_a_circle_are_kept_without_harm(mesh: Mesh) -> None:
    post(mesh.charlie, event(reads=["shop.a"], writes=["shop.a", "shop.b"]))
    post(mesh.charlie, event(run=2, job="back", reads=["shop.b"], writes=["shop.a"]))
    assert edges() == {("shop.a", "shop.b"), ("shop.b", "shop.a")}
    assert JobDataset.objects.filter(dataset__name="shop.a", job__name="load").count() == 2


def test_of_a_dataset_of_another_team_only_lineage_is_taken(mesh: Mesh) -> None:
    own = make_dataset(
        "shop.b", namespace="postgres://db:5432", domain="claims", description="Ours."
    )
    schema = facet(fields=[{"name": "sneaked_in", "type": "int"}])
    documentation = facet(description="Hacked.")
    read = dataset("shop.b", facets={"schema": schema, "documentation": documentation})
    body = event(reads=[read], writes=["shop.a"])
    answer = post(mesh.charlie, body)
    assert answer.status_code == 201
    assert "its facets were not" in answer.json()["problems"][0]["message"]
    own.refresh_from_db()
    assert own.description == "Ours."
    assert not own.columns.filter(path="sneaked_in").exists()
    assert edges() == {("shop.b", "shop.a")}

    theirs = event(run=2, job="theirs", reads=[read], writes=["shop.c"])
    assert post(mesh.alice, theirs).json()["problems"] == []
    assert own.columns.filter(path="sneaked_in").exists()


def test_nothing_is_told_of_a_hidden_dataset(mesh: Mesh) -> None:
    from catalog.people.domains import save_domain

    save_domain("secret", name="Secret", visibility="team", by=None)
    make_dataset("shop.b", namespace="postgres://db:5432", domain="secret")
    documentation = {"documentation": facet(description="Hacked.")}
    for name in ("shop.b", "shop.unknown"):
        answer = post(mesh.charlie, event(run=3, reads=[dataset(name, facets=documentation)]))
        assert (answer.status_code, answer.json()["problems"]) == (201, [])


def test_an_event_of_a_hundred_thousand_inputs_is_refused_with_the_bound(mesh: Mesh) -> None:
    answer = post(
        mesh.charlie, event(reads=[f"part/{n}" for n in range(100_000)], writes=["shop.b"])
    )
    assert answer.status_code == 422
    [error] = answer.json()["errors"]
    assert error["path"] == "inputs"
    assert "100000 datasets, at most 20000" in error["message"]
    assert not Dataset.objects.exists()


@pytest.mark.material
def test_events_sent_as_lineage_and_as_results_make_one_set_of_checks(mesh: Mesh) -> None:
    """Pipelines that send a run to both addresses count it once; a test that never ran is no failure."""
    told = json.loads(
        material("standards", "openlineage_dbt_events", "dbt-ol_build_fail.json").read_text()
    )
    for name in ("raw_orders", "orders", "customers", "stg_orders", "stg_customers"):
        make_dataset(f"jaffle_shop.main.{name}", namespace="duckdb://jaffle_shop.duckdb")
    assert post(mesh.alice, told, f"{URL}/batch").status_code in (200, 207)
    assert post(mesh.alice, told, "/api/v1/quality-results").status_code == 200
    rows = Check.objects.filter(origin="pushed")
    assert {check.results.count() for check in rows} == {1}
    assert rows.filter(last_outcome="failed").count() == 1
    names = list(rows.values_list("dataset", "name"))
    assert len(names) == len(set(names))


def test_an_event_type_without_a_run_is_taken_and_said(mesh: Mesh) -> None:
    body = event(reads=["a"], writes=["b"])
    del body["run"]
    [taken] = take(body)
    assert taken.status == "accepted"
    assert [remark.path for remark in taken.remarks] == ["run"]
    assert edges() == {("a", "b")}
