"""The same way on PostgreSQL, Redis and Elasticsearch: found, judged, asked for, granted, edited, found again."""

from __future__ import annotations

import json
import urllib.request

import pytest
from playwright.sync_api import Page, expect

from tests.e2e.test_journey import PRODUCT, journey
from tests.e2e.tour import sign_in

pytestmark = [pytest.mark.timeout(600), pytest.mark.services]


def test_the_journey_on_real_engines(page: Page, real_site: str) -> None:
    journey(page, real_site, "Reserving for the third quarter", "hana", PRODUCT)


def test_the_journey_on_real_engines_without_javascript(plain_page: Page, real_site: str) -> None:
    journey(plain_page, real_site, "A study of reporting delays", "femke", PRODUCT)


def test_an_edit_is_found_by_the_index_soon(page: Page, real_site: str) -> None:
    sign_in(page, real_site, "ben")
    page.goto(f"{real_site}{PRODUCT}/edit")
    page.locator("#id_description").fill("What zymurgy costs, claim by claim.")
    page.locator("main form button:has-text('Save')").last.click()
    expect(page.locator("main")).to_contain_text("zymurgy")
    for _ in range(20):
        page.goto(f"{real_site}/search?q=zymurgy")
        if page.locator(".results").get_by_text("Claim cost").count():
            return
        page.wait_for_timeout(500)
    pytest.fail("the edit was not found within ten seconds")


def test_every_engine_is_in_use(page: Page, real_site: str) -> None:
    with urllib.request.urlopen(f"{real_site}/readyz", timeout=10) as answer:
        assert json.load(answer)["ready"] is True
    sign_in(page, real_site, "ivo")
    page.goto(f"{real_site}/operator")
    expect(page.locator("main")).to_contain_text("search:elasticsearch")
    assert page.locator("main").get_by_text("The broker is away").count() == 0
