"""Who reads a source has nothing of the server's, goes nowhere else, and can be ended."""

from __future__ import annotations

import json
import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

from ingestors.authority.permits import Permit
from ingestors.authority.process import Authority
from ingestors.authority.rules import Rule
from ingestors.connectors.base import Found
from ingestors.isolation import landlock, reader
from ingestors.isolation.reader import Isolated, ReaderEnded
from ingestors.isolation.wire import Broken, ReaderFailed, unpack
from tests.ingestors.isolation import hostile

RULE: dict[str, Any] = {"connectors": ["*"], "schemes": ["http"]}


def isolated(
    name: str, config: dict[str, Any] | None = None, *rules: dict[str, Any], **bounds: Any
) -> Isolated:
    permit = Permit(
        connector="sql", rules=tuple(Rule.model_validate({**RULE, **one}) for one in rules)
    )
    limits = {"memory_mb": 1024, "seconds": 60, **bounds}
    return Isolated(f"{hostile.HERE}:{name}", config or {}, Authority(permit), **limits)


def test_it_has_no_secret_of_the_server(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("SECRET_KEY", "DATABASE_URL", "AWS_SECRET_ACCESS_KEY", "GAZETTEER_SECRET_OTHER"):
        monkeypatch.setenv(name, "hunter2")
    reader._TEMPLATE.end()  # the next one starts with these in its parent
    said = json.loads(isolated("Environment").check())
    assert set(said["variables"]) <= {*reader.KEPT, "PYTHONPATH", "HOME", "PYTHONDONTWRITEBYTECODE"}
    assert "hunter2" not in json.dumps(said)


@pytest.mark.skipif(not landlock.is_there(), reason="the kernel has no Landlock")
def test_the_kernel_keeps_it_to_the_folders_that_are_open(tmp_path: Path) -> None:
    shared, other = tmp_path / "open", tmp_path / "closed"
    for folder in (shared, other):
        folder.mkdir()
        (folder / "a.txt").write_text("what it says")
    os.symlink(other / "a.txt", shared / "link.txt")
    rule = {"folders": [str(shared)]}

    def opened(path: Path | str) -> str:
        return isolated("Opens", {"path": str(path)}, rule).check()

    assert opened(shared / "a.txt") == "what it says"
    for path in (other / "a.txt", shared / "link.txt", "/etc/passwd", f"/proc/{os.getpid()}/environ"):  # fmt: skip
        assert opened(path) == "refused: Permission denied", path


class Web(BaseHTTPRequestHandler):
    """Sends whoever comes on to the metadata of a cloud."""

    def do_GET(self) -> None:
        """Answer, or lead on."""
        if self.path == "/on":
            self.send_response(302)
            self.send_header("Location", "http://169.254.169.254/latest/meta-data")
            self.end_headers()
            return
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b"hello")

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@contextmanager
def web() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Web)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def test_a_redirect_leads_nowhere_else() -> None:
    rule = {"hosts": ["127.0.0.1"], "networks": ["127.0.0.1/32"]}
    with web() as port:
        address = f"http://127.0.0.1:{port}"
        assert isolated("Fetches", {"url": f"{address}/"}, rule).check() == "hello"
        led = isolated("Fetches", {"url": f"{address}/on"}, rule).check()
        assert "no source may reach" in led
        assert "refused" in isolated("Fetches", {"url": f"{address}/"}).check()


def test_an_address_that_no_open_name_stands_for_is_refused() -> None:
    rule = {"hosts": ["localhost"], "networks": ["127.0.0.0/8"]}
    with socket.create_server(("127.0.0.2", 0)) as server:
        port = server.getsockname()[1]
        assert "refused" in isolated("Rebinds", {"port": port}, rule).check()


def test_sockets_of_the_machine_servers_and_programs_are_closed() -> None:
    said = isolated("Local").check()
    assert said == "unix: refused, bind: refused, name: refused, run: refused"


def test_memory_is_bounded() -> None:
    with pytest.raises(ReaderEnded, match="512 MB of memory"):
        isolated("Hungry", memory_mb=512).check()


def test_processor_time_is_bounded() -> None:
    with pytest.raises(ReaderEnded, match="1 s of processor time"):
        isolated("Busy", seconds=1).check()


def alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def gone(pid: int) -> bool:
    deadline = time.monotonic() + 20
    while alive(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not alive(pid)


def test_it_ends_when_its_reader_is_left_in_the_middle() -> None:
    records = isolated("Endless").read()
    found = next(records)
    assert isinstance(found, Found)
    assert alive(found.count)
    records.close()  # type: ignore[attr-defined]  # every read is a generator
    assert gone(found.count)


def test_whoever_waits_is_asked_each_second_and_may_stop_it() -> None:
    class Stopped(Exception):
        pass

    def stop() -> None:
        raise Stopped

    endless = isolated("Endless", tick=stop)
    records = endless.read()
    found = next(records)
    assert isinstance(found, Found)
    with pytest.raises(Stopped):
        next(records)
    assert gone(found.count)


def test_a_fault_of_a_connector_is_told_by_its_kind_alone() -> None:
    with pytest.raises(ReaderFailed) as failed:
        isolated("Faulty").check()
    assert str(failed.value) == "ZeroDivisionError"


@pytest.mark.parametrize(
    "said", [b"", b"[]", b'{"record":"Os","content":{}}', b'{"record":"Found"}']
)
def test_what_cannot_be_read_is_no_record(said: bytes) -> None:
    with pytest.raises(Broken):
        unpack(said)


def test_a_template_that_ended_is_started_again() -> None:
    assert isolated("Lies").check() == "x" * 1_000
    process = reader._TEMPLATE._process
    assert process is not None
    process.kill()
    assert isolated("Lies").check() == "x" * 1_000
