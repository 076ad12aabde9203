"""Photograph pages of a running demo: `python -m tests.e2e.screenshots FOLDER [URL] [only]`.

Each page is taken light and dark, 1440 and 390 wide, as the person it is made for.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Browser, Page

from tests.e2e.browser import chromium_at
from tests.e2e.tour import STOPS, sign_in

SIZES = ((1440, 900), (390, 844))


def photograph(page: Page, base: str, path: str, target: Path) -> None:
    """Open one address and save what a person sees, and the whole page when it is longer."""
    page.goto(base + path, wait_until="load")
    page.wait_for_timeout(400)
    page.screenshot(path=str(target), full_page=target.stem.endswith("390"))


def tour(browser: Browser, base: str, folder: Path, only: str = "") -> None:
    """Photograph every stop of the tour."""
    for scheme in ("light", "dark"):
        for width, height in SIZES:
            for who in sorted({stop.who for stop in STOPS}):
                context = browser.new_context(
                    viewport={"width": width, "height": height},
                    color_scheme="dark" if scheme == "dark" else "light",
                )
                page = context.new_page()
                if who:
                    sign_in(page, base, who)
                for stop in STOPS:
                    if stop.who == who and only in stop.name:
                        photograph(
                            page, base, stop.path, folder / f"{stop.name}-{scheme}-{width}.png"
                        )
                context.close()


if __name__ == "__main__":
    where = Path(sys.argv[1])
    where.mkdir(parents=True, exist_ok=True)
    address = sys.argv[2] if len(sys.argv) > 2 else "http://127.0.0.1:8000"
    chromium = os.environ.get("CHROMIUM") or shutil.which("chromium") or sys.exit("no Chromium")
    with chromium_at(chromium) as started:
        tour(started, address, where, sys.argv[3] if len(sys.argv) > 3 else "")
