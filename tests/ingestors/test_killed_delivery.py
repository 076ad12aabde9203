"""A worker that is killed while it delivers loses no event and changes no order."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.catalog.outbound.webhooks.receiver import Receiver
from tests.ingestors.installation import Installation

BEGIN = """
from catalog.models import User
from catalog.outbound.webhooks.subscriptions import make_webhook
from catalog.events.log import NewEvent, record
ana = User.objects.create_user("ana")
make_webhook(ana, name="w", url="{url}", types=["thing.*"])
for n in range(60):
    record([NewEvent(type="thing.done", subject_kind="thing", subject_key=str(n))])
"""
#: The clock of each worker is ahead of the one before, so the lease of a dead worker is over.
LATER = """
from datetime import timedelta
from django.utils import timezone
now = timezone.now
timezone.now = lambda: now() + timedelta(minutes={minutes})
from catalog.tasks import deliver
deliver.delay()
"""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    made = Receiver(delay=0.05)
    made.start()
    yield made
    made.stop()


@pytest.fixture
def installation(tmp_path: Path, receiver: Receiver) -> Iterator[Installation]:
    made = Installation(tmp_path / "data")
    made.environment |= {
        "WEBHOOK_HTTP": "1",
        "WEBHOOK_NETWORKS": "127.0.0.0/8",
        "WEBHOOK_TIMEOUT": "2",
    }
    made.migrate()
    made.do(BEGIN.format(url=receiver.url))
    yield made
    made.stop()


def test_each_event_comes_at_least_once_and_in_order(
    installation: Installation, receiver: Receiver
) -> None:
    for minutes, least in ((0, 5), (2, 25)):
        worker = installation.start_worker(LATER.format(minutes=minutes))
        installation.wait_for(lambda least=least: len(receiver.received) >= least)  # type: ignore[misc]
        worker.send_signal(signal.SIGKILL)
        worker.wait(timeout=30)
    installation.start_worker(LATER.format(minutes=4))
    last = "SELECT max(id) FROM catalog_event WHERE type = 'thing.done'"
    ((wanted,),) = installation.rows(last)
    reached = "SELECT event_id FROM catalog_webhook"
    installation.wait_for(lambda: installation.rows(reached) >= [(wanted,)])

    numbers = receiver.numbers()
    first_times = list(dict.fromkeys(numbers))
    assert len(first_times) == 60
    assert first_times == sorted(first_times)
    assert len(numbers) > 60
    steps = list(pairwise(numbers))
    assert all(after <= before + 1 for before, after in steps), "an event was skipped"
