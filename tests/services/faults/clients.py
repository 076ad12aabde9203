"""Clients that push products as real ones do: any web process will do, and they try again."""

from __future__ import annotations

import http.client
import json
import threading
import time
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import urlsplit

CLIENTS = 8
SECONDS_TO_ANSWER = 20.0
LONGEST = 90.0


@dataclass(frozen=True)
class Account:
    """Where to push, and as whom."""

    addresses: Sequence[str]
    token: str


class Refused(AssertionError):
    """An answer that no retry would change."""


class Client:
    """One connection at a time to one of several web processes; the next one where that fails."""

    def __init__(self, account: Account, place: int) -> None:
        self.account, self.place = account, place
        self.connection: http.client.HTTPConnection | None = None
        self.troubles: list[str] = []

    def put(self, product: Mapping[str, object]) -> int:
        """Push until it is acknowledged; return the status. Raises Refused."""
        path = f"/api/v1/dataproducts/{product['dataProductGUID']}"
        deadline = time.monotonic() + LONGEST
        while True:
            try:
                status, wait, body = self._ask("PUT", path, json.dumps(product))
            except (OSError, http.client.HTTPException) as error:
                self._next(f"{type(error).__name__}")
                time.sleep(0.1)
            else:
                if status in (200, 201):
                    return status
                if status < 500:
                    raise Refused(f"{path}: {status} {body!r}")
                self._next(str(status))
                time.sleep(min(wait, 0.5))
            if time.monotonic() > deadline:
                raise Refused(f"{path} was never acknowledged: {self.troubles[-20:]}")

    def _ask(self, verb: str, path: str, body: str) -> tuple[int, float, bytes]:
        if self.connection is None:
            where = urlsplit(self.account.addresses[self.place % len(self.account.addresses)])
            self.connection = http.client.HTTPConnection(where.netloc, timeout=SECONDS_TO_ANSWER)
        self.connection.request(
            verb,
            path,
            body,
            {
                "Authorization": f"Bearer {self.account.token}",
                "Content-Type": "application/json",
            },
        )
        answer = self.connection.getresponse()
        return answer.status, float(answer.headers.get("Retry-After") or 0.2), answer.read()

    def close(self) -> None:
        """Hang up."""
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def _next(self, trouble: str) -> None:
        self.troubles.append(trouble)
        self.close()
        self.place += 1


def product(number: int, said: int = 1, *, prefix: str = "load") -> dict[str, object]:
    """Describe a product; `said` tells its versions apart."""
    key = f"{prefix}-{number:05d}"
    return {
        "dataProductGUID": f"guid-{key}",
        "owner": "claims-team",
        "displayname": f"Product {number} of {prefix}",
        "readableDataProductKey": f"claims/{key}",
        "description": f"What {key} says for the {said}. time.",
        "version": f"{said}.0.0",
        "tags": [f"said-{said}"],
    }


@dataclass
class Load:
    """Eight clients at work, and what was acknowledged to them."""

    account: Account
    count: int
    prefix: str = "load"
    again: int = 5
    acknowledged: dict[str, dict[str, object]] = field(default_factory=dict)
    writes: int = 0
    troubles: list[str] = field(default_factory=list)
    over: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self._guard = threading.Lock()
        self._pool = ThreadPoolExecutor(CLIENTS)
        self._running: list[Future[None]] = []

    def begin(self) -> None:
        """Start the clients."""
        self._running = [self._pool.submit(self._push, n) for n in range(CLIENTS)]

    @property
    def share(self) -> float:
        """Which part is done, 0 to 1."""
        for one in self._running:
            if one.done():
                one.result()
        return len(self.acknowledged) / self.count

    def wait_for(self, share: float) -> None:
        """Wait until that part is done."""
        while self.share < share:
            time.sleep(0.05)

    def finish(self) -> None:
        """Wait until everything is acknowledged; raises what a client raised."""
        for one in self._running:
            one.result()
        self._pool.shutdown()

    def stop(self) -> None:
        """Let the clients end early."""
        self.over.set()
        self._pool.shutdown()

    def _push(self, place: int) -> None:
        with closing(Client(self.account, place)) as client:
            self._push_all(client, place)
            self.troubles += client.troubles

    def _push_all(self, client: Client, place: int) -> None:
        for number in range(place, self.count, CLIENTS):
            for said in (1, 2) if number % self.again == 0 else (1,):
                if self.over.is_set():
                    return
                sent = product(number, said, prefix=self.prefix)
                client.put(sent)
                with self._guard:
                    self.acknowledged[str(sent["dataProductGUID"])] = sent
                    self.writes += 1
