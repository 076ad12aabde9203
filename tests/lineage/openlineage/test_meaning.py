"""What single events mean: states, dates, names, facets."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from catalog.models import Check, Dataset
from lineage.models import (
    ColumnEdge,
    DatasetAlias,
    DatasetFacet,
    Edge,
    Job,
    JobDataset,
    JobRun,
    LineageChange,
)
from tests.conftest import Mesh
from tests.lineage.openlineage.events import (
    START,
    columns,
    dataset,
    edges,
    event,
    exactly,
    facet,
    take,
)


def minutes(count: float) -> Any:
    """Return a moment of the tests."""
    return START + timedelta(minutes=count)


def test_a_late_start_does_not_reopen_a_run(mesh: Mesh) -> None:
    take(event("COMPLETE", minute=5))
    take(event("START", minute=9))
    run = JobRun.objects.get()
    assert (run.state, run.ended_at, run.duration_ms) == ("COMPLETED", minutes(5), 0)
    take(event("START", minute=2))
    run.refresh_from_db()
    assert (run.started_at, run.duration_ms) == (minutes(2), 180_000)


def test_a_stream_runs_on(mesh: Mesh) -> None:
    stream = {"jobType": facet(processingType="STREAMING", integration="FLINK")}
    for minute, kind in enumerate(["START", "RUNNING", "OTHER", "RUNNING"]):
        take(event(kind, minute=minute, job_facets=stream, reads=["in"], writes=["out"]))
    assert JobRun.objects.get().state == "RUNNING"
    assert Job.objects.get().type == "STREAM"
    edge = Edge.objects.get()
    assert (edge.first_seen_at, edge.last_seen_at, edge.ended_at) == (minutes(0), minutes(3), None)


def test_silence_ends_nothing_and_an_exact_claim_does(mesh: Mesh) -> None:
    take(event(minute=0, run=1, reads=["a", "b"], writes=["c"]))
    take(event(minute=1, run=2, reads=["a"], writes=["c"]))
    assert edges() == {("a", "c"), ("b", "c")}
    take(event(minute=2, run=3, reads=["a", "b"], writes=[dataset("c", facets=exactly("a"))]))
    assert edges() == {("a", "c")}
    assert Edge.objects.get(upstream__name="b").ended_at == minutes(2)
    take(event(minute=3, run=4, reads=["b"], writes=["c"]))
    again = list(Edge.objects.filter(upstream__name="b").order_by("first_seen_at"))
    assert [(edge.first_seen_at, edge.ended_at) for edge in again] == [
        (minutes(0), minutes(2)),
        (minutes(3), None),
    ]


def test_as_of_a_moment_the_edges_are_those_of_then(mesh: Mesh) -> None:
    take(event(minute=0, run=1, writes=[dataset("c", facets=exactly("a"))]))
    take(event(minute=5, run=2, writes=[dataset("c", facets=exactly("b"))]))
    for minute, names in ((-1, set()), (0, {"a"}), (4.9, {"a"}), (5, {"b"}), (50, {"b"})):
        held = Edge.objects.as_of(minutes(minute))
        assert set(held.values_list("upstream__name", flat=True)) == names, minute


def test_columns_are_dated_and_the_facet_lineage_goes_before_columnlineage(mesh: Mesh) -> None:
    take(event(minute=0, run=1, reads=["a"], writes=[dataset("c", facets=columns(x=["a.p"]))]))
    take(event(minute=1, run=2, reads=["a"], writes=[dataset("c", facets=columns(x=["a.q"]))]))
    found = ColumnEdge.objects.order_by("first_seen_at").values_list("upstream_path", "ended_at")
    assert list(found) == [("p", minutes(1)), ("q", None)]
    both = {**columns(x=["a.r"]), **exactly()}
    take(event(minute=2, run=3, reads=["a"], writes=[dataset("c", facets=both)]))
    assert edges() == set()
    assert not ColumnEdge.objects.filter(upstream_path="r").exists()


def test_a_job_with_inputs_alone_is_kept(mesh: Mesh) -> None:
    take(event(reads=["a"]), event(run=2, job="writer", writes=["b"]))
    assert edges() == set()
    links = JobDataset.objects.values_list("job__name", "dataset__name", "direction")
    assert set(links) == {("load", "a", "in"), ("writer", "b", "out")}


def test_a_dropped_dataset_is_gone_until_it_is_seen_again(mesh: Mesh) -> None:
    drop = {"lifecycleStateChange": facet(lifecycleStateChange="DROP")}
    take(event(minute=0, run=1, reads=["a"], writes=["b"]))
    take(event(minute=4, run=2, job="drop", writes=[dataset("b", facets=drop)]))
    assert Edge.objects.get().ended_at == minutes(4)
    assert Dataset.objects.get(name="b").gone_at == minutes(4)
    take(event(minute=8, run=3, reads=["a"], writes=["b"]))
    assert Dataset.objects.get(name="b").gone_at is None
    assert edges() == {("a", "b")}
    take(event(minute=2, run=1, reads=["a"], writes=["b"]))
    assert Edge.objects.count() == 2


def test_a_rename_and_a_symlink_lead_to_one_node(mesh: Mesh) -> None:
    take(event(minute=0, run=1, reads=["a"], writes=["old"]))
    renamed = {
        "lifecycleStateChange": facet(
            lifecycleStateChange="RENAME", previousIdentifier=dataset("old")
        ),
        "symlinks": facet(
            identifiers=[{**dataset("db.new", namespace="hive://m"), "type": "TABLE"}]
        ),
    }
    take(event(minute=3, run=2, job="rename", writes=[dataset("new", facets=renamed)]))
    rows = DatasetAlias.objects.values_list("name", "dataset__name", "node__name", "kind")
    assert set(rows) == {("old", "old", "new", "rename"), ("db.new", None, "new", "symlink")}
    body = {"namespace": "hive://m", "name": "db.new"}
    take(event(minute=4, run=3, job="later", reads=[body], writes=["z"]))
    assert DatasetAlias.objects.get(name="db.new").dataset is not None
    assert DatasetAlias.objects.get(name="db.new").node.name == "new"


def test_a_foreign_symlink_does_not_take_a_name_over(mesh: Mesh) -> None:
    from tests.factories import make_dataset

    make_dataset("ledger", namespace="postgres://db:5432", domain="claims", team="claims-team")
    grab = {"symlinks": facet(identifiers=[{**dataset("ledger"), "type": "TABLE"}])}
    body = event(writes=[dataset("mine", facets=grab)])
    take(body, by=mesh.charlie)
    assert not DatasetAlias.objects.exists()


def test_facets_describe_the_dataset_the_newest_wins_and_all_are_kept(mesh: Mesh) -> None:
    schema = facet(
        fields=[
            {"name": "id", "type": "BIGINT"},
            {"name": "who", "type": "struct", "fields": [{"name": "name", "type": "varchar(20)"}]},
        ]
    )
    said = {
        "schema": schema,
        "documentation": facet(description="Orders."),
        "ownership": facet(owners=[{"name": "team:claims-team", "type": "OWNER"}]),
        "tags": facet(tags=[{"key": "tier", "value": "gold", "source": "x"}]),
        "weird": facet(anything={"deep": [1, None]}),
    }
    take(event(minute=5, writes=[dataset("shop.orders", facets=said)]))
    row = Dataset.objects.get()
    assert (row.description, row.display_name) == ("Orders.", "orders")
    assert row.team == mesh.team
    assert [t.name for t in row.tags.all()] == ["tier:gold"]
    paths = row.columns.order_by("ordinal").values_list("path", "type", "native_type")
    assert list(paths) == [
        ("id", "integer", "BIGINT"),
        ("who", "object", "struct"),
        ("who.name", "string", "varchar(20)"),
    ]
    assert DatasetFacet.objects.get(name="weird").body["anything"] == {"deep": [1, None]}
    older = {"documentation": facet(description="Late, and older.")}
    take(event(minute=2, run=2, writes=[dataset("shop.orders", facets=older)]))
    row.refresh_from_db()
    assert row.description == "Orders."
    gone = {"documentation": facet(_deleted=True)}
    take(event(minute=9, run=3, writes=[dataset("shop.orders", facets=gone)]))
    row.refresh_from_db()
    assert row.description == ""


def test_assertions_count_once_a_run_and_never_from_a_start(mesh: Mesh) -> None:
    told = [
        {"assertion": "not_null", "success": True, "column": "id"},
        {"assertion": "unique", "success": False, "column": "id"},
        {"assertion": "recent", "success": False, "severity": "warn"},
    ]
    asserted = {"dataQualityAssertions": facet(assertions=told)}
    body = dataset("shop.orders", facets=asserted, inputFacets=asserted)
    take(event("START", reads=[body]))
    assert not Check.objects.exists()
    take(event("COMPLETE", minute=1, reads=[body]), event("OTHER", minute=2, reads=[body]))
    rows = Check.objects.filter(origin="pushed")
    found = {c.name: (c.last_outcome, c.dimension, c.results.count()) for c in rows}
    assert found == {
        "id: not_null": ("passed", "completeness", 1),
        "id: unique": ("failed", "uniqueness", 1),
        "recent": ("warned", "timeliness", 1),
    }


def test_metrics_are_an_observation_without_values(mesh: Mesh) -> None:
    metrics = facet(
        rowCount=7, bytes=99, columnMetrics={"id": {"nullCount": 1, "distinctCount": 6, "max": 12}}
    )
    take(event(reads=[dataset("shop.orders", inputFacets={"dataQualityMetrics": metrics})]))
    row = Dataset.objects.get()
    assert (row.row_count, row.byte_size) == (7, 99)
    assert row.profile.columns[0]["nulls"] == 1
    assert "12" not in str(row.profile.columns)


def test_only_changes_of_the_graph_are_numbered(mesh: Mesh) -> None:
    take(event(minute=0, run=1, reads=["a"], writes=["b"]))
    take(event(minute=1, run=2, reads=["a"], writes=["b"]))
    assert LineageChange.objects.count() == 1
    assert LineageChange.objects.get().edges == [Edge.objects.get().pk]


@pytest.mark.parametrize("count", [2, 30])
def test_the_number_of_queries_does_not_grow_with_the_batch(
    mesh: Mesh, count: int, django_assert_max_num_queries: Any
) -> None:
    def batch(day: int) -> list[dict[str, Any]]:
        return [
            event(
                minute=day * 1000 + n,
                run=day * 1000 + n,
                job=f"job{n}",
                reads=[f"in{n}"],
                writes=[dataset(f"out{n}", facets=columns(x=[f"in{n}.p"]))],
            )
            for n in range(1, count + 1)
        ]

    take(*batch(1))
    with django_assert_max_num_queries(40):
        take(*batch(2))
    assert Edge.objects.count() == count
