"""Judge many datasets after a harvest: checks, results, scores, objectives, and what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from catalog.db import bulk
from catalog.events.log import NewEvent, record
from catalog.models import Check, Dataset, DatasetHistory, Outcome, Product, Result, Score
from catalog.trust import objectives
from catalog.trust.check_evaluation import SKIPPED, Verdict, judge, worst
from catalog.trust.checks import sync_checks
from catalog.trust.facts import DatasetFacts
from catalog.trust.load import Link, load_facts, load_links, products_of
from catalog.trust.scores import Judged, QualityScore, score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What an evaluation did."""

    checks: int
    failed: int
    products: tuple[int, ...]


@transaction.atomic
def evaluate(dataset_ids: Collection[int], *, at: datetime, run_key: str) -> Evaluation:
    """Judge datasets by their newest profiles, as of `at`.

    Doing it again with the same `run_key` gives the same rows. The number of queries does not depend
    on the number of datasets.
    """
    present = Dataset.objects.filter(pk__in=dataset_ids, gone_at__isnull=True)
    ids = set(present.values_list("pk", flat=True))
    if not ids:
        return Evaluation(0, 0, ())
    products = products_of(ids)
    links = load_links(products)
    facts = load_facts(ids, links)
    sync_checks(facts.values(), at=at)
    checks = _active(ids, products)
    verdicts = _judge_all(checks, _with_siblings(checks, facts, links), links, at)
    _store(verdicts, at=at, run_key=run_key)
    announce(verdicts, at)
    for check, verdict in verdicts:
        _remember(check, verdict, at)
    score_subjects(ids, products, links, at=at)
    objectives.measure(products, at=at)
    failed = sum(1 for _, verdict in verdicts if verdict.outcome == Outcome.FAILED)
    return Evaluation(len(verdicts), failed, tuple(sorted(products)))


def score_subjects(
    dataset_ids: Collection[int], products: Collection[int], links: Iterable[Link], *, at: datetime
) -> None:
    """Score datasets, and the products with all they serve, from how their checks ended last."""
    served: dict[int, set[int]] = defaultdict(set)
    for link in links:
        served[link.product].add(link.dataset)
    everything = set(dataset_ids).union(*served.values())
    of_dataset: dict[int, list[Judged]] = defaultdict(list)
    of_product: dict[int, list[Judged]] = defaultdict(list)
    for check in _active(everything, products):
        one = Judged(
            check.dimension,
            check.severity,
            check.last_outcome,
            check.last_rows_failed,
            check.last_rows_total,
        )
        if check.dataset_id is not None:
            of_dataset[check.dataset_id].append(one)
        elif check.product_id is not None:
            of_product[check.product_id].append(one)
    _score_datasets({pk: score(of_dataset[pk]) for pk in dataset_ids}, at)
    scores = {
        pk: score([*of_product[pk], *(c for d in sorted(served[pk]) for c in of_dataset[d])])
        for pk in products
    }
    _score_products(scores, at)


def _score_datasets(scores: Mapping[int, QualityScore], at: datetime) -> None:
    bulk.update(Dataset, [{"id": pk, "quality_score": s.overall} for pk, s in scores.items()])
    points = DatasetHistory.objects.filter(dataset__in=scores, observed_at=at)
    rows = [
        {"id": pk, "quality_score": scores[dataset].overall}
        for pk, dataset in points.values_list("pk", "dataset_id")
    ]
    bulk.update(DatasetHistory, rows)


def _score_products(scores: Mapping[int, QualityScore], at: datetime) -> None:
    newer = set(
        Score.objects.filter(product__in=scores, measured_at__gt=at).values_list(
            "product_id", flat=True
        )
    )
    rows = [
        {"product_id": pk, "measured_at": at, "overall": s.overall, "arithmetic": s.as_data()}
        for pk, s in scores.items()
    ]
    on = ("product_id", "measured_at")
    bulk.upsert(Score, rows, on=on, fields=("overall", "arithmetic"))
    now = [{"id": pk, "quality_score": s.overall} for pk, s in scores.items() if pk not in newer]
    bulk.update(Product, now)


def _active(datasets: Collection[int], products: Collection[int]) -> list[Check]:
    own = Q(dataset__in=datasets) | Q(dataset__isnull=True, product__in=products)
    return list(Check.objects.filter(own, retired_at__isnull=True).order_by("pk"))


def _with_siblings(
    checks: Iterable[Check], facts: Mapping[int, DatasetFacts], links: Collection[Link]
) -> Mapping[int, DatasetFacts]:
    """Add the other datasets of products that have a check on the whole product."""
    whole = {check.product_id for check in checks if check.dataset_id is None}
    missing = {link.dataset for link in links if link.product in whole} - facts.keys()
    return {**facts, **load_facts(missing, links)} if missing else facts


def _judge_all(
    checks: Iterable[Check],
    facts: Mapping[int, DatasetFacts],
    links: Iterable[Link],
    at: datetime,
) -> list[tuple[Check, Verdict]]:
    served: dict[int | None, list[DatasetFacts]] = defaultdict(list)
    for link in links:
        if link.dataset in facts and facts[link.dataset] not in served[link.product]:
            served[link.product].append(facts[link.dataset])
    judged: list[tuple[Check, Verdict]] = []
    for check in checks:
        if check.origin == "pushed" or check.rule == "custom":
            continue
        if check.dataset_id is not None:
            judged.append((check, judge(check, facts[check.dataset_id], at)))
        elif about := _meant(check, served[check.product_id]):
            judged.append((check, worst([judge(check, one, at) for one in about])))
        else:
            judged.append((check, Verdict(SKIPPED, "its dataset is not known")))
    return judged


def _meant(check: Check, served: list[DatasetFacts]) -> list[DatasetFacts]:
    """Return the datasets a check of a whole product is about."""
    address = check.params.get("address")
    if isinstance(address, dict):
        pair = (address.get("namespace"), address.get("name"))
        return [one for one in served if (one.namespace, one.name) == pair]
    if check.column_path:
        return [one for one in served if one.column(check.column_path)]
    return served


def _store(verdicts: Iterable[tuple[Check, Verdict]], *, at: datetime, run_key: str) -> None:
    results, lasts = [], []
    for check, verdict in verdicts:
        row: dict[str, object] = {
            "outcome": verdict.outcome,
            "observed": verdict.observed[:300],
            "expected": verdict.expected[:300],
            "rows_failed": verdict.rows_failed,
            "rows_total": verdict.rows_total,
        }
        results.append(
            {"check_rule_id": check.pk, "run_key": run_key[:100], "measured_at": at, **row}
        )
        if check.last_at is None or check.last_at <= at:
            lasts.append(
                {
                    "id": check.pk,
                    "last_outcome": verdict.outcome,
                    "last_at": at,
                    "last_observed": verdict.observed[:300],
                    "last_rows_failed": verdict.rows_failed,
                    "last_rows_total": verdict.rows_total,
                }
            )
    fields = ("measured_at", "outcome", "observed", "expected", "rows_failed", "rows_total")
    bulk.upsert(Result, results, on=("check_rule_id", "run_key"), fields=fields)
    bulk.update(Check, lasts)


def _remember(check: Check, verdict: Verdict, at: datetime) -> None:
    if check.last_at is None or check.last_at <= at:
        check.last_outcome, check.last_at = verdict.outcome, at


def announce(verdicts: Iterable[tuple[Check, Verdict]], at: datetime) -> None:
    """Record one event per subject and kind of change, naming the checks that failed or recovered.

    The checks stand as they did before these verdicts.
    """
    changed: dict[tuple[str, int | None, int | None], list[tuple[Check, Verdict]]] = {}
    for check, verdict in verdicts:
        if check.last_at is not None and check.last_at > at:
            continue
        was, is_now = check.last_outcome == Outcome.FAILED, verdict.outcome == Outcome.FAILED
        recovered = was and verdict.outcome in {Outcome.PASSED, Outcome.WARNED}
        if (is_now and not was) or recovered:
            kind = "check.failed" if is_now else "check.recovered"
            owner = None if check.dataset_id else check.product_id
            changed.setdefault((kind, check.dataset_id, owner), []).append((check, verdict))
    if not changed:
        return
    datasets = Dataset.objects.in_bulk([d for _, d, _ in changed if d])
    owners = Product.objects.select_related("domain").in_bulk([p for _, _, p in changed if p])
    record(
        [
            _event(kind, datasets[d] if d else owners[p or 0], pairs, at)
            for (kind, d, p), pairs in changed.items()
        ]
    )


def _event(
    kind: str, subject: Dataset | Product, pairs: Iterable[tuple[Check, Verdict]], at: datetime
) -> NewEvent:
    is_product = isinstance(subject, Product)
    return NewEvent(
        type=kind,
        at=at,
        actor_name="Gazetteer",
        subject_kind="product" if is_product else "dataset",
        subject_key=str(subject.ref),
        subject_id=subject.pk,
        product_id=subject.pk if isinstance(subject, Product) else subject.product_id,
        audience=subject.audience,
        data={
            "name": str(subject),
            "checks": [
                {
                    "key": check.key,
                    "name": check.name,
                    "dimension": check.dimension,
                    "severity": check.severity,
                    "observed": verdict.observed,
                    "rows_failed": verdict.rows_failed,
                    "rows_total": verdict.rows_total,
                }
                for check, verdict in pairs
            ],
        },
    )
