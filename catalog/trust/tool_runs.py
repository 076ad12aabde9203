"""Record whole runs of quality tools: their checks become checks of ours, once for each run and check."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from catalog.events import log as event_log
from catalog.models import Dataset, Product, User
from catalog.standards.diagnostics import Diagnostic
from catalog.standards.quality.results import Asset, CheckResult, NotReadable, Run
from catalog.trust.asset_resolver import AssetResolver
from catalog.trust.external_results import (
    PushedResult,
    Subject,
    record_results,
    state_checks,
)
from catalog.trust.load import products_of


@dataclass(frozen=True, slots=True)
class Recorded:
    """What became of a run that was sent."""

    tool: str
    run_id: str
    checks: int
    failed: int
    products: tuple[Product, ...]
    unplaced: tuple[Diagnostic, ...]
    is_new: bool  # something of what was sent with it was not known


def record_runs(runs: Sequence[Run], *, by: User, product: Product | None = None) -> list[Recorded]:
    """Record runs of quality tools. A check of the tool becomes a check of its dataset, or of the product.

    The same run again changes nothing; what is skipped or unknown is no pass. Raises NotReadable for a time in
    the future.
    """
    latest = timezone.now() + timedelta(days=1)
    for run in runs:
        if run.at > latest:
            raise NotReadable(("time",), run.at.isoformat(), "lies in the future")
    sight = Product.objects.visible_to(by)
    return record_found(runs, places=AssetResolver(by, product), sight=sight)


class Finder(Protocol):
    """Says which dataset or product a result is about, or why there is none."""

    def find(self, asset: Asset) -> Dataset | Product | str:
        """Return the dataset or product; a text says why there is none."""
        ...


def record_found(
    runs: Sequence[Run], *, places: Finder, sight: QuerySet[Product] | None = None
) -> list[Recorded]:
    """Record runs as `record_runs` does, wherever they come from.

    `places` says what each result is about; of the products concerned those in `sight` are told, or all.
    """
    with transaction.atomic():
        event_log.lock()
        ordered = sorted(runs, key=lambda run: run.at)
        placed = [_placed(run, places) for run in ordered]
        count = record_results([one for found, _ in placed for one in found])
        return [
            _recorded(run, found, lost, sight, is_new=count > 0)
            for run, (found, lost) in zip(ordered, placed, strict=True)
        ]


def state_found(
    tool: str,
    checks: Sequence[CheckResult],
    *,
    at: datetime,
    places: Finder,
    datasets: Collection[int],
    prefixes: Sequence[str],
) -> None:
    """Make the checks that a tool has, whether they ever ran or not; see `state_checks`."""
    run = Run(tool, "", at, tuple(checks))
    stated, _ = _placed(run, places)
    state_checks(tool, stated, datasets=datasets, prefixes=prefixes)


def _placed(run: Run, places: Finder) -> tuple[list[PushedResult], list[Diagnostic]]:
    """Find what each result is about; return those found, and what is said of the others."""
    found: dict[object, PushedResult] = {}
    lost = list(run.unplaced)
    for result in run.results:
        about = places.find(result.asset)
        if isinstance(about, str):
            lost.append(Diagnostic(result.key, result.asset.name, about, "warning"))
            continue
        subject = (
            Subject(dataset=about.pk) if isinstance(about, Dataset) else Subject(product=about.pk)
        )
        one = PushedResult(subject, run.tool, run.run_id, run.at, result)
        found[one.place] = one
    return list(found.values()), lost


def _recorded(
    run: Run,
    found: Sequence[PushedResult],
    lost: Sequence[Diagnostic],
    sight: QuerySet[Product] | None,
    *,
    is_new: bool,
) -> Recorded:
    datasets = {one.subject.dataset for one in found if one.subject.dataset is not None}
    products = {one.subject.product for one in found if one.subject.product is not None}
    products |= products_of(datasets) if datasets else set()
    told = Product.objects.all() if sight is None else sight
    rows = told.filter(pk__in=products).select_related("domain").order_by("pk")
    failed = sum(1 for one in found if one.result.outcome in {"failed", "error"})
    return Recorded(run.tool, run.run_id, len(found), failed, tuple(rows), tuple(lost), is_new)
