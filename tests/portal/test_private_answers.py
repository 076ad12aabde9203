"""What is answered to a person or by the API is kept by nobody; what everybody may see stays as it was."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.conftest import Mesh
from tests.factories import make_product

PRIVATE = "private, no-store"


@pytest.mark.parametrize(
    "address", ["/", "/search", "/profile", "/tokens", "/nowhere", "/api/docs"]
)
def test_pages_of_who_is_signed_in_are_kept_by_nobody(
    client: Client, mesh: Mesh, address: str
) -> None:
    client.force_login(mesh.alice)
    assert client.get(address)["Cache-Control"] == PRIVATE


def test_signing_in_is_kept_by_nobody(client: Client, mesh: Mesh) -> None:
    said = {"username": "alice", "password": "secret-alice"}
    assert client.post("/sign-in", said)["Cache-Control"] == PRIVATE


@pytest.mark.parametrize("address", ["/", "/search", "/api/docs", "/api/schema"])
def test_public_pages_stay_as_they_were(client: Client, mesh: Mesh, address: str) -> None:
    assert not client.get(address).has_header("Cache-Control")


def test_static_files_stay_cacheable(client: Client, mesh: Mesh) -> None:
    page = client.get("/").content.decode()
    style = page.split('rel="stylesheet" href="')[1].split('"')[0]
    client.force_login(mesh.alice)
    answer = client.get(style)
    answer.close()
    assert "public" in answer["Cache-Control"]


def test_answers_of_the_api_are_kept_by_nobody_and_still_have_tags(
    client: Client, mesh: Mesh
) -> None:
    address = f"/api/v1/dataproducts/{make_product().guid}"
    first = client.get(address)
    assert first["Cache-Control"] == PRIVATE
    same = client.get(address, headers={"if-none-match": first["ETag"]})
    assert (same.status_code, same["Cache-Control"]) == (304, PRIVATE)
    assert client.get("/api/v1/nothing")["Cache-Control"] == PRIVATE
