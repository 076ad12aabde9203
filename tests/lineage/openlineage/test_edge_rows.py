"""Edges written as a difference says: of one job and two datasets no two rows are ever current."""

from __future__ import annotations

from datetime import UTC, datetime

from catalog.db import bulk
from lineage.models import Edge, EdgeKind, Job
from lineage.openlineage.edge_diff import EdgeKey, EdgeState, diff
from lineage.openlineage.edge_rows import read_edges, write_diff
from lineage.openlineage.fold import Interval
from tests.conftest import Mesh
from tests.factories import make_dataset


def at(minute: int) -> datetime:
    return datetime(2026, 5, 3, 6, minute, tzinfo=UTC)


def state(first: int, last: int, ended: int | None = None) -> EdgeState:
    interval = Interval(at(first), at(last), None if ended is None else at(ended))
    return EdgeState(interval, "derived", None)


def test_another_row_becomes_the_current_one(mesh: Mesh) -> None:
    [pk] = bulk.allocate(Job, 1)
    Job.objects.create(pk=pk, namespace="airflow", name="nightly")
    key = EdgeKey(pk, make_dataset("a").pk, make_dataset("b").pk)

    def write(*states: EdgeState) -> set[int]:
        rows = Edge.objects.order_by("first_seen_at")
        stored = {key: [edge for _, edge in read_edges(rows)]}
        return write_diff(diff(stored, {key: list(states)}), {pk: "openlineage:airflow"})

    made = write(state(1, 3, 4), state(5, 9))
    assert write(state(1, 3, 4), state(5, 9)) == set()
    assert write(state(0, 0, 1), state(1, 9)) == made
    rows = Edge.objects.filter(kind=EdgeKind.JOB).order_by("first_seen_at")
    assert list(rows.values_list("first_seen_at", "ended_at", "source")) == [
        (at(0), at(1), "openlineage:airflow"),
        (at(1), None, "openlineage:airflow"),
    ]
