"""Outcomes of checks that were run elsewhere: stored beside our own, and counted in the scores."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from catalog import bulk
from catalog.models import Check, Outcome, Result
from catalog.trust.evaluate import score_subjects
from catalog.trust.load import load_links, products_of


@dataclass(frozen=True, slots=True, kw_only=True)
class PushedResult:
    """One outcome of one rule on one dataset (id). `run_key` tells the runs of the rule apart."""

    dataset: int
    key: str
    run_key: str
    at: datetime
    outcome: Outcome
    name: str
    dimension: str
    column: str = ""
    severity: str = "error"
    observed: str = ""
    expected: str = ""
    description: str = ""


def record_results(results: Sequence[PushedResult]) -> int:
    """Keep outcomes, the newest of each (check, run); return how many were new or newer.

    A fixed number of queries. Scores of the datasets and products follow.
    """
    if not results:
        return 0
    newest: dict[tuple[int, str, str], PushedResult] = {}
    for said in sorted(results, key=lambda r: (r.at, r.outcome)):
        newest[said.dataset, said.key, said.run_key[:100]] = said
    with transaction.atomic():
        checks = _checks(list(newest.values()))
        known = _known(checks.values(), newest)
        fresh = [
            (checks[dataset, key], said)
            for (dataset, key, run), said in newest.items()
            if (at := known.get((checks[dataset, key].pk, run))) is None or said.at > at
        ]
        bulk.upsert(
            Result,
            [_result(check, said) for check, said in fresh],
            on=("check_rule_id", "run_key"),
            fields=("measured_at", "outcome", "observed", "expected"),
        )
        _remember(fresh)
        touched = {said.dataset for _, said in fresh}
        if touched:
            products = products_of(touched)
            score_subjects(touched, products, load_links(products), at=max(s.at for _, s in fresh))
    return len(fresh)


def _checks(results: Collection[PushedResult]) -> dict[tuple[int, str], Check]:
    rows: dict[tuple[int, str], dict[str, object]] = {
        (said.dataset, said.key): {
            "dataset_id": said.dataset,
            "key": said.key[:300],
            "name": said.name[:300],
            "dimension": said.dimension,
            "rule": "custom",
            "column_path": said.column[:500],
            "params": {},
            "severity": said.severity,
            "origin": "pushed",
            "description": said.description,
            "retired_at": None,
            "last_outcome": Outcome.UNKNOWN.value,
            "last_observed": "",
        }
        for said in results
    }
    bulk.upsert(
        Check,
        list(rows.values()),
        on=("dataset_id", "key"),
        where="dataset_id IS NOT NULL",
        fields=("name", "severity", "description", "retired_at"),
    )
    found = Check.objects.filter(
        dataset__in={d for d, _ in rows}, key__in={key for _, key in rows}, origin="pushed"
    )
    return {(check.dataset_id or 0, check.key): check for check in found}


def _known(
    checks: Collection[Check], wanted: Collection[tuple[int, str, str]]
) -> dict[tuple[int, str], datetime]:
    rows = Result.objects.filter(
        check_rule__in=[check.pk for check in checks], run_key__in={run for *_, run in wanted}
    )
    return {(c, run): at for c, run, at in rows.values_list("check_rule", "run_key", "measured_at")}


def _result(check: Check, said: PushedResult) -> dict[str, object]:
    return {
        "check_rule_id": check.pk,
        "run_key": said.run_key[:100],
        "measured_at": said.at,
        "outcome": said.outcome.value,
        "observed": said.observed[:300],
        "expected": said.expected[:300],
        "rows_failed": None,
        "rows_total": None,
    }


def _remember(fresh: Sequence[tuple[Check, PushedResult]]) -> None:
    last: dict[int, dict[str, object]] = {}
    for check, said in sorted(fresh, key=lambda pair: pair[1].at):
        if check.last_at is None or check.last_at <= said.at:
            last[check.pk] = {
                "id": check.pk,
                "last_outcome": said.outcome.value,
                "last_at": said.at,
                "last_observed": said.observed[:300],
            }
    bulk.update(Check, list(last.values()))
