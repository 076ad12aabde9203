"""Sources from the command line."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.models import Dataset, Event
from ingestors.models import Run, Source
from ingestors.services.runs import run_source
from tests.conftest import Mesh

Say = Callable[..., str]


@pytest.fixture
def say() -> Say:
    """Run the command and return what it prints."""

    def run(*words: str) -> str:
        out = io.StringIO()
        call_command("source", *words, stdout=out)
        return out.getvalue()

    return run


def read(text: str) -> Any:
    return json.loads(text)


def add(say: Say, store: Path, *more: str) -> str:
    words = ("add", "claims-store", "--connector", "sql", "--domain", "claims")
    return say(*words, "--set", f"url=sqlite:///{store}", *more)


def test_a_source_is_added_checked_harvested_and_listed(mesh: Mesh, say: Say, store: Path) -> None:
    said = add(
        say,
        store,
        *("--team", "claims-team", "--name", "Claims store", "--schedule", "every 6h"),
        *("--set", "namespace=sqlite://claims", "--set", "limits.max_rows=500"),
        *("--set", 'exclude=["broker"]', "--rule", "*claim*=claims-register:sql"),
        *("--by", "alice"),
    )
    assert said == "claims-store: added; harvest it with: manage.py harvest claims-store\n"
    source = Source.objects.get()
    assert (source.name, source.team, source.schedule) == ("Claims store", mesh.team, "every 6h")
    assert source.config == {
        "url": f"sqlite:///{store}",
        "namespace": "sqlite://claims",
        "limits": {"max_rows": 500},
        "exclude": ["broker"],
    }
    assert source.rules == [{"match": "*claim*", "product": "claims-register", "port": "sql"}]
    assert Event.objects.get(type="source.added").actor == mesh.alice
    assert say("check", "claims-store") == "claims-store: 3 tables and views\n"
    run_source(source)
    heading, line = say("list").splitlines()
    assert heading.split() == ["KEY", "CONNECTOR", "DOMAIN", "SCHEDULE", "LAST", "HARVEST"]
    assert "claims-store  sql        claims  every 6h  succeeded, 20" in line


def test_a_configuration_comes_from_a_file_and_single_fields_go_over_it(
    mesh: Mesh, say: Say, store: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    document = {"url": "sqlite:///elsewhere", "limits": {"max_rows": 5, "scan_rows": 50}}
    (tmp_path / "config.json").write_text(json.dumps(document))
    add(say, store, "--config", str(tmp_path / "config.json"), "--set", "limits.max_rows=7")
    assert Source.objects.get().config == {
        "url": f"sqlite:///{store}",
        "limits": {"max_rows": 7, "scan_rows": 50},
    }
    monkeypatch.setattr("sys.stdin", io.StringIO(json.dumps({"path": str(tmp_path)})))
    say("add", "files", "--connector", "files", "--domain", "claims", "--config", "-")
    assert Source.objects.get(key="files").config == {"path": str(tmp_path)}


def test_json_answers_can_be_read_by_programs(mesh: Mesh, say: Say, store: Path) -> None:
    assert read(say("list", "--json")) == []
    made = read(add(say, store, "--json"))
    assert (made["key"], made["domain"], made["lastRun"]) == ("claims-store", "claims", None)
    run = run_source(Source.objects.get())
    (listed,) = read(say("list", "--json"))
    assert listed["lastRun"]["state"] == run.state == "succeeded"
    assert listed == read(say("show", "claims-store", "--json"))
    checked = read(say("check", "claims-store", "--json"))
    assert checked == {"key": "claims-store", "reached": True, "message": "4 tables and views"}
    assert read(say("pause", "claims-store", "--json"))["message"] == "paused"


def test_a_secret_is_a_reference_or_the_source_is_refused(
    mesh: Mesh, say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = ("add", "pg", "--connector", "sql", "--domain", "claims")
    for field in ("url=postgresql://u:hunter2@db/claims", "password=hunter2"):
        with pytest.raises(CommandError) as refused:
            say(*words, "--set", "url=postgresql://u@db/claims", "--set", field)
        assert "reference" in str(refused.value)
        assert f"config.{field.partition('=')[0]}" in str(refused.value)
        assert "hunter2" not in str(refused.value)
    assert not Source.objects.exists()
    say(
        *words,
        "--set",
        "url=postgresql://u@db/claims",
        "--set",
        "password=env:GAZETTEER_SECRET_CLAIMS",
    )
    monkeypatch.setenv("GAZETTEER_SECRET_CLAIMS", "hunter2")
    shown = say("show", "pg")
    assert "isPaused: no\n" in shown
    assert "rules: -\n" in shown
    assert "env:GAZETTEER_SECRET_CLAIMS" in shown
    assert "hunter2" not in shown


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--domain", "nowhere"], "--domain 'nowhere': there is no such domain; known are claims"),
        (["--team", "nobody"], "--team 'nobody': there is no such team; known are claims-team"),
        (["--by", "nobody"], "--by 'nobody'"),
        (["--connector", "ftp"], "known are dbt, files, sql"),
        (["--schedule", "sometimes"], "schedule: 'sometimes' is no schedule"),
        (["--set", "url"], "--set 'url' cannot be used; write FIELD=VALUE"),
        (["--set", "colour=red"], "config.colour: colour: unknown field; known are"),
        (["--set", "limits.max_rows=many"], "config.limits.max_rows"),
        (["--set", "url.host=x"], "url is no group of fields"),
        (["--rule", "claims"], "--rule 'claims' cannot be used; write PATTERN=PRODUCT"),
        (["--rule", "*=Not A Key"], "rules[0].product"),
        (["--config", "/no/such/file"], "--config '/no/such/file' cannot be read"),
    ],
)
def test_what_cannot_be_used_is_named(
    mesh: Mesh, say: Say, store: Path, words: list[str], said: str
) -> None:
    with pytest.raises(CommandError) as refused:
        add(say, store, *words)
    assert said in str(refused.value)
    assert not Source.objects.exists()


def test_problems_are_told_in_json_too(
    mesh: Mesh, store: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["add", "x", "--connector", "sql", "--domain", "claims", "--json"]
    with pytest.raises(CommandError):
        call_command("source", *words, "--set", "colour=red")
    problems = read(capsys.readouterr().out)["problems"]
    assert [problem["path"] for problem in problems] == ["config.url", "config.colour"]


def test_a_taken_key_is_refused(mesh: Mesh, say: Say, store: Path) -> None:
    add(say, store)
    with pytest.raises(CommandError, match="'claims-store' is taken"):
        add(say, store)


def test_a_store_that_does_not_answer_is_an_error(source: Source, say: Say, store: Path) -> None:
    store.unlink()
    with pytest.raises(CommandError, match=f"{source.key}: there is no file"):
        say("check", source.key)


def test_a_source_is_paused_and_resumed(mesh: Mesh, say: Say, store: Path) -> None:
    add(say, store, "--schedule", "every 1h")
    assert say("pause", "claims-store") == "claims-store: paused\n"
    assert Source.objects.get().is_paused
    assert "every 1h (paused)" in say("list")
    assert say("resume", "claims-store").startswith("claims-store: resumed; next harvest 20")
    assert not Source.objects.get().is_paused


def test_removing_asks_first_and_keeps_what_was_found(source: Source, say: Say) -> None:
    run_source(source)
    with pytest.raises(CommandError, match="was not removed; say --yes"):
        say("remove", source.key)
    assert Source.objects.exists()
    said = say("remove", source.key, "--yes")
    assert said == f"{source.key}: removed; what it found stays in the catalog\n"
    assert not Source.objects.exists()
    assert not Run.objects.exists()
    assert Dataset.objects.count() == 4


def test_an_unknown_source_is_named_with_the_known_ones(source: Source, say: Say) -> None:
    for verb in ("show", "check", "pause", "resume", "remove"):
        with pytest.raises(CommandError, match="no source 'nothing'; known are claims-store"):
            say(verb, "nothing")
