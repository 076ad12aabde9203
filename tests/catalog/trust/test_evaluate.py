"""A harvest judged from end to end: checks, results, scores, events."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from catalog.descriptors import (
    CheckDescriptor,
    ColumnProfile,
    ContractDescriptor,
    DatasetAddress,
    Dimension,
    Indicator,
    KeyFinding,
    ObjectiveDescriptor,
    Observation,
    PortDescriptor,
    PromisedColumn,
)
from catalog.models import Check, Dataset, DatasetHistory, Event, Product, Result, Score
from catalog.registry.observe import observe
from catalog.trust.evaluate import evaluate
from tests.conftest import Mesh
from tests.factories import NAMESPACE, SYSTEM, column, make_dataset, make_product

START = datetime(2026, 3, 1, 6, tzinfo=UTC)


def serving(*names: str, key: str = "settled-claims", **more: object) -> Product:
    addresses = [DatasetAddress(namespace=NAMESPACE, name=name) for name in names]
    port = PortDescriptor(direction="out", name="sql", datasets=addresses)
    return make_product(key, ports=[port], **more)


def see(*names: str, at: datetime = START, duplicates: int = 0, nulls: int = 0) -> list[int]:
    return observe(
        [
            Observation(
                namespace=NAMESPACE,
                name=name,
                observed_at=at,
                row_count=100,
                rows_profiled=100,
                data_updated_at=at - timedelta(hours=2),
                columns=[
                    ColumnProfile(path="id", rows=100, nulls=nulls, distinct=100),
                    ColumnProfile(path="note", rows=100, nulls=10),
                ],
                keys=[KeyFinding(kind="unique", columns=["id"], rows=100, violations=duplicates)],
            )
            for name in names
        ],
        source="source:shop",
        authority=SYSTEM,
    )


def run(*names: str, day: int = 0, duplicates: int = 0, nulls: int = 0) -> None:
    at = START + timedelta(days=day)
    ids = see(*names, at=at, duplicates=duplicates, nulls=nulls)
    evaluate(ids, at=at, run_key=f"run-{day}")


def types() -> list[str]:
    return [
        e.type for e in Event.objects.order_by("id") if e.type.startswith(("check.", "objective."))
    ]


def test_a_harvest_scores_dataset_and_product(mesh: Mesh) -> None:
    make_dataset()
    product = serving("main.claims")
    run("main.claims", duplicates=10)
    product.refresh_from_db()
    dataset = Dataset.objects.get()
    assert product.quality_score == dataset.quality_score == 72.5
    score = Score.objects.get()
    assert score.arithmetic["text"] == "(completeness 100 + uniqueness 45) / 2 = 72.5"
    assert DatasetHistory.objects.get().quality_score == 72.5
    assert product.data_updated_at == START - timedelta(hours=2)


def test_a_second_evaluation_of_the_same_run_changes_nothing(mesh: Mesh) -> None:
    make_dataset()
    serving("main.claims")
    run("main.claims", duplicates=1)
    before = (Check.objects.count(), Result.objects.count(), Score.objects.count(), types())
    run("main.claims", duplicates=1)
    assert before == (
        Check.objects.count(),
        Result.objects.count(),
        Score.objects.count(),
        types(),
    )


def test_events_tell_of_changes_only(mesh: Mesh) -> None:
    dataset = make_dataset()
    product = serving("main.claims")
    for day, duplicates in enumerate([0, 2, 2, 0, 0]):
        run("main.claims", day=day, duplicates=duplicates)
    assert types() == ["check.failed", "check.recovered"]
    event = Event.objects.get(type="check.failed")
    assert (event.subject_kind, event.subject_id) == ("dataset", dataset.pk)
    assert event.product_id == product.pk
    assert [c["key"] for c in event.data["checks"]] == ["uniqueness:key:id"]


def test_an_older_run_that_comes_late_does_not_change_where_a_check_stands(mesh: Mesh) -> None:
    make_dataset()
    run("main.claims", day=5)
    evaluate([Dataset.objects.get().pk], at=START + timedelta(days=1), run_key="late")
    assert set(Check.objects.values_list("last_at", flat=True)) == {START + timedelta(days=5)}


def test_a_check_that_no_longer_applies_is_retired_and_comes_back(mesh: Mesh) -> None:
    make_dataset(at=START)
    run("main.claims")
    loose = [column("id"), column("note", ordinal=1)]
    make_dataset(columns=loose, at=START + timedelta(days=1))
    run("main.claims", day=1)
    assert Check.objects.get(key="uniqueness:key:id").retired_at is not None
    strict = [column("id", primary_key=True, nullable=False), column("note", ordinal=1)]
    make_dataset(columns=strict, at=START + timedelta(days=2))
    run("main.claims", day=2)
    check = Check.objects.get(key="uniqueness:key:id")
    assert (check.retired_at, check.last_outcome) == (None, "passed")


def test_declared_checks_are_judged_with_the_derived_ones(mesh: Mesh) -> None:
    make_dataset()
    address = DatasetAddress(namespace=NAMESPACE, name="main.claims")
    checks = [
        CheckDescriptor(
            key="enough",
            dimension=Dimension.COVERAGE,
            rule="row-count",
            dataset=address,
            params={"minimum": 1000},
        ),
        CheckDescriptor(
            key="note-filled", dimension=Dimension.COMPLETENESS, rule="not-null", column="note"
        ),
        CheckDescriptor(key="outside", dimension=Dimension.ACCURACY, rule="custom"),
    ]
    serving("main.claims", checks=checks)
    run("main.claims")
    rows = Check.objects.filter(origin="declared").values_list("key", "last_outcome")
    ends = {key.rpartition(":")[2]: outcome for key, outcome in rows}
    assert ends == {"enough": "failed", "note-filled": "failed", "outside": "unknown"}
    said = {one["dimension"]: one for one in Score.objects.get().arithmetic["dimensions"]}
    assert said["coverage"]["score"] == 0
    assert said["accuracy"]["text"] == "not measured: none of 1 checks could be judged"


def test_a_promise_of_freshness_is_a_check_of_timeliness(mesh: Mesh) -> None:
    make_dataset()
    promise = ObjectiveDescriptor(
        key="fresh", indicator=Indicator.FRESHNESS, comparison="<=", target=Decimal(1)
    )
    product = serving("main.claims", objectives=[promise])
    run("main.claims")
    check = Check.objects.get(rule="fresh")
    assert (check.last_outcome, check.severity) == ("failed", "error")
    product.refresh_from_db()
    assert (product.promises_kept, product.promises_total) == (0, 1)
    assert types() == ["check.failed", "objective.broken"]


def test_a_contract_binds_the_table_it_describes_not_its_neighbours(mesh: Mesh) -> None:
    make_dataset("main.policy", columns=[column("id"), column("line", ordinal=1)])
    make_dataset("main.version", columns=[column("id"), column("number", ordinal=1)])
    promised = [
        PromisedColumn(path="id", unique=True, required=True),
        PromisedColumn(path="line", required=True),
        PromisedColumn(path="premium"),
    ]
    contract = ContractDescriptor(key="terms", version="1", port="sql", columns=promised)
    serving("main.policy", "main.version", contracts=[contract])
    run("main.policy", "main.version")
    bound = Check.objects.filter(description__contains="contract")
    assert set(bound.values_list("dataset__name", "key")) == {
        ("main.policy", "completeness:not-null:id"),
        ("main.policy", "completeness:not-null:line"),
        ("main.policy", "uniqueness:key:id"),
    }


def test_a_missing_promised_column_fails_where_a_port_serves_one_table(mesh: Mesh) -> None:
    make_dataset()
    promised = [PromisedColumn(path="premium", type="number")]
    contract = ContractDescriptor(key="terms", version="1", columns=promised)
    serving("main.claims", contracts=[contract])
    run("main.claims")
    assert Check.objects.get(key="validity:present:premium").last_outcome == "failed"


def test_gone_datasets_are_left_alone(mesh: Mesh) -> None:
    dataset = make_dataset()
    Dataset.objects.update(gone_at=START)
    assert evaluate([dataset.pk], at=START, run_key="r").checks == 0


@pytest.mark.parametrize("promised", [False, True])
def test_the_number_of_queries_does_not_depend_on_the_number_of_datasets(
    mesh: Mesh, promised: bool
) -> None:
    names = [f"main.t{n}" for n in range(50)]
    promise = ObjectiveDescriptor(
        key="fresh", indicator=Indicator.FRESHNESS, comparison="<=", target=Decimal(1)
    )
    for name in names:
        make_dataset(name)
        serving(name, key=name.replace(".", "-"), objectives=[promise] if promised else [])
    ids = see(*names, duplicates=1)
    counts = []
    for key, part in (("one", ids[:1]), ("all", ids[1:])):
        with CaptureQueriesContext(connection) as seen:
            evaluate(part, at=START, run_key=key)
        counts.append(len(seen))
    assert counts[0] <= 50
    assert counts[1] <= counts[0]
