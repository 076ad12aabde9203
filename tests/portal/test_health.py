"""Machines ask whether Gazetteer is alive, ready and well; admins see the same."""

from __future__ import annotations

import pytest
from django.conf import LazySettings
from django.test import Client

from catalog.models import Cursor, DeadLetter
from catalog.search.follow import follow
from portal.reading import health
from tests import engines
from tests.conftest import Mesh
from tests.factories import make_product


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


def test_the_queue_is_counted_wherever_it_is(db: None, settings: LazySettings) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    assert health.queue().waiting is None
    assert health.queue().problem
    settings.REDIS_URL = engines.redis_url()
    assert health.queue().waiting == 0
