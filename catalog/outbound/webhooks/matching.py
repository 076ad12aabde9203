"""Which events are for which webhook: many webhooks and a window of the log at once.

What `Event.objects.visible_to(owner)` and the filters of the feed say in SQL is said here of rows in memory:
a handful of queries, however many webhooks and events there are.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from catalog.models import Dataset, Domain, Event, Product, Webhook
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
    """What is known now of the subjects of events. `audiences` by kind and id."""

    audiences: Mapping[tuple[str, int], str]
    paths: Mapping[tuple[str, int], str]
    path_of_key: Mapping[str, str]

    def audiences_of(self, event: Event) -> tuple[str, ...]:
        """Return every audience that a viewer needs: then, and now."""
        found = [event.audience, self.audiences.get(("product", event.product_id or 0))]
        if event.subject_kind == "dataset":
            found.append(self.audiences.get(("dataset", event.subject_id or 0)))
        return tuple(one for one in found if one is not None)

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
    audiences: dict[tuple[str, int], str] = {}
    paths = {("domain", pk): path for pk, _, path in domains}
    products = Product.objects.filter(pk__in={event.product_id for event in events})
    datasets = Dataset.objects.filter(
        pk__in={event.subject_id for event in events if event.subject_kind == "dataset"}
    )
    for kind, rows in (("product", products), ("dataset", datasets)):
        for pk, audience, path in rows.values_list("pk", "audience", "domain__path"):
            audiences[kind, pk] = audience
            if path is not None:
                paths[kind, pk] = path
    return _Sight(audiences, paths, {key: path for _, key, path in domains})


def _sees(tokens: Collection[str] | None, audiences: Collection[str]) -> bool:
    return tokens is None or all(one in tokens for one in audiences)


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
