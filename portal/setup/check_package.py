"""Install the built wheels into empty environments and walk the first journey, with nothing of the checkout in reach.

`python -m portal.setup.check_package` (or `make check-package`). The client alone must work without the server's
packages; the server must bring the client, set itself up by its one-time link, take a product, keep everything over a
restart, and end in order when it is told to.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx

from portal.setup.journey import PASSWORD, JourneyFailed, expect, running, set_up, submit

ROOT = Path(__file__).parents[2]
UV = str(Path(sys.executable).parent / "uv")
GUID = "ed457526-8d7e-4f58-905a-18aadd6eab"
#: What the client must come without.
OF_THE_SERVER = ("django", "celery", "duckdb", "sqlalchemy", "sqlglot", "numpy", "portal")


def check(work: Path) -> None:
    """Build, install and walk. Raises JourneyFailed."""
    _call([str(ROOT / "portal/setup/package.sh"), str(work / "dist")])
    locked = work / "locked.txt"
    export = [UV, "export", "--quiet", "--frozen", "--no-dev", "--no-emit-workspace"]
    _call([*export, "--no-hashes", "--output-file", str(locked)])
    for name in ("gazetteer", "gazetteer-catalog"):
        _call([UV, "venv", "--quiet", "--python", sys.executable, str(work / name)])
        install = [UV, "pip", "install", "--quiet", "--python", str(work / name / "bin/python")]
        given = ["--find-links", str(work / "dist"), "--constraint", str(locked)]
        _call([*install, *given, name])
    _client(work / "gazetteer" / "bin")
    for program in ("gazetteer", "gazetteer-server"):
        _call([str(work / "gazetteer-catalog" / "bin" / program), "--help"])
    _journey(work / "gazetteer-catalog" / "bin" / "gazetteer-server", work)


def _client(programs: Path) -> None:
    """Let the client judge a folder; see that nothing of the server came with it."""
    found = f"import importlib.util as u; print(*filter(u.find_spec, {OF_THE_SERVER!r}))"
    if strange := _call([str(programs / "python"), "-I", "-c", found]).split():
        raise JourneyFailed(f"the client brings {', '.join(strange)}")
    _call([str(programs / "gazetteer"), "lint", str(ROOT / "docs/examples/court-proceedings")])


def _journey(program: Path, work: Path) -> None:
    with running(program, work / "empty") as (address, said):
        _push(address, set_up(address, said))
    with running(program, work / "empty") as (address, said):
        if "/setup/" in said:
            raise JourneyFailed("a link to set up although there is an admin")
        with httpx.Client(base_url=address, follow_redirects=True, timeout=60) as browser:
            submit(browser, "/sign-in", {"username": "ana", "password": PASSWORD})
            expect(browser.get("/products/claims/litigated-claims"), 200, "Litigated claims")
            page = expect(browser.get("/"), 200, "Ana Ruiz").text
            for file in re.findall(r'(?:src|href)="(/static/[^"]+)"', page):
                expect(browser.get(file), 200)


def _push(address: str, token: str) -> None:
    product = {
        "dataProductGUID": GUID,
        "owner": "claims-analytics",
        "displayname": "Litigated claims",
        "readableDataProductKey": "claims/litigated-claims",
    }
    caller = {"Authorization": f"Bearer {token}"}
    with httpx.Client(base_url=f"{address}/api/v1", headers=caller, timeout=60) as api:
        expect(api.put("/domains/claims", json={"name": "Claims"}), 201)
        team = {"name": "Claims Analytics", "domain": "claims"}
        expect(api.put("/teams/claims-analytics", json=team), 201)
        expect(api.put(f"/dataproducts/{GUID}", json=product), 201)
        expect(api.put(f"/dataproducts/{GUID}", json=product), 200)


def _call(command: list[str]) -> str:
    done = subprocess.run(  # noqa: S603 -- our own tools
        command, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise JourneyFailed(f"{' '.join(command)}: {done.stdout[-2000:]}{done.stderr[-2000:]}")
    return done.stdout


def main() -> int:
    """Check in a folder that is removed afterwards."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="gazetteer-package-") as folder:
        try:
            check(Path(folder))
        except JourneyFailed as error:
            print(f"the package does not work: {error}", file=sys.stderr)  # noqa: T201
            return 1
    print(f"the package works, from an empty folder on ({time.monotonic() - began:.0f} s)")  # noqa: T201
    return 0


if __name__ == "__main__":
    sys.exit(main())
