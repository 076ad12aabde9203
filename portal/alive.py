"""Workers and the clock touch HEALTH_FILE while they go round, for the health checks of containers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from celery.signals import after_task_publish, beat_init, heartbeat_sent, worker_ready
from django.conf import settings


def connect() -> None:
    """Listen to Celery, where the setting names a file."""
    worker_ready.connect(_touch)
    heartbeat_sent.connect(_touch)
    beat_init.connect(_watch_the_clock)


def _watch_the_clock(**_: Any) -> None:
    _touch()
    after_task_publish.connect(_touch)


def _touch(**_: Any) -> None:
    if settings.HEALTH_FILE:
        Path(settings.HEALTH_FILE).touch()
