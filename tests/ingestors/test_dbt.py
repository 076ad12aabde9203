"""A dbt project becomes datasets, products, checks and edges, and stays in line with its artifacts."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from catalog.models import Check, Column, Dataset, Event, Product
from ingestors.models import Run, RunState, Source
from ingestors.services.runs import run_source
from ingestors.services.sources import SourceInvalid, create_source
from lineage.models import ColumnEdge, Edge
from tests.conftest import Mesh
from tests.ingestors import dbt_project

pytestmark = pytest.mark.django_db


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """The folder of all four artifacts."""
    dbt_project.write(
        tmp_path,
        manifest=dbt_project.manifest(),
        catalog=dbt_project.catalog(),
        run_results=dbt_project.run_results(cents="fail"),
        sources=dbt_project.freshness(),
    )
    return tmp_path


@pytest.fixture
def source(mesh: Mesh, project: Path) -> Source:
    """The source that reads the project."""
    return add(mesh, project)


def add(mesh: Mesh, folder: Path, key: str = "claims-dbt", **config: Any) -> Source:
    """Add a source that reads a folder."""
    return create_source(
        key=key,
        name=key,
        connector="dbt",
        config={"path": str(folder), "namespace": dbt_project.NAMESPACE, **config},
        domain=mesh.claims,
        by=None,
    )


def harvest(source: Source) -> Run:
    """Harvest a source without trouble."""
    run = run_source(source)
    assert run.state == RunState.SUCCEEDED, (run.error, [line.text for line in run.lines.all()])
    return run


def edges() -> dict[tuple[str, str], tuple[str, str]]:
    """Return the current edges between short names, with what each says of itself."""
    return {
        (e.upstream.display_name, e.downstream.display_name): (e.confidence, e.note)
        for e in Edge.objects.current().filter(kind="dbt", source="source:claims-dbt")
    }


def flows() -> set[tuple[str, str, str]]:
    """Return the current flows between columns: from, to, how."""
    rows = ColumnEdge.objects.filter(ended_at__isnull=True, type="DIRECT")
    return {
        (f"{f.edge.upstream.display_name}.{f.upstream_path}", f.downstream_path, f.subtype)
        for f in rows
    }


def ports(key: str) -> dict[tuple[str, str], list[str]]:
    """Return the ports of a product with the datasets behind them."""
    product = Product.objects.get(key=key)
    return {
        (port.direction, port.name): sorted(address.name for address in port.datasets.all())
        for port in product.ports.all()
    }


def test_relations_are_datasets_with_what_the_project_and_the_store_say(source: Source) -> None:
    run = harvest(source)
    assert (run.found_count, run.done_count, run.problem_count) == (4, 4, 0)
    settled = Dataset.objects.get(name="dwh.mart.settled")
    assert settled.namespace == dbt_project.NAMESPACE
    assert (settled.description, settled.technology) == ("Claims that were paid.", "postgresql")
    assert [tag.name for tag in settled.tags.all()] == ["daily"]
    assert settled.row_count == 1200
    columns = Column.objects.filter(dataset=settled).order_by("ordinal")
    assert [(c.path, c.type, c.description) for c in columns] == [
        ("id", "integer", ""),
        ("cents", "number", "Paid, in cents."),
    ]
    assert Dataset.objects.get(name="dwh.mart.triangle").kind == "view"
    assert not Dataset.objects.filter(name__contains="staged").exists()


def test_an_owner_that_is_a_team_owns(mesh: Mesh, project: Path) -> None:
    document = dbt_project.manifest()
    document["groups"]["group.claims.settlement"]["owner"] = {"name": mesh.team.name}
    dbt_project.write(project, manifest=document)
    harvest(add(mesh, project))
    assert Dataset.objects.get(name="dwh.mart.settled").team == mesh.team
    assert Product.objects.get(key="settlement").team == mesh.team
    assert Dataset.objects.get(name="dwh.mart.triangle").team is None


def test_edges_say_where_they_come_from_and_columns_follow_the_sql(source: Source) -> None:
    harvest(source)
    assert edges() == {
        ("claim", "settled"): ("stated", "dbt model.claims.settled"),
        ("settled", "scratch"): ("stated", "dbt model.claims.scratch"),
        ("settled", "triangle"): ("stated", "dbt model.claims.triangle"),
    }
    assert flows() == {
        ("claim.id", "id", "IDENTITY"),
        ("claim.amount", "cents", "TRANSFORMATION"),
        ("settled.id", "id", "IDENTITY"),
        ("settled.cents", "total", "AGGREGATION"),
    }


def test_a_table_that_only_the_sql_reads_is_derived(mesh: Mesh, project: Path) -> None:
    document = dbt_project.manifest()
    document["nodes"]["model.claims.triangle"]["compiled_code"] = (
        "select sum(s.cents) as total from dwh.mart.settled s join dwh.raw.claim c on c.id = s.id"
    )
    dbt_project.write(project, manifest=document)
    harvest(add(mesh, project))
    assert edges()["claim", "triangle"] == ("derived", "dbt model.claims.triangle")
    assert edges()["settled", "triangle"][0] == "stated"


def test_an_edge_the_next_manifest_lacks_ends(source: Source, project: Path) -> None:
    harvest(source)
    document = dbt_project.manifest()
    triangle = document["nodes"]["model.claims.triangle"]
    triangle["depends_on"] = {"nodes": ["source.claims.core.claim"]}
    triangle["compiled_code"] = "select sum(amount) as total from dwh.raw.claim"
    dbt_project.write(project, manifest=document)
    harvest(source)
    assert set(edges()) == {("claim", "settled"), ("settled", "scratch"), ("claim", "triangle")}
    (ended,) = Edge.objects.exclude(ended_at=None)
    assert (ended.upstream.display_name, ended.downstream.display_name) == ("settled", "triangle")


def test_without_compiled_sql_tables_stay_known_and_columns_too(
    source: Source, project: Path
) -> None:
    harvest(source)
    before = flows()
    document = dbt_project.manifest()
    for node in document["nodes"].values():
        node.pop("compiled_code", None)
    dbt_project.write(project, manifest=document)
    harvest(source)
    assert len(edges()) == 3
    assert flows() == before


def test_groups_are_products_and_exposures_read_them(source: Source) -> None:
    harvest(source)
    assert ports("settlement") == {
        ("out", "data"): ["dwh.mart.settled"],
        ("in", "sources"): ["dwh.raw.claim"],
    }
    assert ports("reserving") == {
        ("out", "data"): ["dwh.mart.triangle"],
        ("in", "settlement"): ["dwh.mart.settled"],
    }
    assert ports("loss-board") == {
        ("in", "reserving"): ["dwh.mart.triangle"],
        ("in", "sources"): ["dwh.raw.claim"],
    }
    board = Product.objects.get(key="loss-board")
    assert (board.name, board.archetype) == ("Loss board", "consumer-aligned")
    assert board.support == "board@example.org"
    assert {tag.name for tag in board.tags.all()} == {"dashboard", "exposure"}
    upstream = board.ports.get(name="reserving").upstream
    assert upstream == Product.objects.get(key="reserving")


@pytest.mark.parametrize(
    ("config", "keys"),
    [
        ({"products": "tag", "label": "dai"}, {"ly", "loss-board"}),
        ({"products": "meta", "label": "product"}, {"raw-claims", "loss-board"}),
        ({"products": "none", "exposures": False}, set()),
    ],
)
def test_the_setting_says_what_a_product_is(
    mesh: Mesh, project: Path, config: dict[str, Any], keys: set[str]
) -> None:
    document = dbt_project.manifest()
    document["sources"]["source.claims.core.claim"]["meta"] = {"product": "Raw claims"}
    dbt_project.write(project, manifest=document)
    before = set(Product.objects.values_list("key", flat=True))
    harvest(add(mesh, project, **config))
    assert set(Product.objects.values_list("key", flat=True)) - before == keys


def test_a_product_that_serves_a_source_promises_its_freshness(mesh: Mesh, project: Path) -> None:
    document = dbt_project.manifest()
    document["sources"]["source.claims.core.claim"]["meta"] = {"product": "Raw claims"}
    dbt_project.write(project, manifest=document)
    harvest(add(mesh, project, products="meta"))
    (promise,) = Product.objects.get(key="raw-claims").objectives.all()
    assert (promise.indicator, promise.comparison, promise.target) == (
        "freshness",
        "<=",
        Decimal(24),
    )
    claim = Dataset.objects.get(name="dwh.raw.claim")
    assert claim.data_updated_at is not None
    assert claim.data_updated_at.isoformat() == "2026-05-01T23:00:00+00:00"


def test_tests_are_checks_with_their_last_outcome(source: Source) -> None:
    harvest(source)
    found = {
        (c.dataset.display_name, c.column_path, c.dimension): (c.last_outcome, c.last_rows_failed)
        for c in Check.objects.filter(origin="pushed").select_related("dataset")
        if c.dataset
    }
    assert found == {
        ("settled", "cents", "completeness"): ("failed", 7),
        ("settled", "id", "completeness"): ("unknown", None),
        ("claim", "booked_at", "timeliness"): ("failed", None),
    }


def test_the_same_artifacts_again_change_nothing(source: Source) -> None:
    harvest(source)
    before = set(Event.objects.values_list("pk", flat=True))
    run = harvest(source)
    assert (run.created_count, run.changed_count, run.unchanged_count) == (0, 0, 4)
    new = Event.objects.exclude(pk__in=before).values_list("type", flat=True)
    assert set(new) <= {"run.finished", "source.harvested"}


def test_a_later_run_of_dbt_brings_a_check_back(source: Source, project: Path) -> None:
    harvest(source)
    dbt_project.write(project, run_results=dbt_project.run_results("second", cents="pass"))
    harvest(source)
    check = Check.objects.get(key__contains="not_null_settled_cents")
    assert check.last_outcome == "passed"
    assert check.results.count() == 2


def test_a_test_that_is_no_more_is_retired_and_one_of_another_project_is_not(
    mesh: Mesh, source: Source, project: Path
) -> None:
    harvest(source)
    settled = Dataset.objects.get(name="dwh.mart.settled")
    other = Check.objects.create(
        key="pushed:dbt:test.finance.x", origin="pushed", dataset=settled, dimension="validity"
    )
    document = dbt_project.manifest()
    del document["nodes"]["test.claims.not_null_settled_id.2"]
    dbt_project.write(project, manifest=document)
    harvest(source)
    retired = Check.objects.exclude(retired_at=None).values_list("key", flat=True)
    assert list(retired) == ["pushed:dbt:test.claims.not_null_settled_id.2"]
    other.refresh_from_db()
    assert other.retired_at is None


def test_a_torn_manifest_changes_nothing_and_says_so(source: Source, project: Path) -> None:
    harvest(source)
    whole = (project / "manifest.json").read_bytes()
    for torn in (whole[: len(whole) // 2], b"", b"[]", b"\xff\xfe", b'{"a":' * 100_000):
        (project / "manifest.json").write_bytes(torn)
        run = run_source(source)
        assert run.state == RunState.FAILED
        assert "manifest.json" in run.error
        assert str(project) not in run.error
    assert Dataset.objects.filter(gone_at__isnull=False).count() == 0
    assert len(edges()) == 3


def test_another_artifact_in_its_place_is_refused(source: Source, project: Path) -> None:
    stranger = {"metadata": {"dbt_schema_version": "https://x/dbt/run-results/v6.json"}}
    dbt_project.write(project, manifest=stranger)
    run = run_source(source)
    assert run.state == RunState.FAILED
    assert "no manifest" in run.error


def test_most_relations_missing_is_held_back(source: Source, project: Path) -> None:
    harvest(source)
    document = dbt_project.manifest()
    for name in ("settled", "triangle"):
        del document["nodes"][f"model.claims.{name}"]
    dbt_project.write(project, manifest=document)
    run = run_source(source)
    assert run.state == RunState.HELD
    assert len(edges()) == 3


def test_a_wrong_setting_is_named(mesh: Mesh, project: Path) -> None:
    with pytest.raises(SourceInvalid) as refused:
        add(mesh, project, products="folder")
    assert [p.path for p in refused.value.problems] == ["config.products"]


def test_odd_shapes_are_read_as_far_as_they_go(mesh: Mesh, project: Path) -> None:
    document = dbt_project.manifest()
    odd = document["nodes"]
    odd["model.claims.list"] = ["no", "object"]
    odd["model.claims.nameless"] = {"resource_type": "model", "alias": None}
    odd["model.claims.loose"] = {
        "alias": "loose",
        "schema": None,
        "tags": "single",
        "meta": "text",
        "config": None,
        "depends_on": {"nodes": [None, 7, "model.claims.gone", "model.claims.loose"]},
        "columns": {"a": None, "b": {"name": "b", "data_type": 5, "constraints": ["x"]}},
    }
    document["exposures"]["exposure.claims.odd"] = {"name": "odd", "owner": 3}
    document["groups"] = {"group.claims.settlement": None}
    dbt_project.write(project, manifest=document, catalog={"nodes": {"model.claims.loose": []}})
    harvest(add(mesh, project))
    loose = Dataset.objects.get(name="loose")
    assert [tag.name for tag in loose.tags.all()] == ["single"]
    assert set(Column.objects.filter(dataset=loose).values_list("path", flat=True)) == {"a", "b"}
    assert Product.objects.filter(key="settlement").exists()
