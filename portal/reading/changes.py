"""What happened, as a dated list with field-by-field differences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from catalog.access.redaction import withhold, without_people
from catalog.models import Dataset, Event, Product, User
from portal.rendering.formats import speaker

Viewer = User | AnonymousUser
ABOUT_CONTENT = (
    Q(type__startswith="product.")
    | Q(type__startswith="dataset.")
    | Q(type__startswith="check.")
    | Q(type__startswith="objective.")
    | Q(type__startswith="contract.")
)
_WORDS = {
    "product.created": ("registered the product", "plus"),
    "product.updated": ("changed the product", "pencil"),
    "product.removed": ("removed the product", "trash-2"),
    "product.followed": ("followed the product", "star"),
    "dataset.created": ("found the dataset", "table-2"),
    "dataset.updated": ("changed the dataset", "pencil"),
    "dataset.gone": ("no longer found the dataset", "unlink"),
    "dataset.returned": ("found the dataset again", "rotate-ccw"),
    "lineage.drawn": ("drew what flows into", "plus"),
    "lineage.erased": ("erased what flowed into", "unlink"),
    "job.removed": ("took out the job", "trash-2"),
    "check.failed": ("saw a check fail:", "circle-x"),
    "check.recovered": ("saw a check pass again:", "circle-check"),
    "objective.broken": ("saw a promise broken:", "circle-x"),
    "objective.kept": ("saw a promise kept again:", "circle-check"),
    "contract.published": ("published a contract of", "file-text"),
    "access.requested": ("asked for access to", "key"),
    "access.approved": ("approved access to", "circle-check"),
    "access.rejected": ("rejected a request for", "circle-x"),
    "access.withdrawn": ("withdrew a request for", "undo-2"),
    "grant.revoked": ("ended access to", "ban"),
    "grant.expired": ("let access end to", "clock"),
    "lineage.announced": ("announced a change upstream of", "alert-triangle"),
    "grant.expiring": ("gave notice that access ends to", "clock"),
    "run.finished": ("finished", "history"),
    "source.added": ("added the source", "plug"),
    "source.changed": ("changed the source", "plug"),
    "source.removed": ("removed the source", "trash-2"),
    "namespace.claimed": ("gave an owner to the namespace", "fingerprint"),
    "namespace.moved": ("gave a new owner to the namespace", "fingerprint"),
    "namespace.released": ("ended the claim on the namespace", "fingerprint"),
    "namespace.disputed": ("disputed the namespace", "circle-alert"),
    "namespace.kept": ("left its owner the namespace", "circle-check"),
    "secret.added": ("kept the secret", "key-round"),
    "secret.replaced": ("replaced the secret", "key-round"),
    "secret.removed": ("deleted the secret", "trash-2"),
    "domain.saved": ("saved the domain", "boxes"),
    "team.saved": ("saved the team", "users"),
    "domain.retired": ("retired the domain", "boxes"),
    "team.retired": ("retired the team", "users"),
    "member.changed": ("changed who is in", "users"),
    "invitation.made": ("invited somebody to", "user-plus"),
    "invitation.renewed": ("gave a new link for an invitation to", "user-plus"),
    "invitation.revoked": ("withdrew an invitation to", "ban"),
    "invitation.accepted": ("accepted an invitation to", "user-check"),
    "person.changed": ("changed the account of", "user"),
    "sessions.ended": ("signed out everywhere", "log-out"),
    "token.created": ("made the token", "key-round"),
    "token.revoked": ("revoked the token", "key-round"),
}


@dataclass(frozen=True, slots=True)
class Entry:
    """One event in words."""

    event: Event
    words: str
    icon: str
    subject: str
    about: str
    url: str
    changes: Sequence[dict[str, object]]
    detail: str = ""

    @property
    def actor(self) -> str:
        """Who did it, in words."""
        return speaker(self.event.actor_name)


@dataclass(frozen=True, slots=True)
class Day:
    """The entries of one day."""

    day: date
    entries: tuple[Entry, ...]


def events_of_product(user: Viewer, product_id: int) -> QuerySet[Event]:
    """Return what happened to a product and its datasets, newest first."""
    rows = Event.objects.visible_to(user).filter(ABOUT_CONTENT, product_id=product_id)
    return rows.exclude(type="product.followed").order_by("-at", "-id")


def events_of_dataset(user: Viewer, dataset_id: int) -> QuerySet[Event]:
    """Return what happened to a dataset, newest first."""
    rows = Event.objects.visible_to(user).filter(subject_kind="dataset", subject_id=dataset_id)
    return rows.order_by("-at", "-id")


def by_day(
    events: Sequence[Event], user: Viewer, names: Mapping[tuple[str, str], str] | None = None
) -> list[Day]:
    """Group events by local day, keeping their order, as a person may read them."""
    known = names_of(events) if names is None else names
    days: dict[date, list[Entry]] = {}
    for event in withhold(events, user):
        days.setdefault(timezone.localdate(event.at), []).append(_entry(event, known))
    return [Day(one, tuple(entries)) for one, entries in days.items()]


def names_of(events: Sequence[Event]) -> dict[tuple[str, str], str]:
    """Return what the subjects of these events are called today; two queries."""
    keys: dict[str, set[int]] = {"product": set(), "dataset": set()}
    for event in events:
        if event.subject_id is not None and event.subject_kind in keys:
            keys[event.subject_kind].add(event.subject_id)
    products = dict(Product.objects.filter(pk__in=keys["product"]).values_list("id", "name"))
    datasets = dict(
        Dataset.objects.filter(pk__in=keys["dataset"]).values_list("id", "display_name")
    )
    called = {"product": products, "dataset": datasets}
    return {
        (event.subject_kind, event.subject_key): called[event.subject_kind][event.subject_id]
        for event in events
        if event.subject_id in called.get(event.subject_kind, {}) and event.subject_id is not None
    }


def entries(
    events: Sequence[Event], user: Viewer, names: Mapping[tuple[str, str], str] | None = None
) -> list[Entry]:
    """Put events into words, without what changed."""
    known = names_of(events) if names is None else names
    return [replace(_entry(one, known), changes=()) for one in without_people(events, user)]


def _entry(event: Event, names: Mapping[tuple[str, str], str]) -> Entry:
    words, icon = _WORDS.get(event.type, (event.type.replace(".", " "), "activity"))
    data = event.data if isinstance(event.data, dict) else {}
    changes = data.get("changes")
    is_run = event.subject_kind == "run"
    last = event.subject_key.rpartition(" ")[2].rpartition("/")[2]
    last = f"run {last}" if is_run else last
    subject = names.get((event.subject_kind, event.subject_key)) or _named(data) or last
    shown = changes if isinstance(changes, list) else ()
    return Entry(event, words, icon, subject, _about(event, data), _url(event), shown, _told(data))


def _named(data: Mapping[str, Any]) -> str:
    """Return the name an event gives its subject, or the product it is about."""
    product = data.get("product")
    if "namespace" in data:
        return f"{data['namespace']} {data.get('prefix') or ''}".strip()
    return str((product.get("name") if isinstance(product, dict) else data.get("name")) or "")


def _about(event: Event, data: Mapping[str, Any]) -> str:
    """Return which check or promise it was."""
    if event.type.startswith("objective."):
        return str(data.get("objective_name") or data.get("objective") or "")
    checks = data.get("checks")
    if event.type.startswith("check.") and isinstance(checks, list) and checks:
        first = checks[0].get("name") if isinstance(checks[0], dict) else checks[0]
        return str(first)
    return ""


def _told(data: Mapping[str, Any]) -> str:
    """Return what else an event says: whom a membership is about, how a run ended."""
    if "person" in data and "after" in data:
        return f"{data['person']}: {data['before'] or 'none'} → {data['after'] or 'none'}"
    if "state" in data and "created" in data:
        return (
            f"{data['state']}: {data['created']} new, {data.get('changed', 0)} changed, "
            f"{data.get('gone', 0)} gone"
        )
    if "namespace" in data:
        return str(data.get("word") or f"to {data.get('team') or data.get('domain')}")
    if "contract" in data:
        reasons = [one["reason"] for one in data.get("told") or () if one["consumer"] != "info"]
        what = "; ".join(map(str, reasons[:3])) or (
            "nothing breaks" if data.get("before") else "its first"
        )
        return f"{data['contract']} {data['version']}: {what}"
    if isinstance(data.get("fields"), list):
        return ", ".join(map(str, data["fields"]))
    if "active" in data:
        return "switched on" if data["active"] else "switched off"
    if "password" in data:
        return f"password {data['password']}"
    if "admin" in data:
        return "now a platform admin" if data["admin"] else "no longer a platform admin"
    return ""


def _url(event: Event) -> str:
    """Return where the subject of an event is shown; nothing when it is no more."""
    if event.subject_kind == "dataset" and event.subject_id is not None:
        return reverse("dataset", args=[event.subject_id])
    domain, _, key = event.subject_key.partition("/")
    if event.subject_kind == "run" and event.subject_id is not None:
        return reverse("run", args=[event.subject_id])
    if event.subject_kind == "namespace" and event.type != "namespace.released":
        return reverse("namespace", args=[event.subject_id])
    if event.subject_kind in {"domain", "team"} and not event.type.endswith(".retired"):
        return reverse(event.subject_kind, args=[event.subject_key])
    product = event.data.get("product") if isinstance(event.data, dict) else None
    if isinstance(product, dict) and event.subject_kind in {"access-request", "grant"}:
        domain, _, key = str(product.get("ref", "")).partition("/")
        return reverse("product", args=[domain, key]) if domain and key else ""
    if event.subject_kind == "product" and key and event.type != "product.removed":
        return reverse("product", args=[domain, key])
    return ""
