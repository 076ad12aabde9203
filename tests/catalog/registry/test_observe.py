"""Measurements: kept with their time, never a revision."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from pytest_django.fixtures import DjangoAssertNumQueries

from catalog.descriptors import ColumnProfile, Observation
from catalog.models import Dataset, Event, Profile, Sample
from catalog.registry.edit import edit
from catalog.registry.observe import observe
from tests.conftest import Mesh
from tests.factories import NAMESPACE, SYSTEM, make_dataset

NOW = datetime(2026, 3, 1, 9, tzinfo=UTC)


def seen(name: str = "main.claims", at: datetime = NOW, rows: int = 10) -> Observation:
    return Observation(
        namespace=NAMESPACE,
        name=name,
        observed_at=at,
        row_count=rows,
        columns=[ColumnProfile(path="note", rows=rows, nulls=1, minimum="a", maximum="z")],
        sample_columns=["id", "note"],
        sample_rows=[[1, "a"], [2, None]],
    )


def test_what_was_measured_is_kept_without_a_revision(mesh: Mesh) -> None:
    row = make_dataset()
    events = Event.objects.count()
    observe([seen()], source="source:shop", authority=SYSTEM)
    row = Dataset.objects.get(pk=row.pk)
    assert (row.row_count, row.observed_at, row.revision_number) == (10, NOW, 1)
    assert Profile.objects.get(dataset=row).columns[0]["maximum"] == "z"
    assert Sample.objects.get(dataset=row).rows == [[1, "a"], [2, None]]
    assert Event.objects.count() == events


def test_measuring_twice_at_one_time_is_one_point_of_history(mesh: Mesh) -> None:
    row = make_dataset()
    for _ in range(2):
        observe([seen()], source="source:shop", authority=SYSTEM)
    assert row.history.count() == 1


def test_a_measurement_that_comes_late_joins_the_history_only(mesh: Mesh) -> None:
    row = make_dataset()
    observe([seen(rows=10)], source="source:shop", authority=SYSTEM)
    observe([seen(rows=5, at=NOW - timedelta(days=1))], source="source:shop", authority=SYSTEM)
    row = Dataset.objects.get(pk=row.pk)
    assert (row.row_count, row.observed_at) == (10, NOW)
    assert Profile.objects.get(dataset=row).observed_at == NOW
    assert row.history.count() == 2


def test_calling_a_column_sensitive_hides_its_values_at_once(mesh: Mesh) -> None:
    row = make_dataset()
    observe([seen()], source="source:shop", authority=SYSTEM)
    edit(row, changes={"columns[note].sensitivity": "free-text"}, by=mesh.bob)
    assert "maximum" not in Profile.objects.get(dataset=row).columns[0]
    assert Sample.objects.get(dataset=row).rows == [[1, "•••"], [2, None]]


def test_the_number_of_queries_does_not_depend_on_how_much_was_measured(
    mesh: Mesh, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    names = [f"main.t{n}" for n in range(40)]
    for name in names:
        make_dataset(name)
    with django_assert_max_num_queries(12):
        observe([seen(name) for name in names], source="source:shop", authority=SYSTEM)


@pytest.mark.django_db
def test_what_is_unknown_is_left_out() -> None:
    assert observe([seen("main.nowhere")], source="source:shop", authority=SYSTEM) == []
