"""A harvest claims what it reads, and touches nothing of others; older installations get their owners."""

from __future__ import annotations

import sqlite3
from importlib import import_module
from pathlib import Path

import pytest
from django.apps import apps

from catalog.descriptors import LayerKind
from catalog.models import Dataset, Layer, NamespaceClaim, Sample
from catalog.people.domains import save_domain
from catalog.registry.apply import apply
from ingestors.models import RunLine, Source
from ingestors.services.runs import run_source
from ingestors.services.sources import create_source
from tests.conftest import Mesh
from tests.factories import SYSTEM, dataset_descriptor, make_dataset

NAMESPACE = "sqlite://claims"


@pytest.fixture
def copy(mesh: Mesh, tmp_path: Path) -> Source:
    """A source of the other team whose file calls itself the store of the claims team."""
    path = tmp_path / "copy.db"
    with sqlite3.connect(path) as db:
        db.executescript(
            "CREATE TABLE claim (id INTEGER, note TEXT); INSERT INTO claim VALUES (1, 'x');"
        )
    db.close()
    return create_source(
        name="Copy",
        connector="sql",
        config={"url": f"sqlite:///{path}", "namespace": NAMESPACE},
        domain=mesh.policy,
        team=mesh.other_team,
        by=None,
    )


def test_the_first_harvest_claims_the_namespace_for_the_team_of_its_source(source: Source) -> None:
    run_source(source)
    claim = NamespaceClaim.objects.get()
    assert (claim.namespace, claim.prefix, claim.team) == (NAMESPACE, "", source.team)
    assert (claim.origin, claim.source) == ("named", f"source:{source.key}")


def test_a_store_under_its_own_name_is_claimed_by_harvest(mesh: Mesh, store: Path) -> None:
    source = create_source(
        name="Store",
        connector="sql",
        config={"url": f"sqlite:///{store}"},
        domain=mesh.claims,
        team=mesh.team,
        by=None,
    )
    run_source(source)
    assert NamespaceClaim.objects.get().origin == "harvested"


def test_a_file_that_calls_itself_the_store_of_others_makes_nothing_public(
    mesh: Mesh, source: Source, copy: Source
) -> None:
    save_domain(
        "claims",
        name="Claims",
        parent=mesh.claims.parent,
        visibility="team",
        team=mesh.team,
        by=None,
    )
    run_source(source)
    before = Dataset.objects.get(name="claim")
    rows = Sample.objects.get(dataset=before).rows
    run = run_source(copy)
    after = Dataset.objects.get(name="claim")
    assert (after.team, after.audience) == (mesh.team, f"team:{mesh.team.pk}")
    assert (after.row_count, Sample.objects.get(dataset=after).rows) == (before.row_count, rows)
    assert run.state == "partial"
    told = " ".join(RunLine.objects.filter(run=run).values_list("text", flat=True))
    assert "belongs to another owner" in told
    assert "Claims Analytics" not in told


def test_what_was_pushed_before_its_owner_harvested_it_is_the_owners(
    mesh: Mesh, source: Source
) -> None:
    said = dataset_descriptor("claim", namespace=NAMESPACE, domain="policy", team="policy-team")
    apply([said], layer=LayerKind.DECLARED, source="push:policy", authority=SYSTEM, by=mesh.admin)
    squatted = Dataset.objects.get(name="claim")
    assert squatted.team == mesh.other_team
    Layer.objects.filter(source="push:policy").update(by=mesh.charlie)
    run_source(source)
    squatted.refresh_from_db()
    assert (squatted.team, squatted.domain) == (mesh.team, mesh.claims)


def migrate() -> None:
    module = import_module("ingestors.migrations.0004_namespaces_of_sources")
    module.claim_namespaces(apps, None)


def test_older_installations_claim_what_their_sources_read(mesh: Mesh, source: Source) -> None:
    run_source(source)
    NamespaceClaim.objects.all().delete()
    make_dataset("a", namespace="pushed", team="policy-team", domain="policy")
    make_dataset("b", namespace="pushed", team="policy-team", domain="policy")
    make_dataset("a", namespace="mixed", team="policy-team", domain="policy")
    make_dataset("b", namespace="mixed")
    make_dataset("c", namespace="nobodys", team=None, domain=None)
    migrate()
    owners = {(c.namespace, c.prefix): (c.owner, c.origin) for c in NamespaceClaim.objects.all()}
    assert owners == {
        (NAMESPACE, ""): ("Claims Analytics", "named"),
        ("pushed", ""): ("Policy Platform", "former"),
    }
    run = run_source(source)
    assert run.state == "succeeded"
