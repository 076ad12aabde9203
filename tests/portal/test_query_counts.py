"""Pages cost the same number of queries for one row and for thirty."""

from __future__ import annotations

import uuid

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from catalog.access.requests import decide, request_access
from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Check, Dataset, Event, Notification, Objective
from catalog.outbound.follows import follow as follow_product
from catalog.people.tokens import make_token
from catalog.search.follow import follow
from ingestors.models import Run
from ingestors.services.sources import create_source
from lineage.models import Job, JobDataset, JobRun
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset, make_product, make_user

PAGES = (
    "/", "/search?q=product", "/search?kind=dataset&q=table", "/domains", "/domains/claims",
    "/teams/claims-team", "/map", "/lineage", "/products/claims/hub", "/products/claims/hub/schema",
    "/products/claims/hub/sample", "/products/claims/hub/quality",
    "/products/claims/hub/objectives", "/products/claims/hub/lineage",
    "/products/claims/hub/access", "/products/claims/hub/changes", "/products/claims/hub/edit",
    "/requests", "/approvals", "/approvals?state=decided", "/my/products", "/sources",
    "/sources/source-0", "/runs", "/activity", "/notifications?show=all", "/profile",
    "/profile/tokens", "/jobs",
)  # fmt: skip
ADMIN_PAGES = ("/people", "/sources", "/activity", "/map")


def populate(mesh: Mesh, numbers: range) -> None:
    """Add one of everything for each number, all of it around one product."""
    names = []
    for n in numbers:
        made = make_dataset(f"main.table_{n}", columns=[column("id"), column(f"note_{n}")])
        names.append(DatasetAddress(namespace=NAMESPACE, name=made.name))
        Check.objects.create(
            dataset=made, key=f"c{n}", name="ids", dimension="validity", rule="x", origin="derived"
        )
    out = [
        PortDescriptor(direction="out", name=f"out-{n}", datasets=[name])
        for n, name in zip(numbers, names, strict=True)
    ]
    feeds = [
        PortDescriptor(direction="in", name=f"in-{n}", upstream=f"claims/product-{n}")
        for n in numbers
    ]
    for n in numbers:
        make_product(f"product-{n}", tags=[f"tag-{n}"], support="#x")
    hub = make_product("hub", ports=[*out, *feeds], description="A product in the middle.")
    for n in numbers:
        reads = PortDescriptor(direction="in", name="hub", upstream="claims/hub")
        make_product(f"reader-{n}", ports=[reads])
        Objective.objects.create(
            product=hub, key=f"o{n}", indicator="freshness", comparison="<=", target=n + 1
        )
        asker = make_user(f"asker-{n}")
        port = hub.ports.filter(direction="out").first()
        assert port is not None
        request_access(port, by=asker, purpose="Waiting")
        asked = request_access(
            make_product(f"product-{n}", tags=[f"tag-{n}"], support="#x").ports.get(),
            by=asker,
            purpose="Decided",
        )
        decide(asked, by=mesh.alice, approve=True)
        follow_product(hub, by=asker)
        make_token(mesh.alice, name=f"token-{n}")
        source = create_source(
            name=f"Source {n}", key=f"source-{n}", connector="files",
            config={"path": "/nowhere/*.csv"}, domain=mesh.claims, team=mesh.team, by=mesh.alice,
        )  # fmt: skip
        Run.objects.create(source=source, state="succeeded", queued_at=timezone.now())
        job = Job.objects.create(namespace="airflow", name=f"job-{n}", audience="public")
        JobDataset.objects.create(job=job, dataset=Dataset.objects.latest("pk"), direction="out")
        JobRun.objects.create(run_id=uuid.uuid4(), job=job, state="COMPLETED")
        event = Event.objects.latest("id")
        Notification.objects.create(user=mesh.alice, event=event, text="Told", url="/")
    follow()


def cost(client: Client, pages: tuple[str, ...]) -> dict[str, int]:
    """Count the queries of each page."""
    found = {}
    for page in pages:
        with CaptureQueriesContext(connection) as captured:
            answer = client.get(page)
        assert answer.status_code == 200, page
        found[page] = len(captured)
    return found


@pytest.mark.parametrize("who", ["alice", "admin"])
def test_thirty_rows_cost_what_three_cost(client: Client, mesh: Mesh, who: str) -> None:
    user = mesh.alice if who == "alice" else mesh.admin
    pages = PAGES if who == "alice" else ADMIN_PAGES
    client.force_login(user)
    populate(mesh, range(3))
    few = cost(client, pages)
    populate(mesh, range(3, 30))
    many = cost(client, pages)
    grown = {page: (few[page], many[page]) for page in pages if many[page] > few[page] + 3}
    assert grown == {}
    assert {page: n for page, n in many.items() if n > (30 if "/search" in page else 21)} == {}
