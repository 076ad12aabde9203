"""Webhooks by REST: one's own, made, tested, replayed; another's are not there."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import LazySettings
from pytest_django.fixtures import DjangoAssertNumQueries
from standardwebhooks import Webhook as Verifier

from catalog.models import Event, Webhook, WebhookLetter
from catalog.outbound.webhooks.deliver import deliver
from catalog.people.tokens import make_token
from tests.catalog.api.conftest import Call
from tests.catalog.outbound.webhooks.receiver import Receiver
from tests.conftest import Mesh
from tests.factories import make_product

ADDRESS = "/api/v1/webhooks"


@pytest.fixture(autouse=True)
def _local(settings: LazySettings) -> None:
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_NETWORKS = ("127.0.0.0/8",)
    settings.WEBHOOK_TIMEOUT = 2.0


@pytest.fixture
def receiver() -> Any:
    made = Receiver()
    made.start()
    yield made
    made.stop()


def make(call: Call, who: str, receiver: Receiver, **said: object) -> dict[str, Any]:
    answer = call(who, "post", ADDRESS, {"name": "mine", "url": receiver.url, **said})
    assert answer.status_code == 201, answer.content
    return dict(answer.json())


def test_a_webhook_is_made_tested_and_gets_signed_events(
    call: Call, mesh: Mesh, receiver: Receiver
) -> None:
    made = make(call, "alice", receiver, types=["product.*"])
    assert made["state"] == "waiting"
    assert made["secret"].startswith("whsec_")
    one = f"{ADDRESS}/{made['id']}"
    assert "secret" not in call("alice", "get", one).json()
    said = call("alice", "post", f"{one}/test").json()
    assert [row["kind"] for row in said] == ["handshake", "test"]
    assert [row["problem"] for row in said] == ["", ""]
    make_product("p1")
    deliver()
    assert receiver.types() == ["webhook.test", "product.created"]
    for received in receiver.received:
        Verifier(made["secret"]).verify(received.body, dict(received.headers))
    calls = call("alice", "get", f"{one}/attempts").json()["results"]
    assert [(row["kind"], row["status"]) for row in calls] == [
        ("event", 204),
        ("test", 204),
        ("handshake", 200),
    ]
    assert call("alice", "get", one).json()["state"] == "active"


def test_webhooks_of_others_are_not_there(call: Call, mesh: Mesh, receiver: Receiver) -> None:
    number = make(call, "alice", receiver)["id"]
    WebhookLetter.objects.create(
        webhook_id=number, event_id=Event.objects.order_by("-id")[0].pk, tries=1, problem="x"
    )
    letter = WebhookLetter.objects.get().pk
    for who in ("bob", "charlie", "admin"):
        assert call(who, "get", ADDRESS).json()["results"] == []
        for method, path in (
            ("get", ""),
            ("patch", ""),
            ("delete", ""),
            ("post", "/secret"),
            ("post", "/test"),
            ("post", "/replay"),
            ("get", "/attempts"),
            ("get", "/letters"),
            ("delete", "/letters"),
            ("post", f"/letters/{letter}"),
            ("delete", f"/letters/{letter}"),
        ):
            body: dict[str, object] | None = {} if method in ("post", "patch") else None
            answer = call(who, method, f"{ADDRESS}/{number}{path}", body)
            assert answer.status_code == 404, (method, path)
    assert call("anonymous", "get", ADDRESS).json()["results"] == []
    assert call("anonymous", "post", ADDRESS, {}).status_code == 401
    assert WebhookLetter.objects.exists()


def test_a_token_that_only_reads_makes_none(call: Call, mesh: Mesh, client: Any) -> None:
    secret = make_token(mesh.alice, name="r", scope="read", days=1)[1]
    answer = client.post(
        ADDRESS,
        {"name": "x", "url": "https://receiver.example"},
        content_type="application/json",
        headers={"x-api-key": secret},
    )
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("url", "https://10.0.0.1/"),
        ("url", "https://[::ffff:10.0.0.1]/"),
        ("url", "nothing"),
        ("name", " "),
        ("types", ["nothing"]),
        ("types", ["*"]),
        ("types", [f"a.b{n}" for n in range(51)]),
        ("domain", "nowhere"),
        ("product", "g-hidden"),
        ("colour", "red"),
    ],
)
def test_what_cannot_be_used_is_refused_by_field(
    call: Call, mesh: Mesh, field: str, value: object
) -> None:
    body = {"name": "x", "url": "https://receiver.example/", field: value}
    answer = call("charlie", "post", ADDRESS, body)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"].partition("[")[0] == field
    assert not Webhook.objects.exists()


def test_a_hidden_product_or_domain_cannot_be_chosen_and_is_named_no_more(
    call: Call, mesh: Mesh, receiver: Receiver
) -> None:
    product = make_product("p1")
    made = make(call, "charlie", receiver, product=product.guid)
    assert made["product"] == product.guid
    make_product("p1", visibility="team")
    shown = call("charlie", "get", f"{ADDRESS}/{made['id']}").json()
    assert shown["product"] is None
    body = {"name": "x", "url": receiver.url, "product": product.guid}
    assert call("charlie", "post", ADDRESS, body).status_code == 422


def test_a_webhook_is_changed_paused_resumed_and_deleted(
    call: Call, mesh: Mesh, receiver: Receiver
) -> None:
    one = f"{ADDRESS}/{make(call, 'alice', receiver)['id']}"
    Webhook.objects.update(verified_at="2026-01-01T00:00:00Z")
    changed = call("alice", "patch", one, {"name": "new", "isEnabled": False}).json()
    assert (changed["name"], changed["state"]) == ("new", "paused")
    assert changed["verifiedAt"]
    make_product("p1")
    deliver()
    assert receiver.received == []
    moved = call("alice", "patch", one, {"url": f"{receiver.url}/2", "isEnabled": True}).json()
    assert moved["verifiedAt"] is None
    deliver()
    assert "product.created" in receiver.types()
    assert receiver.received[0].path == "/hook/2"
    assert call("alice", "delete", one).status_code == 204
    assert call("alice", "get", one).status_code == 404


def test_events_are_sent_again_from_any_place(call: Call, mesh: Mesh, receiver: Receiver) -> None:
    make_product("p1")
    one = f"{ADDRESS}/{make(call, 'alice', receiver, types=['product.*'])['id']}"
    deliver()
    assert receiver.received == []
    assert call("alice", "post", f"{one}/replay", {"after": 0}).status_code == 200
    deliver()
    assert receiver.types() == ["product.created"]
    for after in (-1, 10**15, "1", None):
        assert call("alice", "post", f"{one}/replay", {"after": after}).status_code == 422


def test_dead_letters_are_tried_again_or_dismissed(
    call: Call, mesh: Mesh, receiver: Receiver
) -> None:
    number = make(call, "charlie", receiver)["id"]
    for n in range(3):
        product = make_product(f"p{n}")
        event = Event.objects.get(type="product.created", product_id=product.pk)
        WebhookLetter.objects.create(
            webhook_id=number, event=event, tries=8, problem="it answered 500"
        )
    make_product("p2", visibility="team")
    letters = call("charlie", "get", f"{ADDRESS}/{number}/letters").json()["results"]
    assert [row["type"] for row in letters] == ["product.created"] * 2
    first, second = (row["id"] for row in letters)
    hidden = WebhookLetter.objects.order_by("-event_id")[0].pk
    assert call("charlie", "post", f"{ADDRESS}/{number}/letters/{hidden}").status_code == 404
    said = call("charlie", "post", f"{ADDRESS}/{number}/letters/{first}").json()
    assert said[-1]["status"] == 204
    assert call("charlie", "post", f"{ADDRESS}/{number}/letters/{second}").status_code == 429
    assert call("charlie", "delete", f"{ADDRESS}/{number}/letters/{second}").status_code == 204
    assert call("charlie", "get", f"{ADDRESS}/{number}/letters").json()["results"] == []
    assert receiver.types() == ["product.created"]


def test_a_person_has_a_bounded_number(call: Call, mesh: Mesh, receiver: Receiver) -> None:
    for _ in range(20):
        make(call, "alice", receiver)
    body = {"name": "x", "url": receiver.url}
    assert call("alice", "post", ADDRESS, body).status_code == 422


def test_a_list_of_ten_asks_as_often_as_a_list_of_one(
    call: Call,
    mesh: Mesh,
    receiver: Receiver,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    product = make_product("p1")
    for count in (1, 10):
        while Webhook.objects.count() < count:
            make(call, "alice", receiver, product=product.guid, domain="claims")
        call("alice", "get", ADDRESS)
        with django_assert_num_queries(6):
            call("alice", "get", ADDRESS)
