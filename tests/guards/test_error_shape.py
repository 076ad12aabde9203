"""Whatever is wrong with a call, the answer is a problem document."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from catalog.people.tokens import make_token
from tests.conftest import Mesh


@pytest.mark.parametrize(
    ("sent", "code"),
    [
        (b"{broken", 400),
        (b'{"owner":"\xff"}', 400),
        (b'{"description":"\\ud800"}', 400),
        (b"[" * 100_000, 400),
        (b'{"a":' * 5_000 + b"1" + b"}" * 5_000, 400),
        (json.dumps({"description": "x" * 10_000_000}).encode(), 413),
        (b'{"description":"a\\u0000b"}', 422),
        (b"[]", 422),
    ],
    ids=["broken", "bytes", "surrogate", "deep", "deep-closed", "large", "nul", "list"],
)
def test_a_bad_body_is_a_problem(client: Client, mesh: Mesh, sent: bytes, code: int) -> None:
    secret = make_token(mesh.alice, name="t", scope="write", days=1)[1]
    answer = client.put(
        "/api/v1/dataproducts/g-1",
        sent,
        content_type="application/json",
        headers={"x-api-key": secret},
    )
    assert answer.status_code == code
    assert answer["Content-Type"] == "application/problem+json"
    assert answer.json()["status"] == code


@pytest.mark.parametrize("address", ["/api/v1/nothing", "/api/nothing", "/api/v1/datasets/abc"])
def test_an_unknown_address_is_a_problem(client: Client, db: None, address: str) -> None:
    answer = client.get(address)
    assert answer.status_code == 404
    assert answer["Content-Type"] == "application/problem+json"
