"""Results of datacontract-cli, Great Expectations 1.x and Soda 3.x. Free of Django."""

from __future__ import annotations

from typing import Any

from catalog.standards.quality.results import (
    Asset,
    CheckResult,
    NotReadable,
    Run,
    count,
    dimension_of,
    figure,
    mapping,
    objects,
    outcome_of,
    severity_of,
    text,
    time_of,
)


def read_datacontract(content: dict[str, Any]) -> Run:
    """Read what `datacontract test --publish` sends."""
    run_id = text(content.get("runId") or content.get("id"))
    contract = text(content.get("dataContractId"))
    if not run_id:
        raise NotReadable(("runId",), None, "is required: it tells this run from others")
    if not contract:
        raise NotReadable(("dataContractId",), None, "is required")
    ended = content.get("timestampEnd") or content.get("timestampStart")
    results = []
    for check in objects(content.get("checks")):
        measured = mapping(check.get("diagnostics"))
        kind = text(check.get("type"), 100)
        key = text(check.get("key") or check.get("name") or check.get("id"))
        results.append(
            CheckResult(
                key=key,
                name=text(check.get("name") or key),
                asset=Asset(text(check.get("model"), 1000), contract=contract),
                dimension=dimension_of(check.get("dimension"), kind),
                rule=kind,
                outcome=outcome_of(check.get("result")),
                column=text(check.get("field"), 500),
                severity=severity_of(measured.get("severity")),
                observed=figure(measured.get("value")),
                expected=text(measured.get("threshold")),
                rows_failed=count(check.get("failedNumber")),
                rows_total=count(check.get("totalNumber")),
                quality_id=text(check.get("qualityId"), 200),
            )
        )
    return Run("datacontract", run_id, time_of(ended, ("timestampEnd",)), tuple(results))


def read_expectations(content: dict[str, Any]) -> Run:
    """Read a validation result of Great Expectations."""
    meta = mapping(content.get("meta"))
    run_id = mapping(meta.get("run_id"))
    at = run_id.get("run_time") or meta.get("validation_time")
    if at is None:
        message = "is required: a validation result has it, the short form of describe() does not"
        raise NotReadable(("meta", "run_id", "run_time"), None, message)
    batch = mapping(meta.get("active_batch_definition"))
    asset = Asset(text(batch.get("data_asset_name"), 1000))
    suite = text(content.get("suite_name"), 100)
    results = [_expectation(one, asset, suite) for one in objects(content.get("results"))]
    name = text(meta.get("validation_id") or suite or asset.name, 60)
    return Run(
        "great-expectations",
        f"{name} {at}",
        time_of(at, ("meta", "run_id", "run_time")),
        tuple(results),
    )


def _expectation(one: dict[str, Any], asset: Asset, suite: str) -> CheckResult:
    config = mapping(one.get("expectation_config"))
    kwargs, found = mapping(config.get("kwargs")), mapping(one.get("result"))
    rule = text(config.get("type") or config.get("expectation_type"), 100)
    column = text(kwargs.get("column"), 500)
    severity = severity_of(config.get("severity"))
    outcome = "unknown"
    if mapping(one.get("exception_info")).get("raised_exception") is True:
        outcome = "error"
    elif isinstance(one.get("success"), bool):
        outcome = "passed" if one["success"] else "failed"
    total, failed = count(found.get("element_count")), count(found.get("unexpected_count"))
    bounds = [figure(kwargs.get(name)) for name in ("min_value", "max_value")]
    name = rule.removeprefix("expect_").replace("_", " ")
    return CheckResult(
        key=text(config.get("id") or f"{suite} {rule} {column}"),
        name=text(f"{column}: {name}" if column else name),
        asset=asset,
        dimension=dimension_of(mapping(config.get("meta")).get("dimension"), rule),
        rule=rule,
        outcome=outcome,
        column=column,
        severity=severity,
        observed=figure(found.get("observed_value")) or figure(failed),
        expected=" to ".join(bounds) if any(bounds) else "",
        rows_failed=failed,
        rows_total=total,
    )


def read_soda(content: dict[str, Any]) -> Run:
    """Read the scan results of Soda Core 3."""
    at = content.get("dataTimestamp") or content.get("scanEndTimestamp")
    name = text(content.get("definitionName"), 60)
    results = []
    for check in objects(content.get("checks")):
        measured = mapping(check.get("diagnostics"))
        said = {
            text(a.get("name")): a.get("value") for a in objects(check.get("resourceAttributes"))
        }
        rule = text(check.get("name"), 100)
        metrics = " ".join(text(metric, 200) for metric in check.get("metrics") or ())
        results.append(
            CheckResult(
                key=text(check.get("identity") or rule),
                name=text(check.get("name")),
                asset=Asset(text(check.get("table"), 1000)),
                dimension=dimension_of(said.get("dimension"), f"{rule} {metrics}"),
                rule=text(check.get("type"), 100),
                outcome=outcome_of(check.get("outcome")),
                column=text(check.get("column"), 500),
                observed=figure(measured.get("value")),
            )
        )
    return Run("soda", f"{name} {at}", time_of(at, ("dataTimestamp",)), tuple(results))
