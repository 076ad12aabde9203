"""A whole Gazetteer for the browser: the demo, prepared once and served with its worker and beat."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.e2e.browser import chromium_at
from tests.engines import chromium
from tests.installations import ROOT, Installation, real_engines

PATIENCE = 420.0


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """Start Chromium once."""
    with chromium_at(chromium()) as started:
        yield started


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo on the embedded parts until the tests end; return its address."""
    chromium()
    with _demo(Installation(tmp_path_factory.mktemp("demo") / "data")) as address:
        yield address


@pytest.fixture(scope="session")
def real_site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Run the demo on PostgreSQL, Redis and Elasticsearch, each empty at first; return its address."""
    chromium()
    folder = tmp_path_factory.mktemp("real") / "data"
    with real_engines() as settings, _demo(Installation(folder, settings=settings)) as address:
        yield address


@contextmanager
def _demo(installation: Installation) -> Iterator[str]:
    """Run `manage.py demo` on a free port; stop it afterwards, with all it started."""
    port = _free_port()
    log = installation.folder / "demo.log"
    with log.open("wb") as out:
        running = subprocess.Popen(
            [sys.executable, "manage.py", "demo", "--port", str(port)],
            cwd=ROOT,
            env=installation.environment,
            stdout=out,
            stderr=subprocess.STDOUT,
        )
    try:
        _wait_until_ready(running, log)
        yield f"http://127.0.0.1:{port}"
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:
            running.kill()


def _wait_until_ready(running: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE
    while "Gazetteer is ready" not in log.read_text(errors="replace"):
        if running.poll() is not None or time.monotonic() > deadline:
            pytest.fail(f"the demo did not start:\n{log.read_text(errors='replace')[-3000:]}")
        time.sleep(0.5)


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """Open a fresh window; a script error on a page fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    opened = context.new_page()
    errors: list[str] = []
    opened.on("pageerror", lambda error: errors.append(str(error)))
    yield opened
    context.close()
    assert errors == []


@pytest.fixture
def plain_page(browser: Browser) -> Iterator[Page]:
    """Open a window without JavaScript."""
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()
