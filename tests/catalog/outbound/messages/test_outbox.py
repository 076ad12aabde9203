"""Mail and chat: what each person chose, once, and only what they may see when it is sent."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.conf import LazySettings
from django.core import mail
from django.test import Client
from django.utils import timezone

from catalog.models import Event, Notification, Reach, User
from catalog.outbound.messages import mail as mail_module
from catalog.outbound.messages import outbox
from catalog.outbound.messages.chat import Line, payload
from catalog.outbound.messages.outbox import send_messages
from catalog.outbound.reach import ReachInvalid, choose
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


def wants(user: User, **said: Any) -> Reach:
    User.objects.filter(pk=user.pk).update(email=f"{user.username}@example.org")
    chosen: dict[str, Any] = {
        "mail": [],
        "chat": [],
        "chat_url": "",
        "chat_format": "slack",
        "digest_hour": None,
    }
    return choose(user, **{**chosen, **said})


def told(user: User, kind: str = "access.requested", key: str = "p1", **said: Any) -> Notification:
    product = make_product(key)
    event = Event.objects.filter(product_id=product.pk).order_by("-id")[0]
    said = {"text": f"Something about {key}", "url": f"/products/claims/{key}", **said}
    return Notification.objects.create(user=user, event=event, kind=kind, **said)


def test_a_person_is_mailed_what_they_chose_once(mesh: Mesh) -> None:
    wants(mesh.alice, mail=["access"])
    told(mesh.alice)
    told(mesh.alice, kind="check.failed", key="p2")
    told(mesh.bob, key="p3")
    for _ in range(3):
        send_messages(timezone.now())
    (one,) = mail.outbox
    assert one.to == ["alice@example.org"]
    assert one.subject == "Something about p1"
    assert "http://127.0.0.1:8000/products/claims/p1" in one.body
    html = one.alternatives[0][0]  # type: ignore[attr-defined]
    assert 'href="http://127.0.0.1:8000/products/claims/p1"' in html


def test_what_people_wrote_adds_no_header_and_no_markup(mesh: Mesh) -> None:
    wants(mesh.alice, mail=["access"])
    told(mesh.alice, text="Late\r\nBcc: eve@example.org\r\n<img src=x>")
    send_messages(timezone.now())
    (one,) = mail.outbox
    assert one.subject == "Late Bcc: eve@example.org <img src=x>"
    assert one.recipients() == ["alice@example.org"]
    assert "<img" not in one.alternatives[0][0]  # type: ignore[attr-defined]


def test_what_happened_before_the_choice_or_long_ago_is_not_mailed(mesh: Mesh) -> None:
    told(mesh.alice)
    wants(mesh.alice, mail=["access"])
    Reach.objects.update(since=timezone.now() - timedelta(days=9))
    Notification.objects.update(created_at=timezone.now() - timedelta(days=3))
    send_messages(timezone.now())
    assert mail.outbox == []


def test_a_product_that_was_hidden_meanwhile_is_not_mailed(mesh: Mesh) -> None:
    wants(mesh.charlie, mail=["access"], digest_hour=0)
    Reach.objects.update(digest_on=None)
    told(mesh.charlie)
    make_product("p1", visibility="team")
    send_messages(timezone.now())
    assert mail.outbox == []


def test_mail_that_is_refused_is_tried_again_after_a_pause(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(mesh.alice, mail=["access"])
    told(mesh.alice)
    real = mail_module.write_mail

    def away(*said: Any) -> Any:
        raise ConnectionRefusedError

    monkeypatch.setattr(outbox, "write_mail", away)
    now = timezone.now()
    assert send_messages(now) == 0
    monkeypatch.setattr(outbox, "write_mail", real)
    assert send_messages(now) == 0
    assert "not taken" in Reach.objects.get().problem
    assert send_messages(now + timedelta(minutes=6)) == 1
    assert len(mail.outbox) == 1


def test_a_process_that_dies_while_it_sends_mails_nothing_twice(
    mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    wants(mesh.alice, mail=["access"])
    told(mesh.alice)
    monkeypatch.setattr(
        outbox, "write_mail", lambda *said: (_ for _ in ()).throw(KeyboardInterrupt)
    )
    with pytest.raises(KeyboardInterrupt):
        send_messages(timezone.now())
    monkeypatch.undo()
    assert send_messages(timezone.now()) == 0
    assert mail.outbox == []


def test_the_digest_comes_once_a_day_with_what_was_not_mailed(mesh: Mesh) -> None:
    wants(mesh.alice, mail=["access"], digest_hour=7)
    day = timezone.now().replace(hour=6, minute=30) + timedelta(days=1)
    Reach.objects.update(digest_on=None, since=day - timedelta(days=1))
    for row in (told(mesh.alice), told(mesh.alice, kind="check.failed", key="p2")):
        Notification.objects.filter(pk=row.pk).update(created_at=day - timedelta(hours=1))
    send_messages(day)
    assert [one.subject for one in mail.outbox] == ["Something about p1"]
    for hours in (1, 2, 5):
        send_messages(day + timedelta(hours=hours))
    assert [one.subject for one in mail.outbox[1:]] == ["Gazetteer: 1 thing since yesterday"]
    assert "p2" in mail.outbox[1].body
    assert "p1" not in mail.outbox[1].body


def test_chat_gets_what_was_chosen_for_it(mesh: Mesh, receiver: Receiver) -> None:
    wants(mesh.alice, chat=["access"], chat_url=receiver.url)
    told(mesh.alice, text="Look <!channel> & more")
    for _ in range(2):
        send_messages(timezone.now())
    (one,) = receiver.received
    assert json.loads(one.body) == {
        "text": "Look &lt;!channel&gt; &amp; more <http://127.0.0.1:8000/products/claims/p1|Open>"
    }
    assert mail.outbox == []


def test_chat_that_is_away_is_tried_again(mesh: Mesh, receiver: Receiver) -> None:
    wants(mesh.alice, chat=["access"], chat_url=receiver.url)
    told(mesh.alice)
    receiver.reply = lambda _: (500, {})
    now = timezone.now()
    send_messages(now)
    receiver.reply = lambda _: (200, {})
    send_messages(now + timedelta(minutes=6))
    send_messages(now + timedelta(minutes=12))
    assert len(receiver.received) == 2


def test_teams_and_mattermost_read_what_they_take() -> None:
    lines = [Line("a *b* [c](http://evil) @all", "https://g.example/x")]
    said = json.loads(payload("mattermost", lines))["text"]
    assert said == "- a \\*b\\* \\[c\\]\\(http://evil\\) \\@all [Open](https://g.example/x)"
    card = json.loads(payload("teams", lines))
    assert card["type"] == "message"
    (attached,) = card["attachments"]
    assert attached["contentType"] == "application/vnd.microsoft.card.adaptive"
    assert attached["content"]["type"] == "AdaptiveCard"
    assert attached["content"]["body"][0]["wrap"] is True


def test_chat_may_not_lead_inside(mesh: Mesh) -> None:
    with pytest.raises(ReachInvalid, match="not public"):
        wants(mesh.alice, chat=["access"], chat_url="https://169.254.169.254/")


def test_a_link_in_the_mail_ends_it_without_signing_in(mesh: Mesh, client: Client) -> None:
    wants(mesh.alice, mail=["access"], digest_hour=7)
    told(mesh.alice)
    send_messages(timezone.now())
    headers = mail.outbox[0].extra_headers
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    address = headers["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")
    strict = Client(enforce_csrf_checks=True)
    assert strict.get(address).status_code == 200
    assert Reach.objects.get().mail == ["access"]
    assert strict.post(address, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert (Reach.objects.get().mail, Reach.objects.get().digest_hour) == ([], None)
    assert client.post(f"{address}x").status_code == 404


def test_the_page_keeps_what_a_person_chooses(
    mesh: Mesh, client: Client, receiver: Receiver
) -> None:
    client.force_login(mesh.alice)
    page = "/profile/messages"
    assert "no address" in client.get(page).content.decode()
    said = {
        "mail": ["access", "check"],
        "chat": ["contract"],
        "chat_url": receiver.url,
        "chat_format": "mattermost",
        "digest_hour": "7",
        "do": "try",
    }
    assert "greeting" in client.post(page, said, follow=True).content.decode()
    kept = Reach.objects.get()
    assert (kept.mail, kept.chat, kept.digest_hour) == (["access", "check"], ["contract"], 7)
    shown = client.get(page).content.decode()
    assert shown.count(" checked") == 3
    for wrong in ({"chat_url": "https://10.0.0.1"}, {"mail": ["nothing"]}, {"digest_hour": "24"}):
        assert client.post(page, {**said, **wrong}).status_code == 422
    assert len(receiver.received) == 1
