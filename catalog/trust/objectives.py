"""Measure the objectives of products, and tell when a promise is broken or kept again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import Max
from django.utils import timezone

from catalog.db import bulk
from catalog.descriptors import Indicator
from catalog.events.log import NewEvent, record
from catalog.models import Measurement, Objective, Product, Revision
from catalog.trust.facts import DatasetFacts
from catalog.trust.load import Link, load_facts, load_links, products_from, products_of
from catalog.trust.promises import Point, availability, budget_left, is_kept, value_of

#: Freshness that did not change sides is written down again after this long.
REPEAT = timedelta(hours=1)
#: Measured by what happens, not by looking at the datasets.
_REPORTED = (Indicator.AVAILABILITY, Indicator.CUSTOM)


@transaction.atomic
def measure(product_ids: Collection[int], *, at: datetime) -> int:
    """Measure all objectives of products on their newest profiles; return how many were measured."""
    rows = list(Objective.objects.filter(product__in=product_ids).exclude(indicator__in=_REPORTED))
    links = load_links(product_ids)
    facts = load_facts({link.dataset for link in links}, links)
    values = _values(rows, facts, links, at)
    _write(values, at)
    _settle([objective for objective, _ in values], at)
    _sum_up(product_ids, facts, links)
    return len(values)


@transaction.atomic
def measure_freshness(now: datetime | None = None) -> int:
    """Judge every freshness objective again as time passes; return how many changed sides.

    Nothing is harvested: the newest data known simply grows older.
    """
    at = now or timezone.now()
    rows = list(Objective.objects.filter(indicator=Indicator.FRESHNESS))
    products = {row.product_id for row in rows}
    links = load_links(products)
    facts = load_facts({link.dataset for link in links}, links)
    due = [
        (objective, value)
        for objective, value in _values(rows, facts, links, at)
        if _has_turned(objective, value) or _is_old(objective, at)
    ]
    _write(due, at)
    changed = _settle([objective for objective, _ in due], at)
    if changed:
        _count_kept({objective.product_id for objective, _ in due})
    return changed


@transaction.atomic
def record_availability(
    source: str = "",
    *,
    dataset_ids: Collection[int] = (),
    product_ids: Collection[int] = (),
    reached: bool,
    at: datetime,
) -> int:
    """Record that a store was reached or not; return how many objectives that concerned.

    It concerns the products named, and those served from the datasets or from any dataset that
    `source` (the source of a harvested layer) describes.
    """
    products = set(product_ids)
    products |= products_of(dataset_ids) if dataset_ids else set()
    products |= products_from(source) if source else set()
    rows = list(Objective.objects.filter(product__in=products, indicator=Indicator.AVAILABILITY))
    _insert([(row, 100.0 if reached else 0.0, reached) for row in rows], at)
    _settle(rows, at)
    _count_kept({row.product_id for row in rows})
    return len(rows)


@transaction.atomic
def record_measurement(objective: Objective, *, value: float, at: datetime) -> Objective:
    """Record a value that was measured outside; return the objective as it stands now."""
    _write([(objective, value)], at)
    _settle([objective], at)
    _count_kept({objective.product_id})
    return Objective.objects.get(pk=objective.pk)


def _values(
    rows: Iterable[Objective],
    facts: Mapping[int, DatasetFacts],
    links: Iterable[Link],
    at: datetime,
) -> list[tuple[Objective, float]]:
    served: dict[int, list[Link]] = defaultdict(list)
    for link in links:
        served[link.product].append(link)
    found: list[tuple[Objective, float]] = []
    stability: list[tuple[Objective, list[int]]] = []
    for row in rows:
        parts = {
            link.dataset: part
            for link in served[row.product_id]
            if row.port_name in {"", link.port}
            and (part := facts[link.dataset].part(row.element)) is not None
        }
        if row.indicator == Indicator.SCHEMA_STABILITY:
            stability.append((row, list(parts)))
            continue
        column = next(iter(parts.values()), "")
        datasets = [facts[pk] for pk in parts]
        value = value_of(row.indicator, datasets, column=column, unit=row.unit, at=at)
        if value is not None:
            found.append((row, value))
    return found + _broken_columns(stability, at)


def _broken_columns(
    wanted: Sequence[tuple[Objective, list[int]]], at: datetime
) -> list[tuple[Objective, float]]:
    """Count the columns removed or retyped since the measurement before; none at the first look."""
    wanted = [(row, datasets) for row, datasets in wanted if datasets]
    if not wanted:
        return []
    before = Measurement.objects.filter(
        objective__in=[row.pk for row, _ in wanted], measured_at__lt=at
    ).order_by()
    last = dict(
        before.values("objective").annotate(m=Max("measured_at")).values_list("objective", "m")
    )
    breaks: list[tuple[int, datetime, int]] = []
    if last:
        revisions = Revision.objects.filter(
            subject_kind="dataset",
            subject_id__in={pk for _, datasets in wanted for pk in datasets},
            at__gt=min(last.values()),
            at__lte=at,
        )
        breaks = [
            (pk, moment, sum(1 for change in changes if _is_break(change)))
            for pk, moment, changes in revisions.values_list("subject_id", "at", "changes")
        ]
    return [
        (
            row,
            float(
                sum(
                    count
                    for pk, moment, count in breaks
                    if row.pk in last and pk in datasets and moment > last[row.pk]
                )
            ),
        )
        for row, datasets in wanted
    ]


def _is_break(change: Mapping[str, object]) -> bool:
    path = str(change.get("path", ""))
    if not path.startswith("columns["):
        return False
    return path.endswith("].type") or (path.endswith("]") and change.get("after") is None)


def _has_turned(objective: Objective, value: float) -> bool:
    return objective.is_kept != is_kept(value, objective.comparison, objective.target)


def _is_old(objective: Objective, at: datetime) -> bool:
    return objective.measured_at is None or at - objective.measured_at >= REPEAT


def _write(values: Iterable[tuple[Objective, float]], at: datetime) -> None:
    _insert([(o, v, is_kept(v, o.comparison, o.target)) for o, v in values], at)


def _insert(rows: Iterable[tuple[Objective, float, bool]], at: datetime) -> None:
    bulk.upsert(
        Measurement,
        [
            {"objective_id": row.pk, "measured_at": at, "value": value, "is_kept": kept}
            for row, value, kept in rows
        ],
        on=("objective_id", "measured_at"),
        fields=("value", "is_kept"),
    )


def _settle(rows: Sequence[Objective], at: datetime) -> int:
    """Set where objectives stand now, by their measurements; return how many changed sides."""
    if not rows:
        return 0
    points = _points(rows, at)
    updates, turned = [], []
    for row in rows:
        own = points.get(row.pk, [])
        if not own:
            continue
        now = max(at, own[-1].at)
        value, kept = _standing(row, own, now)
        left = budget_left(
            own, indicator=row.indicator, target=row.target, window_days=row.window_days, at=now
        )
        updates.append(
            {
                "id": row.pk,
                "current_value": value,
                "is_kept": kept,
                "budget_left": left,
                "measured_at": own[-1].at,
            }
        )
        if kept != row.is_kept and not (kept and row.is_kept is None):
            turned.append((row, value, kept))
    bulk.update(Objective, updates)
    if turned:
        _announce(turned, at)
    return len(turned)


def _points(rows: Iterable[Objective], at: datetime) -> dict[int, list[Point]]:
    windows = {row.pk: row.window_days for row in rows}
    since = at - timedelta(days=max(windows.values()) + 40)
    found: dict[int, list[Point]] = defaultdict(list)
    stored = Measurement.objects.filter(objective__in=windows, measured_at__gte=since)
    values = stored.order_by("measured_at").values_list(
        "objective_id", "measured_at", "value", "is_kept"
    )
    for objective, moment, value, kept in values:
        found[objective].append(Point(moment, value, kept))
    return found


def _standing(row: Objective, points: Sequence[Point], now: datetime) -> tuple[float, bool]:
    """Return the value that counts now: the last one, or for availability the share reached."""
    last = points[-1]
    if row.indicator != Indicator.AVAILABILITY:
        return last.value, last.is_kept
    share = availability(points, now - timedelta(days=row.window_days))
    value = last.value if share is None else share
    return value, is_kept(value, row.comparison, row.target)


def _announce(turned: Iterable[tuple[Objective, float, bool]], at: datetime) -> None:
    turned = list(turned)
    products = Product.objects.select_related("domain").in_bulk(
        [o.product_id for o, _, _ in turned]
    )
    record([_event(products[o.product_id], o, value, kept, at) for o, value, kept in turned])


def _event(
    product: Product, objective: Objective, value: float, kept: bool, at: datetime
) -> NewEvent:
    return NewEvent(
        type="objective.kept" if kept else "objective.broken",
        at=at,
        actor_name="Gazetteer",
        subject_kind="product",
        subject_key=str(product.ref),
        subject_id=product.pk,
        product_id=product.pk,
        audience=product.audience,
        data={
            "name": product.name,
            "objective": objective.key,
            "objective_name": str(objective),
            "indicator": objective.indicator,
            "value": value,
            "comparison": objective.comparison,
            "target": f"{objective.target.normalize():f}",
            "unit": objective.unit,
        },
    )


def _sum_up(
    product_ids: Collection[int], facts: Mapping[int, DatasetFacts], links: Iterable[Link]
) -> None:
    """Set when the data of products was last updated, and how many promises are kept."""
    newest: dict[int, datetime] = {}
    for link in links:
        moment = facts[link.dataset].data_updated_at
        if moment and (link.product not in newest or moment > newest[link.product]):
            newest[link.product] = moment
    bulk.update(Product, [{"id": pk, "data_updated_at": moment} for pk, moment in newest.items()])
    _count_kept(product_ids)


def _count_kept(product_ids: Collection[int]) -> None:
    """Set how many of the measured objectives of products are kept."""
    counts = {pk: [0, 0] for pk in product_ids}
    rows = Objective.objects.filter(product__in=counts, is_kept__isnull=False)
    for product, kept in rows.values_list("product_id", "is_kept"):
        counts[product][0] += 1
        counts[product][1] += bool(kept)
    bulk.update(
        Product,
        [
            {"id": pk, "promises_total": total, "promises_kept": kept}
            for pk, (total, kept) in counts.items()
        ],
    )
