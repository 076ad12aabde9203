"""What becomes of events that a receiver does not take."""

from __future__ import annotations

import pytest
from django.utils import timezone

from catalog.models import Event, Notification, WebhookLetter
from catalog.outbound.webhooks import subscriptions as service
from catalog.outbound.webhooks.deliver import deliver
from tests.catalog.outbound.webhooks.conftest import Subscribe, later
from tests.catalog.outbound.webhooks.receiver import Receiver
from tests.conftest import Mesh
from tests.factories import make_product


def test_an_event_that_fails_holds_up_the_next_and_none_is_skipped(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    for n in range(3):
        make_product(f"p{n}")
    numbers = list(Event.objects.filter(type="product.created").values_list("pk", flat=True))
    receiver.reply = lambda one: (503 if one.number == numbers[1] else 200, {})
    deliver()
    assert receiver.numbers() == numbers[:2]
    webhook.refresh_from_db()
    assert (webhook.event_id, webhook.problem) == (numbers[0], "it answered 503")
    assert webhook.retry_at is not None
    deliver()
    assert receiver.numbers() == numbers[:2]
    receiver.reply = lambda one: (200, {})
    later(webhook)
    deliver()
    assert receiver.numbers() == [*numbers[:2], *numbers[1:]]
    webhook.refresh_from_db()
    assert (webhook.problem, webhook.failing_since, webhook.tries) == ("", None, 0)


def test_the_receiver_says_when_to_come_again(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    receiver.reply = lambda _: (429, {"Retry-After": "3600"})
    deliver()
    webhook.refresh_from_db()
    assert webhook.retry_at is not None
    left = (webhook.retry_at - timezone.now()).total_seconds()
    assert 3500 < left <= 3600


def test_after_a_day_of_tries_an_event_is_a_dead_letter_and_the_next_one_goes(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    make_product("p1")
    first, second = Event.objects.filter(type="product.created").values_list("pk", flat=True)
    receiver.reply = lambda one: (500 if one.number == first else 200, {})
    for _ in range(8):
        deliver()
        later(webhook)
    assert receiver.numbers() == [first] * 8 + [second]
    letter = WebhookLetter.objects.get()
    assert (letter.event_id, letter.tries, letter.problem) == (first, 8, "it answered 500")
    receiver.reply = lambda _: (200, {})
    service.retry_letter(letter)
    assert receiver.numbers()[-1] == first
    assert not WebhookLetter.objects.exists()


def test_what_the_receiver_refuses_for_what_it_is_dies_sooner(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    receiver.reply = lambda _: (415, {})
    for _ in range(5):
        deliver()
        later(webhook)
    assert len(receiver.received) == 3
    assert WebhookLetter.objects.count() == 1


@pytest.mark.parametrize("reply", [(410, 0), (500, 6)], ids=["gone", "days"])
def test_a_receiver_that_is_gone_or_fails_for_days_is_left_and_its_owner_told(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe, reply: tuple[int, int]
) -> None:
    status, days = reply
    webhook = subscribe(mesh.alice)
    make_product("p0")
    receiver.reply = lambda _: (status, {})
    deliver()
    if days:
        later(webhook, days=days)
        deliver()
    webhook.refresh_from_db()
    assert not webhook.is_enabled
    assert webhook.stopped_because
    (told,) = Notification.objects.filter(kind="webhook.stopped")
    assert told.user == mesh.alice
    assert "“w”" in told.text
    service.resume_webhook(webhook, by=mesh.alice)
    receiver.reply = lambda _: (200, {})
    deliver()
    assert receiver.numbers()[-1] == Event.objects.get(type="product.created").pk


def test_a_redirect_is_not_followed(mesh: Mesh, receiver: Receiver, subscribe: Subscribe) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    receiver.reply = lambda _: (307, {"Location": f"{receiver.url}/elsewhere"})
    deliver()
    webhook.refresh_from_db()
    assert [one.path for one in receiver.received] == ["/hook"]
    assert "redirects are not followed" in webhook.problem
