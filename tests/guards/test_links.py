"""Every link between pages of the documentation leads somewhere, and the index names every page."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINK = re.compile(r"\]\(([^)\s]+?)(?:#[^)]*)?\)", re.S)


def pages() -> list[Path]:
    top = [path for path in ROOT.glob("*.md") if path.name != "CHANGELOG.md"]
    return [*top, *(ROOT / "docs").rglob("*.md")]


def test_every_link_leads_to_a_file() -> None:
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in LINK.findall(page.read_text())
        if target and not re.match(r"[a-z]+:", target) and not (page.parent / target).exists()
    ]
    assert broken == []


def test_the_index_names_every_page() -> None:
    docs = ROOT / "docs"
    linked = {
        (docs / target).resolve() for target in LINK.findall((docs / "README.md").read_text())
    }
    single = [path for path in docs.glob("*.md") if path.name != "README.md"]
    pages = [*single, *(docs / "how-to").glob("*.md"), docs / "adr", docs / "examples"]
    assert [str(page) for page in pages if page.resolve() not in linked] == []
