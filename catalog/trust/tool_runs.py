"""Record whole runs of quality tools: their checks become checks of ours, once for each run and check."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from catalog import events
from catalog.models import Check, Dataset, Product, User
from catalog.standards.diagnostics import Diagnostic
from catalog.standards.quality.results import CheckResult, NotReadable, Run
from catalog.trust.evaluate import record_verdicts
from catalog.trust.judge import Verdict
from catalog.trust.places import Places

Pair = tuple[Check, CheckResult]
Placed = dict[tuple[str, int, str], tuple[Dataset | Product, CheckResult]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a run that was sent."""

    tool: str
    run_id: str
    checks: int
    failed: int
    products: tuple[Product, ...]
    unplaced: tuple[Diagnostic, ...]


def record_runs(runs: Sequence[Run], *, by: User, product: Product | None = None) -> list[Recorded]:
    """Record runs of quality tools. A check of the tool becomes a check of its dataset, or of the product.

    The same run again changes nothing; what is skipped or unknown is no pass. Raises NotReadable for a time in
    the future.
    """
    latest = timezone.now() + timedelta(days=1)
    for run in runs:
        if run.at > latest:
            raise NotReadable(("time",), run.at.isoformat(), "lies in the future")
    places = Places(by, product)
    with transaction.atomic():
        events.lock()
        return [_record(run, places) for run in sorted(runs, key=lambda run: run.at)]


def _record(run: Run, places: Places) -> Recorded:
    placed: Placed = {}
    lost = list(run.unplaced)
    for result in run.results:
        subject = places.find(result.asset)
        if isinstance(subject, str):
            lost.append(Diagnostic(result.key, result.asset.name, subject, "warning"))
            continue
        key = _short(f"pushed:{run.tool}:{result.key}", 300)
        placed[type(subject).__name__, subject.pk, key] = (subject, result)
    verdicts = [(check, _verdict(result)) for check, result in _checks(run.tool, placed)]
    products: frozenset[int] = frozenset()
    if verdicts:
        run_key = _short(f"{run.tool}:{run.run_id}", 100)
        products = record_verdicts(verdicts, at=run.at, run_key=run_key)
    rows = Product.objects.filter(pk__in=products).select_related("domain").order_by("pk")
    failed = sum(1 for _, verdict in verdicts if verdict.outcome in {"failed", "error"})
    return Recorded(run.tool, run.run_id, len(verdicts), failed, tuple(rows), tuple(lost))


def _checks(tool: str, placed: Placed) -> list[Pair]:
    """Return the check of each result, made or brought up to date; three queries and a few writes."""
    known = _known(placed)
    fresh: list[Check] = []
    changed: list[Check] = []
    pairs: list[Pair] = []
    for place, (subject, result) in placed.items():
        row = known.get(place)
        stated = _stated(tool, result)
        if row is None:
            row = Check(key=place[2], origin="pushed", **stated)
            row.dataset = subject if isinstance(subject, Dataset) else None
            row.product = subject if isinstance(subject, Product) else None
            fresh.append(row)
        elif any(getattr(row, name) != value for name, value in stated.items()):
            for name, value in stated.items():
                setattr(row, name, value)
            changed.append(row)
        pairs.append((row, result))
    Check.objects.bulk_create(fresh, batch_size=500)
    if changed:
        Check.objects.bulk_update(changed, [*_stated(tool, pairs[0][1])], batch_size=100)
    return pairs


def _known(placed: Placed) -> dict[tuple[str, int, str], Check]:
    datasets = {pk for kind, pk, _ in placed if kind == "Dataset"}
    products = {pk for kind, pk, _ in placed if kind == "Product"}
    about = Q(dataset__in=datasets) | Q(dataset__isnull=True, product__in=products)
    rows = Check.objects.filter(about, origin="pushed") if placed else ()
    return {
        ("Dataset", row.dataset_id, row.key)
        if row.dataset_id
        else ("Product", row.product_id or 0, row.key): row
        for row in rows
    }


def _stated(tool: str, result: CheckResult) -> dict[str, object]:
    params: dict[str, object] = {"tool": tool, "rule": result.rule}
    if result.quality_id:
        params |= {"contract": result.asset.contract, "quality": result.quality_id}
    return {
        "name": (result.name or result.key)[:300],
        "dimension": result.dimension,
        "rule": "custom",
        "column_path": result.column,
        "params": params,
        "severity": result.severity,
        "retired_at": None,
    }


def _verdict(result: CheckResult) -> Verdict:
    return Verdict(
        result.outcome, result.observed, result.expected, result.rows_failed, result.rows_total
    )


def _short(text: str, longest: int) -> str:
    """Return a text that fits, ending with a digest where it was cut."""
    if len(text) <= longest:
        return text
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    return f"{text[: longest - 17]}~{digest}"
