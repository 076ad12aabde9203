"""The lineage explorer, single flows, impact and the map: what they show, and to whom."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.access.requests import decide, request_access
from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Dataset, Event, Notification, Objective, Port
from catalog.outbound.notifications import follow
from catalog.people.domains import save_domain
from lineage.models import Edge, EdgeKind, Job, JobDataset
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, state_edges
from tests.conftest import Mesh
from tests.factories import column, declare, make_dataset, make_product, product_descriptor

SECRET = "zyxquartz"


def text(client: Client, address: str, **query: str) -> str:
    """Open a page; blanks as a browser reads them."""
    response = client.get(address, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def graph_of(html: str) -> dict[str, Any]:
    """Return what the page tells the element to draw."""
    found = re.search(r'id="lineage-answer" type="application/json">(.*?)</script>', html, re.S)
    assert found, "the page carries no graph"
    answer: dict[str, Any] = json.loads(found[1])
    return answer


def reader(key: str, upstream: str, **fields: str) -> None:
    """Declare a product that reads another."""
    reads = PortDescriptor(direction="in", name="input", upstream=upstream)
    declare(product_descriptor(key, ports=[reads], **fields))


def flow(up: Dataset, down: Dataset, *columns: str, days: int = 0, **fields: Any) -> Edge:
    """State that data flows, since some days, column by column."""
    said = EdgeStatement(
        upstream=up.pk,
        downstream=down.pk,
        kind=fields.pop("kind", EdgeKind.VIEW),
        source="source:shop",
        columns=tuple(ColumnFlow(name, name) for name in columns),
        **fields,
    )
    state_edges([said], at=timezone.now() - timedelta(days=days))
    return Edge.objects.get(upstream=up, downstream=down, ended_at=None)


def served(key: str, dataset: Dataset) -> None:
    """Declare a product that serves a dataset."""
    address = DatasetAddress(namespace=dataset.namespace, name=dataset.name)
    make_product(key, ports=[PortDescriptor(direction="out", name="sql", datasets=[address])])


def test_the_explorer_offers_where_to_start(client: Client, mesh: Mesh) -> None:
    assert "Nothing to follow yet" in text(client, "/lineage")
    make_product()
    assert "Settled claims" in text(client, "/lineage")


def test_a_graph_is_a_table_too(client: Client, mesh: Mesh) -> None:
    product = make_product()
    reader("late-claims", "claims/settled-claims")
    html = text(client, "/lineage", focus=f"product:{product.guid}")
    assert "<lineage-graph" in html
    assert html.count("> Late claims </a>") == 1
    assert {node["name"] for node in graph_of(html)["nodes"]} == {"Settled claims", "Late claims"}


def test_the_table_says_all_that_the_graph_says(client: Client, mesh: Mesh) -> None:
    a, b, c = (make_dataset(name) for name in ("a", "b", "c"))
    flow(a, b)
    flow(b, c)
    html = text(client, "/lineage", focus=f"dataset:{b.pk}")
    table = html[html.index("data-flows") : html.index("</table>")]
    assert table.count("<tr") == 1 + len(graph_of(html)["edges"]) == 3
    assert "A view reads it" in table


def test_direction_depth_and_level_come_from_the_address(client: Client, mesh: Mesh) -> None:
    product = make_product()
    reader("late-claims", "claims/settled-claims")
    focus = f"product:{product.guid}"
    assert "Late claims" not in text(client, "/lineage", focus=focus, direction="upstream")
    assert "Late claims" in text(client, "/lineage", focus=focus, depth="nonsense")
    a, b = make_dataset("a"), make_dataset("b")
    flow(a, b, "id")
    html = text(client, "/lineage", focus=f"dataset:{a.pk}", level="column")
    assert graph_of(html)["level"] == "column"
    assert {node["parentName"] for node in graph_of(html)["nodes"]} == {"a", "b"}


def test_a_column_is_a_focus_of_its_own(client: Client, mesh: Mesh) -> None:
    rows = [make_dataset(name, columns=[column("x"), column("y")]) for name in ("a", "b")]
    flow(rows[0], rows[1], "x", "y")
    html = text(client, f"/datasets/{rows[0].pk}")
    address = f"/lineage?focus=column%3A{rows[0].pk}%3Ax"
    assert address in html
    paths = {node["name"] for node in graph_of(text(client, address))["nodes"]}
    assert paths == {"x"}


def test_another_day_is_another_graph_and_changes_are_marked(client: Client, mesh: Mesh) -> None:
    a, b, c = (make_dataset(name) for name in ("a", "b", "c"))
    flow(a, b, days=20)
    flow(b, c, days=2)
    focus = f"dataset:{b.pk}"
    day = (timezone.now() - timedelta(days=10)).date().isoformat()
    then = text(client, "/lineage", focus=focus, asOf=day)
    assert [e["target"] for e in graph_of(then)["edges"]] == [f"d{b.pk}"]
    assert "As it was on" in then
    since = text(client, "/lineage", focus=focus, asOf=day, compare="1")
    assert {e["change"] for e in graph_of(since)["edges"]} == {None, "added"}
    assert "1 added" in since
    before = (timezone.now() - timedelta(days=40)).date().isoformat()
    assert "No flows known on that day" in text(client, "/lineage", focus=focus, asOf=before)


def test_a_time_of_day_is_as_exact_as_over_rest(client: Client, mesh: Mesh) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    edge = flow(a, b, days=10)
    at = edge.first_seen_at.replace(hour=12, minute=30, second=0, microsecond=0)
    Edge.objects.filter(pk=edge.pk).update(first_seen_at=at)
    focus, day = f"dataset:{a.pk}", at.date().isoformat()
    for said, is_there in (
        ({"asOf": day}, True),
        ({"asOf": day, "time": "12:29"}, False),
        ({"asOf": day, "time": "12:30"}, True),
        ({"asOf": f"{day}T12:29:00Z"}, False),
        ({"asOf": f"{day}T14:30:00+02:00"}, True),
    ):
        html = text(client, "/lineage", focus=focus, **said)
        assert ("lineage-answer" in html) is is_there, said
        assert ("No flows known on that day" in html) is not is_there
    assert ", 12:30 UTC" in text(client, "/lineage", focus=focus, asOf=day, time="12:30")
    assert graph_of(text(client, "/lineage", focus=focus, asOf=day, time="25:00"))["asOf"] is None


def test_what_changed_lately_is_asked_without_a_date(client: Client, mesh: Mesh) -> None:
    a, b, c = (make_dataset(name) for name in ("a", "b", "c"))
    flow(a, b, days=20)
    flow(a, c, days=2)
    today = timezone.now().date().isoformat()
    for said in ({"compare": "1"}, {"compare": "1", "asOf": today, "time": ""}):
        html = text(client, "/lineage", focus=f"dataset:{a.pk}", **said)
        assert "1 added" in html
        assert "Since the end of" in html


@pytest.mark.parametrize("day", ["yesterday", "2026-13-40", "9999-01-01", "0001-01-01", "%00"])
def test_a_day_that_is_none_means_now(client: Client, mesh: Mesh, day: str) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    flow(a, b)
    html = text(client, "/lineage", focus=f"dataset:{a.pk}", asOf=day, compare="1")
    assert graph_of(html)["asOf"] is None
    assert graph_of(html)["changedSince"] is None


def test_kinds_and_domains_filter(client: Client, mesh: Mesh) -> None:
    a, b, c = make_dataset("a"), make_dataset("b"), make_dataset("c", domain="policy")
    flow(a, b)
    flow(a, c, kind=EdgeKind.DECLARED)
    focus = f"dataset:{a.pk}"
    only = graph_of(text(client, "/lineage", focus=focus, kind="declared"))
    assert [e["kind"] for e in only["edges"]] == ["declared"]
    near = graph_of(text(client, "/lineage", focus=focus, domain="claims"))
    assert {node["name"] for node in near["nodes"]} == {"a", "b"}
    assert "Nothing passes the filter" in text(client, "/lineage", focus=focus, kind="dbt")


@pytest.mark.parametrize(
    "focus",
    [
        "product:0",
        "product:x",
        "dataset:",
        "thing:1",
        "product",
        "dataset:1:x",
        "column:1",
        "job:7",
        "column:1:",
        "dataset:" + "9" * 40,
    ],
)
def test_an_impossible_focus_is_not_found(client: Client, mesh: Mesh, focus: str) -> None:
    assert client.get("/lineage", {"focus": focus}).status_code == 404
    assert client.get("/lineage/impact", {"focus": focus}).status_code == 404


def test_a_hidden_focus_is_not_found(client: Client, mesh: Mesh) -> None:
    product = make_product(visibility="team")
    assert client.get(f"/lineage?focus=product:{product.guid}").status_code == 404
    assert client.get(f"/lineage?focus=product:{product.pk}").status_code == 404


@pytest.mark.parametrize(
    ("who", "sees"), [("alice", True), ("charlie", False), ("anonymous", False)]
)
def test_what_is_hidden_stands_nameless_in_the_way(
    client: Client, mesh: Mesh, who: str, sees: bool
) -> None:
    save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    a, c = make_dataset("a"), make_dataset("c")
    hidden = make_dataset(f"main.{SECRET}", domain=f"{SECRET}-area")
    first, last = flow(a, hidden), flow(hidden, c)
    if who != "anonymous":
        client.force_login(getattr(mesh, who))
    for address in (f"/lineage?focus=dataset:{a.pk}", f"/datasets/{a.pk}/lineage"):
        html = text(client, address)
        assert (SECRET in html) is sees
        assert ("Restricted" in html) is not sees
        assert {"a", "c"} <= {node["name"] for node in graph_of(html)["nodes"]}
    assert (SECRET in text(client, f"/lineage/impact?focus=dataset:{a.pk}")) is sees
    for edge in (first, last):
        assert client.get(f"/lineage/flows/{edge.pk}").status_code == (200 if sees else 404)


def test_a_flow_tells_its_job_and_statement_to_whoever_sees_all_of_it(
    client: Client, mesh: Mesh
) -> None:
    save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    a, b = make_dataset("a"), make_dataset("b")
    hidden = make_dataset(f"main.{SECRET}", domain=f"{SECRET}-area")
    job = Job.objects.create(
        namespace="airflow", name="nightly", sql=f"SELECT 1 FROM {SECRET}", audience="public"
    )
    for dataset, way in ((a, "in"), (hidden, "in"), (b, "out")):
        JobDataset.objects.create(job=job, dataset=dataset, direction=way)
    edge = flow(a, b, "id", kind=EdgeKind.JOB, job=job.pk)
    html = text(client, f"/lineage/flows/{edge.pk}")
    assert "nightly" in html
    assert "A job reported it" in html
    assert SECRET not in html
    client.force_login(mesh.alice)
    assert f"SELECT 1 FROM {SECRET}" in text(client, f"/lineage/flows/{edge.pk}")
    part = client.get(f"/lineage/flows/{edge.pk}", headers={"HX-Request": "true"})
    assert part.content.decode().lstrip().startswith('<div class="edge-facts')


def test_impact_names_products_consumers_and_whom_to_tell(client: Client, mesh: Mesh) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    served("source", a)
    served("report", b)
    flow(a, b, "id")
    asked = request_access(
        Port.objects.get(product__key="report"), by=mesh.charlie, purpose="To plan"
    )
    decide(asked, by=mesh.alice, approve=True)
    address = f"/lineage/impact?focus=column:{a.pk}:id"
    stranger = text(client, address)
    assert "Report" in stranger
    assert "Claims Analytics" in stranger
    assert "Charlie Lind" not in stranger
    assert stranger.count("its own") == 1
    client.force_login(mesh.alice)
    html = text(client, address)
    assert "Charlie Lind" in html
    assert "lineage-impact.csv?focus=column" in html


def announce(client: Client, focus: str, message: str) -> str:
    """Press the button of the page of an impact; return the page one comes back to."""
    said = {"focus": focus, "message": message}
    response = client.post("/lineage/impact/notify", said, follow=True)
    assert response.status_code == 200
    return response.content.decode()


def test_those_who_are_hit_are_told_once_however_often_one_clicks(
    client: Client, mesh: Mesh
) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    served("source", a)
    served("report", b)
    flow(a, b, "id")
    focus = f"column:{a.pk}:id"
    client.force_login(mesh.bob)
    assert "Notify now" in text(client, f"/lineage/impact?focus={focus}")
    first = announce(client, focus, "It goes on Monday.")
    assert "Told: owners, followers and consumers of Report, Source." in first
    assert "You told them" in first
    assert "It goes on Monday." in first
    assert "Not sent again" in announce(client, focus, "It goes on Monday.")
    follow()
    told = Notification.objects.filter(kind="lineage.announced")
    assert sorted(told.values_list("user__username", "event__subject_key")) == [
        ("alice", "claims/report"),
        ("alice", "claims/source"),
    ]
    assert "Told: " in announce(client, focus, "On Tuesday, rather.")


def test_only_who_may_edit_it_announces_that_it_changes(client: Client, mesh: Mesh) -> None:
    a, b = make_dataset("a"), make_dataset("b")
    served("report", b)
    flow(a, b)
    focus = f"dataset:{a.pk}"
    said = {"focus": focus, "message": ""}
    assert client.post("/lineage/impact/notify", said).status_code == 302
    client.force_login(mesh.charlie)
    assert "Notify" not in text(client, f"/lineage/impact?focus={focus}")
    assert client.post("/lineage/impact/notify", said).status_code == 403
    assert client.post("/lineage/impact/notify", {"focus": "dataset:999"}).status_code == 404
    client.force_login(mesh.bob)
    long = client.post("/lineage/impact/notify", {"focus": focus, "message": "x" * 301})
    assert long.status_code == 422
    assert "at most 300 characters" in long.content.decode()
    assert client.get("/lineage/impact/notify").status_code == 405
    assert not Event.objects.filter(type="lineage.announced").exists()


def test_impact_of_what_nothing_reads_says_so(client: Client, mesh: Mesh) -> None:
    lone = make_dataset("lone")
    assert "Nothing known follows" in text(client, f"/lineage/impact?focus=dataset:{lone.pk}")
    assert "Nothing chosen yet" in text(client, "/lineage/impact")


def test_a_stale_input_shows_on_every_product_made_of_it(client: Client, mesh: Mesh) -> None:
    a, b, c = (make_dataset(name) for name in ("a", "b", "c"))
    for key, dataset in (("first", a), ("second", b), ("third", c)):
        served(key, dataset)
    flow(a, b)
    flow(b, c)
    assert "An input is stale" not in text(client, "/products/claims/third")
    Objective.objects.create(
        product_id=Dataset.objects.get(pk=a.pk).product_id or 0,
        key="fresh", indicator="freshness", comparison="<=", target=6, is_kept=False,
        measured_at=timezone.now() - timedelta(days=3),
    )  # fmt: skip
    for key in ("second", "third"):
        said = text(client, f"/products/claims/{key}")
        assert "An input is stale since" in said
        assert f'<a href="/datasets/{a.pk}">a</a> of <a href="/products/claims/first">' in said
    assert "An input is stale" not in text(client, "/products/claims/first")


def test_a_hidden_stale_input_is_not_named(client: Client, mesh: Mesh) -> None:
    save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    a, b = make_dataset(f"main.{SECRET}", domain=f"{SECRET}-area"), make_dataset("b")
    address = DatasetAddress(namespace=a.namespace, name=a.name)
    make_product(
        f"{SECRET}-product",
        domain=f"{SECRET}-area",
        visibility="team",
        ports=[PortDescriptor(direction="out", name="sql", datasets=[address])],
    )
    served("second", b)
    flow(a, b)
    Objective.objects.create(
        product_id=Dataset.objects.get(pk=a.pk).product_id or 0,
        key="fresh", indicator="freshness", comparison="<=", target=6, is_kept=False,
    )  # fmt: skip
    assert SECRET not in text(client, "/products/claims/second")
    client.force_login(mesh.alice)
    assert SECRET in text(client, "/products/claims/second")


def test_the_map_names_nothing_hidden(client: Client, mesh: Mesh) -> None:
    assert "Nothing on the map yet" in text(client, "/map")
    make_product()
    reader("whisper", "claims/settled-claims", visibility="team")
    html = text(client, "/map")
    assert "<mesh-map" in html
    assert "Settled claims" in html
    assert "Whisper" not in html


def test_the_map_counts_flows_between_domains(client: Client, mesh: Mesh) -> None:
    make_product()
    reader("late-claims", "claims/settled-claims")
    assert "data-between" not in text(client, "/map")
    for key in ("one", "two"):
        reader(key, "claims/settled-claims", domain="policy")
    reader("whisper", "claims/settled-claims", domain="policy", visibility="team")
    html = text(client, "/map")
    assert 'data-source="claims" data-target="policy" data-count="2"' in html
    assert "Settled claims → One" in html
