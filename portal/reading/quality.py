"""Checks with their last month, scores with their arithmetic, promises with their history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Case, IntegerField, Q, QuerySet, Value, When
from django.utils import timezone

from catalog.models import Check, Measurement, Objective, Product, Result, Score, User
from portal.rendering.formats import day
from portal.rendering.marks import mark_of

Viewer = User | AnonymousUser
DAYS = 30
_RANK = {"": 0, "skipped": 1, "unknown": 1, "passed": 2, "warned": 3, "error": 4, "failed": 5}


@dataclass(frozen=True, slots=True)
class CheckRow:
    """One check with what each of the last days said of it."""

    check: Check
    days: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Promise:
    """One objective with its measurements in the window shown."""

    objective: Objective
    points: tuple[Measurement, ...]

    @property
    def broken(self) -> int:
        """How many measurements were outside the promise."""
        return sum(1 for point in self.points if not point.is_kept)


def checks_of(user: Viewer, product: Product, dataset_ids: Sequence[int]) -> QuerySet[Check]:
    """Return the current checks of a product and of the datasets given, failing ones first."""
    return _ordered(user, Q(product=product) | Q(dataset__in=dataset_ids))


def checks_of_dataset(user: Viewer, dataset_id: int) -> QuerySet[Check]:
    """Return the current checks of one dataset, failing ones first."""
    return _ordered(user, Q(dataset=dataset_id))


def _ordered(user: Viewer, condition: Q) -> QuerySet[Check]:
    rank = Case(
        When(last_outcome__in=("failed", "error"), then=Value(0)),
        When(last_outcome="warned", then=Value(1)),
        default=Value(2),
        output_field=IntegerField(),
    )
    return (
        Check.objects.visible_to(user)
        .filter(condition)
        .select_related("dataset")
        .annotate(rank=rank)
        .order_by("rank", "dimension", "name", "id")
    )


def with_days(checks: Sequence[Check]) -> list[CheckRow]:
    """Join to each check the worst outcome of each of the last 30 days; one query."""
    today = timezone.localdate()
    since = today - timedelta(days=DAYS - 1)
    worst: dict[tuple[int, date], str] = {}
    results = Result.objects.filter(
        check_rule__in=[check.pk for check in checks], measured_at__date__gte=since
    ).order_by()
    for check_id, at, outcome in results.values_list("check_rule_id", "measured_at", "outcome"):
        slot = (check_id, timezone.localdate(at))
        if _RANK[outcome] > _RANK[worst.get(slot, "")]:
            worst[slot] = outcome
    days = [since + timedelta(days=n) for n in range(DAYS)]
    return [
        CheckRow(check, tuple(_said(one, worst.get((check.pk, one), "")) for one in days))
        for check in checks
    ]


def _said(one: date, outcome: str) -> tuple[str, str]:
    return outcome, f"{day(one)}: {mark_of('outcome', outcome).word if outcome else 'not run'}"


def last_scores(product: Product, count: int = 14) -> list[Score]:
    """Return the last scores of a product, newest first."""
    return list(product.scores.order_by("-measured_at")[:count])


def promises_of(objectives: Sequence[Objective], now: datetime) -> list[Promise]:
    """Join to each objective its measurements of the last 90 days, at most 400; one query."""
    since = now - timedelta(days=90)
    rows = Measurement.objects.filter(
        objective__in=[o.pk for o in objectives], measured_at__gte=since
    ).order_by("measured_at")
    found: dict[int, list[Measurement]] = {}
    for row in rows:
        found.setdefault(row.objective_id, []).append(row)
    return [Promise(o, tuple(found.get(o.pk, [])[-400:])) for o in objectives]
