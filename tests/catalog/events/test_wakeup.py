"""Followers hear of news soon, and nobody waits for it."""

from __future__ import annotations

import threading
import time

import pytest
from django.conf import LazySettings
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from catalog import tasks
from catalog.events.log import NewEvent, record
from catalog.events.wakeup import Debouncer


def test_many_calls_are_few_messages_and_the_last_is_heard() -> None:
    sent: list[float] = []
    told = threading.Event()

    def send() -> None:
        sent.append(time.monotonic())
        told.set()

    debouncer = Debouncer(send, pause=0.1)
    for _ in range(50):
        debouncer.call()
        time.sleep(0.005)
    last = time.monotonic()
    debouncer.call()
    told.clear()
    assert told.wait(5)
    assert sent[-1] >= last
    assert len(sent) < 10


def test_a_broker_that_is_away_costs_nobody_anything() -> None:
    tried = threading.Event()

    def send() -> None:
        tried.set()
        raise OperationalError("connection refused")

    debouncer = Debouncer(send, pause=0.01, rest=0.01)
    debouncer.call()
    assert tried.wait(5)
    tried.clear()
    debouncer.call()
    assert tried.wait(5), "it tries again"


def test_an_event_wakes_the_followers_once_it_is_committed(
    db: None,
    settings: LazySettings,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    calls: list[int] = []
    settings.WAKE_FOLLOWERS = True
    monkeypatch.setattr(tasks._debouncer, "call", lambda: calls.append(1))
    with django_capture_on_commit_callbacks(execute=True):
        record([NewEvent(type="product.updated", subject_kind="product", subject_key="a")])
        assert calls == []
    assert calls == [1]
