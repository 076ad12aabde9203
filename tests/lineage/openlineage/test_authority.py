"""Who may state what by events: jobs, runs and outputs of their own; what nobody owns is kept apart."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import Dataset, Event, PortDataset, Role
from catalog.people.domains import save_domain
from catalog.people.teams import set_member
from lineage.models import DatasetAlias, Edge, Job, JobRun, LineageEvent
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product
from tests.lineage.openlineage.events import DB as NAMESPACE
from tests.lineage.openlineage.events import dataset, edges, event, facet, take


@pytest.fixture(autouse=True)
def engineer(mesh: Mesh) -> None:
    """Let charlie write for the other team."""
    set_member(mesh.other_team, mesh.charlie, role=Role.ENGINEER, by=None)


def own(mesh: Mesh, namespace: str, prefix: str = "") -> None:
    grant_namespace(namespace, prefix, NewOwner.of(mesh.team, None), by=mesh.admin)


def statuses(mesh: Mesh, *bodies: object) -> list[str]:
    return [taken.status for taken in take(*bodies, by=mesh.charlie)]


def test_a_job_of_others_is_not_told_of(mesh: Mesh) -> None:
    own(mesh, "airflow")
    [taken] = take(event(writes=["shop.b"]), by=mesh.charlie)
    assert taken.status == "refused"
    assert (taken.remarks[0].path, "Claims Analytics" in taken.remarks[0].message) == ("job", True)
    assert not Job.objects.exists()
    assert not LineageEvent.objects.exists()
    assert [t.status for t in take(event(writes=["shop.b"]), by=mesh.bob)] == ["accepted"]


def test_an_output_of_others_is_not_stated_and_the_good_events_are_kept(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    bad = event(run=1, reads=["shop.a"], writes=["ledger.b"])
    assert statuses(mesh, bad, event(run=2, writes=["shop.b"])) == ["refused", "accepted"]
    assert edges() == set()
    assert not Dataset.objects.filter(name="ledger.b").exists()


def test_a_dataset_with_a_team_is_not_written_though_nobody_owns_its_namespace(mesh: Mesh) -> None:
    make_dataset("shop.b", namespace=NAMESPACE)
    assert statuses(mesh, event(reads=["shop.a"], writes=["shop.b"])) == ["refused"]


def test_a_flow_into_a_dataset_of_others_is_refused_wherever_an_event_hides_it(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    entry = {**dataset("ledger.b"), "type": "DATASET", "inputs": [dataset("shop.a")]}
    said = event(writes=["shop.b"], job_facets={"lineage": facet(entries=[entry])})
    assert statuses(mesh, said) == ["refused"]


def test_what_is_merely_read_is_named_and_never_described(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    known = make_dataset("ledger.a", namespace=NAMESPACE)
    schema = {"documentation": facet(description="mine now")}
    reads = [dataset("ledger.a", facets=schema), dataset("ledger.new", facets=schema)]
    assert statuses(mesh, event(reads=reads, writes=["shop.b"])) == ["accepted"]
    assert edges() == {("ledger.a", "shop.b"), ("ledger.new", "shop.b")}
    known.refresh_from_db()
    assert (known.description, known.team) == ("", mesh.team)
    named = Dataset.objects.get(name="ledger.new")
    assert named.description == ""
    assert named not in Dataset.objects.visible_to(mesh.alice)
    assert named in Dataset.objects.visible_to(mesh.charlie)
    harvested = make_dataset("ledger.new", namespace=NAMESPACE)
    assert harvested.pk == named.pk
    assert harvested in Dataset.objects.visible_to(mesh.alice)


def test_a_run_of_others_is_not_taken_over(mesh: Mesh) -> None:
    own(mesh, "airflow")
    take(event("START", run=1), by=mesh.bob)
    stolen = event("FAIL", run=1, minute=1)
    stolen["job"] = {"namespace": "elsewhere", "name": "load"}
    [taken] = take(stolen, by=mesh.charlie)
    assert (taken.status, taken.remarks[0].path) == ("refused", "run.runId")
    assert JobRun.objects.get().state == "RUNNING"


def test_another_name_for_what_others_own_is_not_given(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    names = facet(identifiers=[{"namespace": NAMESPACE, "name": "ledger.a", "type": "TABLE"}])
    said = event(writes=[dataset("shop.b", facets={"symlinks": names})])
    assert statuses(mesh, said) == ["accepted"]
    make_dataset("ledger.a", namespace=NAMESPACE)
    assert not DatasetAlias.objects.exists()


def test_what_nobody_owns_is_kept_for_the_team_that_sent_it(mesh: Mesh) -> None:
    assert statuses(mesh, event(reads=["shop.a"], writes=["shop.b"])) == ["accepted"]
    colleague = mesh.admin
    for rows in (Dataset.objects, Job.objects):
        assert not rows.visible_to(mesh.alice).exists()
        assert rows.visible_to(mesh.charlie).exists()
        assert rows.visible_to(colleague).exists()
    told = Event.objects.visible_to(mesh.alice).filter(subject_kind="dataset")
    assert not told.exists()
    client = Client()
    client.force_login(mesh.alice)
    assert b"shop.b" not in client.get("/api/v1/datasets").content
    assert b"shop.b" not in client.get("/api/v1/events/lineage").content


def test_it_becomes_the_owners_when_somebody_owns_it(mesh: Mesh) -> None:
    statuses(mesh, event(reads=["shop.a"], writes=["shop.b"]))
    own(mesh, NAMESPACE)
    own(mesh, "airflow")
    assert Dataset.objects.visible_to(mesh.alice).count() == 2
    assert Job.objects.visible_to(mesh.alice).count() == 1
    assert not Job.objects.visible_to(mesh.charlie).exists()
    assert statuses(mesh, event(run=2, minute=5, writes=["shop.b"])) == ["refused"]


def test_an_owner_who_tells_of_what_was_kept_apart_shows_it(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    own(mesh, "airflow")
    said = event(reads=["ledger.a"], writes=["shop.b"])
    said["job"] = {"namespace": "elsewhere", "name": "load"}
    assert statuses(mesh, said) == ["accepted"]
    take(event(run=2, minute=5, writes=["ledger.a"]), by=mesh.bob)
    assert Dataset.objects.get(name="ledger.a").kept_for == ""
    assert Job.objects.visible_to(mesh.charlie).filter(namespace="airflow").exists() is True


def test_another_sender_does_not_change_what_is_kept_for_the_first(mesh: Mesh) -> None:
    documented = dataset("shop.b", facets={"documentation": facet(description="first")})
    statuses(mesh, event(writes=[documented]))
    other = dataset("shop.b", facets={"documentation": facet(description="second")})
    said = event(run=2, minute=5, writes=[other])
    assert [t.status for t in take(said, by=mesh.bob)] == ["refused"]
    said["job"] = {"namespace": "elsewhere", "name": "load"}
    assert [t.status for t in take(said, by=mesh.bob)] == ["accepted"]
    assert Dataset.objects.get(name="shop.b").description == "first"


def test_an_event_and_a_port_open_no_ledger_of_others(mesh: Mesh) -> None:
    save_domain(
        "claims",
        name="Claims",
        parent=mesh.claims.parent,
        visibility="team",
        team=mesh.team,
        by=None,
    )
    own(mesh, NAMESPACE, "ledger.")
    ledger = make_dataset("ledger.a", namespace=NAMESPACE)
    statuses(mesh, event(reads=["ledger.a"], writes=["shop.b"]))
    port = {
        "direction": "out",
        "name": "sql",
        "technology": "postgres",
        "datasets": [{"namespace": NAMESPACE, "name": "ledger.a"}],
    }
    make_product("window", domain="policy", team="policy-team", visibility="everyone", ports=[port])
    ledger.refresh_from_db()
    assert ledger.audience == f"team:{mesh.team.pk}"
    assert PortDataset.objects.get().dataset is None


def test_admins_and_the_installation_speak_for_everybody(mesh: Mesh) -> None:
    own(mesh, NAMESPACE, "ledger.")
    for by in (None, mesh.admin):
        run = 1 if by is None else 2
        [taken] = take(event(run=run, reads=["shop.a"], writes=["ledger.b"]), by=by)
        assert taken.status == "accepted"
    assert Edge.objects.count() == 1
    assert Dataset.objects.get(name="shop.a").audience == "signed-in"
