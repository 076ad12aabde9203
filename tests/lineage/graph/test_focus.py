"""What a focus may be: the explorer's page and REST accept and refuse the same texts."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.models import Column, Dataset, Product
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


@pytest.fixture
def rows(mesh: Mesh) -> tuple[Dataset, Product]:
    dataset = make_dataset("payments")
    Column.objects.create(dataset=dataset, path="amount:eur", ordinal=0)
    return dataset, make_product("settled-claims")


def statuses(client: Client, focus: str) -> tuple[int, int]:
    """Return what the page answers and what REST answers."""
    page = client.get("/lineage", {"focus": focus})
    rest = client.get("/api/v1/lineage-graph", {"focus": focus})
    return page.status_code, rest.status_code


@pytest.mark.parametrize(
    "form",
    [
        "dataset:{dataset.pk}",
        "column:{dataset.pk}:amount:eur",
        "product:{product.guid}",
        "product:{product.pk}",
    ],
)
def test_what_names_something_is_shown_by_both(
    client: Client, mesh: Mesh, rows: tuple[Dataset, Product], form: str
) -> None:
    client.force_login(mesh.alice)
    dataset, product = rows
    assert statuses(client, form.format(dataset=dataset, product=product)) == (200, 200)


@pytest.mark.parametrize(
    "form",
    ["dataset:999999", "column:{dataset.pk}:unheard-of", "product:unheard-of", "job:999999"],
)
def test_what_is_unknown_is_not_found_by_either(
    client: Client, mesh: Mesh, rows: tuple[Dataset, Product], form: str
) -> None:
    client.force_login(mesh.alice)
    assert statuses(client, form.format(dataset=rows[0])) == (404, 404)


@pytest.mark.parametrize(
    "text",
    [
        "dataset:",
        "dataset:1:x",
        "dataset:²",
        "column:{dataset.pk}",
        "column:{dataset.pk}:",
        "job:-1",
        "table:1",
        "x",
    ],
)
def test_what_is_malformed_is_shown_by_neither_and_rest_says_what_is_allowed(
    client: Client, mesh: Mesh, rows: tuple[Dataset, Product], text: str
) -> None:
    client.force_login(mesh.alice)
    focus = text.format(dataset=rows[0])
    assert statuses(client, focus) == (404, 400)
    answer = client.get("/api/v1/lineage-graph", {"focus": focus})
    assert "column:<dataset id>:<path>" in answer.content.decode()
