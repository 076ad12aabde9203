"""Engines that are there and do not do what they should: full, emptied, slow, in each other's way."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import psycopg
import pytest
from redis import Redis

from tests.services.faults.clients import Account, Client, product
from tests.services.faults.rig import Rig, eventually
from tests.services.faults.store import Store

#: The lock under which events are numbered (docs/adr/0003).
EVENTS = 7_305_808
DELAY = 5.0


def push(account: Account, *numbers: int, prefix: str, said: int = 1) -> None:
    with closing(Client(account, 0)) as client:
        for number in numbers:
            client.put(product(number, said, prefix=prefix))


def block_writes(rig: Rig, blocked: bool) -> None:
    """Do to the indexes what Elasticsearch does at the flood stage of its disk, or undo it."""
    body = {"index.blocks.read_only_allow_delete": True if blocked else None}
    request = urllib.request.Request(
        f"{rig.environment['ELASTICSEARCH_URL']}/faults-*/_settings",
        json.dumps(body).encode(),
        {"Content-Type": "application/json"},
        method="PUT",
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        assert answer.status == 200


def test_a_full_disk_of_the_index_delays_and_loses_nothing(rig: Rig, account: Account) -> None:
    eventually(rig.caught_up, "followers are up to date")
    block_writes(rig, True)
    try:
        push(account, *range(20), prefix="flood")
        problem = (
            "SELECT problem FROM catalog_cursor WHERE name = 'search:elasticsearch'"
            " AND failures > 0 AND retry_at IS NOT NULL"
        )
        eventually(lambda: rig.rows(problem), "the follower pauses and says why")
        assert "takes no writes" in rig.one(problem)
    finally:
        block_writes(rig, False)
    eventually(rig.caught_up, "the follower comes back by itself", 90)
    assert rig.one("SELECT count(*) FROM catalog_deadletter") == 0
    assert rig.verify() == ""


def test_an_emptied_redis_costs_no_harvest_and_no_chore(
    rig: Rig, store: Store, account: Account
) -> None:
    workers = [rig.processes[name] for name in ("worker-1", "worker-2")]
    for worker in workers:
        worker.kill()
    run = store.harvest()
    with Redis.from_url(rig.environment["REDIS_URL"]) as broker:
        assert broker.llen("harvest") == 1
        broker.flushdb()
    long_ago = "UPDATE ingestors_run SET queued_at = queued_at - interval '1 minute' RETURNING id"
    rig.rows(long_ago)
    for worker in workers:
        worker.start()
    store.ends(run, "succeeded")
    with Redis.from_url(rig.environment["REDIS_URL"]) as broker:
        broker.flushdb()
    done = "SELECT min(finished_at) FROM ingestors_chore WHERE every <= 60"
    before = rig.one(done)
    eventually(lambda: rig.one(done) > before, "every chore is done again")
    push(account, 1, prefix="emptied")
    eventually(rig.caught_up, "followers hear of news")


class SlowProxy:
    """Stands before an engine and passes each request on after five seconds."""

    def __init__(self, target: str) -> None:
        where = urlsplit(target)
        self.target = (where.hostname or "", where.port or 80)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.asked: list[float] = []
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def url(self) -> str:
        """Where it answers."""
        return f"http://127.0.0.1:{self.door.getsockname()[1]}"

    def tries(self, since: float) -> int:
        """Count the moments at which somebody asked."""
        times = sorted(moment for moment in self.asked if moment >= since)
        return sum(1 for n, at in enumerate(times) if n == 0 or at - times[n - 1] > 0.5)

    def close(self) -> None:
        """Let nobody in any more."""
        self.door.close()

    def _serve(self) -> None:
        while True:
            try:
                caller, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._pass_on, args=(caller,), daemon=True).start()

    def _pass_on(self, caller: socket.socket) -> None:
        with caller, socket.create_connection(self.target) as engine:
            threading.Thread(target=self._give_back, args=(engine, caller), daemon=True).start()
            while said := self._read(caller):
                self.asked.append(time.monotonic())
                time.sleep(DELAY)
                engine.sendall(said)

    def _give_back(self, engine: socket.socket, caller: socket.socket) -> None:
        while said := self._read(engine):
            try:
                caller.sendall(said)
            except OSError:
                return

    @staticmethod
    def _read(end: socket.socket) -> bytes:
        try:
            return end.recv(65536)
        except OSError:
            return b""


@pytest.fixture
def proxy(rig: Rig) -> Iterator[SlowProxy]:
    made = SlowProxy(rig.environment["ELASTICSEARCH_URL"])
    yield made
    made.close()


def test_a_slow_index_slows_one_search_in_ten_seconds(rig: Rig, proxy: SlowProxy) -> None:
    web = rig.web("web-slow", ELASTICSEARCH_URL=proxy.url)
    web.start()
    try:
        rig.wait_for_web("web-slow")
        address = f"http://127.0.0.1:{rig.ports['web-slow']}/search?q=product"
        rig.get(address)
        began, taken = time.monotonic(), []
        while time.monotonic() < began + 12:
            before = time.monotonic()
            status, _, body = rig.get(address)
            taken.append(time.monotonic() - before)
            assert status == 200
            assert b"Simpler ranking" in body
    finally:
        web.kill()
    assert proxy.tries(began) <= 2, "one try in ten seconds"
    assert max(taken) < DELAY, "nobody waits for the engine"


def test_of_two_who_wait_for_each_other_one_is_told_to_try_again(
    rig: Rig, account: Account
) -> None:
    push(account, 1, prefix="deadlock")
    path = f"{account.addresses[0]}/api/v1/dataproducts/guid-deadlock-00001"
    answers: list[tuple[int, str, str]] = []

    def change() -> None:
        request = urllib.request.Request(
            path,
            json.dumps(product(1, 2, prefix="deadlock")).encode(),
            {"Authorization": f"Bearer {account.token}", "Content-Type": "application/json"},
            method="PUT",
        )
        try:
            with urllib.request.urlopen(request, timeout=30) as answer:
                answers.append((answer.status, "", answer.read().decode()))
        except urllib.error.HTTPError as error:
            with error:
                headers = error.headers
                answers.append((error.code, headers["Retry-After"], error.read().decode()))

    said = "SELECT version FROM catalog_product WHERE guid = 'guid-deadlock-00001'"
    waiting = "SELECT 1 FROM pg_locks WHERE locktype IN ('transactionid', 'tuple') AND NOT granted"
    told = rig.one("SELECT count(*) FROM catalog_event WHERE subject_key = 'claims/deadlock-00001'")
    other = threading.Thread(target=change)
    with psycopg.connect(rig.database_url) as mine:
        mine.execute("SET LOCAL deadlock_timeout = '30s'")  # the other one notices first
        mine.execute("UPDATE catalog_product SET name = name WHERE guid = 'guid-deadlock-00001'")
        other.start()
        eventually(lambda: rig.rows(waiting), "the other waits for the product")
        mine.execute(f"SELECT pg_advisory_xact_lock({EVENTS})".encode())
        mine.rollback()
    other.join(30)
    ((status, wait, body),) = answers
    assert (status, int(wait) > 0, json.loads(body)["status"]) == (503, True, 503)
    assert "deadlock detected" not in body
    assert rig.one(said) == "1.0.0"
    events = "SELECT count(*) FROM catalog_event WHERE subject_key = 'claims/deadlock-00001'"
    assert rig.one(events) == told
    push(account, 1, prefix="deadlock", said=2)
    assert rig.one(said) == "2.0.0"
