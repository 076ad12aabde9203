"""docs/architecture.md draws what the import contracts hold, and its flows name code that is there.

`python -m tests.guards.test_architecture` writes the picture anew.
"""

from __future__ import annotations

import ast
import itertools
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "architecture.md"
START, END = "<!-- floors: made from pyproject.toml -->", "<!-- end of floors -->"


def contracts() -> Iterator[tuple[str, list[str]]]:
    """Yield each folder with its floors, the top one first."""
    found = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"][
        "contracts"
    ]
    for contract in found:
        if contract["type"] == "layers":
            yield contract.get("containers", ["gazetteer"])[0], contract["layers"]


def picture() -> str:
    """Draw the floors: an arrow means that what stands above may import what stands below."""
    lines = ["```mermaid", "flowchart TB"]
    for folder, layers in contracts():
        if folder == "gazetteer":
            lines += [f"  {above} --> {below}" for above, below in itertools.pairwise(layers)]
            continue
        lines.append(f"  subgraph {folder}")
        names = [f"{folder}_{number}" for number in range(len(layers))]
        lines += [
            f'    {name}["{layer.replace(" | ", " · ")}"]'
            for name, layer in zip(names, layers, strict=True)
        ]
        lines.append(f"    {' --> '.join(names)}")
        lines.append("  end")
    return "\n".join([*lines, "```"])


def test_the_picture_is_that_of_the_contracts() -> None:
    text = PAGE.read_text()
    drawn = text[text.index(START) + len(START) : text.index(END)].strip()
    assert drawn == picture(), "run python -m tests.guards.test_architecture"


def flows() -> dict[str, list[str]]:
    """Return the numbered steps of each flow."""
    parts = re.split(r"^### ", PAGE.read_text(), flags=re.M)[1:]
    return {
        part.split("\n")[0]: re.findall(r"^\d+\. .*(?:\n   .*)*", part, flags=re.M)
        for part in parts
    }


def test_each_of_the_five_flows_takes_at_most_ten_steps() -> None:
    found = {name: len(steps) for name, steps in flows().items()}
    assert len(found) == 5
    assert all(1 < count <= 10 for count in found.values()), found


def test_each_step_is_where_its_name_says() -> None:
    wrong = []
    for name, steps in flows().items():
        for step in steps:
            named = re.findall(r"`([\w/]+\.py)`(?:,? `(\w+)`)?", step)
            if not named:
                wrong.append(f"{name}: names no file: {step[:60]}")
            for file, what in named:
                path = ROOT / file
                if not path.exists():
                    wrong.append(f"{name}: {file} is not there")
                elif what and what not in defined_in(path):
                    wrong.append(f"{name}: {file} defines no {what}")
    assert wrong == []


def defined_in(path: Path) -> set[str]:
    nodes = ast.walk(ast.parse(path.read_text()))
    return {n.name for n in nodes if isinstance(n, ast.FunctionDef | ast.ClassDef)}


def write() -> None:
    """Put the picture into the page."""
    text = PAGE.read_text()
    before, rest = text.split(START)
    PAGE.write_text(f"{before}{START}\n{picture()}\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    write()
