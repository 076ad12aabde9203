"""Whatever a body holds, the answer is a problem that names the field, never a crash."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.access.requests import request_access
from tests.catalog.api.test_lists import grow_sources
from tests.catalog.api.test_products import body
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product

VALUES: tuple[Any, ...] = (
    None,
    True,
    0,
    -1,
    1.5,
    10**30,
    "",
    " ",
    "a\0b",
    "x" * 100_001,
    "\u202e\U0001f600",
    [],
    [[]],
    [None],
    [1],
    ["a\0b"],
    ["x" * 70],
    ["x"] * 1000,
    {},
    {"a": {"b": []}},
    "9999-12-31",
    "0001-01-01",
    "NaN",
)
PUT = (*body(), "archetype", "status", "classification", "visibility", "version", "support", "tags")
PATCH = (
    "displayname",
    "description",
    "createDate",
    "status",
    "archetype",
    "version",
    "tags",
    "classification",
    "visibility",
    "support",
    "sourceCodeLocation",
    "requiredSecurityGroup",
    "successor",
    "sunsetOn",
    "certified",
)


@pytest.fixture
def calls(
    client: Client, mesh: Mesh
) -> dict[str, tuple[str, str, dict[str, Any], tuple[str, ...]]]:
    """Every call with a body: method, address, a good body, the fields to spoil."""
    client.force_login(mesh.alice)
    product, dataset = make_product(), make_dataset()
    grow_sources(mesh, 0)
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="x")
    new = {"product": product.guid, "port": "sql", "purpose": "x"}
    guid = product.guid
    said = {**body(), "dataProductGUID": guid, "readableDataProductKey": str(product.ref)}
    column = {"path": "note"}
    return {
        "put": ("put", f"dataproducts/{guid}", said, PUT),
        "patch": ("patch", f"dataproducts/{guid}", {}, PATCH),
        "dataset": (
            "patch",
            f"datasets/{dataset.pk}",
            {},
            ("displayName", "description", "tags", "columns"),
        ),
        "column": (
            "patch",
            f"datasets/{dataset.pk}",
            column,
            ("path", "description", "sensitivity", "unmasked"),
        ),
        "request": (
            "post",
            "access-requests",
            new,
            ("product", "port", "purpose", "note", "team", "endsOn"),
        ),
        "decision": ("post", f"access-requests/{asked.pk}/reject", {}, ("comment",)),
        "run": ("post", "runs", {"source": "s0"}, ("source", "confirmRemoval")),
        "token": ("post", "tokens", {"name": "t"}, ("name", "scope", "days")),
        "read": ("post", "notifications/read", {}, ("ids",)),
    }


@pytest.mark.parametrize(
    "name",
    ["put", "patch", "dataset", "column", "request", "decision", "run", "token", "read"],
)
def test_no_value_of_any_field_breaks_a_call(
    client: Client,
    calls: dict[str, tuple[str, str, dict[str, Any], tuple[str, ...]]],
    name: str,
) -> None:
    method, address, good, fields = calls[name]
    odd = []
    for field in fields:
        for value in VALUES:
            sent: Any = {**good, field: value}
            if name == "column":
                sent = {"columns": [sent]}
            answer = getattr(client, method)(f"/api/v1/{address}", sent, "application/json")
            if answer.status_code < 300 or (field == "certified" and answer.status_code == 403):
                continue  # taken; or to be said by stewards alone
            problem = answer.json()
            is_named = any(field in error["path"] for error in problem.get("errors", ()))
            if answer.status_code not in (409, 422) or not (is_named or answer.status_code == 409):
                odd.append((field, str(value)[:20], answer.status_code, str(problem)[:200]))
    assert odd == []


@pytest.mark.parametrize("sent", [b"null", [], "text", 5, True, [{}]])
def test_what_is_no_object_is_refused(
    client: Client,
    calls: dict[str, tuple[str, str, dict[str, Any], tuple[str, ...]]],
    sent: object,
) -> None:
    for method, address, _, _ in calls.values():
        answer = getattr(client, method)(f"/api/v1/{address}", sent, "application/json")
        assert answer.status_code in (400, 422), (address, answer.content)
        assert answer["Content-Type"] == "application/problem+json"


def test_a_body_without_a_length_is_not_taken_for_an_empty_one(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.alice)
    headers = {"Transfer-Encoding": "chunked"}
    answer = client.generic(
        "PUT", "/api/v1/dataproducts/g", content_type="application/json", headers=headers
    )
    assert answer.status_code == 411
    assert answer["Content-Type"] == "application/problem+json"
