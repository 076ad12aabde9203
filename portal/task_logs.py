"""Lines of a task carry its number, and the number of the request that asked for it."""

from __future__ import annotations

import logging.config
from typing import Any

from celery import Task
from celery.signals import before_task_publish, setup_logging, task_postrun, task_prerun
from django.conf import settings
from structlog.contextvars import bind_contextvars, clear_contextvars

from portal.logs import PASSED_ON, passed_on


def connect() -> None:
    """Listen to Celery: in workers, in the clock, and wherever a task is sent from."""
    setup_logging.connect(_configure)
    before_task_publish.connect(_send_along)
    task_prerun.connect(_begin)
    task_postrun.connect(_end)


def _configure(**_: Any) -> None:
    """Let workers and the clock write lines as everything else does."""
    logging.config.dictConfig(settings.LOGGING)


def _send_along(headers: dict[str, Any] | None = None, **_: Any) -> None:
    """Put the request's number into the message."""
    if headers is not None:
        headers.update(passed_on())


def _begin(task_id: str, task: Task[Any, Any], **_: Any) -> None:
    """Bind the numbers that came with the message."""
    if task.request.is_eager:
        return
    came = {name: task.request.get(name) for name in PASSED_ON}
    numbers = {name: value for name, value in came.items() if value is not None}
    bind_contextvars(task_id=task_id, task=task.name, **numbers)


def _end(task: Task[Any, Any], **_: Any) -> None:
    """Forget them."""
    if not task.request.is_eager:
        clear_contextvars()
