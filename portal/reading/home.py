"""What the first page shows: example questions, what needs a person, what is new."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.contrib.auth.models import AnonymousUser
from django.db.models import Count, Q
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from catalog.access.grants import grants_of
from catalog.models import Event, Objective, Product, Tag, User
from catalog.policies import my_products, requests_to_decide
from portal.reading.changes import Entry, entry

Viewer = User | AnonymousUser
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
    products = Product.objects.visible_to(user).filter(status="active")
    first = products.order_by("-consumer_count", "name").values_list("name", flat=True).first()
    tag = (
        Tag.objects.filter(products__in=products.values("pk"))
        .annotate(n=Count("products"))
        .order_by("-n", "name")
        .values_list("name", flat=True)
        .first()
    )
    column = (
        products.filter(served_datasets__columns__primary_key=True)
        .values_list("served_datasets__columns__path", flat=True)
        .order_by("-consumer_count", "served_datasets__columns__path")
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


def news(user: Viewer, limit: int = 10) -> list[Entry]:
    """Return the newest changes, one for each subject."""
    rows = Event.objects.visible_to(user).filter(Q(type__in=NEWS)).order_by("-at", "-id")
    found: dict[tuple[str, str], Event] = {}
    for event in rows[: limit * 8]:
        found.setdefault((event.subject_kind, event.subject_key), event)
    return [entry(event) for event in list(found.values())[:limit]]
