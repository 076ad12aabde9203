"""What the first page shows: example questions, what needs a person, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from catalog.access.grants import grants_of
from catalog.access.redaction import without_people
from catalog.models import Column, Event, Objective, Product, Tag, User
from catalog.people.policies import my_products, requests_to_decide
from portal.reading.changes import Entry, entries

Viewer = User | AnonymousUser
LOOKED_AT = 300
SHOWN = 3
MOST_USED = 50
NEWS = ("product.created", "product.updated", "dataset.created", "dataset.gone", "objective.broken")


@dataclass(frozen=True, slots=True)
class Need:
    """Something that waits for the person."""

    count: int
    text: str
    icon: str
    tone: str
    url: str


def examples(user: Viewer) -> list[str]:
    """Return up to three questions that find something of what the person may see."""
    rows = Product.objects.visible_to(user).filter(status="active")
    used = dict(rows.order_by("-consumer_count", "name").values_list("pk", "name")[:MOST_USED])
    first = next(iter(used.values()), "")
    tag = (
        Tag.objects.filter(products__in=list(used))
        .annotate(n=Count("products"))
        .order_by("-n", "name")
        .values_list("name", flat=True)
        .first()
    )
    column = (
        Column.objects.filter(dataset__product__in=list(used)[:1], primary_key=True)
        .order_by("path")
        .values_list("path", flat=True)
        .first()
    )
    found = [first.lower() if first else "", f"tag:{tag}" if tag else ""]
    found.append(f"column:{column}" if column else "")
    return [text for text in found if text]


def needs(user: Viewer) -> list[Need]:
    """Return what waits for a signed-in person; empty when nothing does."""
    if not isinstance(user, User):
        return []
    today = timezone.localdate()
    waiting = requests_to_decide(user).count()
    broken = Objective.objects.filter(product__in=my_products(user), is_kept=False).count()
    ending = grants_of(user).filter(
        state="active", ends_on__range=(today, today + timedelta(days=14))
    )
    found = [
        Need(waiting, "to decide: people ask for access", "inbox", "info", _url("approvals")),
        Need(broken, "broken in my products", "circle-x", "bad", _url("my-products")),
        Need(
            ending.count(), "ending within two weeks", "calendar-clock", "warn", _url("my-requests")
        ),
    ]
    return [need for need in found if need.count]


def _url(name: str) -> str:
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@dataclass(frozen=True, slots=True)
class News:
    """What one actor did on one day, of one sort."""

    day: date
    words: str
    icon: str
    actor: str
    at: datetime
    entries: tuple[Entry, ...]
    count: int

    @property
    def more(self) -> int:
        """How many subjects are not named."""
        return max(0, self.count - len(self.entries))


def news(user: Viewer, limit: int = 9) -> list[News]:
    """Return the newest changes: one line for each actor, sort and day."""
    rows = Event.objects.visible_to(user).filter(type__in=NEWS).order_by("-at", "-id")
    groups: dict[tuple[date, str, str], list[Event]] = {}
    for event in without_people(rows[:LOOKED_AT], user):
        key = (timezone.localdate(event.at), event.actor_name, event.type)
        groups.setdefault(key, []).append(event)
    chosen = list(groups.items())[:limit]
    by_event = {
        one.event.pk: one for one in entries([e for _, g in chosen for e in g[:SHOWN]], user)
    }
    found = []
    for (day, actor, _), group in chosen:
        shown = tuple(by_event[event.pk] for event in group[:SHOWN])
        count = len({event.subject_key for event in group})
        found.append(News(day, shown[0].words, shown[0].icon, actor, group[0].at, shown, count))
    return found
