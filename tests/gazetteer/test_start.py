"""The client starts at once: nothing heavy is imported before a command needs it."""

from __future__ import annotations

import json
import subprocess
import sys
import tomllib
from importlib import import_module

import pytest

from gazetteer.main import COMMANDS, run
from tests.installations import ROOT

_ASK = """
import json, sys
from gazetteer.main import run
code = run({arguments!r})
sys.stderr.write(json.dumps([code, sorted({{name.split(".")[0] for name in sys.modules}})]))
"""
HEAVY = {"django", "rest_framework", "celery", "pydantic", "httpx", "sqlalchemy", "duckdb", "rich"}


def modules_after(*arguments: str) -> tuple[int, set[str]]:
    done = subprocess.run(
        [sys.executable, "-c", _ASK.format(arguments=list(arguments))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    code, names = json.loads(done.stderr)
    return code, set(names)


@pytest.mark.parametrize("argument", ["--version", "--help"])
def test_nothing_but_the_command_line_is_imported_at_start(argument: str) -> None:
    code, names = modules_after(argument)
    assert (code, names & {*HEAVY, "yaml", "catalog", "jsonschema_rs"}) == (0, set())


def test_the_help_of_a_command_needs_neither_server_nor_standards() -> None:
    for name in COMMANDS:
        code, names = modules_after(name, "--help")
        assert (name, code, names & {*HEAVY, "yaml"}) == (name, 0, set())


def test_lint_needs_neither_the_server_nor_a_client() -> None:
    code, names = modules_after("lint", "docs/examples/court-proceedings", "--json")
    assert (code, names & HEAVY) == (0, set())


def test_the_script_of_the_distribution_is_the_command_line() -> None:
    project = tomllib.loads((ROOT / "packaging" / "client" / "pyproject.toml").read_text())[
        "project"
    ]
    module, _, name = project["scripts"]["gazetteer"].partition(":")
    with pytest.raises(SystemExit) as ended:
        getattr(import_module(module), name)(["--version"])
    assert ended.value.code == 0


def test_wrong_usage_ends_with_64(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["lint", "--colour"]) == 64
    assert run(["fly"]) == 64
    assert "No such command 'fly'" in capsys.readouterr().err
