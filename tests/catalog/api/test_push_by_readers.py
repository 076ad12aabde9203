"""A token that only reads may ask what a push would change: what a pipeline of a pull request does."""

from __future__ import annotations

import json

import pytest
from django.test import Client

from catalog.models import Product
from catalog.people.tokens import make_token
from tests.conftest import Mesh

LINE = {
    "kind": "DataProduct",
    "apiVersion": "v1.1.0",
    "id": "g-orders",
    "name": "Orders",
    "domain": "claims",
    "team": {"name": "claims-team"},
}


@pytest.mark.parametrize(
    ("query", "status"), [("", 403), ("?dryRun=false", 403), ("?dryRun=true", 200)]
)
def test_a_token_that_reads_asks_and_does_not_push(
    query: str, status: int, client: Client, mesh: Mesh
) -> None:
    secret = make_token(mesh.alice, name="r", scope="read", days=1)[1]
    answer = client.post(
        f"/api/v1/push{query}",
        data=json.dumps(LINE),
        content_type="application/x-ndjson",
        headers={"x-api-key": secret},
    )
    assert answer.status_code == status
    if status == 200:
        assert answer.json()["summary"]["created"] == 1
    assert not Product.objects.exists()


def test_nobody_asks_nothing(client: Client, mesh: Mesh) -> None:
    kind = "application/x-ndjson"
    assert client.post("/api/v1/push?dryRun=true", data="{}", content_type=kind).status_code == 401
