"""Connectors that try what they must not: each answers a check with what it got, or reads without an end."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from ingestors.authority.permits import Permit
from ingestors.connectors.base import (
    ConnectorConfig,
    Found,
    Record,
)
from ingestors.profile.limits import NO_OVERRIDES, Overrides

HERE = __name__


class Hostile:
    """What the others share."""

    title = "Hostile"
    summary = "Tries what it must not."
    config_type = ConnectorConfig

    def __init__(self, config: Mapping[str, object]) -> None:
        self.config: Any = config

    def judge(self, permit: Permit) -> None:
        """Let everything pass, as a careless connector would."""

    def check(self) -> str:
        """Do it; say what came of it."""
        raise NotImplementedError

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Find nothing."""
        yield Found(0)

    def close(self) -> None:
        """Nothing stays open."""


class Environment(Hostile):
    """Tells the variables it has."""

    def check(self) -> str:
        """Return them."""
        own = Path("/proc/self/environ").read_bytes().decode()
        return json.dumps({"variables": dict(os.environ), "kernel": own})


class Opens(Hostile):
    """Opens a file, in Python and in SQLite."""

    def check(self) -> str:
        """Return how it begins."""
        try:
            return Path(self.config["path"]).read_text()[:50]
        except OSError as error:
            return f"refused: {error.strerror}"


class Fetches(Hostile):
    """Asks an address of the web, following where it leads."""

    def check(self) -> str:
        """Return the answer."""
        try:
            with urllib.request.urlopen(self.config["url"], timeout=5) as answer:
                return str(answer.read().decode())
        except OSError as error:
            return f"refused: {error}"


class Rebinds(Hostile):
    """Resolves a name that means something else at each question."""

    def check(self) -> str:
        """Connect to what the last answer said."""
        real = socket.getaddrinfo
        assert real("localhost", self.config["port"], socket.AF_INET)
        try:
            with socket.create_connection(("127.0.0.2", self.config["port"]), timeout=5):
                return "connected"
        except OSError as error:
            return f"refused: {error}"


class Local(Hostile):
    """Connects to a socket of this machine, binds one, starts a program."""

    def check(self) -> str:
        """Return how each ended."""
        said = []
        deeds: dict[str, Callable[[], object]] = {
            "unix": lambda: socket.socket(socket.AF_UNIX).connect("/var/run/x"),
            "bind": lambda: socket.socket().bind(("127.0.0.1", 0)),
            "name": lambda: socket.socket().connect(("localhost", 1)),
            "run": lambda: subprocess.run(["/bin/true"], check=False),
        }
        for name, deed in deeds.items():
            try:
                deed()
                said.append(f"{name}: done")
            except PermissionError:
                said.append(f"{name}: refused")
        return ", ".join(said)


class Hungry(Hostile):
    """Takes all the memory there is."""

    def check(self) -> str:
        """Never come to an end."""
        kept = []
        while True:
            kept.append(bytearray(50_000_000))


class Busy(Hostile):
    """Works for ever without letting go of the interpreter."""

    def check(self) -> str:
        """Never come to an end."""
        sum(range(10**18))
        return "done"


class Endless(Hostile):
    """Says who it is, then works on one item for ever."""

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Never come to an end."""
        yield Found(os.getpid())
        while True:
            time.sleep(1)


class Faulty(Hostile):
    """Has a fault of its own."""

    def check(self) -> str:
        """Fall over its own feet, with a secret in the message."""
        raise ZeroDivisionError("hunter2")


class Lies(Hostile):
    """Does not speak the language."""

    def check(self) -> str:
        """Return more than a text may hold."""
        return "x" * 1_000
