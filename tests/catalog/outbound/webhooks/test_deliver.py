"""Receivers get what their owners may see: signed, in order, each at least once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import LazySettings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from standardwebhooks import Webhook as Verifier

from catalog.models import Event, Webhook, WebhookAttempt
from catalog.outbound.webhooks import subscriptions as service
from catalog.outbound.webhooks.calls import Message, Talk
from catalog.outbound.webhooks.deliver import claim, deliver
from catalog.outbound.webhooks.matching import next_batches
from catalog.outbound.webhooks.record_outcome import KEPT, settle
from catalog.outbound.webhooks.secrets import secret_of
from catalog.people.domains import save_domain
from catalog.registry.remove import remove_product
from tests.catalog.contracts.test_changes import publish
from tests.catalog.outbound.webhooks.conftest import Subscribe, later
from tests.catalog.outbound.webhooks.receiver import Receiver
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


def test_events_come_signed_and_in_order(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    make_product("before")
    webhook = subscribe(mesh.alice)
    for n in range(3):
        make_product(f"p{n}")
    deliver()
    assert receiver.types() == ["product.created"] * 3
    assert [one.event["subjectkey"] for one in receiver.received] == [
        "claims/p0",
        "claims/p1",
        "claims/p2",
    ]
    verifier = Verifier(secret_of(webhook.salt))
    for one in receiver.received:
        said = verifier.verify(one.body, dict(one.headers))
        assert said["specversion"] == "1.0"
        assert one.headers["content-type"] == "application/cloudevents+json"
        assert one.headers["webhook-id"] == said["id"]
    deliver()
    assert len(receiver.received) == 3


def test_a_body_that_was_changed_on_the_way_does_not_verify(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    deliver()
    (one,) = receiver.received
    with pytest.raises(Exception, match="signature"):
        Verifier(secret_of(webhook.salt)).verify(one.body + b" ", dict(one.headers))


def test_after_a_rotation_both_secrets_verify_for_a_day(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    old = secret_of(webhook.salt)
    new = service.rotate_secret(webhook, by=mesh.alice)
    make_product("p0")
    deliver()
    for secret in (old, new):
        Verifier(secret).verify(receiver.received[0].body, dict(receiver.received[0].headers))
    Webhook.objects.update(rotated_at=timezone.now() - timedelta(days=2))
    make_product("p1")
    deliver()
    Verifier(new).verify(receiver.received[1].body, dict(receiver.received[1].headers))
    with pytest.raises(Exception, match="signature"):
        Verifier(old).verify(receiver.received[1].body, dict(receiver.received[1].headers))


def test_nothing_is_sent_before_the_receiver_agrees(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    receiver.allows = ""
    webhook = subscribe(mesh.alice)
    make_product("p0")
    deliver()
    assert receiver.received == []
    assert receiver.handshakes[0]["WebHook-Request-Origin"] == "127.0.0.1"
    webhook.refresh_from_db()
    assert "does not allow" in webhook.problem
    receiver.allows = "*"
    later(webhook)
    deliver()
    assert receiver.types() == ["product.created"]
    make_product("p1")
    deliver()
    assert len(receiver.handshakes) == 2


def test_the_operator_may_do_without_the_handshake(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe, settings: LazySettings
) -> None:
    settings.WEBHOOK_HANDSHAKE = False
    receiver.allows = ""
    subscribe(mesh.alice)
    make_product("p0")
    deliver()
    assert (receiver.handshakes, len(receiver.received)) == ([], 1)


@pytest.mark.parametrize(
    ("filters", "found"),
    [
        ({"types": []}, {"claims/p1", "policy/p2", "sqlite://shop main.claims", "vault"}),
        ({"types": ["product.removed"]}, {"claims/p1"}),
        ({"types": ["io.gazetteer.dataset.*"]}, {"sqlite://shop main.claims"}),
        ({"domain": "policy"}, {"policy/p2"}),
        ({"domain": "insurance"}, {"claims/p1", "policy/p2"}),
        ({"domain": "claims", "types": []}, {"claims/p1", "sqlite://shop main.claims"}),
    ],
)
def test_filters_choose(
    mesh: Mesh,
    receiver: Receiver,
    subscribe: Subscribe,
    filters: dict[str, object],
    found: set[str],
) -> None:
    subscribe(mesh.dana, **filters)
    gone = make_product("p1")
    make_product("p2", domain="policy", team="policy-team")
    make_dataset("main.claims")
    remove_product(gone, by=mesh.alice)
    save_domain("vault", name="Vault", by=None)
    deliver()
    seen = {one.event["subjectkey"] for one in receiver.received}
    assert seen == found


def test_the_events_of_one_product_come_to_its_end(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    product = make_product("p1")
    subscribe(mesh.charlie, product=product.guid)
    make_product("p2")
    make_product("p1", description="Newer.")
    remove_product(product, by=mesh.alice)
    deliver()
    assert receiver.types() == ["product.updated", "product.removed"]


def test_what_the_owner_may_not_see_when_it_is_sent_is_not_sent(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.charlie, types=[])
    make_product("hidden", visibility="team")
    make_product("hidden-later")
    make_product("hidden-later", visibility="team")
    make_dataset("main.claims")
    make_product("open")
    save_domain("claims", name="Claims", parent=mesh.claims.parent, visibility="domain", by=None)
    make_product("p2", domain="policy", team="policy-team")
    deliver()
    last = Event.objects.order_by("-id")[0].pk
    assert {one.event["domain"] for one in receiver.received} <= {"policy"}
    assert b"hidden" not in b"".join(one.body for one in receiver.received)
    assert b"main.claims" not in b"".join(one.body for one in receiver.received)
    webhook.refresh_from_db()
    assert webhook.event_id == last
    assert WebhookAttempt.objects.filter(kind="event").count() == len(receiver.received) > 0


def test_a_webhook_sends_what_the_feed_of_its_owner_shows(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    make_dataset("main.claims")
    hidden = make_product("hidden", visibility="team")
    make_product("p2", domain="policy", team="policy-team", visibility="domain")
    remove_product(hidden, by=mesh.alice)
    make_product("late", visibility="everyone")
    make_product("late", visibility="team")
    for who in ("alice", "bob", "charlie", "dana", "admin"):
        user = getattr(mesh, who)
        receiver.received.clear()
        webhook = subscribe(user, types=[])
        service.replay(webhook, after=0, by=user)
        last = Event.objects.order_by("-id")[0].pk
        deliver()
        wanted = Event.objects.visible_to(user).filter(id__lte=last).order_by("id")
        assert receiver.numbers() == list(wanted.values_list("id", flat=True)), who
        service.remove_webhook(webhook, by=user)


def test_a_person_who_may_sign_in_no_more_gets_nothing(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    subscribe(mesh.alice)
    make_product("p0")
    mesh.alice.is_active = False
    mesh.alice.save()
    deliver()
    assert receiver.received == []


def test_a_slow_receiver_stops_no_other(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe, settings: LazySettings
) -> None:
    settings.WEBHOOK_TIMEOUT = 0.5
    slow = Receiver(delay=1.0)
    slow.start()
    subscribe(mesh.alice, url=slow.url)
    subscribe(mesh.alice)
    for n in range(25):
        make_product(f"p{n}")
    deliver(seconds=1)
    slow.stop()
    assert len(receiver.received) == 25
    assert len(slow.received) <= 1
    assert receiver.numbers() == sorted(receiver.numbers())


def test_a_webhook_is_taken_by_one_alone_and_again_when_its_lease_is_over(
    mesh: Mesh, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    assert [one.pk for one in claim(5)] == [webhook.pk]
    assert claim(5) == []
    Webhook.objects.update(leased_until=timezone.now())
    assert [one.pk for one in claim(5)] == [webhook.pk]


def test_a_replay_while_events_are_under_way_is_not_lost(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    webhook = subscribe(mesh.alice)
    make_product("p0")
    number = Event.objects.get(type="product.created").pk
    (taken,) = claim(1)
    (batch,) = next_batches([taken])
    service.replay(webhook, after=0, by=mesh.alice)
    settle([(batch, (Message(str(number), number, b""),), Talk(taken=1))])
    webhook.refresh_from_db()
    assert webhook.event_id == 0


def test_the_log_of_calls_is_bounded(mesh: Mesh, receiver: Receiver, subscribe: Subscribe) -> None:
    webhook = subscribe(mesh.alice)
    rows = [WebhookAttempt(webhook=webhook, kind="event", took_ms=1) for _ in range(KEPT + 30)]
    WebhookAttempt.objects.bulk_create(rows)
    make_product("p0")
    deliver()
    kept = WebhookAttempt.objects.filter(webhook=webhook)
    assert kept.count() == KEPT
    assert kept[0].status == 204


def test_a_turn_asks_as_often_for_ten_webhooks_as_for_one(mesh: Mesh, subscribe: Subscribe) -> None:
    asked = []
    for count in (1, 10):
        while Webhook.objects.count() < count:
            subscribe(mesh.alice)
        make_product(f"p{count}")
        Webhook.objects.update(event_id=Event.objects.order_by("-id")[1].pk, lease="")
        rows = list(Webhook.objects.select_related("domain"))
        with CaptureQueriesContext(
            connection,
        ) as queries:
            next_batches(rows)
        asked.append(len(queries))
    assert asked[0] == asked[1]


def test_a_contract_that_breaks_reaches_the_receiver_of_a_consumer(
    mesh: Mesh, receiver: Receiver, subscribe: Subscribe
) -> None:
    product = make_product()
    webhook = subscribe(mesh.charlie, types=["contract.published"], product=product.guid)
    publish(mesh.alice)
    publish(mesh.alice, "2.0.0", ("id",))
    deliver()
    said = [
        Verifier(secret_of(webhook.salt)).verify(one.body, dict(one.headers))
        for one in receiver.received
    ]
    first, second = (one["data"] for one in said)
    assert (first["version"], second["version"], second["consumer"]) == ("1.0.0", "2.0.0", "error")
    assert any("amount" in change["reason"] for change in second["told"])
    assert said[1]["subject"] == product.guid
