"""Workers that die in the midst, and hosts whose clocks go wrong."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator

import pytest
from redis import Redis

from tests.services.faults.clients import Account, Client, product
from tests.services.faults.rig import Rig, eventually
from tests.services.faults.store import Store


def test_a_worker_out_of_memory_loses_its_run_and_nothing_comes_again_and_again(
    rig: Rig, store: Store
) -> None:
    with store.endless() as (run, child):
        os.kill(child, signal.SIGKILL)  # as the kernel does to the largest process
        store.ends(run, "lost", seconds=40)
    eventually(lambda: not messages_about(rig, run), "no message about it is left")
    started = "SELECT count(*) FROM ingestors_run WHERE started_at IS NOT NULL"
    before = rig.one(started)
    store.ends(store.harvest(), "succeeded")
    assert rig.one(started) == before + 1
    assert store.state(run) == "lost"
    for name in ("worker-1", "worker-2"):
        running = rig.processes[name].running
        assert running is not None
        assert running.poll() is None, "the worker goes on with another process"


def messages_about(rig: Rig, run: int) -> list[bytes]:
    """Return what waits for a worker, or was taken and not acknowledged, about a run."""
    with Redis.from_url(rig.environment["REDIS_URL"]) as broker:
        kept: list[bytes] = [*broker.lrange("harvest", 0, -1), *broker.hvals("unacked")]
    return [text for text in kept if f'"argsrepr": "({run},)"'.encode() in text.replace(b"\\", b"")]


@pytest.fixture
def behind(rig: Rig) -> Iterator[str]:
    """Let the whole installation run on a clock two hours behind; return its address."""
    names = ("worker-1", "worker-2")
    for name in names:
        rig.processes[name].kill()
    late = [
        rig.on_a_clock(-2, rig.web("web-behind")),
        rig.on_a_clock(-2, rig.worker("worker-behind")),
    ]
    for process in late:
        process.start()
    try:
        rig.wait_for_web("web-behind")
        yield f"http://127.0.0.1:{rig.ports['web-behind']}"
    finally:
        for process in late:
            process.kill()
            del rig.processes[process.name]
        for name in names:
            rig.processes[name].start()


EARLIER = """
from ingestors.models import Source
from ingestors.services.sources import update_source
source = Source.objects.get(key="store")
source.schedule = {schedule!r}
source.next_run_at = None
source.save()
if source.schedule:
    from ingestors.scheduling.schedule import next_run
    from django.utils import timezone
    Source.objects.filter(pk=source.pk).update(next_run_at=next_run(source.schedule, timezone.now()))
"""
REST = """
UPDATE catalog_cursor SET failures = 1, retry_at = now() + interval '30 seconds'
WHERE name = 'search:elasticsearch' RETURNING id
"""


def test_a_clock_that_goes_back_two_hours_loses_and_stops_nothing(
    rig: Rig, store: Store, account: Account, request: pytest.FixtureRequest
) -> None:
    client = Client(account, 0)
    client.put(product(1, 1, prefix="clock"))
    client.close()
    store.change("CREATE TABLE before (id INTEGER PRIMARY KEY)")
    store.ends(store.harvest(), "succeeded")
    eventually(rig.caught_up, "followers are up to date")
    rig.do(EARLIER.format(schedule="every 30m"))
    last_chore = rig.one("SELECT max(next_at) FROM ingestors_chore")
    last_event = rig.one("SELECT max(id) FROM catalog_event")

    address = request.getfixturevalue("behind")
    rig.rows(REST)
    late = Client(Account([address], account.token), 0)
    late.put(product(1, 2, prefix="clock"))
    late.close()
    shown = "SELECT version FROM catalog_product WHERE guid = 'guid-clock-00001'"
    assert rig.one(shown) == "2.0.0", "what is said later counts, whatever the clock says"

    store.change("CREATE TABLE after (id INTEGER PRIMARY KEY)")
    store.ends(store.harvest(), "succeeded")
    found = "SELECT count(*) FROM catalog_dataset WHERE name IN ('before', 'after')"
    assert rig.one(found) == 2
    eventually(rig.caught_up, "followers follow")
    eventually(
        lambda: rig.one("SELECT max(next_at) FROM ingestors_chore") < last_chore,
        "chores are due by the new time",
    )
    ahead = "SELECT count(*) FROM ingestors_source WHERE next_run_at > now() - interval '1 hour'"
    eventually(lambda: rig.one(ahead) == 0, "schedules follow the new time")
    order = [row[0] for row in rig.rows("SELECT id FROM catalog_event WHERE id > %s", last_event)]
    assert order, "events go on above the last number"
    rig.do(EARLIER.format(schedule=""))
    assert rig.verify() == ""
