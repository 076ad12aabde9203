"""An installation on its embedded parts under load for a while: `python -m benchmarks.soak --minutes N`.

`gazetteer-server` on an empty folder; writers push and change products, readers read pages and search, a store is
harvested every minute, and processes that compute for nothing take the processors away. Afterwards everything that
was begun must come to its end: followers at the last event, no run queued, no message left, every product found.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import httpx

from portal.setup.journey import PASSWORD, JourneyFailed, expect, running, set_up, submit

SERVER = Path(sys.executable).parent / "gazetteer-server"
PAGES = (
    "/",
    "/search?q=product+{number}",
    "/products/soak/product-{number}",
    "/domains/soak",
    "/lineage",
    "/activity",
    "/map",
    "/api/v1/dataproducts?q={number}",
)
HOG = "while True: pass"
SETTLE = 300.0
POLICY = '[[allow]]\nconnectors = ["sql"]\nschemes = ["sqlite"]\nfolders = ["{stores}"]\n'


class Load:
    """Counts what readers and writers did, and what went wrong."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token = address, token
        self.counts: Counter[str] = Counter()
        self.pushed: set[str] = set()
        self.refused = ""
        self._stop = threading.Event()
        self._lock = threading.Lock()
        self._threads: list[threading.Thread] = []

    def begin(self, writers: int, readers: int) -> None:
        """Start threads, each with a connection and a random number of its own."""
        for number in range(writers + readers):
            do = self._write if number < writers else self._read
            thread = threading.Thread(target=self._go_on, args=(do, number), daemon=True)
            thread.start()
            self._threads.append(thread)

    def end(self) -> None:
        """Stop them."""
        self._stop.set()
        for thread in self._threads:
            thread.join(timeout=120)

    def wrong(self) -> list[str]:
        """Return the answers that no caller should get."""
        bad = {
            what: count
            for what, count in self.counts.items()
            if not what.endswith(("200", "201", "read 404"))
        }
        return [f"answers {bad} {self.refused}"] if bad else []

    def _go_on(self, do: Callable[[httpx.Client, random.Random], None], number: int) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=self.address, timeout=60, follow_redirects=True) as client:
            submit(client, "/sign-in", {"username": "ana", "password": PASSWORD})
            while not self._stop.wait(chance.uniform(0.05, 0.4)):
                try:
                    do(client, chance)
                except httpx.HTTPError as error:
                    self._note(f"failed: {type(error).__name__}")

    def _note(self, what: str) -> None:
        with self._lock:
            self.counts[what] += 1

    def _write(self, client: httpx.Client, chance: random.Random) -> None:
        number = chance.randrange(2_000)
        key, guid = f"product-{number}", f"00000000-0000-4000-8000-{number:012}"
        body = {
            "dataProductGUID": guid,
            "owner": "soak",
            "displayname": key.replace("-", " ").title(),
            "readableDataProductKey": f"soak/{key}",
            "description": f"Measured in round {chance.randrange(10**6)}.",
        }
        caller = {"Authorization": f"Bearer {self.token}"}
        answer = client.put(f"/api/v1/dataproducts/{guid}", json=body, headers=caller)
        self._note(f"push {answer.status_code}")
        if answer.is_client_error:
            self.refused = answer.text[:300]
        if answer.is_success:
            with self._lock:
                self.pushed.add(guid)

    def _read(self, client: httpx.Client, chance: random.Random) -> None:
        path = chance.choice(PAGES).format(number=chance.randrange(2_000))
        self._note(f"read {client.get(path).status_code}")


class Watch:
    """Notes how much memory the processes of an installation take."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.samples: list[float] = []

    def sample(self) -> float:
        """Return the megabytes that all its processes hold now."""
        total = 0
        for process in Path("/proc").glob("[0-9]*"):
            try:
                if f"GAZETTEER_DATA={self.folder}".encode() in (process / "environ").read_bytes():
                    pages = int((process / "statm").read_text().split()[1])
                    total += pages * os.sysconf("SC_PAGE_SIZE")
            except (OSError, IndexError):
                continue  # it ended, or is somebody else's
        self.samples.append(total / 1024**2)
        return self.samples[-1]

    def tell(self) -> str:
        """Compare the second quarter of the time with the last."""
        quarter = max(1, len(self.samples) // 4)
        early, late = self.samples[quarter : 2 * quarter], self.samples[-quarter:]
        return (
            f"memory: second quarter {statistics.median(early or late):.0f} MB, last quarter"
            f" {statistics.median(late):.0f} MB, most {max(self.samples):.0f} MB"
        )


def prepare(folder: Path, server: Path, address: str, token: str) -> None:
    """Make a domain, a team and a source that is harvested every minute."""
    caller = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{address}/api/v1", headers=caller, timeout=60) as api:
        expect(api.put("/domains/soak", json={"name": "Soak"}), 201)
        expect(api.put("/teams/soak", json={"name": "Soak", "domain": "soak"}), 201)
    stores = folder / "stores"
    stores.mkdir()
    with sqlite3.connect(stores / "store.sqlite") as store:
        for table in range(20):
            store.execute(f"CREATE TABLE t{table} (id INTEGER PRIMARY KEY, name TEXT, paid REAL)")
            rows = ((n, f"name {n}", n * 0.1) for n in range(500))
            store.executemany(f"INSERT INTO t{table} VALUES (?, ?, ?)", rows)
    store.close()
    (folder / "data" / "sources.toml").write_text(POLICY.format(stores=stores))
    manage(
        folder,
        server,
        *("source", "add", "store", "--connector", "sql", "--domain", "soak", "--team", "soak"),
        *("--schedule", "every 1m", "--set", f"url=sqlite:///{stores / 'store.sqlite'}"),
        *("--set", "namespace=sqlite://soak", "--by", "ana"),
    )


def manage(folder: Path, server: Path, *arguments: str) -> None:
    """Run a command of operators on the installation."""
    subprocess.run(
        [server, "--data", folder / "data", "manage", *arguments], check=True, capture_output=True
    )


def metrics(address: str, name: str) -> list[float]:
    """Return the values of one metric."""
    text = httpx.get(f"{address}/metrics", timeout=60).text
    return [float(v) for v in re.findall(rf"^{name}(?:\{{.*?\}})? (\S+)$", text, re.M)]


def settle(address: str) -> tuple[float, list[str]]:
    """Wait until nothing waits any more; return how long that took, and what never came."""
    began = time.monotonic()
    while True:
        waits = {
            "events behind": sum(metrics(address, "gazetteer_follower_lag_events")),
            "messages": sum(metrics(address, "gazetteer_queue_waiting")),
        }
        took = time.monotonic() - began
        if not any(waits.values()) or took > SETTLE:
            return took, [f"{count:.0f} {what}" for what, count in waits.items() if count]
        time.sleep(1)


def lost(folder: Path, load: Load) -> list[str]:
    """Return what was begun and never came to its end, asked of the database itself."""
    database = sqlite3.connect(f"file:{folder / 'data' / 'gazetteer.sqlite3'}?mode=ro", uri=True)
    try:
        rows = "SELECT state, count(*) FROM ingestors_run GROUP BY state"
        runs = dict(database.execute(rows))
        stored = {str(row[0]) for row in database.execute("SELECT guid FROM catalog_product")}
        found = (
            "SELECT count(DISTINCT object_id) FROM catalog_searchdocument WHERE kind = 'product'"
        )
        searchable = database.execute(found).fetchone()[0]
    finally:
        database.close()
    print(f"runs of the harvest: {runs}; products: {len(stored)}, searchable: {searchable}")
    missing = load.pushed - stored
    said = [f"{len(missing)} products that were pushed"] if missing else []
    said += (
        [f"{len(stored) - searchable} products in the search"] if searchable != len(stored) else []
    )
    bad = {state: count for state, count in runs.items() if state not in ("succeeded", "running")}
    return said + ([f"runs {bad}"] if bad else [])


def troubles(folder: Path) -> Counter[str]:
    """Count the errors in the logs by their last line."""
    found: Counter[str] = Counter()
    for log in (folder / "data" / "logs").glob("*.log*"):
        for line in log.read_text(errors="replace").splitlines():
            if re.match(r"^[\w.]+(Error|Exception|Lost)\b", line) or " CRITICAL " in line:
                found[f"{log.name}: {line[:120]}"] += 1
    return found


def soak(folder: Path, server: Path, minutes: float, hogs: int) -> list[str]:
    """Load an installation and tell what happened; return what went wrong."""
    with running(server, folder) as (address, said):
        token = set_up(address, said)
        prepare(folder, server, address, token)
        load, watch = Load(address, token), Watch((folder / "data").resolve())
        idle = [subprocess.Popen([sys.executable, "-c", HOG]) for _ in range(hogs)]
        try:
            load.begin(writers=3, readers=5)
            _watch(watch, load, minutes)
        finally:
            load.end()
            for process in idle:
                process.kill()
                process.wait()
        manage(folder, server, "source", "pause", "store")
        took, left = settle(address)
        wrong = left + lost(folder, load) + load.wrong()
        print(f"everything settled in {took:.0f} s" if not left else f"still waiting: {left}")
        print(watch.tell())
    print(f"answers: {dict(load.counts)}")
    for line, count in troubles(folder).most_common(10):
        print(f"in the logs, {count} times: {line}")
    return wrong


def _watch(watch: Watch, load: Load, minutes: float) -> None:
    until, told = time.monotonic() + 60 * minutes, 0.0
    while time.monotonic() < until:
        held = watch.sample()
        if time.monotonic() - told > 60:
            told = time.monotonic()
            print(f"{held:6.0f} MB  {sum(load.counts.values()):7} answers", flush=True)
        time.sleep(5)


def main() -> int:
    """Run it in a folder that is removed afterwards."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=120)
    parser.add_argument("--server", type=Path, default=SERVER, help="program to run")
    parser.add_argument("--hogs", type=int, default=os.cpu_count(), help="processes that compute")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="gazetteer-soak-") as folder:
        try:
            wrong = soak(Path(folder), asked.server, asked.minutes, asked.hogs)
        except JourneyFailed as error:
            wrong = [str(error)]
    for line in wrong:
        print(f"LOST OR BROKEN: {line}")
    print("nothing was lost, nothing crashed" if not wrong else "not well")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
