"""Tell people what they should know: a follower of the event log.

Each event is told at most once to a person, never to the one who caused it, and only to people who may
see its product. The follower keeps its place in the log, so it may stop and start at any time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from catalog.access.consumers import ACTING, members_of, users_of
from catalog.db import bulk
from catalog.events.log import advance, read_after
from catalog.models import (
    Cursor,
    Event,
    Follow,
    Notification,
    Product,
    User,
)
from catalog.outbound.namespace_notices import notices_of
from catalog.people.policies import deciders
from catalog.people.viewers import tokens_of
from catalog.registry.paths import Path

AT_ONCE = 500
FOLLOWER = "notifications"


@dataclass(frozen=True, slots=True)
class Word:
    """What to tell, where it leads, and to which group of people."""

    text: str
    url: str
    #: "deciders", "grantee", "keepers" (owning team and followers), "users" (those, whoever holds a grant,
    #: and the owners of products that read this one)
    group: str


def follow(most: int | None = None) -> int:
    """Turn the events since last time into notifications; return how many were read.

    With `most` it stops when it has read as many, whatever is left.
    """
    done = 0
    while most is None or done < most:
        count = _step(AT_ONCE)
        done += count
        if count < AT_ONCE:
            break
    return done


def notifications_of(user: User) -> QuerySet[Notification]:
    """Return a person's notifications, without those of products that are hidden by now."""
    rows = Notification.objects.filter(user=user)
    return rows.filter(Exists(Event.objects.about_visible(user).filter(pk=OuterRef("event_id"))))


def unread_count(user: User) -> int:
    """Return how many notifications a person has not read."""
    return notifications_of(user).filter(read_at__isnull=True).count()


def mark_read(user: User, ids: Collection[int] | None = None) -> int:
    """Mark a person's own notifications as read, all of them without ids; return how many."""
    rows = Notification.objects.filter(user=user, read_at__isnull=True)
    if ids is not None:
        rows = rows.filter(pk__in=ids)
    return rows.update(read_at=timezone.now())


@transaction.atomic
def _step(limit: int) -> int:
    _hold_cursor()
    events = read_after(FOLLOWER, limit)
    if not events:
        return 0
    relevant = [event for event in events if event.type in _WORDS and event.product_id]
    if relevant:
        _tell(relevant)
    _tell_of_names([event for event in events if event.subject_kind == "namespace"])
    advance(FOLLOWER, events[-1].pk)
    return len(events)


def _hold_cursor() -> None:
    """Let only one follower of this name work at a time."""
    Cursor.objects.get_or_create(name=FOLLOWER)
    if connection.features.has_select_for_update:
        Cursor.objects.select_for_update().get(name=FOLLOWER)


def _tell(events: Iterable[Event]) -> None:
    events = list(events)
    products = Product.objects.filter(pk__in={event.product_id for event in events})
    known = {row.pk: row for row in products.select_related("domain")}
    words = [
        (event, word)
        for event in events
        if event.product_id in known and (word := word_for(event, known[event.product_id]))
    ]
    groups = {
        "deciders": deciders(products),
        "keepers": _keepers(known.values()),
    }
    if any(word.group == "users" for _, word in words):
        groups["users"] = users_of(known.values(), groups["keepers"])
    teams = members_of(_team(event) for event, word in words if word.group == "grantee")
    rows: list[tuple[Event, Word, int]] = []
    for event, word in words:
        if word.group == "grantee":
            people: Iterable[int] = _grantee(event) | teams.get(_team(event) or 0, set())
        else:
            people = groups[word.group].get(event.product_id or 0, ())
        rows += [(event, word, pk) for pk in sorted(people) if pk != event.actor_id]
    tokens = tokens_of({pk for _, _, pk in rows})
    kept = [
        (event, word, pk)
        for event, word, pk in rows
        if pk in tokens and _sees(tokens[pk], known[event.product_id or 0].audience)
    ]
    bulk.insert(Notification, [_row(*one) for one in kept], ignore=True)


def _tell_of_names(events: Sequence[Event]) -> None:
    notices = notices_of(events)
    if not notices:
        return
    tokens = tokens_of({notice.user for notice in notices})
    rows = [
        _row(one.event, Word(one.text, one.url, ""), one.user)
        for one in notices
        if one.user in tokens and _sees(tokens[one.user], one.event.audience)
    ]
    bulk.insert(Notification, rows, ignore=True)


def _sees(tokens: frozenset[str] | None, audience: str) -> bool:
    return tokens is None or audience in tokens


def _row(event: Event, word: Word, user: int) -> dict[str, object]:
    return {
        "user_id": user,
        "event_id": event.pk,
        "kind": event.type[:40],
        "text": word.text if len(word.text) <= 500 else f"{word.text[:499]}…",
        "url": word.url[:500],
        "created_at": event.at,
        "read_at": None,
        "mailed_at": None,
        "chatted_at": None,
    }


def _keepers(products: Iterable[Product]) -> dict[int, frozenset[int]]:
    """Return who looks after products or follows them, by product id."""
    owners = {row.pk: row.team_id or row.domain.team_id or 0 for row in products}
    members = members_of(owners.values(), ACTING)
    found = {pk: set(members.get(team, ())) for pk, team in owners.items()}
    follows = Follow.objects.filter(product__in=owners)
    for product, user in follows.values_list("product_id", "user_id"):
        found[product].add(user)
    return {pk: frozenset(people) for pk, people in found.items()}


def _grantee(event: Event) -> set[int]:
    person = event.data.get("person")
    return {person["id"]} if person else set()


def _team(event: Event) -> int | None:
    team = event.data.get("team")
    return team["id"] if team else None


def word_for(event: Event, product: Product) -> Word | None:
    """Return what an event of a product has to say to people; None when it is not for them."""
    make = _WORDS.get(event.type)
    return make(event, product) if make else None


def _page(product: Product, tab: str = "") -> str:
    return f"/products/{product.ref}" + (f"/{tab}" if tab else "")


def _requested(event: Event, product: Product) -> Word:
    who, purpose = event.actor_name, str(event.data.get("purpose", ""))
    team = event.data.get("team")
    for_team = f" on behalf of {team['name']}" if team else ""
    again = "to keep access to" if event.data.get("renews") else "for access to"
    text = f"{who} asks{for_team} {again} {product.name}: {purpose}"
    return Word(text, f"/approvals/{event.subject_id}", "deciders")


def _withdrawn(event: Event, product: Product) -> Word:
    text = f"{event.actor_name} withdrew the request for {product.name}."
    return Word(text, "/approvals", "deciders")


def _decided(event: Event, product: Product) -> Word:
    verb = event.type.partition(".")[2]
    comment = str(event.data.get("comment") or "")
    text = f"{event.actor_name} {verb} the request for {product.name}."
    return Word(f"{text} {comment}".strip(), "/requests", "grantee")


def _revoked(event: Event, product: Product) -> Word:
    text = f"{event.actor_name} ended access to {product.name}: {event.data['comment']}"
    return Word(text, "/requests", "grantee")


def _expiring(event: Event, product: Product) -> Word:
    left = int(event.data.get("days_left") or 0)
    when = {0: "today", 1: "tomorrow"}.get(left, f"in {left} days")
    text = f"Access to {product.name} ends {when}, on {event.data['ends_on']}."
    return Word(f"{text} Ask to renew it in time.", "/requests", "grantee")


def _expired(event: Event, product: Product) -> Word:
    text = f"Access to {product.name} ended on {event.data['ends_on']}."
    return Word(text, "/requests", "grantee")


def _updated(event: Event, product: Product) -> Word | None:
    changes = event.data.get("changes") or []
    for change in changes:
        if change["path"] == "status" and change["after"] in {"deprecated", "retired"}:
            return Word(f"{product.name} is {change['after']} now.", _page(product), "keepers")
    if closing := _closing(changes):
        text = f"{event.actor_name} told how {product.name} goes on: {closing}"
        return Word(text, _page(product, "access"), "users")
    paths = [
        path for change in changes if not (path := str(change["path"])).startswith("contracts[")
    ]
    if not paths or (event.actor_id is None and all(p.startswith("ports[") for p in paths)):
        return None  # a harvest that found where a port leads is no news
    what = ", ".join(_things(paths))
    text = f"{event.actor_name} changed {product.name}: {what}"
    return Word(text, _page(product, "changes"), "keepers")


def _closing(changes: Iterable[Mapping[str, Any]]) -> str:
    """Say which ways out of a product close or are gone; empty: none. `changes` are those of its fields."""
    sentences = []
    for change in changes:
        path = str(change["path"])
        if not path.startswith("ports["):
            continue
        port = Path.parse(path)
        direction, name, major = port.item or ("", "", "")
        if direction != "out":
            continue
        if port.field is None and change["after"] is None:
            sentences.append(f"port {name}, major {major}, is gone")
        elif port.field == "sunset_on" and change["after"]:
            sentences.append(f"port {name}, major {major}, closes on {change['after']}")
        elif port.field == "sunset_on":
            sentences.append(f"port {name}, major {major}, stays open")
    return "; ".join(sentences)


def _things(paths: Iterable[str]) -> list[str]:
    """Say what changed: fields by name, the items of lists by their number (`3 checks`)."""
    counts = Counter(path.partition("[")[0].replace("_", " ") for path in set(paths))
    lists = {path.partition("[")[0] for path in paths if "[" in path}
    return [
        f"{count} {name if count > 1 else name.removesuffix('s')}" if name in lists else name
        for name, count in sorted(counts.items())
    ]


def _failed(event: Event, product: Product) -> Word:
    checks = event.data.get("checks") or [{}]
    more = f" and {len(checks) - 1} more" if len(checks) > 1 else ""
    count = "A check" if len(checks) == 1 else f"{len(checks)} checks"
    text = f"{count} failed on {event.data.get('name')}: {checks[0].get('name', '')}{more}"
    url = _page(product, "quality")
    if event.subject_kind == "dataset":
        url = f"/datasets/{event.subject_id}"
    return Word(text, url, "keepers")


def _broken(event: Event, product: Product) -> Word:
    data: Mapping[str, object] = event.data
    unit = f" {data['unit']}" if data.get("unit") else ""
    text = (
        f"{product.name} breaks a promise, “{data.get('objective_name')}”: "
        f"{data.get('value')}{unit}, promised {data.get('comparison')} {data.get('target')}{unit}"
    )
    return Word(text, _page(product, "objectives"), "keepers")


def _contract(event: Event, product: Product) -> Word:
    data: Mapping[str, Any] = event.data
    name = f"contract {data['contract']} {data['version']} of {product.name}"
    page = _page(product, "contracts")
    if not data.get("before"):
        return Word(f"{event.actor_name} published {name}.", page, "keepers")
    reasons = [str(one["reason"]) for one in data.get("told") or () if one["consumer"] != "info"]
    if data["consumer"] == "error":
        text = f"Breaking for you: {event.actor_name} published {name}. {'; '.join(reasons[:3])}"
    elif reasons:
        text = f"{event.actor_name} published {name}: {'; '.join(reasons[:3])}"
    else:
        text = f"{event.actor_name} published {name}: nothing breaks."
    rest = f" (and {len(reasons) - 3} more)" if len(reasons) > 3 else ""
    return Word(text + rest, page, "users" if reasons else "keepers")


def _announced(event: Event, product: Product) -> Word:
    what = str(event.data.get("what") or "something it is made of")
    text = f"{event.actor_name} is about to change {what}, and {product.name} is made of it"
    message = str(event.data.get("message") or "")
    return Word(f"{text}: {message}" if message else f"{text}.", _page(product, "lineage"), "users")


_WORDS: Mapping[str, Callable[[Event, Product], Word | None]] = {
    "access.requested": _requested,
    "access.withdrawn": _withdrawn,
    "access.approved": _decided,
    "access.rejected": _decided,
    "grant.revoked": _revoked,
    "grant.expiring": _expiring,
    "grant.expired": _expired,
    "product.updated": _updated,
    "check.failed": _failed,
    "objective.broken": _broken,
    "contract.published": _contract,
    "lineage.announced": _announced,
}
