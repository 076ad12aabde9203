"""`gazetteer-server` keeps everything in one folder, makes its secrets once, and says what cannot work."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal import launch, server
from tests.installations import ROOT, Installation


class Server:
    """Starts `gazetteer-server` on a folder."""

    def __init__(self, folder: Path) -> None:
        installation = Installation(folder / "template", settings={})
        installation.migrate()
        self.folder = folder / "data"
        (folder / "template").rename(self.folder)
        kept = {k: v for k, v in installation.environment.items() if not k.startswith("GAZETTEER")}
        kept = {k: v for k, v in kept.items() if k not in ("SECRET_KEY", "PUBLIC_URL")}
        self.environment = {**kept, "DEBUG": "1"}
        self.started: list[subprocess.Popen[str]] = []

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [
                *(sys.executable, "-c", "from portal.server import main; main()"),
                *("--data", str(self.folder), *arguments),
            ],
            cwd=ROOT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.started.append(process)
        return process

    def said(self, *arguments: str) -> tuple[int, str]:
        process = self.start(*arguments)
        out, _ = process.communicate(timeout=120)
        return process.returncode, out


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path)
    yield made
    for process in made.started:
        if process.poll() is None:
            process.terminate()
        process.communicate(timeout=30)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def until(process: subprocess.Popen[str], text: str) -> str:
    seen = ""
    assert process.stdout is not None
    for line in process.stdout:
        seen += line
        if text in line:
            return seen
    raise AssertionError(seen)


def test_it_starts_sets_up_keeps_and_ends(served: Server) -> None:
    port = free_port()
    first = served.start("--port", str(port))
    said = until(first, "/setup/gz_")
    assert f"Gazetteer is ready at http://127.0.0.1:{port}" in said
    assert "Made secret-key and vault-keys" in said
    code, other = served.said("--port", str(port + 1))
    assert (code, "already runs on" in other) == (1, True)
    link = said.rpartition("/setup/")[2].strip()
    shown = Path(f"/proc/{first.pid}/cmdline")
    assert not shown.exists() or link not in shown.read_text()
    first.send_signal(signal.SIGINT)
    assert first.wait(timeout=30) == 0
    again = served.start("--port", str(port))
    said = until(again, "/setup/gz_")
    assert "Made" not in said
    assert link not in said
    assert not (served.folder / "logs" / "worker.log.1").exists()


def test_secrets_are_for_their_owner_alone(served: Server) -> None:
    assert served.said("manage", "check")[0] == 0
    for name in ("secret-key", server.VAULT_FILE, server.POLICY_FILE):
        assert (served.folder / name).stat().st_mode & 0o777 == 0o600, name


def test_commands_of_operators_run_on_the_same_folder(served: Server) -> None:
    code, said = served.said("manage", "chores", "list")
    assert (code, "harvests" in said) == (0, True)
    script = "from django.conf import settings; print(settings.DEBUG, settings.VAULT_KEYS != '')"
    assert served.said("manage", "shell", "-v0", "-c", script)[1].endswith("False True\n")
    code, said = served.said("mange", "chores")
    assert (code, "'mange' is unknown" in said) == (1, True)


def test_a_port_in_use_is_named_with_the_way_out(served: Server) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        code, said = served.said("--port", str(port))
    assert (code, f"choose another one: --port {port + 1}" in said) == (1, True)


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SystemExit, match="a folder that can be written is wanted"):
        server.main(["--data", str(tmp_path / "file" / "data")])


@pytest.mark.parametrize(
    ("host", "near"),
    [
        ("127.0.0.1", "http://127.0.0.1:80"),
        ("0.0.0.0", "http://127.0.0.1:80"),
        ("::", "http://127.0.0.1:80"),
        ("::1", "http://[::1]:80"),
    ],
)
def test_the_address_is_one_that_this_machine_reaches(host: str, near: str) -> None:
    assert launch.address(host, 80) == near


def test_others_reach_what_listens_everywhere_by_the_name_of_the_machine() -> None:
    assert server._public_url("0.0.0.0", 80) == f"http://{socket.gethostname()}:80"
    assert server._public_url("127.0.0.1", 80) == "http://127.0.0.1:80"


def test_without_a_folder_it_takes_that_of_the_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GAZETTEER_DATA", "/srv/mesh")
    assert server.default_folder() == Path("/srv/mesh")
    monkeypatch.delenv("GAZETTEER_DATA")
    monkeypatch.setenv("XDG_DATA_HOME", "/home/ana/data")
    assert server.default_folder() == Path("/home/ana/data/gazetteer")
    monkeypatch.delenv("XDG_DATA_HOME")
    assert server.default_folder() == Path(os.path.expanduser("~/.local/share/gazetteer"))
