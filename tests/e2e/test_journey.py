"""Find a product, judge it, ask for access, get it: as people do, in a browser."""

from __future__ import annotations

import re

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from portal.demo.people import PASSWORD
from tests.e2e.tour import STOPS, Stop, sign_in

pytestmark = pytest.mark.timeout(600)
PRODUCT = "/products/claims/claim-cost"


def journey(page: Page, site: str, purpose: str, person: str, product: str) -> None:
    """Walk the whole way as a consumer and as the owner."""
    page.goto(site)
    page.locator("main input[type=search]").first.fill("late claims")
    page.keyboard.press("Enter")
    first = page.locator("main").get_by_role("link", name="Late claims", exact=True).first
    expect(first).to_be_visible()
    expect(page.locator("main")).to_contain_text("name")
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Late claims"))
    for tab in ("schema", "sample", "quality", "lineage", "changes"):
        page.goto(f"{site}/products/claims/late-claims/{tab}")
        expect(page.get_by_role("heading", level=1)).to_contain_text("Late claims")
    sign_in(page, site, person)
    page.goto(f"{site}{product}/request")
    page.get_by_label("What will you do").or_(page.locator("#id_purpose")).first.fill(purpose)
    page.locator("main form button:has-text('Request access')").click()
    expect(page.locator("main")).to_contain_text(purpose)
    sign_out(page, site)
    sign_in(page, site, "ana")
    page.goto(f"{site}/approvals")
    request = page.locator("article", has_text=purpose)
    request.locator("input[name=comment]").fill("Welcome")
    request.get_by_role("button", name="Approve", exact=True).click()
    expect(page.locator("main")).to_contain_text("You approved the request")
    sign_out(page, site)
    sign_in(page, site, person)
    page.goto(f"{site}/requests")
    expect(page.locator("article", has_text=purpose)).to_contain_text("Approved by Ana Kovač")
    page.goto(f"{site}{product}/access")
    expect(page.locator("main")).to_contain_text("connect", ignore_case=True)


def tab_to(page: Page, text: str, inside: str) -> None:
    """Press Tab until something with this text has the focus."""
    here = f"""() => document.activeElement.closest({inside!r})
        && (document.activeElement.innerText || document.activeElement.name || '').trim()"""
    for _ in range(120):
        page.keyboard.press("Tab")
        if str(page.evaluate(here) or "").startswith(text):
            return
    pytest.fail(f"{text!r} cannot be reached by Tab")


def test_the_keyboard_alone_suffices(page: Page, site: str) -> None:
    page.goto(site)
    page.keyboard.press("/")
    page.keyboard.type("late claims")
    page.keyboard.press("Enter")
    expect(page.locator(".results")).to_be_visible()
    page.keyboard.press("/")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("Late claims"))
    for tab, address in (("Schema", "schema"), ("Access", "access")):
        tab_to(page, tab, ".tabs")
        page.keyboard.press("Enter")
        page.wait_for_url(f"**/{address}")
    tab_to(page, "Request access", ".page-head-actions")
    page.keyboard.press("Enter")
    page.wait_for_url("**/sign-in**")
    page.keyboard.type("gregor")
    page.keyboard.press("Tab")
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_contain_text("Request access")
    tab_to(page, "purpose", "form")
    page.keyboard.type("Which late claims look odd")
    tab_to(page, "Request access", "main form")
    page.keyboard.press("Enter")
    page.wait_for_url("**/requests")
    expect(page.locator("main")).to_contain_text("Which late claims look odd")


@pytest.mark.parametrize("opened", ["page", "plain_page"])
def test_a_column_is_described_in_place(
    request: pytest.FixtureRequest, site: str, opened: str
) -> None:
    page: Page = request.getfixturevalue(opened)
    sign_in(page, site, "ana")
    page.goto(f"{site}/products/claims/late-claims/schema")
    row = page.locator("tr", has_text="policy_id").first
    row.locator(".in-place summary").click()
    words = f"The policy that covers it ({opened})."
    row.get_by_role("textbox", name="Description of policy_id").fill(words)
    row.get_by_role("button", name="Save").click()
    expect(page.locator("main")).to_contain_text("policy_id is saved")
    expect(page.locator("tr", has_text="policy_id").first).to_contain_text(words)


def sign_out(page: Page, site: str) -> None:
    """Forget the session, as a person on a shared machine would."""
    page.context.clear_cookies()
    page.goto(site)


def test_a_consumer_finds_a_product_and_gets_access_to_it(page: Page, site: str) -> None:
    journey(page, site, "Reserving for the third quarter", "hana", PRODUCT)


def test_the_same_way_works_without_javascript(plain_page: Page, site: str) -> None:
    journey(plain_page, site, "A study of reporting delays", "femke", PRODUCT)


def test_an_edit_shows_at_once_and_where_it_came_from(page: Page, site: str) -> None:
    sign_in(page, site, "ben")
    page.goto(f"{site}{PRODUCT}/edit")
    page.locator("#id_support").fill("#claims-figures")
    page.locator("main form button:has-text('Save')").last.click()
    expect(page.locator("main")).to_contain_text("#claims-figures")
    page.goto(f"{site}{PRODUCT}/edit")
    expect(page.locator("#field-support")).to_contain_text("Edited by Ben Adeyemi")


def test_search_answers_while_typing_and_keeps_its_state_in_the_address(
    page: Page, site: str
) -> None:
    page.goto(f"{site}/search")
    page.locator("main input[type=search], input[type=search]").first.fill("podcast")
    expect(page).to_have_url(re.compile("q=podcast"))
    expect(page.locator("main")).to_contain_text("Podcast")


def test_a_hidden_domain_is_not_there_for_strangers(page: Page, site: str) -> None:
    sign_in(page, site, "femke")
    assert page.goto(f"{site}/domains/special-investigations") is not None
    expect(page.locator("main")).not_to_contain_text("Special Investigations")
    page.goto(f"{site}/domains")
    expect(page.locator("main")).not_to_contain_text("Special Investigations")


@pytest.mark.parametrize("stop", STOPS, ids=lambda stop: stop.name)
def test_axe_finds_nothing(page: Page, site: str, stop: Stop) -> None:
    if stop.who:
        sign_in(page, site, stop.who)
    page.goto(f"{site}{stop.path}")
    results = Axe().run(page)
    found = {v["id"]: [n["target"] for n in v["nodes"]][:3] for v in results.response["violations"]}
    assert found == {}
