"""Lists: in order, page by page, the same number of queries however long, nothing hidden."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from catalog.access.requests import decide, request_access
from catalog.descriptors import ContractDescriptor, ObjectiveDescriptor, PortDescriptor
from catalog.events.log import NewEvent, record
from catalog.models import (
    Check,
    Dataset,
    Event,
    Measurement,
    Notification,
    Objective,
    Product,
    Result,
    Score,
)
from catalog.outbound.follows import follow
from catalog.people.domains import save_domain
from catalog.people.teams import save_team
from catalog.people.tokens import make_token
from ingestors.models import Run, Source
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


def walk(client: Client, address: str) -> Iterator[dict[str, Any]]:
    """Read every page of a list."""
    while address:
        page = client.get(address).json()
        yield page
        address = page["next"]


@pytest.fixture
def products(mesh: Mesh) -> list[Product]:
    made = [make_product(f"p{n}") for n in range(7)]
    for product, score in zip(made, (50.0, None, 50.0, 91.5, None, 12.0, 50.0), strict=True):
        Product.objects.filter(pk=product.pk).update(quality_score=score)
    return made


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
@pytest.mark.parametrize(
    "ordering", ["displayname", "-displayname", "qualityScore", "-qualityScore", "id", "-updatedAt"]
)
def test_pages_hold_every_row_once_and_the_way_back_is_the_same(
    client: Client, products: list[Product], ordering: str, size: int
) -> None:
    start = f"/api/v1/dataproducts?ordering={ordering}&pageSize={size}"
    pages = list(walk(client, start))
    seen = [row["dataProductGUID"] for page in pages for row in page["results"]]
    assert sorted(seen) == sorted(product.guid for product in products)
    for earlier, later in pairwise(pages):
        back = client.get(later["previous"]).json()
        assert back["results"] == earlier["results"]
        assert (back["previous"] is None) is (earlier["previous"] is None)
    assert pages[0]["previous"] is None


def test_order_is_by_value_and_what_has_none_comes_last(
    client: Client, products: list[Product]
) -> None:
    def scores(ordering: str) -> list[float | None]:
        pages = walk(client, f"/api/v1/dataproducts?ordering={ordering}&pageSize=2")
        return [row["qualityScore"] for page in pages for row in page["results"]]

    assert scores("qualityScore") == [12, 50, 50, 50, 91.5, None, None]
    assert scores("-qualityScore") == [91.5, 50, 50, 50, 12, None, None]


def test_a_row_that_comes_or_goes_moves_no_other(client: Client, products: list[Product]) -> None:
    first = client.get("/api/v1/dataproducts?ordering=displayname&pageSize=3").json()
    Product.objects.filter(key="p1").delete()
    make_product("a-new-one")
    second = client.get(first["next"]).json()
    assert [row["key"] for row in second["results"]] == ["p3", "p4", "p5"]


def test_the_total_is_of_what_the_caller_may_see(
    client: Client, mesh: Mesh, products: list[Product]
) -> None:
    make_product("hidden-one", visibility="team")
    page = client.get("/api/v1/dataproducts?pageSize=2").json()
    assert (page["total"], page["totalIsExact"]) == (7, True)
    client.force_login(mesh.alice)
    assert client.get("/api/v1/dataproducts?pageSize=2").json()["total"] == 8


def grow_domains(mesh: Mesh, n: int) -> None:
    save_domain(f"area-{n}", name=f"Area {n}", parent=mesh.claims, by=None)


def grow_teams(mesh: Mesh, n: int) -> None:
    save_team(f"team-{n}", name=f"Team {n}", domain=mesh.claims, by=None)


def grow_products(mesh: Mesh, n: int) -> None:
    heir = make_product(f"heir-{n}")
    said = {"classification": "confidential", "tags": ["x", f"t{n}"], "status": "deprecated"}
    make_product(f"p{n}", successor=str(heir.ref), support="#x", **said)


def grow_datasets(mesh: Mesh, n: int) -> None:
    dataset = make_dataset(f"main.t{n}", tags=["x"])
    product = make_product(f"p{n}")
    Dataset.objects.filter(pk=dataset.pk).update(product=product)


def grow_checks(mesh: Mesh, n: int) -> None:
    dataset = make_dataset(f"main.t{n}")
    common = {"dimension": "validity", "rule": "enum", "origin": "declared"}
    Check.objects.create(
        dataset=dataset, product=make_product(f"p{n}"), key="k", name="n", **common
    )


def grow_objectives(mesh: Mesh, n: int) -> None:
    promise = ObjectiveDescriptor(key="fresh", indicator="freshness", comparison="<=", target=6)
    make_product(f"p{n}", objectives=[promise])


def grow_requests(mesh: Mesh, n: int) -> None:
    ports = [PortDescriptor(direction="out", name="sql", technology="sqlite")]
    product = make_product(f"p{n}", ports=ports)
    request_access(product.ports.get(), by=mesh.charlie, purpose="x")


def grow_grants(mesh: Mesh, n: int) -> None:
    grow_requests(mesh, n)
    newest = mesh.charlie.access_requests.order_by("-id")[0]
    decide(newest, by=mesh.alice, approve=True)


def grow_events(mesh: Mesh, n: int) -> None:
    make_product(f"p{n}")


def grow_notifications(mesh: Mesh, n: int) -> None:
    event = record([NewEvent(type="x.y", subject_kind="z", subject_key="z")])[0]
    Notification.objects.create(user=mesh.alice, event_id=event, kind="x.y", text=f"No {n}")


def grow_follows(mesh: Mesh, n: int) -> None:
    follow(make_product(f"p{n}"), by=mesh.alice)


def grow_tokens(mesh: Mesh, n: int) -> None:
    make_token(mesh.alice, name=f"t{n}", scope="read", days=1)


def grow_sources(mesh: Mesh, n: int) -> None:
    Source.objects.create(
        key=f"s{n}", name="S", connector="sql", config={}, domain=mesh.claims, team=mesh.team
    )


def grow_runs(mesh: Mesh, n: int) -> None:
    grow_sources(mesh, n)
    Run.objects.create(source=Source.objects.get(key=f"s{n}"), state="succeeded")


def grow_contracts(mesh: Mesh, n: int) -> None:
    make_product(f"c{n}", contracts=[ContractDescriptor(key=f"c{n}", version="1.0.0", port="sql")])


LISTS = {
    "contracts": grow_contracts,
    "domains": grow_domains,
    "teams": grow_teams,
    "dataproducts": grow_products,
    "datasets": grow_datasets,
    "checks": grow_checks,
    "objectives": grow_objectives,
    "access-requests": grow_requests,
    "grants": grow_grants,
    "events": grow_events,
    "notifications": grow_notifications,
    "follows": grow_follows,
    "tokens": grow_tokens,
    "sources": grow_sources,
    "runs": grow_runs,
}
#: Queries of a list for one who is signed in: session and person, tokens and roles, count, rows, sets.
MOST = 14


@pytest.mark.parametrize("name", LISTS)
def test_a_list_of_twenty_asks_as_often_as_a_list_of_one(
    client: Client, mesh: Mesh, name: str, django_assert_max_num_queries: Any
) -> None:
    who = mesh.charlie if name in ("access-requests", "grants") else mesh.alice
    client.force_login(who)
    address = f"/api/v1/{name}?pageSize=100"
    LISTS[name](mesh, 0)
    with django_assert_max_num_queries(MOST) as one:
        few = client.get(address).json()["results"]
    asked = len(one)
    assert few
    for n in range(1, 20):
        LISTS[name](mesh, n)
    with django_assert_max_num_queries(asked):
        many = client.get(address).json()["results"]
    assert len(many) >= len(few) + 19


def test_every_list_of_the_index_is_counted(client: Client, db: None) -> None:
    found = client.get("/api/v1/").json()["resources"]
    names = {address.rsplit("/", 1)[1] for address in found.values()}
    assert names == {*LISTS, "search", "suggest", "lineage-mesh", "lineage-problems"}
    assert client.get(client.get("/api/v1/").json()["openapi"]).status_code == 200


def test_histories_are_read_newest_first_page_by_page(
    client: Client, mesh: Mesh, django_assert_max_num_queries: Any
) -> None:
    grow_objectives(mesh, 0)
    grow_checks(mesh, 1)
    objective, check = Objective.objects.get(), Check.objects.get(key="k")
    product = Product.objects.get(key="p0")
    for day in range(1, 6):
        at = timezone.now().replace(day=day)
        Measurement.objects.create(objective=objective, measured_at=at, value=day, is_kept=True)
        Result.objects.create(
            check_rule=check, run_key=str(day), measured_at=at, outcome="passed", observed=str(day)
        )
        arithmetic = {"text": "the sum", "dimensions": [], "overall": day}
        Score.objects.create(product=product, measured_at=at, overall=day, arithmetic=arithmetic)
    for address, name in (
        (f"objectives/{objective.pk}/measurements", "value"),
        (f"checks/{check.pk}/results", "observed"),
        (f"dataproducts/{product.guid}/scores", "overall"),
    ):
        with django_assert_max_num_queries(12):  # two pages
            pages = list(walk(client, f"/api/v1/{address}?pageSize=3"))
        assert [float(row[name]) for page in pages for row in page["results"]] == [5, 4, 3, 2, 1]
    score = client.get(f"/api/v1/dataproducts/{product.guid}/scores").json()["results"][0]
    assert score["arithmetic"] == {"text": "the sum", "dimensions": []}


def test_events_are_followed_by_number(client: Client, mesh: Mesh) -> None:
    first, second = make_product("p1"), make_product("p2")
    rows = client.get(f"/api/v1/events?product={second.guid}").json()["results"]
    assert {row["subject"] for row in rows} == {"claims/p2"}
    last = Event.objects.order_by("-id")[0].pk
    assert client.get(f"/api/v1/events?after={last}").json()["results"] == []
    kinds = client.get("/api/v1/events?type=product.created").json()["results"]
    assert [row["subject"] for row in kinds] == [str(first.ref), str(second.ref)]
