"""A running harvest says that it lives, even when the database is busy for a moment."""

from __future__ import annotations

import threading
from unittest.mock import MagicMock

import pytest
from django.db import OperationalError

from ingestors import tasks


def test_a_missed_heartbeat_is_not_the_last(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    told = threading.Event()
    outcomes = iter([OperationalError("database is locked")])

    def update(**said: object) -> int:
        for error in outcomes:
            raise error
        told.set()
        return 1

    run = MagicMock()
    run.objects.filter.return_value.update = update
    monkeypatch.setattr(tasks, "Run", run)
    monkeypatch.setattr(tasks, "BEAT", 0.005)
    with tasks.heartbeat(7):
        assert told.wait(timeout=10)
    assert "run 7 missed a heartbeat: database is locked" in caplog.text
