"""Measure bulk pushes over HTTP, one web process, client and server on this machine.

    DATABASE_URL=postgres://… python -m benchmarks.push [PRODUCTS [LINES]]

Pushes PRODUCTS products (5,000), each with its dataset of ten columns, as new and then unchanged; then LINES lines
(none unless given) in one call of unannounced length, and tells how much more memory the web process took.
"""

from __future__ import annotations

import json
import os
import random
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterable, Iterator
from itertools import cycle, islice
from pathlib import Path
from typing import IO, Any

from benchmarks.scale.installation import Installation
from benchmarks.scale.processes import running
from benchmarks.setting import fresh_catalog, machine

OWNER = "bench-team"


def main(count: int, lines: int) -> None:
    """Fill a catalog of its own over HTTP and print the rates."""
    with fresh_catalog() as folder:
        secret = _prepared()
        pushes = {"PUSH_RATE": "1000", "WAKE_FOLLOWERS": "0", "PUSH_IDLE_SECONDS": "600"}
        environment = {"GAZETTEER_DATA": str(folder), "SECRET_KEY": "benchmark", **pushes}
        with running(Installation(count, folder, environment), web=1) as address:
            idle = _held()
            with tempfile.TemporaryFile() as file:
                _write(file, count)
                for word in ("new", "unchanged"):
                    _measure(address, secret, file, word, count)
            if lines:
                _hold(address, secret, count, lines)
            print(f"the web process: {idle:,.0f} MB when idle, at most {_held():,.0f} MB")


def _prepared() -> str:
    """Make domains, a team that may push into each of them, and a token; return its secret."""
    from benchmarks.mesh import make_domains
    from catalog.models import Domain, Role, User
    from catalog.people.teams import save_team, set_member, set_steward
    from catalog.people.tokens import make_token

    make_domains()
    domain = Domain.objects.order_by("pk")[0]
    team = save_team(OWNER, name="Bench", domain=domain, by=None)
    user = User.objects.create_user("bench")
    set_member(team, user, role=Role.OWNER, by=None)
    for top in Domain.objects.filter(parent=None):
        set_steward(top, user, by=None)
    return make_token(user, name="bench", scope="write", days=1)[1]


def documents(count: int) -> Iterator[dict[str, Any]]:
    """Yield the lines of products and their datasets."""
    from benchmarks.mesh import pair
    from catalog.descriptors import DatasetDescriptor, ProductDescriptor

    for n in range(count):
        dataset, product = pair(n, random.Random(n))
        assert isinstance(dataset, DatasetDescriptor)
        assert isinstance(product, ProductDescriptor)
        said = dataset.dump()
        columns = [{"path": c["path"], "type": c["type"]} for c in said["columns"]]
        names = {"namespace", "name", "technology", "domain"}
        document = {name: said[name] for name in names} | {"columns": columns, "owner": OWNER}
        document["displayName"] = said["display_name"]
        yield {"kind": "dataset", "document": document}
        stated = product.dump()
        document = {name: stated[name] for name in ("description", "tags", "ports")}
        document |= {"displayname": stated["name"], "owner": OWNER, "dataProductGUID": f"g-{n}"}
        document["readableDataProductKey"] = f"{stated['domain']}/{stated['key']}"
        yield {"kind": "product", "document": document}


def _write(file: IO[bytes], count: int) -> None:
    for line in documents(count):
        file.write(json.dumps(line).encode() + b"\n")
    file.flush()


def _measure(address: str, secret: str, file: IO[bytes], word: str, count: int) -> None:
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    start = time.perf_counter()
    summary = _post(address, secret, file, {"Content-Length": str(size)})
    took = time.perf_counter() - start
    ending = "created" if word == "new" else "unchanged"
    assert summary[ending] == summary["lines"] == 2 * count, summary
    print(f"push, {word}: {count / took:,.0f} products/s ({count:,} with 10 columns, {machine()})")


def _hold(address: str, secret: str, count: int, lines: int) -> None:
    """Push very many lines in one call of unannounced length."""
    said = [json.dumps(line).encode() + b"\n" for line in islice(documents(count), 20_000)]
    start = time.perf_counter()
    summary = _post(address, secret, islice(cycle(said), lines), {})
    took = time.perf_counter() - start
    assert summary["lines"] == lines, summary
    print(f"push, {lines:,} lines in one call: {lines / took:,.0f} lines/s")


def _post(
    address: str, secret: str, body: IO[bytes] | Iterable[bytes], headers: dict[str, str]
) -> dict[str, Any]:
    sent = {"x-api-key": secret, "Content-Type": "application/x-ndjson", **headers}
    request = urllib.request.Request(f"{address}/api/v1/push", data=body, headers=sent)
    with urllib.request.urlopen(request) as answer:
        found: dict[str, Any] = json.load(answer)["summary"]
    return found


def _held() -> float:
    """Return the most memory that the web process ever held, in MB; it is the child of our child."""
    found = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        parent = _said(status, "PPid")
        if parent and _said(status.parents[1] / str(parent) / "status", "PPid") == os.getpid():
            found += _said(status, "VmHWM") / 1000
    return found


def _said(status: Path, name: str) -> int:
    """Read a number of a process; 0 where the process is gone."""
    try:
        text = status.read_text()
    except OSError:
        return 0
    return int((text.partition(f"\n{name}:")[2].split() or ["0"])[0])


if __name__ == "__main__":
    main(*(int(word) for word in (sys.argv[1:] + ["5000", "0"][len(sys.argv) - 1 :])))
