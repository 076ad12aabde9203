"""Whatever an address holds, the answer is a problem that names it, never a crash or a guess."""

from __future__ import annotations

import base64
import json

import pytest
from django.test import Client

from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product

HUGE = "9" * 40


@pytest.mark.parametrize(
    ("address", "path", "said"),
    [
        ("datasets?gone=x", "gone", "true, false"),
        ("datasets?gone=True", "gone", "true, false"),
        ("datasets?pageSize=x", "pageSize", "1 to 500"),
        ("datasets?pageSize=0", "pageSize", "1 to 500"),
        ("datasets?pageSize=501", "pageSize", "1 to 500"),
        ("datasets?pageSize=%C2%B2", "pageSize", "1 to 500"),
        (f"datasets?pageSize={HUGE}", "pageSize", "1 to 500"),
        ("events?after=1.5", "after", "whole numbers"),
        ("events?after=-1", "after", "whole numbers"),
        (f"events?after={HUGE}", "after", "whole numbers"),
        ("events?after=", "after", "empty"),
        ("events?after=1&after=2", "after", "twice"),
        ("dataproducts?status=sleeping", "status", "proposed, active, deprecated, retired"),
        ("dataproducts?qualityMin=good", "qualityMin", "0 to 100"),
        ("dataproducts?qualityMin=nan", "qualityMin", "0 to 100"),
        ("dataproducts?qualityMax=1e400", "qualityMax", "0 to 100"),
        ("dataproducts?updatedAfter=lately", "updatedAfter", "ISO 8601"),
        ("dataproducts?ordering=secret", "ordering", "displayname, -displayname"),
        ("dataproducts?tag=a%00b", "tag", "NUL"),
        ("dataproducts?tag=%FF", "", "UTF-8"),
        ("dataproducts?format=xml", "format", "allowed are json, csv"),
        ("checks?dimension=taste", "dimension", "completeness"),
        ("checks?outcome=good", "outcome", "passed"),
        (f"checks?dataset={HUGE}", "dataset", "whole numbers"),
        ("objectives?kept=maybe", "kept", "true, false"),
        ("access-requests?state=lost", "state", "approved"),
        ("search?page=0", "page", "1 to 500"),
        ("search?sort=luck", "sort", "relevance"),
        ("search?kind=team", "kind", "product, dataset"),
        ("search?colour=red", "colour", "q"),
        ("search?q=a&q=b", "q", "twice"),
        ("search?q=" + "x" * 501, "q", "500"),
        ("search?q=a%00b", "q", "NUL"),
        ("suggest?q=%FF%FE", "", "UTF-8"),
        ("suggest?limit=5", "limit", "unknown parameter"),
        ("runs?state=lost-in-space", "state", "allowed are"),
        ("?x=1", "x", "unknown parameter"),
    ],
)
def test_a_broken_query_names_parameter_value_and_rule(
    client: Client, mesh: Mesh, address: str, path: str, said: str
) -> None:
    client.force_login(mesh.alice)
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code == 400, answer.content
    assert answer["Content-Type"] == "application/problem+json"
    problem = answer.json()["errors"][0]
    assert problem["path"] == path
    assert said in problem["message"]


def cursor(*said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        "%%%",
        "AAAA",
        cursor("id", None, "one", 0),
        cursor("id", None, 10**30, 0),
        cursor("id", None, -5, 0),
        cursor("id", None, 1),
        cursor("displayname", "a", 1, 0),
        cursor(None, None, 1, 0),
        base64.urlsafe_b64encode(b"[" * 5000).decode(),
    ],
)
def test_a_forged_cursor_is_refused(client: Client, db: None, text: str) -> None:
    answer = client.get("/api/v1/dataproducts", {"cursor": text})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["path"] == "cursor"


@pytest.mark.parametrize("value", ["a\0b", "\ud800", ["a"], {"a": 1}, 10**400])
@pytest.mark.parametrize(
    "ordering", ["displayname", "qualityScore", "consumerCount", "-dataUpdatedAt"]
)
def test_a_forged_place_is_refused_or_harmless(
    client: Client, mesh: Mesh, ordering: str, value: object
) -> None:
    make_product()
    said = {"ordering": ordering, "cursor": cursor(ordering, value, 1, 0)}
    assert client.get("/api/v1/dataproducts", said).status_code in (200, 400)


@pytest.mark.parametrize(
    "address",
    [
        f"datasets/{HUGE}",
        f"datasets/{'9' * 5000}",
        f"datasets/{HUGE}/lineage",
        f"datasets/{HUGE}/profile",
        "datasets/%C2%B2",
        "datasets/-1",
        "datasets/1.5",
        f"checks/{HUGE}/results",
        f"objectives/{HUGE}",
        f"runs/{HUGE}",
        f"grants/{HUGE}",
        f"access-requests/{HUGE}",
        "dataproducts/a%00b",
        "dataproducts/%FF",
        "dataproducts/a%00b/lineage",
        "domains/%00",
        "domains/%C3%A4",
        "teams/a.b",
        "follows/%00",
        "sources/%00",
    ],
)
def test_an_address_that_cannot_be_is_not_there(client: Client, mesh: Mesh, address: str) -> None:
    client.force_login(mesh.alice)
    answer = client.get(f"/api/v1/{address}")
    assert answer.status_code in (404, 405)
    assert answer["Content-Type"] == "application/problem+json"


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_a_guid_that_cannot_be_is_refused_when_writing(call: Call, method: str) -> None:
    assert call("alice", method, "/api/v1/dataproducts/a%00b", {}).status_code == 404
    assert call("alice", method, "/api/v1/tokens/%C2%B2", {}).status_code == 404


def test_other_than_json_is_refused(client: Client, secret: str) -> None:
    for kind in ("text/plain", "multipart/form-data; boundary=x", "application/xml"):
        answer = client.put(
            "/api/v1/dataproducts/g", b"--x--", content_type=kind, headers={"x-api-key": secret}
        )
        assert answer.status_code == 415
        assert answer["Content-Type"] == "application/problem+json"
    refused = client.get("/api/v1/dataproducts", headers={"Accept": "application/xml"})
    assert refused.status_code == 406


def test_a_filter_is_for_lists_and_a_single_row_takes_none(client: Client, mesh: Mesh) -> None:
    dataset = make_dataset()
    assert client.get(f"/api/v1/datasets/{dataset.pk}?gone=true").status_code == 400
    assert client.get(f"/api/v1/datasets/{dataset.pk}/lineage?depth=11").status_code == 400
    assert client.get(f"/api/v1/datasets/{dataset.pk}/lineage?direction=up").status_code == 400


@pytest.mark.parametrize("method", ["options", "head", "post", "put", "patch", "delete", "trace"])
def test_every_method_of_every_address_has_an_answer(
    client: Client, mesh: Mesh, method: str
) -> None:
    client.force_login(mesh.alice)
    product, dataset = make_product(), make_dataset()
    addresses = list(client.get("/api/v1/").json()["resources"].values())
    addresses += [f"/api/v1/dataproducts/{product.guid}", f"/api/v1/datasets/{dataset.pk}"]
    addresses += [f"/api/v1/datasets/{dataset.pk}/lineage", "/api/v1/notifications/read"]
    for address in addresses:
        answer = getattr(client, method)(address)
        assert answer.status_code < 500, address
        if answer.status_code >= 400 and method != "head":
            assert answer["Content-Type"] == "application/problem+json", address
