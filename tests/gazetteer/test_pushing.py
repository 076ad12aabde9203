"""What became of each document is read from the server's lines, and told with the line of the file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from gazetteer.main import run
from tests.gazetteer.folders import write_folder

SUMMARY = {"summary": {"lines": 3, "applied": True, "stopped": None}}
GONE: dict[str, Any] = {
    "path": "schema.orders.properties.amount",
    "what": "removed",
    "before": {},
    "after": None,
    "consumer": "error",
    "producer": "info",
    "reason": "readers of it break",
}
COMPARISON = {
    "before": "1.0.0",
    "after": "1.1.0",
    "consumer": "error",
    "producer": "info",
    "isBreaking": True,
    "isNumberedEnough": False,
    "suggestedVersion": "2.0.0",
    "changes": [GONE],
}
AFFECTED = {
    "followers": 1,
    "grants": [{"user": "dana", "team": None, "port": "sql"}],
    "products": [{"readableDataProductKey": "policy/prices", "owner": "Policy Platform"}],
    "peopleTold": 4,
}


class Fake:
    """A server that answers with given lines, and keeps what it was sent."""

    def __init__(self) -> None:
        self.lines: list[dict[str, Any]] = []
        self.requests: list[httpx.Request] = []

    def __call__(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        text = "".join(f"{json.dumps(line)}\n" for line in self.lines)
        return httpx.Response(200, text=text, headers={"Content-Type": "application/x-ndjson"})

    @property
    def sent(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.requests[-1].content.splitlines()]


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    made = Fake()
    real = httpx.Client

    def client(**said: Any) -> httpx.Client:
        return real(**{**said, "transport": httpx.MockTransport(made)})

    monkeypatch.setattr(httpx, "Client", client)
    return made


def line(number: int, outcome: str = "unchanged", **more: Any) -> dict[str, Any]:
    return {"line": number, "kind": "contract", "outcome": outcome, "guid": "g", **more}


def test_a_folder_goes_as_one_stream_the_product_first(fake: Fake, tmp_path: Path) -> None:
    fake.lines = [line(1), line(2), line(3), SUMMARY]
    assert run(["push", str(write_folder(tmp_path / "a"))]) == 0
    assert [one["kind"] for one in fake.sent] == ["DataProduct", "DataContract", "DataContract"]
    assert fake.sent[0]["description"]["purpose"] == "One row per order."
    assert len(fake.requests) == 1
    assert fake.requests[0].url.query == b""


def test_a_folder_with_errors_is_not_sent(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = write_folder(tmp_path / "a")
    (folder / "contracts/table.odcs.yaml").write_text("kind: DataContract\n")
    assert run(["push", str(folder)]) == 1
    assert fake.requests == []
    assert "nothing was sent" in capsys.readouterr().err


def test_a_refused_document_is_told_with_its_line(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = {"path": "schema[0].properties[1].logicalType", "value": "number", "message": "no"}
    fake.lines = [line(1, "created"), line(2), line(3, "refused", problems=[wrong]), SUMMARY]
    folder = write_folder(tmp_path / "a")
    assert run(["push", str(folder), "--atomic", "--dry-run"]) == 1
    assert fake.requests[0].url.query == b"dryRun=true&atomic=true"
    said = capsys.readouterr().out.replace(f"{folder}/", "")
    assert said.splitlines() == [
        "created    product  2f0c2d9e-orders 1.0.0  (product.odps.yaml)",
        "unchanged  contract orders-files 1.0.0  (contracts/files.odcs.yaml)",
        "refused    contract orders-table 1.0.0  (contracts/table.odcs.yaml)",
        "  contracts/table.odcs.yaml:15:22: error: schema[0].properties[1].logicalType: "
        '"number": no',
    ]


def test_diff_says_what_breaks_and_for_whom(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    broken = line(3, "changed", comparison=COMPARISON, affected=AFFECTED)
    changed = line(1, "changed", changes=[{"path": "name", "before": "Orders", "after": "O"}])
    fake.lines = [changed, line(2), broken, SUMMARY]
    folder = str(write_folder(tmp_path / "a"))
    assert run(["diff", folder]) == 2
    said = capsys.readouterr().out
    assert '  name: "Orders" -> "O"' in said
    assert "  error: schema.orders.properties.amount removed: readers of it break" in said
    assert "  breaking: breaks consumers of 1.0.0; publish it as 2.0.0" in said
    assert "  breaks for: dana (grant on port sql)" in said
    assert "  breaks for: product policy/prices (reads it, owner Policy Platform)" in said
    assert run(["diff", folder, "--fail-on", "never"]) == 0


@pytest.mark.parametrize(
    ("outcome", "fail_on", "code"),
    [
        ("unchanged", "any", 0),
        ("changed", "breaking", 0),
        ("changed", "any", 2),
        ("changed", "never", 0),
        ("refused", "never", 1),
    ],
)
def test_diff_ends_as_a_pipeline_asks(
    outcome: str, fail_on: str, code: int, fake: Fake, tmp_path: Path
) -> None:
    fake.lines = [line(1), line(2), line(3, outcome), SUMMARY]
    assert run(["diff", str(write_folder(tmp_path / "a")), "--fail-on", fail_on]) == code
    assert fake.requests[0].url.query == b"dryRun=true"


def test_json_holds_everything(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.lines = [
        line(1),
        line(2),
        line(3, "changed", comparison=COMPARISON, affected=AFFECTED),
        SUMMARY,
    ]
    assert run(["diff", str(write_folder(tmp_path / "a")), "--json"]) == 2
    said = json.loads(capsys.readouterr().out)
    assert said["isBreaking"] is True
    last = said["documents"][2]
    assert (last["id"], last["comparison"], last["affected"]) == (
        "orders-table",
        COMPARISON,
        AFFECTED,
    )


def test_an_answer_that_ends_early_is_no_success(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    fake.lines = [line(1, "created")]
    assert run(["push", str(write_folder(tmp_path / "a"))]) == 5
    assert "push again" in capsys.readouterr().err


def test_the_kept_answer_of_an_earlier_try_is_understood(
    fake: Fake, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = line(3, "refused", problems=[{"path": "id", "value": "a", "message": "no"}])
    fake.lines = [{**SUMMARY, "lines": [wrong], "linesLeftOff": 0}]
    assert run(["push", str(write_folder(tmp_path / "a"))]) == 1
    words = [text.split()[0] for text in capsys.readouterr().out.splitlines()]
    assert words[:3] == ["taken", "taken", "refused"]
