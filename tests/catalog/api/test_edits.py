"""Editing over the API: the names of a GET, checked values, nothing overwritten."""

from __future__ import annotations

from typing import Any

import pytest

from catalog.models import Dataset, Product
from catalog.registry.edit import edit
from tests.catalog.api.conftest import Call
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


@pytest.fixture
def product(mesh: Mesh) -> Product:
    return make_product("settled-claims", tags=["old"])


@pytest.fixture
def address(product: Product) -> str:
    return f"/api/v1/dataproducts/{product.guid}"


CHANGES: dict[str, Any] = {
    "displayname": "Settled and paid claims",
    "description": "One row per **claim**.",
    "createDate": "2025-02-03",
    "status": "deprecated",
    "archetype": "aggregate",
    "version": "2.1",
    "tags": ["late", "paid"],
    "classification": "internal",
    "visibility": "signed-in",
    "support": "#claims",
    "sourceCodeLocation": "https://git.example.org/c",
    "requiredSecurityGroup": "grp-claims",
    "sunsetOn": "2027-01-31",
}


def test_what_get_shows_is_what_patch_takes(call: Call, address: str) -> None:
    answer = call("bob", "patch", address, CHANGES)
    assert answer.status_code == 200, answer.content
    shown = call("bob", "get", address).json()
    assert {name: shown[name] for name in CHANGES} == CHANGES
    again = call("bob", "patch", address, {name: shown[name] for name in CHANGES})
    assert again.json()["revision"] == shown["revision"]


def test_a_successor_is_named_by_its_guid(call: Call, address: str) -> None:
    heir = make_product("claims-two")
    assert call("alice", "patch", address, {"successor": heir.guid}).status_code == 200
    assert call("alice", "get", address).json()["successor"] == heir.guid
    assert call("alice", "patch", address, {"successor": None}).json()["successor"] is None
    refused = call("alice", "patch", address, {"successor": "no-such-guid"})
    assert refused.json()["errors"][0]["path"] == "successor"


def test_optional_words_are_cleared(call: Call, address: str) -> None:
    call("alice", "patch", address, {"archetype": "aggregate", "visibility": "signed-in"})
    answer = call("alice", "patch", address, {"archetype": None, "visibility": ""})
    assert (answer.json()["archetype"], answer.json()["visibility"]) == ("", "")


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"domain": "nope"}, "domain", "PUT"),
        ({"owner": "policy-team"}, "owner", "PUT"),
        ({"team": "policy-team"}, "team", "PUT"),
        ({"dataProductGUID": "x"}, "dataProductGUID", "never"),
        ({"name": "x"}, "name", "displayname"),
        ({"source_code_location": "x"}, "source_code_location", "sourceCodeLocation"),
        ({"revision": 7}, "revision", "unknown field"),
        ({"status": "sleeping"}, "status", "proposed, active, deprecated, retired"),
        ({"description": 5}, "description", "write a text"),
        ({"certified": "yes"}, "certified", "true or false"),
        ({"tags": "late"}, "tags", "list"),
        ({"tags": [1]}, "tags[0]", "write a text"),
        ({"displayname": ""}, "displayname", "blank"),
        ({"description": None}, "description", "null"),
        ({"sunsetOn": "soon"}, "sunsetOn", "YYYY"),
        ({"sourceCodeLocation": "x" * 1001}, "sourceCodeLocation", "1000"),
        ({"description": "a\0b"}, "description", "ull characters"),
    ],
)
def test_what_cannot_be_written_is_refused_with_what_can(
    call: Call, product: Product, address: str, changes: dict[str, Any], path: str, said: str
) -> None:
    answer = call("alice", "patch", address, changes)
    assert answer.status_code == 422, answer.content
    problem = answer.json()["errors"][0]
    assert problem["path"] == path
    assert said in problem["message"]
    assert Product.objects.get().revision_number == product.revision_number


def test_one_wrong_field_keeps_the_others_from_being_written(call: Call, address: str) -> None:
    call("alice", "patch", address, {"version": "9", "status": "sleeping"})
    assert call("alice", "get", address).json()["version"] == ""


def test_only_those_who_may_edit_do(call: Call, address: str) -> None:
    assert call("charlie", "patch", address, {"version": "9"}).status_code == 403
    assert call("anonymous", "patch", address, {"version": "9"}).status_code == 401
    assert call("dana", "patch", address, {"version": "9"}).status_code == 200


def test_an_owner_does_not_certify_an_own_product(call: Call, address: str) -> None:
    assert call("alice", "patch", address, {"certified": True}).status_code == 403
    assert call("dana", "patch", address, {"certified": True}).json()["certified"] is True


def test_an_empty_patch_changes_nothing(call: Call, product: Product, address: str) -> None:
    answer = call("alice", "patch", address, {})
    assert answer.status_code == 200
    assert answer.json()["revision"] == product.revision_number


@pytest.fixture
def dataset(mesh: Mesh) -> Dataset:
    return make_dataset()


def test_a_dataset_and_its_columns_are_edited(call: Call, dataset: Dataset) -> None:
    address = f"/api/v1/datasets/{dataset.pk}"
    changes = {
        "description": "All claims.",
        "tags": ["core"],
        "columns": [{"path": "note", "description": "Free words.", "sensitivity": "free-text"}],
    }
    answer = call("bob", "patch", address, changes)
    assert answer.status_code == 200, answer.content
    shown = call("bob", "get", address).json()
    assert (shown["description"], shown["tags"]) == ("All claims.", ["core"])
    note = next(column for column in shown["columns"] if column["path"] == "note")
    assert (note["description"], note["sensitivity"]) == ("Free words.", "free-text")
    assert len(shown["columns"]) == 2


@pytest.mark.parametrize(
    ("changes", "path", "said"),
    [
        ({"columns": [{"path": "nope", "description": "x"}]}, "columns[0].path", "id, note"),
        ({"columns": [{"path": "id", "type": "text"}]}, "columns[0].type", "unknown field"),
        ({"columns": [{"description": "x"}]}, "columns[0].path", "required"),
        ({"columns": ["id"]}, "columns[0]", "object"),
        ({"rowCount": 5}, "rowCount", "unknown field"),
    ],
)
def test_a_wrong_edit_of_a_dataset_names_the_place(
    call: Call, dataset: Dataset, changes: dict[str, Any], path: str, said: str
) -> None:
    answer = call("alice", "patch", f"/api/v1/datasets/{dataset.pk}", changes)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["path"] == path
    assert said in answer.json()["errors"][0]["message"]


def test_only_an_owner_lets_values_be_shown(call: Call, dataset: Dataset) -> None:
    address = f"/api/v1/datasets/{dataset.pk}"
    changes = {"columns": [{"path": "note", "unmasked": True}]}
    refused = call("bob", "patch", address, changes)
    assert refused.status_code == 422
    assert refused.json()["errors"][0]["path"] == "columns[note].unmasked"
    assert call("alice", "patch", address, changes).status_code == 200


def test_a_stale_edit_is_refused_and_a_current_one_taken(
    call: Call, mesh: Mesh, product: Product, address: str, dataset: Dataset
) -> None:
    tag = call("alice", "get", address)["ETag"]
    edit(product, changes={"version": "8"}, by=mesh.bob)
    stale = call("alice", "patch", address, {"version": "9"}, {"If-Match": tag})
    assert stale.status_code == 412
    assert call("alice", "get", address).json()["version"] == "8"
    tag = call("alice", "get", address)["ETag"]
    answer = call("alice", "patch", address, {"version": "9"}, {"If-Match": tag})
    assert answer.status_code == 200
    assert answer["ETag"] == call("alice", "get", address)["ETag"]
    where = f"/api/v1/datasets/{dataset.pk}"
    refused = call("alice", "patch", where, {"description": "x"}, {"If-Match": '"0-0"'})
    assert refused.status_code == 412
