"""Markdown pages become parts of the product's description."""

from __future__ import annotations

from gazetteer.pages import Page, described, read_page


def page(path: str, text: str) -> Page:
    found = read_page(path, text)
    assert found is not None
    return found


def test_pages_become_the_parts_of_the_description() -> None:
    pages = [
        page("README.md", "Orders of *all* shops.\n"),
        page("limits.md", "---\npart: limitations\n---\nNo returns.\n"),
        page("joins.md", "---\ntitle: Joins\n---\n# Joins\n\nBy id.\n"),
    ]
    made = described({"id": "a"}, pages)
    assert made["description"] == {
        "purpose": "Orders of *all* shops.",
        "limitations": "No returns.",
        "usage": "### Joins\n\nBy id.",
    }


def test_pages_follow_the_usage_of_the_document() -> None:
    content = {"description": {"usage": "Daily.", "customProperties": []}}
    made = described(content, [page("a.md", "---\ntitle: A\n---\nText\n")])
    assert made["description"] == {"usage": "Daily.\n\n### A\n\nText", "customProperties": []}
    assert content["description"]["usage"] == "Daily."


def test_a_readme_gives_way_to_the_purpose_of_the_document() -> None:
    made = described({"description": {"purpose": "Bills."}}, [page("README.md", "Code.")])
    assert made["description"] == {"purpose": "Bills."}


def test_a_page_without_front_matter_is_none() -> None:
    assert read_page("docs/build.md", "# Build\n") is None
    assert read_page("docs/build.md", "---\nlayout: x\n---\n# Build\n") is None


def test_links_into_the_folder_are_told() -> None:
    text = "---\ntitle: A\n---\nsee [b](b.md), [c](https://c.org), [d](#d)\n"
    assert page("a.md", text).notes == (
        (4, "the link to b.md leads nowhere outside of this folder"),
    )
