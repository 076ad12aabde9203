"""Machines ask whether Gazetteer is alive, ready and well; admins see the same."""

from __future__ import annotations

import os
import subprocess
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client
from django.utils import timezone
from redis import Redis

from catalog.models import Cursor, DeadLetter, SearchDocument
from catalog.search.follow import follow
from ingestors.models import Worker
from ingestors.scheduling.chores import find_chores
from ingestors.scheduling.workers import Presence
from portal import broker
from portal.reading import health
from tests.conftest import Mesh
from tests.factories import make_product
from tests.installations import fresh_redis


def test_alive_asks_nothing_of_the_database(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


def test_ready_says_why_not(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    assert client.get("/readyz").json() == {"ready": True, "reasons": [], "late": []}
    monkeypatch.setattr(health, "unready", lambda: ["3 migrations are not applied."])
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["reasons"]) == (
        503,
        ["3 migrations are not applied."],
    )


def test_metrics_tell_the_lag_of_each_follower(client: Client, mesh: Mesh) -> None:
    make_product()
    text = client.get("/metrics").content.decode()
    behind = next(line for line in text.splitlines() if 'lag_events{follower="search"}' in line)
    assert float(behind.split()[-1]) > 0
    follow()
    text = client.get("/metrics").content.decode()
    assert 'gazetteer_follower_lag_events{follower="search"} 0.0' in text
    assert 'gazetteer_index_up{index="search"} 1.0' in text


def test_metrics_are_for_this_machine_or_a_token(
    client: Client, db: None, settings: LazySettings
) -> None:
    assert client.get("/metrics", REMOTE_ADDR="192.0.2.7").status_code == 404
    settings.METRICS_TOKEN = "right"
    assert client.get("/metrics").status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer wrong"}).status_code == 404
    assert client.get("/metrics", headers={"authorization": "Bearer right"}).status_code == 200


def test_a_proxy_on_this_machine_opens_metrics_to_nobody(
    client: Client, db: None, settings: LazySettings
) -> None:
    settings.PROXY_COUNT = 1
    far = client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1, 203.0.113.9"})
    assert far.status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "no address"}).status_code == 404
    assert client.get("/metrics", headers={"x-forwarded-for": "127.0.0.1"}).status_code == 200


def test_the_operator_page_is_for_admins(client: Client, mesh: Mesh) -> None:
    assert client.get("/operator").status_code == 302
    client.force_login(mesh.alice)
    assert client.get("/operator").status_code == 404
    Cursor.objects.create(name="search", failures=2, problem="the disk is full")
    DeadLetter.objects.create(index="search", kind="product", object_id=7, reason="too long")
    client.force_login(mesh.admin)
    page = client.get("/operator").content.decode()
    assert "Failed 2 times" in page
    assert "the disk is full" in page
    assert "product 7" in page


def test_the_queues_are_counted_wherever_they_are(db: None, settings: LazySettings) -> None:
    def counted() -> dict[str, int | None]:
        return {queue.name: queue.waiting for queue in health.queues()}

    names = ("harvest", "follow", "notify", "maintenance")
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert counted() == dict.fromkeys(names)
    assert all(queue.problem for queue in health.queues())
    with fresh_redis() as own, Redis.from_url(own) as server:
        settings.REDIS_URL = own
        assert counted() == dict.fromkeys(names, 0)
        server.lpush("notify", "one", "two")
        assert counted() == dict.fromkeys(names, 0) | {"notify": 2}


def test_the_queues_in_a_file_are_counted(db: None, settings: LazySettings, tmp_path: Path) -> None:
    settings.REDIS_URL, settings.QUEUE_FILE = "", tmp_path / "queue.sqlite3"
    with closing(broker.open_file(settings.QUEUE_FILE)) as queue:
        for name in ("follow", "follow", "harvest"):
            queue.execute("INSERT INTO message (queue, content) VALUES (?, '{}')", (name,))
    found = {queue.name: queue.waiting for queue in health.queues()}
    assert found == {"harvest": 1, "follow": 2, "notify": 0, "maintenance": 0}


def test_a_worker_that_falls_silent_is_seen(client: Client, mesh: Mesh) -> None:
    now = timezone.now()
    for name, minutes in (("here:1", 0), ("here:2", 5), ("gone:3", 2000)):
        heard = now - timedelta(minutes=minutes)
        Worker.objects.create(name=name, queues=["follow"], started_at=now, heard_at=heard)
    client.force_login(mesh.admin)
    page = client.get("/operator").content.decode()
    assert "here:1" in page
    assert "gone:3" not in page
    assert page.count("Silent") == 1
    seconds = [
        line for line in client.get("/metrics").content.decode().splitlines() if "here:2" in line
    ]
    assert float(seconds[0].split()[-1]) >= 300


def test_a_worker_forgets_those_of_its_machine_that_died(db: None) -> None:
    now = timezone.now()
    dead = subprocess.Popen(["/bin/true"])
    dead.wait()
    for name in (f"here:{dead.pid}", f"here:{os.getppid()}", f"there:{dead.pid}"):
        Worker.objects.create(name=name, queues=["follow"], started_at=now, heard_at=now)
    Presence(f"here:{os.getpid()}", ["follow"]).say()
    left = set(Worker.objects.values_list("name", flat=True))
    assert left == {f"here:{os.getpid()}", f"here:{os.getppid()}", f"there:{dead.pid}"}


def test_a_worker_says_that_it_comes_and_goes(db: None) -> None:
    presence = Presence("here:4", ["follow"])
    presence.say()
    first = Worker.objects.get().heard_at
    presence.say()
    assert Worker.objects.get().heard_at > first
    presence.end()
    assert not Worker.objects.exists()


def test_chores_are_changed_by_admins_alone(client: Client, mesh: Mesh) -> None:
    chore = find_chores()[0]
    address = f"/operator/chores/{chore.pk}"
    for who, status in ((None, 302), (mesh.alice, 404)):
        if who:
            client.force_login(who)
        assert client.post(address, {"do": "pause"}).status_code == status
    chore.refresh_from_db()
    assert chore.is_enabled
    client.force_login(mesh.admin)
    assert client.get(address).status_code == 405
    assert client.post("/operator/chores/999", {"do": "pause"}).status_code == 404
    page = client.post(address, {"do": "pause"}, follow=True).content.decode()
    assert f"The chore {chore} is paused." in page
    client.post(address, {"do": "resume"})
    client.post(address, {"do": "every", "every": "45"})
    chore.refresh_from_db()
    assert (chore.is_enabled, chore.every) == (True, 45)
    for wrong in ("0", "-3", "soon", "", "99999999999999999999", "²"):
        page = client.post(address, {"do": "every", "every": wrong}, follow=True).content.decode()
        assert "is no number of seconds" in page, wrong
    chore.refresh_from_db()
    assert chore.every == 45


def test_dead_letters_are_tried_again_or_dismissed(client: Client, mesh: Mesh) -> None:
    product = make_product()
    letter = {"index": "search", "kind": "product", "reason": "too long"}
    first = DeadLetter.objects.create(object_id=product.pk, **letter)
    second = DeadLetter.objects.create(object_id=product.pk + 1, **letter)
    client.force_login(mesh.alice)
    assert client.post(f"/operator/letters/{first.pk}", {"do": "retry"}).status_code == 404
    client.force_login(mesh.admin)
    page = client.post(f"/operator/letters/{first.pk}", {"do": "retry"}, follow=True)
    assert f"search took product {product.pk}" in page.content.decode()
    assert SearchDocument.objects.filter(kind="product", object_id=product.pk).exists()
    client.post(f"/operator/letters/{second.pk}", {"do": "dismiss"})
    assert not DeadLetter.objects.exists()


def test_strangers_read_that_it_is_not_ready_and_no_host(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = 'The database does not answer: connection to server at "10.0.0.5" failed'
    monkeypatch.setattr(health, "unready", lambda: [said])
    assert client.get("/readyz").json()["reasons"] == [said]
    far = client.get("/readyz", REMOTE_ADDR="192.0.2.7")
    assert (far.status_code, far.json()["reasons"]) == (503, ["The database does not answer."])
    monkeypatch.setattr(health, "unready", list)
    monkeypatch.setattr(health, "late", lambda: ["The index search is away: 10.0.0.6"])
    assert client.get("/readyz").json()["late"] != []
    assert client.get("/readyz", REMOTE_ADDR="192.0.2.7").json()["late"] == []
