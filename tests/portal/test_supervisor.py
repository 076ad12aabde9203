"""The processes of an installation start together, are watched, and leave no orphans."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from portal import supervisor

PARENT_WITH_CHILD = """
import pathlib, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
pathlib.Path(sys.argv[1]).write_text(str(child.pid))
time.sleep(60)
"""


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


Start = Callable[[dict[str, list[str]], list[str]], "subprocess.Popen[str]"]


@pytest.fixture
def start(tmp_path: Path, port: int) -> Iterator[Start]:
    """Start a supervisor whose web process is Python's own server, and end it at last."""
    started: list[subprocess.Popen[str]] = []
    web = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]

    def run(commands: dict[str, list[str]], prelude: list[str]) -> subprocess.Popen[str]:
        plan = {
            "url": f"http://127.0.0.1:{port}",
            "logs": str(tmp_path),
            "commands": {"web": web, **commands},
            "prelude": prelude,
        }
        process = subprocess.Popen(
            [sys.executable, "-P", str(supervisor.__file__)],
            cwd=tmp_path,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        started.append(process)
        assert process.stdin is not None
        process.stdin.write(json.dumps(plan))
        process.stdin.close()
        process.stdin = None
        return process

    yield run
    for process in started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=20)


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    stat = Path(f"/proc/{pid}/stat")
    return not (stat.exists() and stat.read_text().rpartition(")")[2].split()[0] == "Z")


def eventually(truth: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 10
    while not truth():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True


def read_until(process: subprocess.Popen[str], text: str) -> str:
    assert process.stdout is not None
    seen = ""
    for line in process.stdout:
        seen += line
        if text in line:
            break
    return seen


def test_it_says_ready_after_the_prelude_and_stops_everything_on_a_signal(
    start: Start, tmp_path: Path, port: int
) -> None:
    note = tmp_path / "child"
    worker = [sys.executable, "-c", PARENT_WITH_CHILD, str(note)]
    process = start({"worker": worker}, [sys.executable, "-c", "print('prelude done')"])
    said = read_until(process, "ready")
    assert said.splitlines() == ["prelude done", f"Gazetteer is ready at http://127.0.0.1:{port}"]
    assert eventually(lambda: note.exists() and note.read_text() != "")
    grandchild = int(note.read_text())
    assert is_alive(grandchild)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=15) == 0
    assert eventually(lambda: not is_alive(grandchild))


def test_a_worker_that_dies_is_started_again_without_orphans(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "child"
    script = PARENT_WITH_CHILD.replace("time.sleep(60)\n", "time.sleep(0.3)\n")
    process = start({"worker": [sys.executable, "-c", script, str(note)]}, [])
    assert "starting it again" in read_until(process, "starting it again")


@pytest.fixture
def child(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Callable[[float], tuple[int, int]]]:
    """Return what lets a child end after so many seconds; it tells the failures counted and the pause."""
    clock = {"now": time.monotonic()}
    monkeypatch.setattr(time, "monotonic", lambda: clock["now"])
    made = supervisor.Child("worker", ["/bin/false"], tmp_path / "worker.log", {})

    def end_after(seconds: float) -> supervisor.Child:
        clock["now"] += seconds
        made.process.wait()
        assert made.note_end()
        assert not made.note_end()
        return made

    def next_start() -> float:
        pause = made.next_start - clock["now"]
        clock["now"] = made.next_start
        made.go_on()
        return pause

    yield lambda seconds: (end_after(seconds).failures, round(next_start()))
    made.process.wait()


def test_failures_in_a_row_are_counted_and_make_pauses_longer(
    child: Callable[[float], tuple[int, int]],
) -> None:
    assert [child(1) for _ in range(8)] == [
        (1, 0), (2, 1), (3, 3), (4, 7), (5, 15), (6, 31), (7, 60), (8, 60),
    ]  # fmt: skip


def test_healthy_minutes_make_old_failures_forgotten(
    child: Callable[[float], tuple[int, int]],
) -> None:
    for _ in range(20):
        assert child(supervisor.HEALTHY + 1) == (1, 0)
        assert child(1) == (2, 1)


def test_a_worker_that_fails_for_good_is_told_before_the_first_page_was_served(
    start: Start,
) -> None:
    waits = [sys.executable, "-c", "import time; time.sleep(60)"]
    process = start({"worker": ["/bin/false"]}, waits)
    assert "worker ended with 1" in read_until(process, "starting it again")


def test_a_web_process_that_ends_later_is_started_again(
    start: Start, tmp_path: Path, port: int
) -> None:
    once = (
        "import http.server, os, sys\n"
        f"server = http.server.HTTPServer(('127.0.0.1', {port}), http.server.SimpleHTTPRequestHandler)\n"
        "server.handle_request()\n"
    )
    process = start({"web": [sys.executable, "-c", once]}, [])
    said = read_until(process, "starting it again")
    assert "ready" in said
    assert "web ended with 0; starting it again" in said


def test_a_long_log_is_put_aside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(supervisor, "MOST_LOG", 100)
    log = tmp_path / "worker.log"
    script = "import sys; print('x' * 150, flush=True); sys.stdin.read()"
    made = supervisor.Child("worker", [sys.executable, "-c", script], log, dict(os.environ))
    made.process.wait()
    made.shorten_log()
    assert log.read_text() == ""
    assert Path(f"{log}.1").read_text() == "x" * 150 + "\n"


def test_the_end_of_the_web_process_ends_everything_with_an_error(
    start: Start, port: int, tmp_path: Path
) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", port))
        process = start({}, [])
        said = read_until(process, "Gazetteer stopped")
        assert "web ended with" in said
        assert str(tmp_path / "web.log") in said
        assert process.wait(timeout=15) == 1


def test_a_failing_prelude_is_told(start: Start, tmp_path: Path) -> None:
    process = start({}, [sys.executable, "-c", "raise SystemExit(3)"])
    assert "the first harvest failed" in read_until(process, "Gazetteer stopped")
    assert process.wait(timeout=15) == 1


@pytest.mark.skipif(sys.platform != "linux", reason="the kernel tells children on Linux alone")
def test_children_of_a_killed_supervisor_end_too(start: Start, tmp_path: Path) -> None:
    note = tmp_path / "pid"
    script = f"import os, time; open({str(note)!r}, 'w').write(str(os.getpid())); time.sleep(60)"
    process = start({"worker": [sys.executable, "-c", script]}, [])
    read_until(process, "ready")
    assert eventually(lambda: note.exists() and note.read_text() != "")
    process.kill()
    assert eventually(lambda: not is_alive(int(note.read_text())))
