"""A receiver of webhooks on this machine, that answers as a test wants."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = tuple[int, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Received:
    """One POST: its path, headers and body."""

    path: str
    headers: Mapping[str, str]
    body: bytes

    @property
    def event(self) -> dict[str, Any]:
        """Return the CloudEvent."""
        return dict(json.loads(self.body))

    @property
    def number(self) -> int:
        """Return the number of the event in the log."""
        return int(self.event["id"])


@dataclass
class Receiver:
    """What came, and what is answered: `reply` is asked for each POST."""

    allows: str = "127.0.0.1"
    reply: Callable[[Received], Reply] = lambda _: (204, {})
    delay: float = 0.0
    handshakes: list[Mapping[str, str]] = field(default_factory=list)
    received: list[Received] = field(default_factory=list)
    server: ThreadingHTTPServer | None = None

    @property
    def url(self) -> str:
        """Return where it listens."""
        assert self.server
        return f"http://127.0.0.1:{self.server.server_port}/hook"

    def types(self) -> list[str]:
        """Return the types of what came, in order."""
        return [one.event["type"].removeprefix("io.gazetteer.") for one in self.received]

    def numbers(self) -> list[int]:
        """Return the numbers of what came, in order."""
        return [one.number for one in self.received]

    def start(self) -> None:
        """Listen on a free port."""
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        threading.Thread(target=self.server.serve_forever, args=[0.05], daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        assert self.server
        self.server.shutdown()
        self.server.server_close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_OPTIONS(self) -> None:
            receiver.handshakes.append(dict(self.headers))
            headers = {"WebHook-Allowed-Origin": receiver.allows} if receiver.allows else {}
            self._say(200, headers)

        def do_POST(self) -> None:
            length = int(self.headers.get("Content-Length", 0))
            lowered = {name.lower(): value for name, value in self.headers.items()}
            received = Received(self.path, lowered, self.rfile.read(length))
            time.sleep(receiver.delay)
            receiver.received.append(received)
            self._say(*receiver.reply(received))

        def _say(self, status: int, headers: Mapping[str, str]) -> None:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    return Handler
