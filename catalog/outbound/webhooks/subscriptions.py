"""Webhooks: made, changed, tested, replayed by the person they belong to."""

from __future__ import annotations

import json
import re
import secrets
import uuid
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from catalog.events.feed import source
from catalog.events.log import NewEvent, record
from catalog.models import Domain, Event, Product, User, Webhook, WebhookLetter
from catalog.outbound.webhooks.addresses import TargetRefused, read_target
from catalog.outbound.webhooks.calls import Call, Message, talk
from catalog.outbound.webhooks.deliver import bodies_of, receiver_of, rules
from catalog.outbound.webhooks.record_outcome import note
from catalog.outbound.webhooks.secrets import secret_of
from catalog.standards.cloudevents import PREFIX, plain_type
from catalog.visibility import person_token

MOST = 20
MOST_TYPES = 50
TEST_PAUSE = timedelta(seconds=5)
_TYPE = re.compile(r"[a-z][a-z-]{0,30}\.(\*|[a-z][a-z_-]{0,30})")


class WebhookInvalid(ValueError):
    """A webhook cannot be like that; `field` and `value` say what is wrong, the message what is allowed."""

    def __init__(self, field: str, value: object, message: str) -> None:
        self.field, self.value, self.message = field, value, message
        super().__init__(message)


class TooSoon(Exception):
    """The receiver was called a moment ago."""


def make_webhook(owner: User, *, name: str, url: str, **filters: Any) -> tuple[Webhook, str]:
    """Make a webhook that begins with the next event; return it and its secret. Raises WebhookInvalid."""
    with transaction.atomic():
        User.objects.select_for_update().get(pk=owner.pk)
        if owner.webhooks.count() >= MOST:
            raise WebhookInvalid("", None, f"a person has at most {MOST} webhooks")
        webhook = Webhook(owner=owner, salt=secrets.token_urlsafe(32))
        _set(webhook, {"name": name, "url": url, **filters})
        webhook.save()
        (number,) = _record("webhook.created", webhook, owner)
        Webhook.objects.filter(pk=webhook.pk).update(event_id=number)
    webhook.event_id = number
    return webhook, secret_of(webhook.salt)


def change_webhook(webhook: Webhook, *, by: User, **changes: Any) -> None:
    """Change name, url, types, domain (a key) or product (a GUID). Raises WebhookInvalid."""
    before = webhook.url
    _set(webhook, changes)
    fields = ["name", "url", "types", "domain", "product"]
    if webhook.url != before:
        webhook.verified_at = webhook.retry_at = webhook.rate = None
        webhook.tries, webhook.lease, webhook.leased_until = 0, "", None
        fields += ["verified_at", "retry_at", "rate", "tries", "lease", "leased_until"]
    with transaction.atomic():
        webhook.save(update_fields=fields)
        _record("webhook.changed", webhook, by)


def remove_webhook(webhook: Webhook, *, by: User) -> None:
    """Delete a webhook with its log and its dead letters."""
    with transaction.atomic():
        _record("webhook.removed", webhook, by)
        webhook.delete()


def give_webhook(webhook: Webhook, *, to: User, by: User) -> None:
    """Give a webhook to somebody, paused: it would send what they see to where another chose.

    Raises WebhookInvalid where they have as many as a person may.
    """
    with transaction.atomic():
        User.objects.select_for_update().get(pk=to.pk)
        if to.webhooks.count() >= MOST:
            raise WebhookInvalid("", None, f"a person has at most {MOST} webhooks")
        _record("webhook.given", webhook, by, {"to": str(to)})
        _let_go(webhook, owner=to, is_enabled=False, stopped_at=timezone.now(), stopped_because="")


def rotate_secret(webhook: Webhook, *, by: User) -> str:
    """Give a webhook a new secret and return it; for a day messages carry a signature of each."""
    with transaction.atomic():
        webhook.old_salt, webhook.salt = webhook.salt, secrets.token_urlsafe(32)
        webhook.rotated_at = timezone.now()
        webhook.save(update_fields=["salt", "old_salt", "rotated_at"])
        _record("webhook.rotated", webhook, by)
    return secret_of(webhook.salt)


def pause_webhook(webhook: Webhook, *, by: User) -> None:
    """Send nothing more; the place in the log stays."""
    _let_go(webhook, is_enabled=False, stopped_at=timezone.now(), stopped_because="")
    _record("webhook.paused", webhook, by)


def resume_webhook(webhook: Webhook, *, by: User) -> None:
    """Go on from the place in the log, at once."""
    fresh: dict[str, Any] = {"retry_at": None, "tries": 0, "failing_since": None, "problem": ""}
    _let_go(webhook, is_enabled=True, stopped_at=None, stopped_because="", **fresh)
    _record("webhook.resumed", webhook, by)


def replay(webhook: Webhook, *, after: int, by: User) -> None:
    """Send again what came after an event of the log, or skip what came before it; 0: everything."""
    last = Event.objects.order_by("-id").values_list("id", flat=True).first() or 0
    if not 0 <= after <= last:
        raise WebhookInvalid("after", after, "allowed are 0 and numbers of events there are")
    _let_go(webhook, event_id=after, retry_at=None, tries=0, problem="")
    _record("webhook.replayed", webhook, by, {"after": after})


def try_now(webhook: Webhook, *, by: User) -> None:
    """Wait no longer with the next try."""
    _let_go(webhook, retry_at=None)


def send_test(webhook: Webhook) -> Sequence[Call]:
    """Send an event of the type `webhook.test` at once, after a handshake; return the calls. Raises TooSoon."""
    _take_turn(webhook)
    now = timezone.now()
    number = f"test-{uuid.uuid4()}"
    event = {
        "specversion": "1.0",
        "id": number,
        "source": source(),
        "type": f"{PREFIX}webhook.test",
        "time": now.isoformat(),
        "datacontenttype": "application/json",
        "data": {"webhook": webhook.name},
    }
    return _talk(webhook, Message(number, 0, json.dumps(event).encode()))


def retry_letter(letter: WebhookLetter) -> Sequence[Call]:
    """Send the event of a dead letter at once; it is taken away when the receiver takes it. Raises TooSoon."""
    webhook = letter.webhook
    event = Event.objects.visible_to(webhook.owner).filter(pk=letter.event_id).first()
    if event is None:
        letter.delete()
        return ()
    _take_turn(webhook)
    calls = _talk(webhook, bodies_of([event])[event.pk])
    if not calls[-1].problem:
        letter.delete()
    return calls


def letters_of(webhook: Webhook) -> Any:
    """Return the dead letters of a webhook whose events its owner may still see."""
    seen = Event.objects.visible_to(webhook.owner).values("pk")
    return webhook.letters.filter(event__in=seen).select_related("event")


def _talk(webhook: Webhook, message: Message) -> Sequence[Call]:
    now = timezone.now()
    done = talk(receiver_of(webhook, now), [message])
    note(webhook, done.calls, now)
    if done.is_verified and webhook.verified_at is None and settings.WEBHOOK_HANDSHAKE:
        same = Webhook.objects.filter(pk=webhook.pk, url=webhook.url)
        same.update(verified_at=now, rate=done.rate, retry_at=None, tries=0)
    return done.calls


def _take_turn(webhook: Webhook) -> None:
    now = timezone.now()
    rows = Webhook.objects.filter(pk=webhook.pk)
    recent = rows.filter(tested_at__gt=now - TEST_PAUSE, tested_at__lte=now)
    if recent.exists() or not rows.update(tested_at=now):
        raise TooSoon(f"one try every {TEST_PAUSE.seconds} s")


def _let_go(webhook: Webhook, **fields: Any) -> None:
    """Change a webhook and take it from a worker that is at it: what that one reports counts no more."""
    for name, value in fields.items():
        setattr(webhook, name, value)
    Webhook.objects.filter(pk=webhook.pk).update(**fields, lease="", leased_until=None)


def _set(webhook: Webhook, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        _SETTERS[name](webhook, value)


def _set_name(webhook: Webhook, value: str) -> None:
    webhook.name = value.strip()
    if not webhook.name or len(webhook.name) > 100:
        raise WebhookInvalid("name", value, "write 1 to 100 characters")


def _set_url(webhook: Webhook, value: str) -> None:
    webhook.url = value.strip()
    try:
        read_target(webhook.url, rules())
    except TargetRefused as error:
        raise WebhookInvalid("url", value, str(error)) from error


def _set_types(webhook: Webhook, value: Sequence[str]) -> None:
    if len(value) > MOST_TYPES:
        raise WebhookInvalid("types", len(value), f"name at most {MOST_TYPES} types")
    webhook.types = list(dict.fromkeys(plain_type(word) for word in value))
    for word in webhook.types:
        if not _TYPE.fullmatch(word):
            message = "write types as contract.published, or contract.* for a family"
            raise WebhookInvalid("types", word, message)


def _set_domain(webhook: Webhook, value: str | None) -> None:
    webhook.domain = None
    if value:
        webhook.domain = Domain.objects.visible_to(webhook.owner).filter(key=value).first()
        if webhook.domain is None:
            raise WebhookInvalid("domain", value, "allowed are keys of domains you may see")


def _set_product(webhook: Webhook, value: str | None) -> None:
    webhook.product = None
    if value:
        webhook.product = Product.objects.visible_to(webhook.owner).filter(guid=value).first()
        if webhook.product is None:
            raise WebhookInvalid("product", value, "allowed are GUIDs of products you may see")


_SETTERS = {
    "name": _set_name,
    "url": _set_url,
    "types": _set_types,
    "domain": _set_domain,
    "product": _set_product,
}


def _record(
    kind: str, webhook: Webhook, by: User, data: Mapping[str, object] | None = None
) -> list[int]:
    event = NewEvent(
        type=kind,
        actor=by,
        subject_kind="webhook",
        subject_key=f"{webhook.owner.username}:{webhook.name}",
        subject_id=webhook.pk,
        audience=person_token(webhook.owner_id),
        data=data or {},
    )
    return record([event])
