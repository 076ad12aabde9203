"""The pages of the demo worth looking at, and as whom."""

from __future__ import annotations

from dataclasses import dataclass

from playwright.sync_api import Page

from portal.demo.people import PASSWORD


@dataclass(frozen=True, slots=True)
class Stop:
    """One page; `who` is a user name of the demo, empty for a visitor."""

    name: str
    path: str
    who: str = ""


PRODUCT = "/products/claims/late-claims"

STOPS = (
    Stop("home-visitor", "/"),
    Stop("home", "/", "ana"),
    Stop("search", "/search?q=late+claims", "elif"),
    Stop("search-empty", "/search?q=quantumfoo"),
    Stop("product", PRODUCT, "elif"),
    *(
        Stop(f"product-{tab}", f"{PRODUCT}/{tab}", "elif")
        for tab in ("schema", "sample", "quality", "objectives", "lineage", "access", "changes")
    ),
    Stop("product-granted", "/products/claims/claim-cost/access", "elif"),
    Stop("product-deprecated", "/products/actuarial/loss-triangles-quarterly", "elif"),
    *(
        Stop(f"dataset-{tab}", f"/datasets/39/{tab}", "ivo")
        for tab in ("schema", "sample", "quality", "lineage", "changes")
    ),
    Stop("search-datasets", "/search?kind=dataset&q=customer", "elif"),
    Stop("domains", "/domains"),
    Stop("domain", "/domains/claims", "ana"),
    Stop("team", "/teams/claims-analytics", "ana"),
    Stop("map", "/map"),
    Stop("lineage", "/lineage", "ana"),
    Stop("explorer", "/lineage?focus=product:1&level=dataset&depth=3", "ana"),
    Stop("explorer-columns", "/lineage?focus=dataset:39&depth=2&columns=39", "ivo"),
    Stop("impact", "/lineage/impact?focus=product:1", "ana"),
    Stop("jobs", "/jobs", "ivo"),
    Stop("my-requests", "/requests", "elif"),
    Stop("approvals", "/approvals", "ana"),
    Stop("my-products", "/my/products", "ana"),
    Stop("request", f"{PRODUCT}/request", "elif"),
    Stop("edit", f"{PRODUCT}/edit", "ana"),
    Stop("edit-dataset", "/datasets/39/edit", "ivo"),
    Stop("new-product", "/products/new", "ana"),
    Stop("delete-product", f"{PRODUCT}/delete", "ana"),
    Stop("sources", "/sources", "ivo"),
    Stop("source", "/sources/claims", "ivo"),
    Stop("source-edit", "/sources/claims/edit", "ivo"),
    Stop("source-new", "/sources/new", "ivo"),
    Stop("people", "/people", "ivo"),
    Stop("person", "/people/1", "ivo"),
    Stop("edit-column", "/datasets/39/column?path=claim_id", "ivo"),
    Stop("runs", "/runs", "ivo"),
    Stop("run", "/runs/1", "ivo"),
    Stop("activity", "/activity", "ana"),
    Stop("notifications", "/notifications?show=all", "ana"),
    Stop("profile", "/profile", "ana"),
    Stop("tokens", "/profile/tokens", "ana"),
    Stop("operator", "/operator", "ivo"),
    Stop("api-docs", "/api/docs"),
    Stop("sign-in", "/sign-in"),
    Stop("not-found", "/products/claims/no-such"),
)


def sign_in(page: Page, base: str, who: str) -> None:
    """Sign in as a person of the demo."""
    page.goto(f"{base}/sign-in")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.locator("main form button:has-text('Sign in')").first.click()
    page.wait_for_load_state("load")
