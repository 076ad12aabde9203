"""Lines of the log: one JSON object each, with whose request and which task, and nothing secret."""

from __future__ import annotations

import json
import logging
import subprocess
import sys
import time
from collections.abc import Iterator
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from catalog.people.tokens import make_token
from portal import logs
from tests.conftest import Mesh
from tests.installations import ROOT, Installation

log = logging.getLogger("tests.logs")


class Lines:
    """What was logged, a JSON object a line."""

    def __init__(self) -> None:
        self.out = StringIO()

    @property
    def text(self) -> str:
        """All of it."""
        return self.out.getvalue()

    def all(self) -> list[dict[str, Any]]:
        """Every line, read."""
        return [json.loads(line) for line in self.text.splitlines()]


@pytest.fixture
def lines() -> Iterator[Lines]:
    """Log as production does, into memory."""
    kept = Lines()
    handler = logging.StreamHandler(kept.out)
    handler.setFormatter(logs.formatter("json"))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    yield kept
    root.removeHandler(handler)
    root.setLevel(before)


def test_a_request_is_one_line_without_its_query(client: Client, mesh: Mesh, lines: Lines) -> None:
    client.force_login(mesh.alice)
    answer = client.get("/search?q=who+earns+most", headers={"x-request-id": "edge-42"})
    assert answer["X-Request-ID"] == "edge-42"
    line = next(one for one in lines.all() if one["logger"] == "gazetteer.access")
    assert line["ms"] > 0
    said = {name: line[name] for name in ("request_id", "user_id", "method", "path", "status")}
    assert said == {
        "request_id": "edge-42",
        "user_id": mesh.alice.pk,
        "method": "GET",
        "path": "/search",
        "status": 200,
    }
    assert "earns" not in lines.text


def test_a_machine_is_named_by_its_user(client: Client, mesh: Mesh, lines: Lines) -> None:
    _, secret = make_token(mesh.bob, name="pipeline")
    client.get("/api/v1/dataproducts", headers={"authorization": f"Bearer {secret}"})
    assert lines.all()[-1]["user_id"] == mesh.bob.pk
    assert secret not in lines.text


def test_nobody_is_looked_up_for_a_line(client: Client, lines: Lines) -> None:
    client.get("/healthz", headers={"x-request-id": "probe"})
    assert client.get("/nowhere-at-all.txt")["X-Request-ID"]
    assert "user_id" not in lines.text


@pytest.mark.parametrize("given", ["", "two words", "x" * 129, "a\u00e4", "-lead", 'say"hi"'])
def test_a_bad_number_is_replaced(client: Client, given: str) -> None:
    answer = client.get("/healthz", headers={"x-request-id": given})
    assert answer["X-Request-ID"] != given
    assert len(answer["X-Request-ID"]) == 32


def test_secrets_and_addresses_of_people_are_hidden(lines: Lines) -> None:
    secret = "gz_" + "A1b2C3d4" * 4
    log.warning("cannot reach postgres://etl:hunter2@db/x with Bearer %s", secret)
    try:
        raise ValueError("DETAIL: Key (email)=(ana.kovac@example.com) exists, password=hunter2")
    except ValueError:
        log.exception("sign-in of ana.kovac@example.com")
    for hidden in (secret, "hunter2", "ana.kovac", "example.com"):
        assert hidden not in lines.text
    assert "Traceback" in lines.all()[1]["exception"]


def test_one_line_stays_one_line(lines: Lines) -> None:
    log.warning("a harvest said: %s", 'first\nsecond {"level": "error"}')
    assert [line["message"] for line in lines.all()] == [
        'a harvest said: first\nsecond {"level": "error"}'
    ]


def test_text_is_for_people() -> None:
    record = logging.LogRecord("x", logging.INFO, __file__, 1, "request", (), None)
    record.__dict__ |= {"path": "/search", "status": 200}
    text = logs.formatter("text").format(record)
    assert text.endswith(" INFO x request path=/search status=200")


ASK = """
import django
from django.test import Client
from catalog.models import User
from catalog.people.domains import save_domain
from ingestors.services.sources import create_source
from tests.factories import make_user
admin = make_user("ada", is_superuser=True)
create_source(name="shop", connector="sql", config={"url": "sqlite:////nowhere.db"},
    domain=save_domain("d", name="D", by=None), by=admin)
client = Client(headers={"host": "127.0.0.1", "x-request-id": "from-the-page"})
client.force_login(admin)
print(client.post("/sources/shop/run").status_code, admin.pk)
"""


def test_a_task_carries_the_number_of_the_request_that_asked_for_it(tmp_path: Path) -> None:
    made = Installation(tmp_path, settings={"LOG_FORMAT": "json"})
    made.migrate()
    status, user = made.do(ASK).split()
    assert status == "302"
    log = tmp_path / "worker.log"
    with log.open("wb") as out:
        worker = subprocess.Popen(
            [*(sys.executable, "-m", "celery", "-A", "portal", "worker"), "--pool", "solo"],
            cwd=ROOT,
            env=made.environment,
            stdout=subprocess.DEVNULL,
            stderr=out,
        )
    try:
        deadline = time.monotonic() + 60
        while "succeeded" not in log.read_text() and time.monotonic() < deadline:
            time.sleep(0.1)
    finally:
        worker.terminate()
        worker.wait(timeout=30)
    written = log.read_text()
    told = [json.loads(line) for line in written.splitlines() if line.startswith("{")]
    mine = [line for line in told if line.get("task") == "ingestors.harvest"]
    assert mine, written
    assert {(line["request_id"], line["user_id"]) for line in mine} == {
        ("from-the-page", int(user))
    }
    assert all(line["task_id"] for line in mine)
