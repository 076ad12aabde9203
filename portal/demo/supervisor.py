"""Run the processes of the demo side by side, and stop them all together. Standard library alone.

Started as a script in place of `manage.py demo`, so that the memory of the preparation is given back. The plan
comes as JSON in the first argument: see `Plan`.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
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
MAX_RESTARTS = 5
PATIENCE = 8.0
"""Seconds that processes get to stop before they are killed."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What to run: named commands, and what must be done before Gazetteer counts as ready."""

    url: str
    logs: str
    commands: dict[str, list[str]]
    prelude: list[str]
    """A command that ends by itself; empty when there is nothing to do first."""


class Stopped(Exception):
    """A signal asked for the end."""


class ChildFailed(RuntimeError):
    """A process that must run does not."""


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def die_with_parent() -> None:
    """Ask the kernel for SIGTERM when the supervisor dies, however it dies (Linux)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_DEATH_SIGNAL, signal.SIGTERM)


class Supervisor:
    """Starts, watches and stops the processes."""

    def __init__(self, plan: Plan, environment: Mapping[str, str]) -> None:
        self.plan = plan
        self.environment = dict(environment)
        self.children: dict[str, subprocess.Popen[bytes]] = {}
        self.restarts = 0

    def run(self) -> None:
        """Run everything until a signal comes or the web process ends."""
        if self.plan.prelude:
            self._start_workers()
            self._do_prelude()  # web comes later: so that never all of them need memory at once
        self._start("web")
        self._wait_for_first_page()
        if not self.plan.prelude:
            self._start_workers()  # web alone has the processors until its first page
        print(f"Gazetteer is ready at {self.plan.url}", flush=True)  # noqa: T201
        while True:
            time.sleep(0.5)
            self._watch()

    def _start_workers(self) -> None:
        for name in self.plan.commands:
            if name != "web":
                self._start(name)

    def stop(self) -> None:
        """End every process, and what they started."""
        for child in self.children.values():
            _signal_group(child, signal.SIGTERM)
        deadline = time.monotonic() + PATIENCE
        for child in self.children.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.05, deadline - time.monotonic()))
        for child in self.children.values():
            _signal_group(child, signal.SIGKILL)
            child.wait()

    def _start(self, name: str) -> None:
        with Path(self.plan.logs, f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(  # noqa: S603 -- the demo's own commands
                self.plan.commands[name],
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=die_with_parent,
            )

    def _do_prelude(self) -> None:
        prelude = subprocess.Popen(  # noqa: S603 -- the demo's own command
            self.plan.prelude,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            preexec_fn=die_with_parent,
        )
        self.children["preparation"] = prelude
        while prelude.poll() is None:
            time.sleep(0.1)
            self._watch(but="preparation")
        del self.children["preparation"]
        if prelude.returncode:
            raise ChildFailed(f"the first harvest failed; see {self.plan.logs}")

    def _wait_for_first_page(self) -> None:
        while True:
            self._watch()
            try:
                with urllib.request.urlopen(f"{self.plan.url}/", timeout=5) as answer:  # noqa: S310
                    answer.read()
                return
            except urllib.error.HTTPError as error:
                raise ChildFailed(
                    f"the first page answers {error.code}; see {self._log('web')}"
                ) from error
            except OSError:
                time.sleep(0.1)

    def _watch(self, but: str = "") -> None:
        for name, child in list(self.children.items()):
            if name == but or child.poll() is None:
                continue
            _signal_group(child, signal.SIGKILL)
            self.restarts += 1
            if name == "web" or self.restarts > MAX_RESTARTS:
                raise ChildFailed(f"{name} ended with {child.returncode}; see {self._log(name)}")
            print(f"{name} ended with {child.returncode}; starting it again", flush=True)  # noqa: T201
            self._start(name)

    def _log(self, name: str) -> str:
        return str(Path(self.plan.logs, f"{name}.log"))


def _signal_group(child: subprocess.Popen[bytes], number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(child.pid, number)


def main(argument: str) -> int:
    """Run a plan given as JSON; return the exit status."""
    plan = Plan(**json.loads(argument))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _stop)
    supervisor = Supervisor(plan, os.environ)
    try:
        supervisor.run()
    except Stopped:
        print("Stopping Gazetteer", flush=True)  # noqa: T201
    except ChildFailed as error:
        print(f"Gazetteer stopped: {error}", file=sys.stderr, flush=True)  # noqa: T201
        return 1
    finally:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)
        supervisor.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
