"""The examples and the how-to: what they name exists."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import click
import pytest
import yaml

from gazetteer.folder import read_folder
from gazetteer.linting import lint
from gazetteer.main import cli
from tests.installations import ROOT

EXAMPLES = ROOT / "docs/examples"
PIPELINES = sorted((EXAMPLES / "ci").glob("*.yml"))
HOW_TO = ROOT / "docs/how-to/push-from-git.md"
_CALL = re.compile(r"(?:^|\$\(|run: |- )[ ]*(gazetteer [a-z].*)$", re.MULTILINE)


def calls(text: str) -> Iterator[list[str]]:
    """Return the words of each call of the client in a text, without what the shell does with it."""
    for found in _CALL.finditer(text):
        yield shlex.split(re.split(r" (?:\||\|\||&&|>)|\)", found[1])[0])[1:]


def test_the_example_folder_is_sound() -> None:
    folder = read_folder(EXAMPLES / "court-proceedings")
    assert (len(folder.products), len(folder.contracts), len(folder.pages)) == (1, 2, 2)
    assert lint(folder) == []


@pytest.mark.parametrize("path", PIPELINES, ids=lambda path: path.stem)
def test_a_pipeline_is_yaml_with_commands(path: Path) -> None:
    said = yaml.safe_load(path.read_text())
    assert isinstance(said, dict)
    texts = list(_texts(said))
    assert {words[0] for text in texts for words in calls(text)} == {"lint", "diff", "push"}


def _texts(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for inner in value.values() if isinstance(value, dict) else value:
            yield from _texts(inner)


@pytest.mark.parametrize("path", [*PIPELINES, HOW_TO], ids=lambda path: path.stem)
def test_every_call_is_one_that_the_client_takes(path: Path) -> None:
    found = list(calls(path.read_text()))
    assert len(found) >= 3
    for name, *words in found:
        command = cli.get_command(click.Context(cli), name)
        assert command is not None, name
        command.make_context(name, list(words))


def test_the_packages_a_pipeline_installs_are_all_the_client_needs() -> None:
    named = set(
        re.findall(r"pip install (?:--\S+ )*(.+)", (EXAMPLES / "ci/gitlab.yml").read_text())
    )
    installed = {word.lower() for line in named for word in line.split() if word[0].isalpha()}
    script = (
        "import sys; from gazetteer.main import run\n"
        "run(['lint', 'docs/examples/court-proceedings'])\n"
        "run(['diff', 'docs/examples/court-proceedings', '--url', 'http://127.0.0.1:9'])\n"
        "import gazetteer.exporting\n"
        "print(*sorted({n.split('.')[0] for n in sys.modules}), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    names = done.stderr.splitlines()[-1].split()
    of = packages_distributions()
    needed = {of[name][0].lower().replace("_", "-") for name in names if name in of}
    brought = {"httpcore", "h11", "anyio", "certifi", "idna", "sniffio", "typing-extensions"}
    taken_along = {"gazetteer", "setuptools", "rich", "pygments"}  # httpx takes rich where it is
    assert needed - brought - taken_along <= installed
