"""A product's page says which of all it is made of failed or is stale first."""

from __future__ import annotations

import itertools
import uuid

from django.test import Client
from django.utils import timezone

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.people.domains import save_domain
from lineage.models import Job, JobDataset, JobRun
from tests.conftest import Mesh
from tests.contracts.flows import state
from tests.factories import NAMESPACE, make_dataset, make_product


def serves(name: str) -> PortDescriptor:
    address = DatasetAddress(namespace=NAMESPACE, name=name)
    return PortDescriptor(direction="out", name="sql", technology="sqlite", datasets=[address])


def fail(name: str, **where: str) -> None:
    row = make_dataset(name, **where)  # type: ignore[arg-type]
    job = Job.objects.create(namespace="etl", name=f"load-{name}", audience="public")
    JobDataset.objects.create(job=job, dataset=row, direction="out")
    JobRun.objects.create(
        run_id=uuid.uuid4(), job=job, state="FAILED", last_event_at=timezone.now()
    )


def test_a_failing_input_three_steps_up_is_told(client: Client, mesh: Mesh) -> None:
    rows = [make_dataset(name) for name in ("first", "second", "third", "served")]
    state(*itertools.pairwise(rows))
    make_product("settled-claims", ports=[serves("served")])
    assert "An input" not in client.get("/products/claims/settled-claims").content.decode()
    fail("first")
    page = client.get("/products/claims/settled-claims").content.decode()
    assert "An input fails since" in page
    assert ">load-first</a>" in page


def test_a_hidden_failing_input_is_not_told(client: Client, mesh: Mesh) -> None:
    save_domain("siu", name="Investigations", by=None, visibility="team", team=mesh.other_team)
    where = {"domain": "siu", "team": "policy-team"}
    hidden, served = make_dataset("suspects", **where), make_dataset("served")  # type: ignore[arg-type]
    state((hidden, served))
    make_product("settled-claims", ports=[serves("served")])
    fail("suspects", **where)
    assert "An input" not in client.get("/products/claims/settled-claims").content.decode()
    client.force_login(mesh.charlie)
    assert "An input fails" in client.get("/products/claims/settled-claims").content.decode()
