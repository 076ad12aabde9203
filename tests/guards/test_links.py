"""Every link between pages of the documentation leads somewhere, and the index names every guide."""

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


def test_the_index_names_every_guide() -> None:
    index = (ROOT / "docs" / "README.md").read_text()
    guides = [path.name for path in (ROOT / "docs" / "how-to").glob("*.md")]
    assert [name for name in guides if f"how-to/{name}" not in index] == []
