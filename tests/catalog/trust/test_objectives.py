"""Promises: measured, broken, kept again, and what is left of their budget."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.descriptors import Indicator, ObjectiveDescriptor, Observation
from catalog.models import Dataset, Event, Measurement, Objective, Product
from catalog.registry.observe import observe
from catalog.trust.facts import DatasetFacts
from catalog.trust.objectives import (
    measure,
    measure_freshness,
    record_availability,
    record_measurement,
)
from catalog.trust.promises import Point, budget_left, hours_in, is_kept, value_of
from tests.catalog.trust.test_evaluate import serving
from tests.conftest import Mesh
from tests.factories import NAMESPACE, SYSTEM, column, make_dataset

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
DAY = timedelta(days=1)


def promising(indicator: Indicator, comparison: str, target: str, **more: object) -> Objective:
    make_dataset(at=START - DAY)
    said = {"key": "one", "indicator": indicator, "comparison": comparison, "target": target}
    serving("main.claims", objectives=[ObjectiveDescriptor.model_validate({**said, **more})])
    return Objective.objects.get()


def see(at: datetime, *, rows: int = 100, updated: datetime | None = None) -> None:
    seen = Observation(
        namespace=NAMESPACE,
        name="main.claims",
        observed_at=at,
        row_count=rows,
        data_updated_at=updated,
    )
    observe([seen], source="source:shop", authority=SYSTEM)
    measure(Product.objects.values_list("pk", flat=True), at=at)


def turns() -> list[str]:
    events = Event.objects.filter(type__startswith="objective.").order_by("id")
    return [event.type for event in events]


@pytest.mark.parametrize(
    ("value", "comparison", "expected"),
    [(5, "<=", True), (5.1, "<=", False), (5, "<", False), (5, ">=", True), (5, "=", True)],
)
def test_comparisons(value: float, comparison: str, expected: bool) -> None:
    assert is_kept(value, comparison, Decimal(5)) is expected


def test_units_of_time() -> None:
    found = [hours_in(u) for u in ("", "hours", "h", "days", "d", "minutes")]
    assert found == [1, 1, 1, 24, 24, 1 / 60]


def test_volume_is_measured_at_each_harvest_and_tells_of_changes(mesh: Mesh) -> None:
    objective = promising(Indicator.VOLUME, ">=", "50")
    for day, rows in enumerate([100, 20, 30, 80]):
        see(START + day * DAY, rows=rows)
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (80, True)
    assert Measurement.objects.count() == 4
    assert turns() == ["objective.broken", "objective.kept"]
    event = Event.objects.get(type="objective.broken")
    assert (event.data["value"], event.data["target"]) == (20, "50")


def test_freshness_is_the_age_of_the_newest_row(mesh: Mesh) -> None:
    objective = promising(Indicator.FRESHNESS, "<=", "1", unit="days")
    see(START, updated=START - timedelta(hours=12))
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (0.5, True)
    product = Product.objects.get()
    assert (product.promises_kept, product.promises_total) == (1, 1)


def test_of_several_datasets_the_newest_row_counts() -> None:
    at = datetime(2026, 5, 4, 12, tzinfo=UTC)
    facts = [
        DatasetFacts(n, "store", f"t{n}", f"t{n}", data_updated_at=at - timedelta(hours=hours))
        for n, hours in enumerate((30, 2, 9))
    ]
    assert value_of("freshness", facts, column="", unit="hours", at=at) == 2
    assert value_of("freshness", [], column="", unit="hours", at=at) is None, "not known"


def test_freshness_breaks_as_time_passes_without_a_harvest(mesh: Mesh) -> None:
    promising(Indicator.FRESHNESS, "<=", "24")
    see(START, updated=START)
    assert measure_freshness(START + timedelta(hours=23)) == 0
    assert measure_freshness(START + timedelta(hours=25)) == 1
    assert measure_freshness(START + timedelta(hours=25, minutes=10)) == 0
    assert turns() == ["objective.broken"]
    assert Product.objects.get().promises_kept == 0
    assert Measurement.objects.count() == 3


def test_an_objective_of_an_unknown_element_is_not_measured(mesh: Mesh) -> None:
    objective = promising(Indicator.VOLUME, ">=", "1", element="other")
    see(START)
    objective.refresh_from_db()
    assert objective.is_kept is None
    assert Product.objects.get().promises_total == 0


def test_availability_is_the_share_of_harvests_that_reached_the_store(mesh: Mesh) -> None:
    objective = promising(Indicator.AVAILABILITY, ">=", "90")
    for day, reached in enumerate([True, True, True, False]):
        at = START + day * DAY
        assert record_availability("source:shop", reached=reached, at=at) == 1
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (75, False)
    assert turns() == ["objective.broken"]
    ids = list(Dataset.objects.values_list("pk", flat=True))
    assert record_availability(dataset_ids=ids, reached=True, at=START + 5 * DAY) == 1
    assert record_availability("source:other", reached=True, at=START + 6 * DAY) == 0


def test_schema_stability_counts_columns_removed_or_retyped(mesh: Mesh) -> None:
    objective = promising(Indicator.SCHEMA_STABILITY, "<=", "0")
    see(START)
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (0, True)
    changed = [column("id", primary_key=True, nullable=False, type="integer")]
    make_dataset(columns=changed, at=START + DAY)
    see(START + DAY)
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (2, False)
    see(START + DAY)
    objective.refresh_from_db()
    assert objective.current_value == 2
    see(START + 2 * DAY)
    objective.refresh_from_db()
    assert (objective.current_value, objective.is_kept) == (0, True)


def test_a_measurement_from_outside_counts_at_its_time(mesh: Mesh) -> None:
    objective = promising(Indicator.CUSTOM, "<", "5")
    assert record_measurement(objective, value=3, at=START + DAY).is_kept
    late = record_measurement(objective, value=9, at=START)
    assert (late.current_value, late.is_kept) == (3, True)
    assert Measurement.objects.count() == 2


def left(points: list[Point], days: float, **more: object) -> float | None:
    said = {"indicator": "volume", "target": Decimal(1), "window_days": 30, **more}
    return budget_left(points, at=START + timedelta(days=days), **said)  # type: ignore[arg-type]


def test_a_budget_is_eaten_while_a_promise_stays_broken() -> None:
    points = [Point(START, 0, False)]
    assert left([], 0) is None
    assert left(points, 0) == 1
    assert left(points, 0.75) == 0.5
    assert left(points, 9) == 0


def test_a_budget_comes_back_when_the_break_leaves_the_window() -> None:
    points = [Point(START, 0, False), Point(START + DAY, 2, True)]
    assert left(points, 20) == pytest.approx(1 / 3, abs=0.001)
    assert left(points, 31) == 1


def test_availability_allows_what_its_target_leaves() -> None:
    points = [Point(START, 0, False), Point(START + DAY, 100, True)]
    assert left(points, 20, indicator="availability", target=Decimal(90)) == pytest.approx(
        2 / 3, abs=0.001
    )
    assert left(points, 20, indicator="availability", target=Decimal(100)) == 0


def test_measuring_many_products_takes_as_many_queries_as_one(mesh: Mesh) -> None:
    promise = ObjectiveDescriptor(
        key="rows", indicator=Indicator.VOLUME, comparison=">=", target=Decimal(1)
    )
    ids = []
    for n in range(30):
        make_dataset(f"main.t{n}")
        ids.append(serving(f"main.t{n}", key=f"p{n}", objectives=[promise]).pk)
    counts = []
    for part in (ids[:1], ids[1:]):
        with CaptureQueriesContext(connection) as seen:
            measure(part, at=START)
        counts.append(len(seen))
    assert counts[1] <= counts[0] <= 25
