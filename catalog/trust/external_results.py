"""Outcomes of checks that were run elsewhere: kept once for each run and check, beside our own, and scored."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog.db import bulk
from catalog.models import Check, Result
from catalog.standards.quality.results import CheckResult
from catalog.trust.check_evaluation import Verdict
from catalog.trust.evaluate import announce, score_subjects
from catalog.trust.load import load_links, products_of


@dataclass(frozen=True, slots=True)
class Subject:
    """What a check is about: a dataset or a whole product, by id."""

    dataset: int | None = None
    product: int | None = None


@dataclass(frozen=True, slots=True)
class PushedResult:
    """How one check of a tool ended in one of the tool's runs."""

    subject: Subject
    tool: str
    run_id: str
    at: datetime
    result: CheckResult

    @property
    def place(self) -> tuple[Subject, str]:
        """Where its check stands: the subject, and the key among the subject's checks."""
        return self.subject, _short(f"pushed:{self.tool}:{self.result.key}", 300)

    @property
    def run_key(self) -> str:
        """What tells the runs of a check apart."""
        return _short(f"{self.tool}:{self.run_id}", 100)

    def dump(self) -> dict[str, object]:
        """Return how the check was run, as its row states it."""
        one = self.result
        params: dict[str, object] = {"tool": self.tool, "rule": one.rule}
        if one.quality_id:
            params |= {"contract": one.asset.contract, "quality": one.quality_id}
        return {
            "name": (one.name or one.key)[:300],
            "dimension": one.dimension,
            "rule": "custom",
            "column_path": one.column[:500],
            "params": params,
            "severity": one.severity,
            "retired_at": None,
        }


@transaction.atomic
def record_results(results: Sequence[PushedResult]) -> int:
    """Keep outcomes, the newest of each check and run; scores follow. Returns how many were new or newer.

    What arrives late is history, twice is once. A fixed number of queries, whatever the number of results.
    Objectives are measured on what is observed of the data, never on what a tool concluded.
    """
    newest: dict[tuple[tuple[Subject, str], str], PushedResult] = {}
    for said in sorted(results, key=lambda said: (said.at, said.result.outcome)):
        newest[said.place, said.run_key] = said
    if not newest:
        return 0
    checks = _checks(list(newest.values()))
    fresh = _fresh(newest, checks)
    _store(fresh)
    subjects = {said.subject for said in newest.values()}
    products = {s.product for s in subjects if s.product is not None}
    datasets = {s.dataset for s in subjects if s.dataset is not None}
    products |= products_of(datasets) if datasets else set()
    last: dict[int, tuple[Check, PushedResult]] = {}
    for check, said in sorted(fresh, key=lambda pair: pair[1].at):
        if check.last_at is None or check.last_at <= said.at:
            last[check.pk] = (check, said)
    if last:
        at = max(said.at for _, said in last.values())
        announce([(check, _verdict(said.result)) for check, said in last.values()], at)
        _remember(last.values())
        score_subjects(datasets, products, load_links(products), at=at)
    return len(fresh)


@transaction.atomic
def state_checks(
    tool: str,
    stated: Sequence[PushedResult],
    *,
    datasets: Collection[int],
    prefixes: Sequence[str],
) -> None:
    """Make the checks a tool has, without an outcome, and retire those it has no more.

    They are all there is of those that concern the datasets and whose key of the tool begins with one of `prefixes`.
    """
    checks = _checks(stated) if stated else {}
    kept = {checks[check.place].pk for check in stated}
    meant = Q(pk__in=[])
    for prefix in prefixes:
        meant |= Q(key__startswith=f"pushed:{tool}:{prefix}")
    rows = Check.objects.filter(meant, dataset__in=datasets, origin="pushed")
    standing = rows.filter(retired_at__isnull=True).values_list("pk", flat=True)
    gone = [pk for pk in standing if pk not in kept]
    Check.objects.filter(pk__in=gone).update(retired_at=timezone.now())


def _verdict(result: CheckResult) -> Verdict:
    return Verdict(
        result.outcome, result.observed, result.expected, result.rows_failed, result.rows_total
    )


def _checks(results: Collection[PushedResult]) -> dict[tuple[Subject, str], Check]:
    """Return the check of each place, made or brought up to date by what was said last of it."""
    latest = {result.place: result for result in results}
    known = _known(latest)
    fresh: list[Check] = []
    changed: list[Check] = []
    for place, result in latest.items():
        row, stated = known.get(place), result.dump()
        if row is None:
            subject, key = place
            row = Check(key=key, origin="pushed", **stated)
            row.dataset_id, row.product_id = subject.dataset, subject.product
            known[place] = row
            fresh.append(row)
        elif (row.last_at is None or row.last_at <= result.at) and any(
            getattr(row, name) != value for name, value in stated.items()
        ):
            for name, value in stated.items():
                setattr(row, name, value)
            changed.append(row)
    Check.objects.bulk_create(fresh, batch_size=500)
    if changed:
        Check.objects.bulk_update(changed, [*next(iter(latest.values())).dump()], batch_size=100)
    return known


def _known(places: Iterable[tuple[Subject, str]]) -> dict[tuple[Subject, str], Check]:
    subjects = {subject for subject, _ in places}
    about = Q(dataset__in={s.dataset for s in subjects if s.dataset is not None}) | Q(
        dataset__isnull=True, product__in={s.product for s in subjects if s.product is not None}
    )
    rows = Check.objects.filter(about, origin="pushed")
    return {
        (
            Subject(dataset=row.dataset_id)
            if row.dataset_id is not None
            else Subject(product=row.product_id),
            row.key,
        ): row
        for row in rows
    }


def _fresh(
    newest: Mapping[tuple[tuple[Subject, str], str], PushedResult],
    checks: Mapping[tuple[Subject, str], Check],
) -> list[tuple[Check, PushedResult]]:
    """Return what is not known yet, or known from an earlier moment of the same run."""
    of_interest = [checks[place].pk for place, _ in newest]
    rows = Result.objects.filter(
        check_rule__in=set(of_interest), run_key__in={run for _, run in newest}
    )
    known = {
        (c, run): at for c, run, at in rows.values_list("check_rule", "run_key", "measured_at")
    }
    return [
        (checks[place], result)
        for (place, run), result in newest.items()
        if (at := known.get((checks[place].pk, run))) is None or result.at > at
    ]


def _store(fresh: Iterable[tuple[Check, PushedResult]]) -> None:
    fields = ("measured_at", "outcome", "observed", "expected", "rows_failed", "rows_total")
    rows = [
        {
            "check_rule_id": check.pk,
            "run_key": result.run_key,
            "measured_at": result.at,
            "outcome": result.result.outcome,
            "observed": result.result.observed[:300],
            "expected": result.result.expected[:300],
            "rows_failed": result.result.rows_failed,
            "rows_total": result.result.rows_total,
        }
        for check, result in fresh
    ]
    bulk.upsert(Result, rows, on=("check_rule_id", "run_key"), fields=fields)


def _remember(last: Iterable[tuple[Check, PushedResult]]) -> None:
    rows = [
        {
            "id": check.pk,
            "last_outcome": result.result.outcome,
            "last_at": result.at,
            "last_observed": result.result.observed[:300],
            "last_rows_failed": result.result.rows_failed,
            "last_rows_total": result.result.rows_total,
        }
        for check, result in last
    ]
    bulk.update(Check, rows)


def _short(text: str, longest: int) -> str:
    """Return a text that fits, ending with a digest where it was cut."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{text[: longest - 17]}~{digest}"
