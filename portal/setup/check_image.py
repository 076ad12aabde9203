"""Do the steps of the Dockerfile without a container engine, run what comes out, and look at it from outside.

`python -m portal.setup.check_image` (or `make image`): builds in a fresh folder, migrates as the compose file
says, starts the image's command as its user, with the settings of the compose file, and asks it for pages. With
TEST_POSTGRES_URL and so on in the environment nothing else changes: the database is SQLite in the data folder.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from portal.setup.dockerfile import Build, Stage, StepFailed

ROOT = Path(__file__).parents[2]
HOST = "gazetteer.example.com"
PATIENCE = 60.0


def check(work: Path) -> None:
    """Build and run. Raises StepFailed."""
    build = Build(ROOT, work, python_for_everybody())
    image = build.run()
    if not image.user or build.users.get(image.user, 0) == 0:
        raise StepFailed("the image runs as root")
    uid = build.users[image.user] if os.geteuid() == 0 else os.geteuid()
    before = _files(image)
    environment = _settings(image)
    manage = ["python", "manage.py"]
    _call(image, uid, environment, [*manage, "migrate", "--noinput", "--verbosity", "0"])
    _call(image, uid, environment, [*manage, "check", "--deploy", "--fail-level", "WARNING"])
    with _running(image, uid, environment) as process:
        _look(int(environment["WEB_PORT"]))
        _same_user(process.pid, uid)
    probe = ["python", "portal/setup/probe.py", "web"]
    if not _fails(image, uid, environment, probe):
        raise StepFailed("the probe says that a stopped web process is well")
    if changed := _files(image) ^ before:
        names = ", ".join(sorted({name for name, _ in changed})[:5])
        raise StepFailed(f"something was written outside of /data and /tmp: {names}")
    print(f"the image works: its steps, its migrations, its pages, as user {uid}")  # noqa: T201


def python_for_everybody() -> str:
    """Return a Python that another user may run, too."""
    for name in (sys._base_executable, "/usr/bin/python3", "/usr/local/bin/python3"):  # type: ignore[attr-defined]
        path = Path(name).resolve()
        if path.exists() and all(folder.stat().st_mode & 0o005 == 0o005 for folder in path.parents):
            return str(path)
    raise StepFailed("no Python on this machine may be run by another user")


def _settings(image: Stage) -> dict[str, str]:
    """Return what the compose file gives the web service, its engines left out."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return image.environment() | {
        "SECRET_KEY": secrets.token_urlsafe(50),
        "PUBLIC_URL": f"https://{HOST}",
        "PROXY_COUNT": "1",
        "METRICS_TOKEN": secrets.token_urlsafe(20),
        "LOG_FORMAT": "json",
        "WEB_PORT": str(port),
        "TMPDIR": str(image.root / "tmp"),
    }


def _options(image: Stage, uid: int, environment: Mapping[str, str]) -> dict[str, object]:
    other = {"user": uid, "group": uid, "extra_groups": []} if os.geteuid() == 0 else {}
    return {"cwd": image.path("."), "env": environment, **other}


def _program(image: Stage, environment: Mapping[str, str], command: list[str]) -> list[str]:
    found = shutil.which(command[0], path=environment["PATH"])
    if found is None or not Path(found).is_relative_to(image.root):
        raise StepFailed(f"{command[0]} is not in the image")
    return [found, *map(image.here, command[1:])]


def _fails(image: Stage, uid: int, environment: Mapping[str, str], command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603 -- commands of the compose file
        _program(image, environment, command),
        capture_output=True,
        text=True,
        check=False,
        **_options(image, uid, environment),  # type: ignore[call-overload]
    )
    return f"{done.stdout}\n{done.stderr}" if done.returncode else ""


def _call(image: Stage, uid: int, environment: Mapping[str, str], command: list[str]) -> None:
    print(f"  {' '.join(command)}", flush=True)  # noqa: T201
    if failure := _fails(image, uid, environment, command):
        raise StepFailed(f"{' '.join(command)}: {failure[-3000:]}")


@contextmanager
def _running(
    image: Stage, uid: int, environment: Mapping[str, str]
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the image's command; it has to answer its probe, and to end in order when it is told to."""
    print(f"  {' '.join(image.command)}", flush=True)  # noqa: T201
    log = image.root / "tmp" / "web.log"
    with log.open("wb") as out:
        process = subprocess.Popen(  # noqa: S603 -- the image's own command
            _program(image, environment, image.command),
            stdout=out,
            stderr=subprocess.STDOUT,
            **_options(image, uid, environment),  # type: ignore[call-overload]
        )
    try:
        deadline = time.monotonic() + PATIENCE
        while failure := _fails(
            image, uid, environment, ["python", "portal/setup/probe.py", "web"]
        ):
            if process.poll() is not None or time.monotonic() > deadline:
                raise StepFailed(f"never ready: {failure}\n{log.read_text()[-3000:]}")
            time.sleep(0.3)
        yield process
        process.terminate()
        if code := process.wait(timeout=30):
            raise StepFailed(f"told to end, it ended with {code}:\n{log.read_text()[-3000:]}")
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    if strange := [line for line in log.read_text().splitlines() if not line.startswith("{")]:
        raise StepFailed(f"lines of the log that are no JSON: {strange[:5]}")


def _look(port: int) -> None:
    """Ask for pages as the proxy does. Raises StepFailed."""
    status, headers, page = _get(port, "/sign-in")
    wanted = {
        "Strict-Transport-Security": "max-age=31536000",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
    }
    wrong = {
        name: headers.get(name) for name, value in wanted.items() if headers.get(name) != value
    }
    policy, cookie = headers.get("Content-Security-Policy", ""), headers.get("Set-Cookie", "")
    if status != 200 or wrong or "unsafe" in policy or "script-src 'self'" not in policy:
        raise StepFailed(f"/sign-in answers {status}, {wrong}, {policy}")
    if "Secure" not in cookie:
        raise StepFailed(f"the cookie is not secure: {cookie}")
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    for path, expected in ((style, 200), ("/", 200), ("/metrics", 404), ("/nowhere", 404)):
        if (found := _get(port, path)[0]) != expected:
            raise StepFailed(f"{path} answers {found}, not {expected}")
    if (found := _get(port, "/", scheme="http")[0]) != 301:
        raise StepFailed(f"plain HTTP answers {found}, not 301")
    if (found := _get(port, "/", host="evil.example.com")[0]) != 400:
        raise StepFailed(f"a foreign host name answers {found}, not 400")


class _Stay(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_: object, **__: object) -> None:
        """Follow nothing."""


def _get(
    port: int, path: str, *, scheme: str = "https", host: str = HOST
) -> tuple[int, Mapping[str, str], str]:
    headers = {"Host": host, "X-Forwarded-Proto": scheme, "X-Forwarded-For": "203.0.113.9"}
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers=headers)
    try:
        with urllib.request.build_opener(_Stay).open(request, timeout=30) as answer:
            return answer.status, dict(answer.headers), answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), ""


def _same_user(pid: int, uid: int) -> None:
    status = Path(f"/proc/{pid}/status")
    if status.exists():
        found = next(line for line in status.read_text().splitlines() if line.startswith("Uid:"))
        if set(found.split()[1:]) != {str(uid)}:
            raise StepFailed(f"gunicorn runs as {found}, not {uid}")


def _files(image: Stage) -> set[tuple[str, int]]:
    """Return every file of the image with the time of its last change, but those of /data and /tmp."""
    free = (image.root / "data", image.root / "tmp")
    return {
        (str(path.relative_to(image.root)), path.lstat().st_mtime_ns)
        for path in image.root.rglob("*")
        if path.is_file() and not any(path.is_relative_to(folder) for folder in free)
    }


def main() -> int:
    """Check the image in a folder that is removed afterwards."""
    with tempfile.TemporaryDirectory(prefix="gazetteer-image-") as folder:
        Path(folder).chmod(0o755)
        try:
            check(Path(folder))
        except StepFailed as error:
            print(f"the image does not work: {error}", file=sys.stderr)  # noqa: T201
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
