"""Follow data in a browser: expand, columns, another day, by keyboard, without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Download, Locator, Page, expect

from tests.e2e.tour import sign_in

pytestmark = pytest.mark.timeout(600)
PRODUCT = "/products/claims/late-claims/lineage"


def graph(page: Page) -> Locator:
    """Wait until a graph is drawn and return it."""
    drawn = page.locator("lineage-graph[data-drawn]")
    expect(drawn).to_be_visible()
    return drawn


def start(page: Page, site: str, path: str = f"{PRODUCT}?level=dataset") -> Locator:
    """Open a graph as somebody who sees all of it."""
    sign_in(page, site, "ivo")
    page.goto(site + path)
    return graph(page)


def drawn_ids(page: Page) -> list[str]:
    """Return the boxes that are drawn."""
    found: Any = page.eval_on_selector_all(
        "lineage-graph .node", "all => all.map(one => one.dataset.id)"
    )
    return sorted(found)


def focused(page: Page) -> str:
    """Return the box that has the focus."""
    return str(page.evaluate("document.activeElement.dataset.id || ''"))


def press(page: Page, selector: str, key: str = "") -> None:
    """Give the focus to a part of the graph, and press a key there."""
    page.eval_on_selector(selector, "one => one.focus()")
    if key:
        page.keyboard.press(key)


def with_more(page: Page, site: str) -> Locator:
    """Open a graph with a box that has more beside it; return that handle."""
    start(page, site, "/lineage?focus=product:1&level=dataset&depth=1")
    handle = page.locator(".node .expand:not(.is-shut)").first
    expect(handle).to_be_attached()
    return handle


def test_a_level_more_is_one_click_and_the_back_button_takes_it_away(page: Page, site: str) -> None:
    handle = with_more(page, site)
    before = drawn_ids(page)
    handle.dispatch_event("click")
    expect(page.locator("lineage-graph .node")).not_to_have_count(len(before))
    grown = drawn_ids(page)
    assert set(before) < set(grown)
    assert "more=" in page.url
    expect(page.locator("tr[data-added]").first).to_be_attached()
    page.reload()
    graph(page)
    assert drawn_ids(page) == grown
    page.go_back()
    expect(page.locator("lineage-graph .node")).to_have_count(len(before))
    assert drawn_ids(page) == before


def test_columns_open_with_their_lines_by_key(page: Page, site: str) -> None:
    start(page, site)
    press(page, ".node.is-focus", "c")
    expect(page.locator(".node.is-focus .column").first).to_be_visible()
    assert "columns=" in page.url
    press(page, ".node.is-focus", "c")
    expect(page.locator(".node.is-focus .column")).to_have_count(0)


def test_arrows_follow_edges_and_enter_opens(page: Page, site: str) -> None:
    start(page, site, f"{PRODUCT}?level=product")
    page.eval_on_selector(".node.is-focus", "one => one.focus()")
    here = focused(page)
    page.keyboard.press("ArrowLeft")
    assert focused(page) != here
    page.keyboard.press("ArrowRight")
    assert focused(page) == here
    page.keyboard.press("ArrowLeft")
    name = page.evaluate("document.activeElement.getAttribute('aria-label')").split(",")[0]
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text(name)


def test_a_line_explains_itself_and_escape_closes_it(page: Page, site: str) -> None:
    start(page, site)
    page.locator(".link").first.dispatch_event("click")
    panel = page.locator(".graph-panel")
    expect(panel).to_be_visible()
    expect(panel).to_contain_text("How sure")
    expect(panel).to_contain_text("First seen")
    panel.locator("h2").focus()
    page.keyboard.press("Escape")
    expect(panel).to_be_hidden()


def test_the_slider_shows_another_day(page: Page, site: str) -> None:
    start(page, site)
    slider = page.get_by_role("slider", name="As of")
    slider.focus()
    with page.expect_navigation(url="**asOf=20*"):
        page.keyboard.press("ArrowLeft")
    expect(page.locator("#explorer")).to_contain_text(re.compile("As it was on|No flows known"))
    page.get_by_label("Mark what changed since").check()
    page.wait_for_url("**compare=1*")
    expect(page.locator("#explorer")).to_contain_text("added")
    page.get_by_role("link", name="Now").click()
    page.wait_for_url(lambda url: "asOf" not in url)
    graph(page)


def test_a_box_is_found_by_name(page: Page, site: str) -> None:
    start(page, site)
    page.get_by_label("Find in the graph").fill("a")
    expect(page.locator(".graph-find [role=status]")).to_contain_text("found")
    expect(page.locator(".node.is-found").first).to_be_attached()


def test_the_level_changes_without_losing_the_place(page: Page, site: str) -> None:
    start(page, site, f"{PRODUCT}?level=product")
    page.get_by_role("link", name="Datasets", exact=True).click()
    page.wait_for_url("**level=dataset*")
    graph(page)
    expect(page.locator(".node[data-kind=dataset]").first).to_be_visible()
    page.go_back()
    expect(page.locator(".node[data-kind=product]").first).to_be_visible()


@pytest.mark.parametrize(("button", "name"), [("Drawing", ".svg"), ("Picture", ".png")])
def test_the_graph_is_saved_as_a_file(page: Page, site: str, button: str, name: str) -> None:
    start(page, site)
    page.locator(".graph-tools summary").click()
    with page.expect_download() as found:
        page.get_by_role("button", name=re.compile(button)).click()
    saved: Download = found.value
    assert saved.suggested_filename.endswith(name)
    content = saved.path().read_bytes()
    if name == ".svg":
        assert b"<svg" in content
        assert b"oklch" not in content
    else:
        assert content.startswith(b"\x89PNG")
        assert len(content) > 2_000


def test_without_script_the_table_is_the_truth(plain_page: Page, site: str) -> None:
    plain_page.goto(f"{site}{PRODUCT}")
    rows = plain_page.locator("[data-flows] tbody tr")
    expect(rows.first).to_be_visible()
    plain_page.get_by_role("link", name="Where it comes from").click()
    expect(rows.first).to_be_visible()
    plain_page.locator("#as-of").fill(plain_page.locator("#as-of").get_attribute("min") or "")
    plain_page.locator("[data-timeline] button").click()
    expect(plain_page.locator("#explorer")).to_contain_text(
        re.compile("As it was on|No flows known on that day")
    )


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_stands_in_the_way_of_anybody(page: Page, site: str, scheme: str) -> None:
    page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    start(page, site)
    press(page, ".node.is-focus", "c")
    page.locator(".link").first.dispatch_event("click")
    expect(page.locator(".graph-panel")).to_contain_text("How sure")
    for path in (None, "/lineage", "/lineage/impact?focus=product:1", "/jobs", "/map"):
        if path is not None:
            page.goto(site + path)
        found = Axe().run(page)
        bad = {v["id"]: [n["target"] for n in v["nodes"]][:3] for v in found.response["violations"]}
        assert bad == {}, path


def test_a_narrow_screen_shows_all_of_it(page: Page, site: str) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    start(page, site)
    wide = page.evaluate("document.documentElement.scrollWidth")
    assert wide <= 390
