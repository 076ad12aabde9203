"""A connector whose work another process does, seen from the process that keeps the catalog. Free of Django."""

from __future__ import annotations

import atexit
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from datetime import datetime
from typing import Any

from ingestors.authority.process import Authority
from ingestors.connectors.base import (
    Record,
)
from ingestors.errors import IngestError
from ingestors.isolation import wire
from ingestors.profile.limits import NO_OVERRIDES, Overrides

Tick = Callable[[], object]
SECOND = 1000
#: Variables that say where programs, certificates and languages are; nothing else of the server's is handed down.
KEPT = ("PATH", "LANG", "LC_ALL", "LC_CTYPE", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR")
NOWHERE = "/nonexistent"


class ReaderEnded(IngestError):
    """The process that read the source ended before it was done."""


class Isolated:
    """A connector in a process of its own; `tick` is called each second while it works and may raise."""

    def __init__(
        self,
        connector: str,
        config: Mapping[str, Any],
        authority: Authority,
        *,
        memory_mb: int,
        seconds: int,
        tick: Tick = lambda: None,
    ) -> None:
        self.connector, self.config, self.authority = connector, config, authority
        self.memory_mb, self.seconds, self.tick = memory_mb, seconds, tick

    def check(self) -> str:
        """Reach the source and say what is there. Raises IngestError."""
        with self._process(self._task("check", NO_OVERRIDES, None)) as sock:
            answer = self._answer(sock)
            return answer if isinstance(answer, str) else ""

    def read(
        self, *, overrides: Overrides = NO_OVERRIDES, at: datetime | None = None
    ) -> Iterator[Record]:
        """Yield what the source holds, each record when it is asked for. Raises IngestError."""
        with self._process(self._task("read", overrides, at)) as sock:
            while True:
                with suppress(BrokenPipeError):
                    sock.sendall(wire.NEXT)
                answer = self._answer(sock)
                if isinstance(answer, str):
                    return
                yield answer

    def close(self) -> None:
        """Nothing stays open between reads."""

    def _task(self, verb: str, overrides: Overrides, at: datetime | None) -> wire.Task:
        return wire.Task(
            verb=verb,
            connector=self.connector,
            config=self.config,
            authority=self.authority,
            overrides=overrides,
            at=at,
            memory=self.memory_mb * 1024 * 1024,
            seconds=self.seconds,
        )

    @contextmanager
    def _process(self, task: wire.Task) -> Iterator[socket.socket]:
        sock, pid = _TEMPLATE.fork()
        with sock, _killed(pid):
            with suppress(BrokenPipeError):
                wire.send(sock, wire.pack_task(task))
            yield sock

    def _answer(self, sock: socket.socket) -> Record | str:
        asked = select.poll()
        asked.register(sock, select.POLLIN)
        while not asked.poll(SECOND):
            self.tick()
        try:
            return wire.unpack(wire.receive(sock))
        except (wire.Broken, ConnectionError) as error:
            raise ReaderEnded(
                "the process that read it ended before it was done; it may take "
                f"{self.memory_mb} MB of memory and {self.seconds} s of processor time"
            ) from error


@contextmanager
def _killed(pid: int) -> Iterator[None]:
    """End a process with the block, if it has not ended by itself."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        yield
        return
    try:
        yield
    finally:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(handle, signal.SIGKILL)
        os.close(handle)


class _Template:
    """The template process of this process; started when it is first needed, and again when it has gone."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owner = 0
        self._control: socket.socket | None = None
        self._process: subprocess.Popen[bytes] | None = None

    def fork(self) -> tuple[socket.socket, int]:
        """Return a socket to a new reading process, and its number."""
        with self._lock:
            for _ in range(2):
                ours, theirs = socket.socketpair()
                try:
                    with theirs:
                        socket.send_fds(self._started(), [b"f"], [theirs.fileno()])
                    (pid,) = wire.HELLO.unpack(wire.exactly(ours, wire.HELLO.size))
                except (wire.Broken, OSError):  # it ended for want of work
                    ours.close()
                    self._end()
                    continue
                return ours, pid
        raise ReaderEnded("no process to read it could be started")

    def _started(self) -> socket.socket:
        if self._control is not None and self._owner == os.getpid():
            return self._control
        self._forget()
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 -- our own module
                [sys.executable, "-m", "ingestors.isolation.template", str(theirs.fileno())],
                env=environment(),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                start_new_session=True,
            )
        self._control, self._owner = ours, os.getpid()
        return ours

    def _forget(self) -> None:
        """Leave the template of the process this one was forked from alone."""
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner != os.getpid():
            self._process.returncode = 0  # it is not ours to wait for
        self._control = self._process = None

    def _end(self) -> None:
        if self._control is not None:
            self._control.close()
        if self._process is not None and self._owner == os.getpid():
            self._process.wait(timeout=10)
        self._control = self._process = None

    def end(self) -> None:
        """Let the template go."""
        with self._lock:
            self._end()

    def begin_anew(self) -> None:
        """After a fork, hold no lock that another thread held."""
        self._lock = threading.Lock()


def environment() -> dict[str, str]:
    """Return the variables a reading process gets."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    paths = os.pathsep.join(path or os.getcwd() for path in sys.path)
    return {**kept, "PYTHONPATH": paths, "HOME": NOWHERE, "PYTHONDONTWRITEBYTECODE": "1"}


_TEMPLATE = _Template()
atexit.register(_TEMPLATE.end)
os.register_at_fork(after_in_child=_TEMPLATE.begin_anew)
