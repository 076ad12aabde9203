"""The pages of the own webhooks, as a browser without JavaScript uses them."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from django.conf import LazySettings
from django.test import Client
from standardwebhooks import Webhook as Verifier

from catalog.models import Event, Webhook, WebhookLetter
from catalog.outbound.webhooks.deliver import deliver
from tests.catalog.outbound.webhooks.receiver import Receiver
from tests.conftest import Mesh
from tests.factories import make_product


@pytest.fixture
def receiver(settings: LazySettings) -> Iterator[Receiver]:
    settings.WEBHOOK_HTTP = True
    settings.WEBHOOK_NETWORKS = ("127.0.0.0/8",)
    settings.WEBHOOK_TIMEOUT = 2.0
    made = Receiver()
    made.start()
    yield made
    made.stop()


def make(client: Client, receiver: Receiver, **said: str) -> tuple[Webhook, str]:
    body = client.post(
        "/profile/webhooks", {"name": "bot", "url": receiver.url, **said}
    ).content.decode()
    found = re.search(r"whsec_[A-Za-z0-9+/=]+", body)
    assert found, body
    return Webhook.objects.order_by("-id")[0], found[0]


def test_a_person_makes_a_webhook_sees_its_secret_once_and_tests_it(
    client: Client, mesh: Mesh, receiver: Receiver
) -> None:
    client.force_login(mesh.alice)
    assert "No webhooks yet" in client.get("/profile/webhooks").content.decode()
    webhook, secret = make(client, receiver, types="product.*, contract.published")
    page = f"/profile/webhooks/{webhook.pk}"
    assert "whsec_" not in client.get(page).content.decode()
    answer = client.post(f"{page}/do", {"do": "test"}, follow=True).content.decode()
    assert "The receiver took the test." in answer
    make_product("p1")
    deliver()
    Verifier(secret).verify(receiver.received[-1].body, dict(receiver.received[-1].headers))
    listed = client.get("/profile/webhooks").content.decode()
    assert "Delivers" in listed
    assert "product.*, contract.published" in listed


def test_what_is_refused_is_said_at_its_field(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.alice)
    said = {"name": "bot", "url": "https://10.0.0.1/", "types": ""}
    answer = client.post("/profile/webhooks", said)
    assert answer.status_code == 422
    assert "not public" in answer.content.decode()
    assert not Webhook.objects.exists()


def test_pause_resume_replay_rotate_and_delete(
    client: Client, mesh: Mesh, receiver: Receiver
) -> None:
    client.force_login(mesh.alice)
    make_product("p1")
    webhook, secret = make(client, receiver, types="product.*")
    page = f"/profile/webhooks/{webhook.pk}"
    client.post(f"{page}/do", {"do": "pause"})
    assert "Paused" in client.get(page).content.decode()
    client.post(f"{page}/do", {"do": "resume"})
    client.post(f"{page}/do", {"do": "replay", "after": "0"})
    deliver()
    assert receiver.types() == ["product.created"]
    for nonsense in ("", "-1", "x", "9" * 30):
        said = client.post(f"{page}/do", {"do": "replay", "after": nonsense}, follow=True)
        assert "Nothing is sent again" in said.content.decode()
    rotated = client.post(f"{page}/do", {"do": "secret"})
    assert rotated["Cache-Control"] == "private, no-store"
    assert secret not in rotated.content.decode()
    assert "whsec_" in rotated.content.decode()
    assert client.post(f"{page}/do", {"do": "nothing"}).status_code == 404
    client.post(f"{page}/do", {"do": "delete"})
    assert client.get(page).status_code == 404


def test_dead_letters_are_shown_and_answered(
    client: Client, mesh: Mesh, receiver: Receiver
) -> None:
    client.force_login(mesh.alice)
    make_product("p1")
    webhook, _ = make(client, receiver)
    event = Event.objects.get(type="product.created")
    letter = WebhookLetter.objects.create(webhook=webhook, event=event, tries=8, problem="500")
    page = f"/profile/webhooks/{webhook.pk}"
    assert "Dead letters" in client.get(page).content.decode()
    client.post(f"{page}/letters/{letter.pk}", {"do": "retry"})
    assert receiver.types() == ["product.created"]
    assert not WebhookLetter.objects.exists()


def test_nobody_opens_the_webhook_of_another(
    client: Client, mesh: Mesh, receiver: Receiver
) -> None:
    client.force_login(mesh.alice)
    webhook, _ = make(client, receiver)
    client.force_login(mesh.bob)
    page = f"/profile/webhooks/{webhook.pk}"
    assert client.get(page).status_code == 404
    for do in ("test", "secret", "delete", "pause"):
        assert client.post(f"{page}/do", {"do": do}).status_code == 404
    assert Webhook.objects.filter(is_enabled=True).exists()
    assert receiver.received == []


def test_operators_see_how_deliveries_go(client: Client, mesh: Mesh, receiver: Receiver) -> None:
    client.force_login(mesh.alice)
    webhook, _ = make(client, receiver, types="product.*")
    make_product("p1")
    event = Event.objects.get(type="product.created")
    WebhookLetter.objects.create(webhook=webhook, event=event, tries=8, problem="500")
    said = client.get("/metrics").content.decode()
    assert 'gazetteer_webhooks{state="active"} 1.0' in said
    assert "gazetteer_webhook_dead_letters 1.0" in said
    behind = re.search(r"^gazetteer_webhook_lag_events (\S+)", said, re.MULTILINE)
    assert behind
    assert float(behind[1]) >= 1
    deliver()
    assert "gazetteer_webhook_lag_events 0.0" in client.get("/metrics").content.decode()
    client.force_login(mesh.admin)
    assert "Dead letters" in client.get("/operator").content.decode()
