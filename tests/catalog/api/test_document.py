"""What the API answers is what its document says."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from django.test import Client
from jsonschema import Draft202012Validator

from catalog.search.follow import follow
from tests.catalog.api.test_lists import LISTS
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


@pytest.fixture(scope="module")
def document() -> Mapping[str, Any]:
    found: Mapping[str, Any] = Client().get("/api/v1/openapi.json").json()
    return found


def wrong(document: Mapping[str, Any], path: str, body: object) -> list[str]:
    """Return where an answer differs from what the document says of an address."""
    answer = document["paths"][path]["get"]["responses"]["200"]
    schema = answer["content"]["application/json"]["schema"]
    whole = {**schema, "components": document["components"]}
    errors = Draft202012Validator(whole).iter_errors(body)
    return [f"{error.json_path}: {error.message}" for error in errors]


@pytest.mark.parametrize("name", LISTS)
def test_a_list_and_its_rows_are_as_described(
    client: Client, mesh: Mesh, document: Mapping[str, Any], name: str
) -> None:
    who = mesh.charlie if name in ("access-requests", "grants") else mesh.alice
    client.force_login(who)
    LISTS[name](mesh, 0)
    path = f"/api/v1/{name}"
    listed = client.get(path).json()
    assert listed["results"]
    assert wrong(document, path, listed) == []
    one, key = next(
        (
            (p, p[len(path) + 2 : -1])
            for p in document["paths"]
            if p.startswith(f"{path}/{{") and p.endswith("}")
        ),
        ("", ""),
    )
    if one and "get" in document["paths"][one]:
        row = client.get(f"{path}/{listed['results'][-1][key]}").json()
        assert wrong(document, one, row) == []


def test_lineage_search_and_index_are_as_described(
    client: Client, mesh: Mesh, document: Mapping[str, Any]
) -> None:
    product, dataset = make_product("late-claims"), make_dataset()
    follow()
    for path, address in (
        ("/api/v1/dataproducts/{dataProductGUID}/lineage", f"dataproducts/{product.guid}/lineage"),
        ("/api/v1/datasets/{id}/lineage", f"datasets/{dataset.pk}/lineage"),
        ("/api/v1/datasets/{id}/profile", f"datasets/{dataset.pk}/profile"),
        ("/api/v1/datasets/{id}/sample", f"datasets/{dataset.pk}/sample"),
        ("/api/v1/search", "search?q=claims"),
        ("/api/v1/search", "search?q=claims&kind=dataset"),
        ("/api/v1/suggest", "suggest?q=cl"),
        ("/api/v1/", ""),
    ):
        body = client.get(f"/api/v1/{address}").json()
        assert wrong(document, path, body) == []
