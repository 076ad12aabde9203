"""A live Gazetteer for real clients: served by gunicorn, with the people of tests/conftest.py."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest

from tests import engines
from tests.installations import ROOT, Installation

_PEOPLE = """
import json
from tests.conftest import make_mesh
from catalog.people.tokens import make_token
made = make_mesh()
print(json.dumps({
    name: make_token(user, name="ci", scope="write", days=30)[1]
    for name, user in made.people.items() if user.is_authenticated
}))
"""


@dataclass(frozen=True, slots=True)
class Site:
    """A running server, and a token of each person."""

    url: str
    tokens: dict[str, str]
    inside: Installation

    def product(self, key: str) -> None:
        """Register a product of alice's team."""
        self.inside.do(f"from tests.factories import make_product; make_product({key!r})")

    def ask(self, code: str) -> str:
        """Return what an expression over the models says."""
        return self.inside.do(f"from catalog.models import *\nprint({code})").strip()


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Serve a fresh installation until the tests end."""
    with served(tmp_path_factory.mktemp("site")) as running:
        yield running


@contextmanager
def served(folder: Path, database: str = "") -> Iterator[Site]:
    """Serve a fresh installation, on SQLite unless a database is named."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    url = f"http://127.0.0.1:{port}"
    inside = Installation(folder, database, settings={"PUBLIC_URL": url})
    inside.migrate()
    tokens: dict[str, str] = json.loads(inside.do(_PEOPLE))
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"]
    with (folder / "server.log").open("wb") as log:
        running = subprocess.Popen(
            [*command, "--threads", "2"], cwd=ROOT, env=inside.environment, stdout=log, stderr=log
        )
    try:
        _wait_until_ready(url, running, folder / "server.log")
        yield Site(url, tokens, inside)
    finally:
        running.terminate()
        running.wait(timeout=30)


def _wait_until_ready(url: str, running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urlopen(f"{url}/healthz", timeout=5):
                return
        except (URLError, ConnectionError, TimeoutError):
            if running.poll() is not None or time.monotonic() > deadline:
                pytest.fail(log.read_text(errors="replace")[-3000:])
            time.sleep(0.2)


class Shell:
    """A shell of somebody who holds a token."""

    def __init__(self, folder: Path, site: Site, person: str) -> None:
        self.folder = folder
        self.environment = {
            "PATH": "/usr/bin:/bin",
            "HOME": str(folder),
            "ENTROPY_DATA_HOST": site.url,
            "ENTROPY_DATA_API_KEY": site.tokens[person],
            "COLUMNS": "300",
        }

    def run(self, name: str, *arguments: str) -> tuple[int, str]:
        """Run a client; return its exit code and everything it said."""
        done = subprocess.run(
            [engines.client(name), *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    def write(self, name: str, text: str) -> str:
        """Write a file and return its name."""
        (self.folder / name).write_text(text)
        return name


@pytest.fixture
def shell(site: Site, tmp_path: Path) -> Shell:
    """Open a shell of alice, who owns products."""
    return Shell(tmp_path, site, "alice")
