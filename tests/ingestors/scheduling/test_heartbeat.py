"""A running harvest says that it lives, even when the database is busy for a moment."""

from __future__ import annotations

import threading
from unittest.mock import MagicMock

import pytest
from django.db import OperationalError

from ingestors.scheduling import heartbeat as module


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
    monkeypatch.setattr(module, "Run", run)
    monkeypatch.setattr(module, "BEAT", 0.005)
    with module.heartbeat(7, MagicMock()):
        assert told.wait(timeout=10)
    assert "run 7 missed a heartbeat: database is locked" in caplog.text
