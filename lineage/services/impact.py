"""Tell whoever is hit that something is about to change."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.crypto import salted_hmac

from catalog.events.log import NewEvent, lock, record
from catalog.models import Dataset, Event, Product, User
from catalog.people import policies
from catalog.visibility import PUBLIC
from lineage.graph.focus import Focus
from lineage.graph.impact import impact
from lineage.graph.node_visibility import Viewer

ANNOUNCED = "lineage.announced"
#: The same said again by the same person within this time is not told again.
ONCE_WITHIN = timedelta(hours=24)
LONGEST_MESSAGE = 300


class AnnouncementForbidden(PermissionError):
    """Only who may edit all that is about to change announces it."""


@dataclass(frozen=True, slots=True)
class Announcement:
    """Products whose owners, followers and consumers are told; `already_at`: they were told then, not again."""

    products: tuple[Product, ...]
    already_at: datetime | None = None


def may_announce(focus: Focus, *, by: Viewer) -> bool:
    """Whether a person may edit all that is about to change."""
    return _may(_changing(focus, by), by)


def announce_impact(focus: Focus, *, message: str, by: User) -> Announcement:
    """Write an event for each product that is hit; its owners, followers and consumers are told of it.

    Only products that the one who announces may see are reached; the name of what changes is told where
    everybody who sees the product may know it. The same words about the same thing are told once within
    ONCE_WITHIN, however often they are sent. Raises AnnouncementForbidden.
    """
    rows = _changing(focus, by)
    if not _may(rows, by):
        raise AnnouncementForbidden("only who may edit what is about to change may announce it")
    found = impact(focus, user=by)
    hit = {row.node.product.id for row in found.products if row.node.product}
    products = Product.objects.visible_to(by).select_related("domain").order_by("name", "pk")
    with transaction.atomic():
        lock()
        announced = _announcements(focus, by).filter(data__message=message).order_by("pk")
        recent = announced.filter(recorded_at__gt=timezone.now() - ONCE_WITHIN)
        known = {pk or 0: at for pk, at in recent.values_list("product_id", "recorded_at")}
        to_tell = tuple(products.filter(pk__in=hit - known.keys()))
        if known and not to_tell:
            return Announcement(tuple(products.filter(pk__in=known)), min(known.values()))
        record([_event(row, focus, _named(focus, rows, row), message, by) for row in to_tell])
    return Announcement(to_tell)


def last_announced(focus: Focus, *, by: User) -> Event | None:
    """Return what a person last announced about something."""
    return _announcements(focus, by).order_by("-pk").first()


def _announcements(focus: Focus, by: User) -> QuerySet[Event]:
    return Event.objects.filter(type=ANNOUNCED, actor=by, data__about=_about(focus))


def _about(focus: Focus) -> str:
    """Return a mark of what it is about that does not tell what it is: more people see events than datasets."""
    return salted_hmac("lineage.announced", focus.name).hexdigest()[:32]


def _changing(focus: Focus, by: Viewer) -> list[Dataset]:
    ids = {*focus.datasets, *(pk for pk, _ in focus.columns)}
    datasets = Dataset.objects.visible_to(by).filter(pk__in=ids)
    return list(datasets.select_related("product", "domain"))


def _may(rows: Sequence[Dataset], by: Viewer) -> bool:
    return bool(rows) and all(policies.may(by, policies.Action.EDIT_DATASET, row) for row in rows)


def _named(focus: Focus, rows: Collection[Dataset], product: Product) -> str:
    """Name what changes, unless somebody who sees the product might not see that."""
    if any(row.audience not in (PUBLIC, product.audience) for row in rows):
        return ""
    names = sorted(row.display_name for row in rows)
    path = f".{focus.columns[0][1]}" if len(focus.columns) == 1 else ""
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"{names[0]}{path}{more}"


def _event(product: Product, focus: Focus, name: str, message: str, by: User) -> NewEvent:
    return NewEvent(
        type=ANNOUNCED,
        subject_kind="product",
        subject_key=str(product.ref),
        subject_id=product.pk,
        product_id=product.pk,
        audience=product.audience,
        actor=by,
        data={"what": name, "message": message, "about": _about(focus)},
    )
