"""Results of dbt and of OpenLineage events. Free of Django."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from catalog.standards.diagnostics import Diagnostic
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

#: Hours of the periods in which dbt says how fresh a source must be.
HOURS = {"minute": 1 / 60, "hour": 1.0, "day": 24.0}
LONGEST_WAIT = 10_000_000


def read_dbt(results: dict[str, Any], manifest: dict[str, Any]) -> Run:
    """Read `run_results.json` with the manifest of the same project; absence of a test says nothing."""
    meta = mapping(results.get("metadata"))
    run_id = text(meta.get("invocation_id"))
    if not run_id:
        raise NotReadable(("metadata", "invocation_id"), None, "is required")
    nodes = {**mapping(manifest.get("nodes")), **mapping(manifest.get("sources"))}
    found, lost = [], []
    for place, one in enumerate(objects(results.get("results"))):
        unique = text(one.get("unique_id"))
        if not unique.startswith("test."):
            continue
        node = mapping(nodes.get(unique))
        if not node:
            path, said = f"results[{place}].unique_id", "the manifest has no such test"
            lost.append(Diagnostic(path, unique, said, "warning"))
            continue
        found.append(_test(one, unique, node, nodes))
    at = time_of(meta.get("generated_at"), ("metadata", "generated_at"))
    return Run("dbt", run_id, at, tuple(found), tuple(lost))


def read_dbt_tests(manifest: dict[str, Any]) -> tuple[CheckResult, ...]:
    """Return every test of a manifest, whether it ever ran or not; the outcome is unknown."""
    nodes = {**mapping(manifest.get("nodes")), **mapping(manifest.get("sources"))}
    return tuple(
        _test({}, unique, mapping(node), nodes)
        for unique, node in sorted(nodes.items())
        if unique.startswith("test.")
    )


def read_dbt_freshness(sources: dict[str, Any], manifest: dict[str, Any]) -> Run:
    """Read `sources.json` with the manifest of the same project: how old the newest row of each source is."""
    meta = mapping(sources.get("metadata"))
    run_id = text(meta.get("invocation_id"))
    at = time_of(meta.get("generated_at"), ("metadata", "generated_at"))
    known = mapping(manifest.get("sources"))
    found, lost = [], []
    for place, one in enumerate(objects(sources.get("results"))):
        unique = text(one.get("unique_id"))
        if node := mapping(known.get(unique)):
            found.append(_freshness(one, unique, node))
        else:
            message = "the manifest has no such source"
            lost.append(Diagnostic(f"results[{place}].unique_id", unique, message, "warning"))
    return Run("dbt", f"{run_id or at.isoformat()}:freshness", at, tuple(found), tuple(lost))


def freshness_checks(manifest: dict[str, Any]) -> tuple[CheckResult, ...]:
    """Return the freshness that a manifest wants of each source; the outcome is unknown."""
    known = mapping(manifest.get("sources"))
    return tuple(
        _freshness({}, unique, mapping(node))
        for unique, node in sorted(known.items())
        if hours_allowed(mapping(mapping(node).get("freshness")))
    )


def hours_allowed(criteria: dict[str, Any]) -> float | None:
    """Return after how many hours a source is too old: `error_after`, else `warn_after`."""
    for name in ("error_after", "warn_after"):
        period = mapping(criteria.get(name))
        number, unit = period.get("count"), HOURS.get(text(period.get("period")).lower())
        if unit and isinstance(number, int | float) and 0 < number < LONGEST_WAIT:
            return number * unit
    return None


def _freshness(one: dict[str, Any], unique: str, node: dict[str, Any]) -> CheckResult:
    allowed = hours_allowed(mapping(one.get("criteria")) or mapping(node.get("freshness")))
    seconds = one.get("max_loaded_at_time_ago_in_s")
    status = text(one.get("status")).lower()
    is_number = isinstance(seconds, int | float) and not isinstance(seconds, bool)
    age = float(seconds or 0) / 3600 if is_number else None
    return CheckResult(
        key=f"{unique}.freshness",
        name=f"{text(node.get('name'))} has new data",
        asset=_relation(node),
        dimension="timeliness",
        rule="freshness",
        outcome="failed" if status == "error" else outcome_of(status),
        column=text(node.get("loaded_at_field"), 500) if _is_name(node) else "",
        observed="" if age is None else f"{age:.1f} hours",
        expected="" if allowed is None else f"at most {allowed:g} hours",
    )


def _is_name(node: dict[str, Any]) -> bool:
    return text(node.get("loaded_at_field")).isidentifier()


def _test(
    one: dict[str, Any], unique: str, node: dict[str, Any], nodes: dict[str, Any]
) -> CheckResult:
    attached = node.get("attached_node")
    above = mapping(node.get("depends_on")).get("nodes") or []
    target = mapping(nodes.get(str(attached or (above[-1] if above else ""))))
    rule = text(mapping(node.get("test_metadata")).get("name") or node.get("name"), 100)
    config = mapping(node.get("config"))
    return CheckResult(
        key=unique,
        name=text(node.get("name")),
        asset=_relation(target),
        dimension=dimension_of(mapping(config.get("meta")).get("dimension"), rule),
        rule=rule,
        outcome=outcome_of(one.get("status")),
        column=text(node.get("column_name"), 500),
        severity=severity_of(config.get("severity")),
        observed=figure(one.get("failures")),
        rows_failed=count(one.get("failures")),
    )


def _relation(node: dict[str, Any]) -> Asset:
    table = text(node.get("alias") or node.get("identifier") or node.get("name"), 300)
    schema, database = text(node.get("schema"), 300), text(node.get("database"), 300)
    names = (f"{database}.{schema}.{table}", f"{schema}.{table}")
    return Asset(table, names=tuple(name for name in names if not name.startswith(".")))


def read_openlineage(events: list[dict[str, Any]]) -> list[Run]:
    """Read the assertions of events, one run for each run of a job; each assertion counts once."""
    runs: dict[str, tuple[datetime, dict[tuple[str, ...], CheckResult]]] = {}
    for place, event in enumerate(events):
        run_id = text(mapping(event.get("run")).get("runId"))
        if not run_id:
            continue
        at = time_of(event.get("eventTime"), (place, "eventTime"))
        known_at, known = runs.get(run_id, (at, {}))
        for key, result in _assertions(event):
            if key not in known or at >= known_at:
                known[key] = result
        runs[run_id] = (max(at, known_at), known)
    return [
        Run("openlineage", run_id, at, tuple(known.values()))
        for run_id, (at, known) in runs.items()
        if known
    ]


def _assertions(event: dict[str, Any]) -> Iterator[tuple[tuple[str, ...], CheckResult]]:
    for dataset in [*objects(event.get("inputs")), *objects(event.get("outputs"))]:
        asset = Asset(text(dataset.get("name"), 1000), text(dataset.get("namespace"), 500))
        facets = [mapping(dataset.get(name)) for name in ("inputFacets", "outputFacets", "facets")]
        for result in read_assertions(facets, asset, producer=text(event.get("producer"))):
            yield (asset.namespace, asset.name, result.rule, result.column, result.name), result


def read_assertions(
    facets: Iterable[Mapping[str, Any]], asset: Asset, *, producer: str
) -> Iterator[CheckResult]:
    """Read the `dataQualityAssertions` facets of a dataset in an OpenLineage event."""
    is_dbt = "dbt" in producer.lower()
    for holder in facets:
        facet = mapping(holder.get("dataQualityAssertions"))
        for one in objects(facet.get("assertions")):
            yield _assertion(one, asset, is_dbt)


def _assertion(one: dict[str, Any], asset: Asset, is_dbt: bool) -> CheckResult:
    rule, column = text(one.get("assertion"), 100), text(one.get("column"), 500)
    name = text(one.get("name") or (f"{column}: {rule}" if column else rule))
    outcome = "unknown"
    if isinstance(one.get("success"), bool):
        outcome = "passed" if one["success"] else "failed"
    if outcome == "failed" and is_dbt and one.get("actual") is None:
        outcome = "skipped"  # dbt-ol says so of tests that never ran
    severity = severity_of(one.get("severity"))
    if outcome == "failed" and severity == "warning":
        outcome = "warned"
    return CheckResult(
        key=text(f"{name} {rule} {column}"),
        name=name,
        asset=asset,
        dimension=dimension_of(None, rule),
        rule=rule,
        outcome=outcome,
        column=column,
        severity=severity,
        observed=_number(one.get("actual")),
        expected=_number(one.get("expected")),
    )


def _number(value: object) -> str:
    """Return a number that came as one or as a text; empty for anything else, which may be a value of a row."""
    is_number = isinstance(value, str) and value.replace(".", "", 1).isdigit()
    return text(value, 30) if is_number else figure(value)
