"""Results of real quality tools become checks, scores and events; no value of a row is kept."""

from __future__ import annotations

import json
from collections import Counter
from copy import deepcopy
from typing import Any

import pytest
from django.apps import apps
from django.core import serializers
from django.test import Client

from catalog.contracts.publish import publish_contract
from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Check, Dataset, Event, PortDataset, Product, Result, Score
from catalog.people.tokens import make_token
from catalog.standards.quality.read import read_results
from catalog.standards.quality.results import NotReadable
from catalog.standards.reading import of_value
from tests.conftest import Mesh
from tests.engines import material
from tests.factories import column, make_dataset, make_product

ADDRESS = "/api/v1/quality-results"
NAMES = ("raw_orders", "orders", "customers", "stg_orders", "stg_customers", "stg_payments")


def sample(*parts: str) -> Any:
    return json.loads(material("standards", *parts).read_text())


def dbt(results: str) -> dict[str, Any]:
    return {
        "run_results": sample("dbt_jaffle_duckdb", results),
        "manifest": sample("dbt_jaffle_duckdb", "manifest.json"),
    }


@pytest.fixture
def shop(mesh: Mesh) -> Product:
    """A product that serves the tables of the jaffle shop, with its contract."""
    space = "duckdb://jaffle_shop.duckdb"
    for name in NAMES:
        make_dataset(
            f"jaffle_shop.main.{name}",
            namespace=space,
            display_name=name,
            columns=[column("id"), column("status", ordinal=1)],
        )
    addresses = [DatasetAddress(namespace=space, name=f"jaffle_shop.main.{n}") for n in NAMES]
    product = make_product(
        "jaffle", ports=[PortDescriptor(direction="out", name="sql", datasets=addresses)]
    )
    said = {
        "apiVersion": "v3.2.0",
        "kind": "DataContract",
        "id": "jaffle-orders",
        "version": "1.0.0",
        "status": "active",
        "dataProduct": "claims/jaffle",
        "schema": [{"name": "raw_orders", "properties": [{"name": "id"}]}],
    }
    publish_contract(of_value(said), by=mesh.alice)
    return product


class Pipeline:
    """Somebody's pipeline."""

    def __init__(self, client: Client, secret: str) -> None:
        self.client, self.headers = client, {"x-api-key": secret}

    def post(self, said: Any, address: str = ADDRESS) -> Any:
        return self.client.post(
            address, json.dumps(said), content_type="application/json", headers=self.headers
        )


@pytest.fixture
def pipeline(client: Client, mesh: Mesh, shop: Product) -> Pipeline:
    return Pipeline(client, make_token(mesh.alice, name="ci", scope="write", days=9)[1])


def test_hidden_products_that_serve_the_tables_are_not_named(
    pipeline: Pipeline, mesh: Mesh, shop: Product
) -> None:
    space = "duckdb://jaffle_shop.duckdb"
    addresses = [DatasetAddress(namespace=space, name=f"jaffle_shop.main.{n}") for n in NAMES]
    make_product(
        "hidden",
        domain="policy",
        team="policy-team",
        visibility="team",
        ports=[PortDescriptor(direction="out", name="sql", datasets=addresses)],
    )
    for link in PortDataset.objects.filter(
        dataset=None
    ):  # as if it served them before they had an owner
        link.dataset = Dataset.objects.get(namespace=link.namespace, name=link.name)
        link.save()
    answer = pipeline.post(dbt("run_results.build.json"))
    assert answer.status_code == 200
    assert {guid for run in answer.json()["runs"] for guid in run["products"]} == {shop.guid}
    assert "hidden" not in f"{answer.json()} {answer.headers}"


def outcomes(tool: str) -> Counter[str]:
    rows = Check.objects.filter(origin="pushed", params__tool=tool)
    return Counter(rows.values_list("last_outcome", flat=True))


SAMPLES: dict[str, tuple[str, int]] = {
    "datacontract": ("quality_results/datacontract-cli_test-results_published.json", 9),
    "great-expectations": ("quality_results/gx-1.24.1_validation_result.json", 4),
    "soda": ("quality_results/soda-core-3.5.6_scan_results.json", 5),
    "dbt": ("run_results.build_fail.json", 20),
    "openlineage": ("openlineage_dbt_events/dbt-ol_build_fail.json", 20),
}
ENDED = {
    "datacontract": {"passed": 8, "failed": 1},
    "great-expectations": {"passed": 3, "failed": 1},
    "soda": {"passed": 3, "failed": 2},
    "dbt": {"passed": 7, "failed": 1, "skipped": 12},
    "openlineage": {"passed": 7, "failed": 1, "skipped": 12},
}


def load(tool: str) -> Any:
    name = SAMPLES[tool][0]
    return dbt(name) if tool == "dbt" else sample(*name.split("/"))


@pytest.mark.material
@pytest.mark.parametrize("tool", SAMPLES)
def test_real_results_become_checks_once(tool: str, pipeline: Pipeline, shop: Product) -> None:
    answer = pipeline.post(load(tool))
    assert answer.status_code == 200, answer.content
    runs = answer.json()["runs"]
    assert sum(run["checks"] for run in runs) == SAMPLES[tool][1]
    assert [run["unplaced"] for run in runs if run["unplaced"]] == []
    assert outcomes(tool) == ENDED[tool]
    before = (
        Check.objects.count(),
        Result.objects.count(),
        Event.objects.count(),
        Score.objects.count(),
    )
    assert pipeline.post(load(tool)).status_code == 200
    after = (
        Check.objects.count(),
        Result.objects.count(),
        Event.objects.count(),
        Score.objects.count(),
    )
    assert after == before
    assert Event.objects.filter(type="check.failed", product_id=shop.pk).exists()
    shop.refresh_from_db()
    assert shop.quality_score is not None
    assert shop.quality_score < 100


@pytest.mark.material
def test_checks_belong_to_dimensions_columns_and_rules_of_the_contract(pipeline: Pipeline) -> None:
    pipeline.post(load("datacontract"), "/api/test-results")
    check = Check.objects.get(params__quality="status_valid")
    assert (check.dimension, check.column_path, check.severity) == ("validity", "status", "error")
    assert (check.last_observed, check.last_rows_failed, check.last_rows_total) == ("2", 2, 99)
    assert check.dataset is not None
    assert check.dataset.display_name == "raw_orders"
    unique = Check.objects.get(key__contains="raw_orders__id__field_unique")
    assert unique.dimension == "uniqueness"


@pytest.mark.material
def test_no_value_of_a_row_is_kept(pipeline: Pipeline) -> None:
    secret = "zyx-secret-row-value"
    contract, expectations, soda, lineage = (
        deepcopy(load(tool))
        for tool in ("datacontract", "great-expectations", "soda", "openlineage")
    )
    for check in contract["checks"]:
        check["failedSamples"] = [json.dumps({"email": secret})]
        check["reason"] = f"found {secret}"
        check["diagnostics"]["value_seen"] = secret
    for one in expectations["results"]:
        one["result"]["partial_unexpected_list"] = [secret]
        one["result"]["partial_unexpected_counts"] = [{"value": secret, "count": 1}]
        one["result"]["observed_value"] = [secret]
        one["exception_info"]["exception_message"] = secret
    for check in soda["checks"]:
        check["diagnostics"]["blocks"] = [{"type": "csv", "text": f"email\n{secret}"}]
        check["outcomeReasons"] = [{"message": secret}]
        check["diagnostics"]["value"] = secret
    for event in lineage:
        for dataset in event.get("inputs", []):
            for one in (
                dataset.get("facets", {}).get("dataQualityAssertions", {}).get("assertions", [])
            ):
                one["actual"] = one["content"] = secret
    for said in (contract, expectations, soda, lineage):
        assert pipeline.post(said).status_code == 200
    assert Result.objects.count() > 20
    for model in apps.get_models():
        stored = serializers.serialize("json", model._default_manager.all())
        assert secret not in stored, model


def contract_run(result: str = "passed", at: str = "2026-01-02T10:00:00Z", run: str = "r1") -> Any:
    check = {"key": "k", "name": "rows", "type": "row_count", "model": "orders", "result": result}
    return {
        "runId": run,
        "dataContractId": "jaffle-orders",
        "timestampEnd": at,
        "checks": [check],
    }


@pytest.mark.parametrize("said", ["skipped", "unknown", "info", "error", "surprise", None])
def test_what_was_not_judged_never_counts_as_passed(said: Any, pipeline: Pipeline) -> None:
    assert pipeline.post(contract_run(said)).status_code == 200
    check = Check.objects.get(origin="pushed")
    assert check.last_outcome != "passed"
    assert Dataset.objects.get(pk=check.dataset_id or 0).quality_score is None


def test_an_older_run_is_history(pipeline: Pipeline) -> None:
    pipeline.post(contract_run("failed", "2026-01-02T10:00:00Z", "new"))
    pipeline.post(contract_run("passed", "2026-01-01T10:00:00Z", "old"))
    check = Check.objects.get(origin="pushed")
    assert (check.last_outcome, check.results.count()) == ("failed", 2)
    pipeline.post(contract_run("passed", "2026-01-03T10:00:00Z", "newest"))
    check.refresh_from_db()
    assert check.last_outcome == "passed"
    assert Event.objects.filter(type="check.recovered").count() == 1


@pytest.mark.parametrize(
    ("said", "path"),
    [
        ({}, ""),
        ([], ""),
        ([1], ""),
        ("text", ""),
        ({"dataContractId": "jaffle-orders"}, "runId"),
        ({"runId": "r", "dataContractId": "jaffle-orders"}, "timestampEnd"),
        ({**contract_run(), "timestampEnd": "soon"}, "timestampEnd"),
        ({**contract_run(), "timestampEnd": "2999-01-01T00:00:00Z"}, "time"),
        ({**contract_run(), "timestampEnd": "0001-01-01T00:00:00+14:00"}, "timestampEnd"),
        ({**contract_run(), "timestampEnd": "1066-10-14T00:00:00Z"}, "timestampEnd"),
        ({**contract_run(), "dataContractId": "unknown"}, "k"),
        ({"metadata": {"dbt_schema_version": "x/run-results/v6.json"}}, "manifest"),
        ({"run_results": {"results": []}}, "manifest"),
        ({"suite_name": "s", "results": []}, "meta.run_id.run_time"),
        ({"validation_results": []}, "validation_results"),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_path(
    said: Any, path: str, pipeline: Pipeline
) -> None:
    answer = pipeline.post(said)
    assert answer.status_code == 422, answer.content
    assert answer.json()["errors"][0]["path"] == path
    assert not Check.objects.filter(origin="pushed").exists()


def test_only_the_owners_record_results(client: Client, mesh: Mesh, shop: Product) -> None:
    charlie = Pipeline(client, make_token(mesh.charlie, name="ci", scope="write", days=9)[1])
    assert charlie.post(contract_run()).status_code == 422
    assert charlie.post(contract_run(), f"{ADDRESS}?product={shop.guid}").status_code == 403
    reader = Pipeline(client, make_token(mesh.alice, name="ci", scope="read", days=9)[1])
    assert reader.post(contract_run()).status_code == 403
    assert client.post(ADDRESS, contract_run(), content_type="application/json").status_code == 401
    assert not Check.objects.filter(origin="pushed").exists()


def test_a_table_that_is_not_served_is_a_check_of_the_product(
    pipeline: Pipeline, shop: Product
) -> None:
    said = contract_run()
    said["checks"][0]["model"] = "elsewhere"
    pipeline.post(said)
    check = Check.objects.get(origin="pushed")
    assert (check.dataset_id, check.product_id) == (None, shop.pk)


def test_hundreds_of_results_cost_as_many_queries_as_ten(
    pipeline: Pipeline, django_assert_max_num_queries: Any
) -> None:
    def many(count: int, run: str) -> Any:
        said = contract_run(run=run)
        said["checks"] = [{**said["checks"][0], "key": f"k{n}"} for n in range(count)]
        return said

    pipeline.post(many(1, "warm"))
    with django_assert_max_num_queries(80) as few:
        pipeline.post(many(10, "few"))
    with django_assert_max_num_queries(len(few) + 6):
        pipeline.post(many(150, "many"))


@pytest.mark.material
def test_skipped_tests_of_dbt_are_no_failures(pipeline: Pipeline) -> None:
    pipeline.post(load("openlineage"))
    assert Check.objects.get(name="unique_customers_customer_id").last_outcome == "skipped"


def test_deep_or_endless_documents_are_refused() -> None:
    with pytest.raises(NotReadable):
        read_results({"unknown": 1})
