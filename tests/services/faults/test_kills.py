"""While eight clients push, everything is killed once; nothing that was acknowledged is lost."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from tests.services.faults.clients import Account, Load
from tests.services.faults.conftest import PRODUCTS
from tests.services.faults.rig import Rig, eventually
from tests.services.faults.store import Store

NEVER_THERE_TWICE = """
SELECT count(*) FROM (
  SELECT user_id, event_id FROM catalog_notification GROUP BY 1, 2 HAVING count(*) > 1) AS twice
"""


class Reader(threading.Thread):
    """A follower of our own: reads the log on and on, and keeps the order it saw."""

    def __init__(self, rig: Rig) -> None:
        super().__init__(daemon=True)
        self.rig, self.seen, self.over = rig, [0], threading.Event()

    def run(self) -> None:
        """Read until told that all is over, then to the end."""
        import psycopg

        while True:
            is_last = self.over.is_set()
            try:
                rows = self.rig.rows(
                    "SELECT id FROM catalog_event WHERE id > %s ORDER BY id LIMIT 5000",
                    self.seen[-1],
                )
            except psycopg.OperationalError:
                time.sleep(0.2)
                continue
            self.seen += [row[0] for row in rows]
            if is_last and not rows:
                return
            time.sleep(0.1)


@pytest.fixture
def load(account: Account) -> Iterator[Load]:
    made = Load(account, PRODUCTS)
    yield made
    made.stop()


def kill_elasticsearch(rig: Rig, load: Load) -> Future[None]:
    """Kill it; it starts again while other things break."""
    rig.engines.kill("elasticsearch")
    for address in rig.addresses:
        status, _, body = rig.get(f"{address}/search?q=product")
        assert status == 200
        assert b"Simpler ranking" in body
    goes_on(load)
    pool = ThreadPoolExecutor(1)
    starting = pool.submit(rig.engines.start, "elasticsearch")
    pool.shutdown(wait=False)
    return starting


def kill_redis(rig: Rig, load: Load) -> None:
    with rig.without("redis"):
        goes_on(load)


def kill_worker(rig: Rig, store: Store) -> None:
    """Kill the worker that is in the midst of a harvest; the run is known to be lost within seconds."""
    with store.endless() as (run, worker):
        names = [n for n in ("worker-1", "worker-2") if worker in rig.processes[n].children()]
        assert len(names) == 1
        rig.processes[names[0]].kill()
        store.ends(run, "lost", seconds=40)
    rig.processes[names[0]].start()


def kill_web(rig: Rig, load: Load) -> None:
    rig.processes["web-1"].kill()
    goes_on(load)
    rig.processes["web-1"].start()
    rig.wait_for_web("web-1")


def kill_postgres(rig: Rig) -> None:
    with rig.without("postgres"):
        for address in rig.addresses:
            for path, kind in (
                ("/", "text/html; charset=utf-8"),
                ("/search?q=product", "text/html; charset=utf-8"),
                ("/api/v1/dataproducts", "application/problem+json"),
            ):
                status, headers, body = rig.get(address + path)
                assert (status, headers["Content-Type"]) == (503, kind), (path, body[:500])
                assert int(headers["Retry-After"]) > 0
                assert b"Traceback" not in body
            assert rig.get(f"{address}/healthz")[0] == 200
            assert rig.get(f"{address}/readyz")[0] == 503
    for name in ("web-1", "web-2"):
        rig.wait_for_web(name)


def goes_on(load: Load) -> None:
    """Fail unless clients are served meanwhile."""
    before = load.writes
    eventually(lambda: load.share == 1 or load.writes >= before + 16, "writing goes on", 20)


@pytest.mark.timeout(1800)
def test_nothing_acknowledged_is_lost_whatever_is_killed(
    rig: Rig, load: Load, store: Store
) -> None:
    reader = Reader(rig)
    reader.start()
    began = time.monotonic()
    load.begin()
    load.wait_for(0.05)
    starting = kill_elasticsearch(rig, load)
    load.wait_for(0.15)
    kill_redis(rig, load)
    load.wait_for(0.25)
    kill_worker(rig, store)
    load.wait_for(0.45)
    kill_web(rig, load)
    load.wait_for(0.65)
    kill_postgres(rig)
    load.finish()
    seconds = time.monotonic() - began
    print(
        f"\n{load.writes} writes of {load.count} products in {seconds:.0f} s,"
        f" tried again after {dict(Counter(load.troubles))}"
    )
    starting.result()
    store.ends(store.harvest(), "succeeded")
    eventually(rig.caught_up, "every follower has read everything", 120)
    reader.over.set()
    reader.join(30)

    assert_everything_is_there(rig, load)
    assert_nothing_is_half(rig, load)
    assert reader.seen[1:] == [
        row[0] for row in rig.rows("SELECT id FROM catalog_event ORDER BY 1")
    ]
    assert rig.one("SELECT count(*) FROM catalog_deadletter") == 0
    assert rig.verify() == ""
    states = dict(rig.rows("SELECT state, count(*) FROM ingestors_run GROUP BY 1"))
    assert states.keys() <= {"succeeded", "lost", "failed"}, states
    assert_each_person_was_told_once(rig)


def assert_everything_is_there(rig: Rig, load: Load) -> None:
    assert len(load.acknowledged) == load.count
    found = {
        row[0]: row[1:]
        for row in rig.rows(
            "SELECT guid, name, description, version, ARRAY(SELECT t.name FROM catalog_product_tags h"
            " JOIN catalog_tag t ON t.id = h.tag_id WHERE h.product_id = p.id)"
            " FROM catalog_product p WHERE key LIKE %s",
            f"{load.prefix}-%",
        )
    }
    wanted = {
        guid: (sent["displayname"], sent["description"], sent["version"], sent["tags"])
        for guid, sent in load.acknowledged.items()
    }
    wrong = {
        guid: (found.get(guid), said) for guid, said in wanted.items() if found.get(guid) != said
    }
    assert wrong == {}
    assert found.keys() == wanted.keys()


def assert_nothing_is_half(rig: Rig, load: Load) -> None:
    """Each product has one layer, its revisions without a gap, and an event for each of them."""
    rows = rig.rows(
        """
        SELECT p.guid, l.count, l.description, p.description, r.count, r.last, e.count, e.created
        FROM catalog_product p
        LEFT JOIN LATERAL (
          SELECT count(*), min(content ->> 'description') AS description FROM catalog_layer
          WHERE subject_kind = 'product' AND subject_key = 'claims/' || p.key) l ON true
        LEFT JOIN LATERAL (
          SELECT count(*), max(number) AS last FROM catalog_revision r
          JOIN catalog_event ON catalog_event.id = r.event_id AND product_id = p.id
          WHERE r.subject_kind = 'product' AND r.subject_id = p.id) r ON true
        LEFT JOIN LATERAL (
          SELECT count(*), count(*) FILTER (WHERE type = 'product.created') AS created
          FROM catalog_event WHERE product_id = p.id) e ON true
        WHERE p.key LIKE %s
        """,
        f"{load.prefix}-%",
    )
    assert len(rows) == load.count
    twice = {guid for guid, sent in load.acknowledged.items() if sent["version"] == "2.0.0"}
    for guid, layers, stated, shown, revisions, last, told, created in rows:
        times = 2 if guid in twice else 1
        assert (layers, stated) == (1, shown), guid
        assert (revisions, last, told, created) == (times, times, times, 1), guid


def assert_each_person_was_told_once(rig: Rig) -> None:
    assert rig.one(NEVER_THERE_TWICE) == 0
    told = dict(
        rig.rows(
            "SELECT u.username, count(*) FROM catalog_notification n"
            " JOIN catalog_user u ON u.id = n.user_id GROUP BY 1"
        )
    )
    changes = rig.one("SELECT count(*) FROM catalog_event WHERE type = 'product.updated'")
    assert told == {"bob": changes}, "the engineer is told of each change, the owner made them"
