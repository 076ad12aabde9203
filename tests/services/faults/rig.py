"""A whole Gazetteer on real engines, each part of which can be killed and started again."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[3]
ENGINES = ("postgres", "redis", "elasticsearch")
PATIENCE = 60.0
RESERVED_PORTS = Path("/proc/sys/net/ipv4/ip_local_reserved_ports")
CLOCK = """
import runpy, sys
from datetime import timedelta
from django.utils import timezone
now = timezone.now
timezone.now = lambda: now() + timedelta(hours={hours})
sys.argv = {argv!r}
runpy.run_module({module!r}, run_name="__main__", alter_sys=True)
"""
#: Runs what it is told, line by line, with the settings of the installation.
CONSOLE = """
import contextlib, io, json, sys, traceback
import django
django.setup()
from django.db import close_old_connections
for line in sys.stdin:
    names, error = {"answer": None}, ""
    close_old_connections()
    try:
        with contextlib.redirect_stdout(sys.stderr):
            exec(json.loads(line), names)
    except Exception:
        error = traceback.format_exc()
    print(json.dumps({"answer": names["answer"], "error": error}, default=str), flush=True)
"""
VERIFY = """
from io import StringIO
from django.core.management import CommandError, call_command
out, answer = StringIO(), ""
try:
    call_command("search", "verify", stdout=out)
except CommandError as error:
    answer = f"{out.getvalue()}{error}"
"""


def free_port() -> int:
    """Return a port that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def eventually(truth: Callable[[], object], what: str, seconds: float = PATIENCE) -> None:
    """Wait until something is true; fail, saying what was awaited, when it never is."""
    deadline = time.monotonic() + seconds
    last: object = None
    while True:
        try:
            if last := truth():
                return
        except (OSError, ValueError) as error:
            last = error
        if time.monotonic() > deadline:
            raise AssertionError(f"never came within {seconds:.0f} s: {what} (last: {last!r})")
        time.sleep(0.1)


class Engines:
    """PostgreSQL, Redis and Elasticsearch, started and killed by the program TEST_SERVICES names."""

    def __init__(self, program: str) -> None:
        self.program = program

    def kill(self, name: str) -> None:
        """Kill an engine as a crash would."""
        if problem := self._do("kill", name):
            raise AssertionError(problem)

    def start(self, name: str) -> None:
        """Start an engine and wait until it answers; one that runs is left alone.

        A port that somebody's connection has taken while the engine was down ends the first try;
        that connection is gone at the second.
        """
        problem = self._do("start", name)
        if problem and (again := self._do("start", name)):
            raise AssertionError(f"{problem}\n{again}")

    def _do(self, verb: str, name: str) -> str:
        """Return what went wrong, or nothing."""
        done = subprocess.run(
            [self.program, verb, name], capture_output=True, text=True, timeout=150, check=False
        )
        return f"{verb} {name}: {done.stdout}{done.stderr}" if done.returncode else ""


@contextmanager
def kept_free(ports: Iterable[int]) -> Iterator[None]:
    """Let no outgoing connection take the port of an engine that is down for a moment.

    The ports lie where the kernel takes those of connections from (ip_local_reserved_ports of
    Linux's ip-sysctl); where it cannot be told, a start that fails is tried again.
    """
    before = RESERVED_PORTS.read_text().strip() if RESERVED_PORTS.exists() else ""
    try:
        RESERVED_PORTS.write_text(",".join(filter(None, [before, *map(str, ports)])))
    except OSError:
        yield
        return
    try:
        yield
    finally:
        RESERVED_PORTS.write_text(before or "\n")


@dataclass
class Process:
    """A command that can be started, killed, and started again."""

    name: str
    command: list[str]
    environment: dict[str, str]
    log: Path
    running: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int:
        """The number of the process now."""
        assert self.running is not None
        return self.running.pid

    def start(self) -> None:
        """Start it."""
        with self.log.open("ab") as out:
            self.running = subprocess.Popen(
                self.command,
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def kill(self) -> None:
        """Kill it and what it started, without a word."""
        self._end(signal.SIGKILL)

    def stop(self) -> None:
        """End it in order; kill it when it does not."""
        if self.running is None:
            return
        self.running.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.running.wait(10)
        self._end(signal.SIGKILL)

    def children(self) -> list[int]:
        """Return the processes of its pool."""
        found = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [int(pid) for pid in found]

    def said(self) -> str:
        """Return what it wrote."""
        return self.log.read_text(errors="replace")

    def _end(self, number: signal.Signals) -> None:
        if self.running is None:
            return
        with suppress(ProcessLookupError):
            os.killpg(self.running.pid, number)
        self.running.wait(30)


class Rig:
    """Two web processes, two workers, one clock, and where they keep things."""

    def __init__(self, folder: Path, engines: Engines, urls: Mapping[str, str]) -> None:
        self.folder, self.engines = folder, engines
        self.environment = {
            **{k: v for k, v in os.environ.items() if not k.startswith(("TEST_", "DJANGO_"))},
            **urls,
            "ELASTICSEARCH_PREFIX": "faults",
            "GAZETTEER_DATA": str(folder / "data"),
            "SECRET_KEY": "for the fault suite alone, of no worth elsewhere",
            "DJANGO_SETTINGS_MODULE": "portal.settings",
            "PYTHONUNBUFFERED": "1",
            **dict.fromkeys(("RATE_LIMIT_TOKEN", "RATE_LIMIT_PERSON", "RATE_LIMIT_ADDRESS"), "0"),
        }
        self.database_url = urls["DATABASE_URL"]
        self.processes: dict[str, Process] = {}
        self.token = ""
        self._console: subprocess.Popen[str] | None = None
        self.ports = {"web-1": free_port(), "web-2": free_port()}

    @property
    def addresses(self) -> list[str]:
        """Where the two web processes answer."""
        return [f"http://127.0.0.1:{self.ports[name]}" for name in ("web-1", "web-2")]

    def process(self, name: str, *command: str, **environment: str) -> Process:
        """Declare a process; the same name is the same process."""
        if name not in self.processes:
            self.processes[name] = Process(
                name,
                [sys.executable, "-m", *command],
                {**self.environment, **environment},
                self.folder / f"{name}.log",
            )
        return self.processes[name]

    def web(self, name: str, **environment: str) -> Process:
        """Declare a web process."""
        port = self.ports.setdefault(name, free_port())
        return self.process(
            name,
            *("gunicorn", "portal.wsgi:application", "--bind", f"127.0.0.1:{port}"),
            *("--workers", "1", "--threads", "4", "--no-control-socket", "--timeout", "60"),
            **environment,
        )

    def worker(self, name: str, **environment: str) -> Process:
        """Declare a worker of one process beside its own."""
        return self.process(
            name,
            *("celery", "-A", "portal", "worker", "--loglevel", "INFO", "--concurrency", "1"),
            *("--hostname", f"{name}@%h", "--without-gossip", "--without-mingle"),
            **environment,
        )

    def on_a_clock(self, hours: float, declared: Process) -> Process:
        """Let a declared process live in another hour than the rest of the world."""
        module, *arguments = declared.command[2:]
        shim = CLOCK.format(hours=hours, module=module, argv=[module, *arguments])
        declared.command = [sys.executable, "-c", shim]
        return declared

    def beat(self, name: str = "beat") -> Process:
        """Declare a clock."""
        return self.process(name, "celery", "-A", "portal.beat", "beat", "--loglevel", "INFO")

    def start(self) -> None:
        """Start everything that a company would run, and wait until it answers."""
        for name in ("web-1", "web-2"):
            self.web(name).start()
        for name in ("worker-1", "worker-2"):
            self.worker(name).start()
        self.beat().start()
        for name in ("web-1", "web-2"):
            self.wait_for_web(name)

    def stop(self) -> None:
        """End everything."""
        for process in self.processes.values():
            process.kill()
        if self._console is not None:
            self._console.communicate(timeout=30)

    def wait_for_web(self, name: str) -> None:
        """Wait until a web process is ready."""
        address = f"http://127.0.0.1:{self.ports[name]}/readyz"
        eventually(lambda: self.get(address)[0] == 200, f"{name} is ready")

    @staticmethod
    def get(address: str, timeout: float = 30) -> tuple[int, Mapping[str, str], bytes]:
        """Ask once; return status, headers and body."""
        try:
            with urllib.request.urlopen(address, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as error:
            with error:
                return error.code, dict(error.headers), error.read()

    def do(self, code: str) -> Any:
        """Run Python code in the installation; return what it left in `answer`."""
        if self._console is None:
            self._console = subprocess.Popen(
                [sys.executable, "-c", CONSOLE],
                cwd=ROOT,
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
            )
        assert self._console.stdin is not None
        assert self._console.stdout is not None
        self._console.stdin.write(json.dumps(code) + "\n")
        self._console.stdin.flush()
        said = json.loads(self._console.stdout.readline())
        assert said["error"] == "", f"{code}\n{said['error']}"
        return said["answer"]

    def rows(self, statement: str, *values: object) -> list[tuple[Any, ...]]:
        """Ask the database from outside."""
        import psycopg

        with psycopg.connect(self.database_url, connect_timeout=5) as own:
            return own.execute(statement.encode(), values).fetchall()

    def one(self, statement: str, *values: object) -> Any:
        """Ask for one value."""
        return self.rows(statement, *values)[0][0]

    def caught_up(self) -> bool:
        """Return whether every follower has read the whole log."""
        last = self.one("SELECT coalesce(max(id), 0) FROM catalog_event")
        cursors = dict(self.rows("SELECT name, event_id FROM catalog_cursor"))
        names = ("search", "search:elasticsearch", "notifications")
        return all(cursors.get(name, -1) >= last for name in names)

    def verify(self) -> str:
        """Compare every index with the database; return nothing when they are equal."""
        return str(self.do(VERIFY))

    @contextmanager
    def without(self, engine: str) -> Iterator[None]:
        """Kill an engine, and start it again at the end."""
        self.engines.kill(engine)
        try:
            yield
        finally:
            self.engines.start(engine)
