"""Run the processes of an installation side by side, and stop them all together. Standard library alone.

Started as a script in place of the command that prepared everything, so that the memory of the preparation is
given back. The plan comes as JSON through standard input, as it may hold what no list of processes should: see `Plan`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

_SET_DEATH_SIGNAL = 1
MAX_FAILURES = 5
"""Times in a row that a process may end before the first page was served."""
HEALTHY = 120.0
"""Seconds of life after which the failures of a process are forgotten."""
LONGEST_PAUSE = 60.0
"""Seconds at most between the end of a process that fails again and again and its next start."""
PATIENCE = 8.0
"""Seconds that processes get to stop before they are killed."""
MOST_LOG = 20 * 1024**2
"""Bytes of a log after which it becomes `NAME.log.1`, in place of the one before."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: named commands, and what must be done before Gazetteer counts as ready."""

    url: str
    logs: str
    commands: dict[str, list[str]]
    prelude: list[str]
    """A command that ends by itself; empty when there is nothing to do first."""
    probe: str = ""
    """What to ask for the first page; the address itself where nothing is said."""
    greeting: str = ""
    """What to say once it is ready, below the address."""


class Stopped(Exception):
    """A signal asked for the end."""


class ChildFailed(RuntimeError):
    """A process that must run does not."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, however it dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


class Child:
    """One process that is to run on, started again when it ends; sooner when it lived long."""

    def __init__(self, name: str, command: list[str], log: Path, environment: dict[str, str]):
        self.name, self.command, self.log, self.environment = name, command, log, environment
        self.failures = 0
        self.start()

    def start(self) -> None:
        """Start it."""
        self.started, self.next_start = time.monotonic(), 0.0
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603 -- the plan's own commands
                self.command,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def note_end(self) -> bool:
        """Tell whether it ended since it was asked last; then it waits for its next start."""
        now = time.monotonic()
        if self.next_start or self.process.poll() is None:
            return False
        _signal_group(self.process, signal.SIGKILL)
        self.failures = 1 if now - self.started > HEALTHY else self.failures + 1
        self.next_start = now + min(LONGEST_PAUSE, 2.0 ** (self.failures - 1) - 1)
        return True

    def go_on(self) -> None:
        """Start it again when its time has come."""
        if self.next_start and time.monotonic() >= self.next_start:
            self.start()

    def shorten_log(self) -> None:
        """Put a long log aside; the process goes on at the beginning of the emptied file."""
        if self.log.exists() and self.log.stat().st_size > MOST_LOG:
            shutil.copyfile(self.log, f"{self.log}.1")
            os.truncate(self.log, 0)


class Supervisor:
    """Starts, watches and stops the processes."""

    def __init__(self, plan: Plan, environment: Mapping[str, str]) -> None:
        self.plan = plan
        self.environment = dict(environment)
        self.children: list[Child] = []
        self.prelude: subprocess.Popen[bytes] | None = None
        self.is_ready = False

    def run(self) -> None:
        """Run everything until a signal comes; before the first page also until something fails."""
        if self.plan.prelude:
            self._start_workers()
            self._do_prelude()  # web comes later: so that never all of them need memory at once
        self._start("web")
        self._wait_for_first_page()
        if not self.plan.prelude:
            self._start_workers()  # web alone has the processors until its first page
        self.is_ready = True
        _say(
            "\n".join(filter(None, (f"Gazetteer is ready at {self.plan.url}", self.plan.greeting)))
        )
        while True:
            time.sleep(0.5)
            self._watch()

    def _start_workers(self) -> None:
        for name in self.plan.commands:
            if name != "web":
                self._start(name)

    def stop(self) -> None:
        """End every process, and what they started."""
        processes = [child.process for child in self.children]
        processes += [self.prelude] if self.prelude else []
        for process in processes:
            _signal_group(process, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for process in processes:
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.05, deadline - time.monotonic()))
        for process in processes:
            _signal_group(process, signal.SIGKILL)
            process.wait()

    def _start(self, name: str) -> None:
        log = Path(self.plan.logs, f"{name}.log")
        self.children.append(Child(name, self.plan.commands[name], log, self.environment))

    def _do_prelude(self) -> None:
        self.prelude = subprocess.Popen(  # noqa: S603 -- the plan's own command
            self.plan.prelude,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        while self.prelude.poll() is None:
            time.sleep(0.1)
            self._watch()
        if self.prelude.returncode:
            raise ChildFailed(f"the first harvest failed; see {self.plan.logs}")
        self.prelude = None

    def _wait_for_first_page(self) -> None:
        while True:
            self._watch()
            try:
                with urllib.request.urlopen(self.plan.probe or self.plan.url, timeout=5) as answer:  # noqa: S310
                    answer.read()
                return
            except urllib.error.HTTPError as error:
                raise ChildFailed(
                    f"the first page answers {error.code}; see {self.plan.logs}/web.log"
                ) from error
            except OSError:
                time.sleep(0.1)

    def _watch(self) -> None:
        for child in self.children:
            if child.note_end():
                self._tell(child)
            child.go_on()
            child.shorten_log()

    def _tell(self, child: Child) -> None:
        message = f"{child.name} ended with {child.process.returncode}"
        if not self.is_ready and (child.name == "web" or child.failures > MAX_FAILURES):
            raise ChildFailed(f"{message}; see {child.log}")
        pause = child.next_start - time.monotonic()
        when = f" in {pause:.0f} seconds" if pause > 0.5 else ""
        _say(f"{message}; starting it again{when} (see {child.log})")


def _signal_group(process: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, number)


def main(said: str) -> int:
    """Run a plan given as JSON; return the exit status."""
    plan = Plan(**json.loads(said))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    supervisor = Supervisor(plan, os.environ)
    try:
        supervisor.run()
    except Stopped:
        _say("Stopping Gazetteer")
    except ChildFailed as error:
        print(f"Gazetteer stopped: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.stdin.read()))
