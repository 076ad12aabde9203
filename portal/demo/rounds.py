"""Harvest many sources as of one moment, in this process and one beside it."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from types import TracebackType
from typing import Self

from portal.supervisor import die_with_parent


class Harvesters:
    """This process and a helper: each takes every second source."""

    def __init__(self) -> None:
        self.helper = ProcessPoolExecutor(1, mp_context=get_context("spawn"), initializer=_wake)

    def __enter__(self) -> Self:
        self.helper.submit(int)  # starts the helper while this process does something else
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.helper.shutdown(wait=error is None, cancel_futures=True)

    def harvest(self, keys: Sequence[str], at: datetime) -> None:
        """Harvest sources as of `at`; raises what a harvest raises."""
        there = self.helper.submit(harvest, list(keys[1::2]), at)
        harvest(keys[::2], at)
        there.result()


def harvest(keys: Sequence[str], at: datetime) -> None:
    """Harvest sources one after the other, each run dated `at`."""
    from ingestors.models import Run, Source
    from ingestors.services.runs import run_source

    for source in Source.objects.filter(key__in=keys).order_by("key"):
        run = run_source(source, at=at, trigger="schedule")
        began, ended = run.started_at or run.queued_at, run.finished_at or run.queued_at
        Run.objects.filter(pk=run.pk).update(
            queued_at=at, started_at=at, heartbeat_at=None, finished_at=at + (ended - began)
        )
        run.lines.update(at=at)


def _wake() -> None:
    die_with_parent()
    import django

    django.setup()
    logging.disable(logging.WARNING)
