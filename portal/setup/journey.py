"""The first journey with an installation of its own: start, set up, sign in, end. For checks and measurements."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

PATIENCE = 120.0
PASSWORD = "harbour-lantern-42"  # noqa: S105 -- of installations that are removed at once


class JourneyFailed(RuntimeError):
    """Something on the way does not work."""


def set_up(address: str, said: str) -> str:
    """Make the first admin by the link that the server printed, and a token; return the token."""
    found = re.search(rf"{re.escape(address)}(/setup/\S+)", said)
    if not found:
        raise JourneyFailed(f"no link to set up: {said}")
    link = found[1]
    with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as browser:
        expect(browser.get("/setup/gz_wrong"), 404)
        names = {"display_name": "Ana Ruiz", "username": "ana", "email": "ana@example.org"}
        made = submit(
            browser, link, {**names, "password1": PASSWORD, "password2": PASSWORD}, "Welcome"
        )
        if made.url.path != "/":
            raise JourneyFailed(f"setting up leads to {made.url}")
        expect(browser.get(link), 404)
        page = submit(browser, "/profile/tokens", {"name": "check", "scope": "write", "days": "30"})
        return str(re.findall(r"gz_[\w-]{30,}", page.text)[0])


def submit(
    browser: httpx.Client, path: str, fields: dict[str, str], text: str = ""
) -> httpx.Response:
    """Fill in the form of a page as a browser does."""
    page = expect(browser.get(path), 200)
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.text)[0]
    return expect(browser.post(path, data={"csrfmiddlewaretoken": token, **fields}), 200, text)


def expect(answer: httpx.Response, status: int, text: str = "") -> httpx.Response:
    asked = f"{answer.request.method} {answer.url.path}"
    if answer.status_code != status:
        raise JourneyFailed(f"{asked} answers {answer.status_code}: {answer.text[:500]}")
    if text not in answer.text:
        raise JourneyFailed(f"{asked} does not say {text!r}")
    return answer


@contextmanager
def running(program: Path, folder: Path) -> Iterator[tuple[str, str]]:
    """Start a server that knows an empty folder alone; give its address and what it said; then Ctrl-C.

    Raises JourneyFailed when it does not start, when a process of it crashes, or when it does not end in order.
    """
    folder.mkdir(exist_ok=True)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    out = folder / "said"
    with out.open("wb") as file:
        process = subprocess.Popen(  # noqa: S603 -- our own program
            [str(program), "--port", str(port), "--data", "data"],
            cwd=folder,
            env={"HOME": str(folder), "PATH": os.defpath},
            stdout=file,
            stderr=subprocess.STDOUT,
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while "ready at" not in out.read_text():
            if process.poll() is not None or time.monotonic() > deadline:
                raise JourneyFailed(f"the server is never ready: {out.read_text()}")
            time.sleep(0.1)
        yield f"http://127.0.0.1:{port}", out.read_text()
        process.send_signal(signal.SIGINT)
        if code := process.wait(timeout=30):
            raise JourneyFailed(f"after Ctrl-C it ends with {code}: {out.read_text()}")
        if "ended with" in out.read_text():
            raise JourneyFailed(f"a process crashed: {out.read_text()}")
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
