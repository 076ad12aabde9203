"""Which events are for which webhook: many webhooks and a window of the log at once.

What `Event.objects.visible_to(owner)` and the filters of the feed say in SQL is said here of rows in memory:
a handful of queries, however many webhooks and events there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.db.models import Model

from catalog.models import Dataset, Domain, Event, Product, Webhook
from catalog.models.events import STATED, SUBJECTS
from catalog.people.viewers import tokens_of

WINDOW = 500
#: At most so many events are sent to one receiver in one go.
MOST = 20


@dataclass(frozen=True, slots=True)
class Batch:
    """The next events of a webhook, and how far it has come when they are taken."""

    webhook: Webhook
    events: tuple[Event, ...]
    reaches: int


@dataclass(frozen=True, slots=True)
class _Sight:
    """What is known now of the subjects of events. `audiences` by kind and id; all of them are needed."""

    audiences: Mapping[tuple[str, int], frozenset[str]]
    paths: Mapping[tuple[str, int], str]
    path_of_key: Mapping[str, str]

    def audiences_of(self, event: Event) -> frozenset[str]:
        """Return every audience that a viewer needs: then, and now."""
        nothing: frozenset[str] = frozenset()
        product = self.audiences.get(("product", event.product_id or 0), nothing)
        subject = self.audiences.get((event.subject_kind, event.subject_id or 0), nothing)
        return product | subject | {event.audience}

    def paths_of(self, event: Event) -> tuple[str, ...]:
        """Return the paths of the domains it happened in."""
        found = [
            self.paths.get(("product", event.product_id or 0)),
            self.paths.get((event.subject_kind, event.subject_id or 0)),
        ]
        if event.subject_kind == "product":
            found.append(self.path_of_key.get(event.subject_key.partition("/")[0]))
        return tuple(one for one in found if one is not None)


def next_batches(webhooks: Sequence[Webhook]) -> list[Batch]:
    """Return what comes next for each webhook; without events where none of the window is for it."""
    windows = _windows(webhooks)
    sight = _sight_of({event.pk: event for events in windows.values() for event in events}.values())
    tokens = tokens_of({webhook.owner_id for webhook in webhooks})
    found = []
    for webhook in webhooks:
        events = windows[webhook.pk]
        mine = tokens.get(webhook.owner_id, frozenset())
        wanted = [
            e for e in events if _sees(mine, sight.audiences_of(e)) and _wants(webhook, e, sight)
        ]
        kept = tuple(wanted[:MOST])
        last = events[-1].pk if events else webhook.event_id
        found.append(Batch(webhook, kept, kept[-1].pk if len(wanted) > MOST else last))
    return found


def _windows(webhooks: Sequence[Webhook]) -> dict[int, list[Event]]:
    """Return the events after each webhook's place; those near one another share a read."""
    found: dict[int, list[Event]] = {}
    window: list[Event] = []
    start, end = 0, -1
    for webhook in sorted(webhooks, key=lambda one: one.event_id):
        if not start <= webhook.event_id < end:
            start = webhook.event_id
            window = list(Event.objects.filter(id__gt=start).order_by("id")[:WINDOW])
            end = window[-1].pk if len(window) == WINDOW else 2**63
        found[webhook.pk] = [event for event in window if event.pk > webhook.event_id]
    return found


def _sight_of(events: Iterable[Event]) -> _Sight:
    events = list(events)
    domains = list(Domain.objects.values_list("pk", "key", "path"))
    paths = {("domain", pk): path for pk, _, path in domains}
    products = Product.objects.filter(pk__in={event.product_id for event in events})
    datasets = Dataset.objects.filter(
        pk__in={event.subject_id for event in events if event.subject_kind == "dataset"}
    )
    for kind, rows in (("product", products), ("dataset", datasets)):
        for pk, path in rows.exclude(domain=None).values_list("pk", "domain__path"):
            paths[kind, pk] = path
    audiences = _audiences_now(events)
    return _Sight(audiences, paths, {key: path for _, key, path in domains})


def _audiences_now(events: Sequence[Event]) -> dict[tuple[str, int], frozenset[str]]:
    """Return the audiences of what events are about; of products that are gone, all they ever had."""
    found: dict[tuple[str, int], frozenset[str]] = {}
    wanted = {("product", event.product_id) for event in events if event.product_id}
    wanted |= {(event.subject_kind, event.subject_id) for event in events if event.subject_id}
    kinds: dict[str, tuple[type[Model], str]] = {"product": (Product, "audience"), **SUBJECTS}
    for kind, (model, audience) in kinds.items():
        rows = model._default_manager.filter(pk__in={pk for name, pk in wanted if name == kind})
        for pk, token in rows.values_list("pk", audience):
            found[kind, pk] = frozenset({token} if token else ())
    products = {pk for name, pk in wanted if name == "product" and pk is not None}
    gone = {pk for pk in products if ("product", pk) not in found}
    stated = Event.objects.filter(product_id__in=gone, type__in=STATED).order_by()
    for gone_id, token in stated.values_list("product_id", "audience").distinct() if gone else ():
        key = ("product", gone_id or 0)
        found[key] = found.get(key, frozenset()) | {token}
    return found


def _sees(tokens: frozenset[str] | None, audiences: frozenset[str]) -> bool:
    return tokens is None or audiences <= tokens


def _wants(webhook: Webhook, event: Event, sight: _Sight) -> bool:
    if webhook.product_id and event.product_id != webhook.product_id:
        return False
    if webhook.domain and not any(
        path.startswith(webhook.domain.path) for path in sight.paths_of(event)
    ):
        return False
    return not webhook.types or any(is_type(event.type, word) for word in webhook.types)


def is_type(kind: str, word: str) -> bool:
    """Tell whether a type is the one a filter names, or of the family (`contract.*`)."""
    return kind.startswith(word[:-1]) if word.endswith(".*") else kind == word
