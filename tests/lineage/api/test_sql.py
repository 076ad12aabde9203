"""SQL lineage over REST: resolved to what one may see, and not a word of the rest."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.people.domains import save_domain
from lineage.sql.work import MAX_LENGTH
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset


def read(client: Client, sql: str, **said: Any) -> dict[str, Any]:
    answer = client.post(
        "/api/v1/lineage/sql", {"sql": sql, **said}, content_type="application/json"
    )
    assert answer.status_code == 200, answer.json()
    found: dict[str, Any] = answer.json()
    return found


def test_a_star_is_resolved_with_the_catalog(client: Client, mesh: Mesh) -> None:
    row = make_dataset("shop.public.claim", columns=[column("id"), column("amount")])
    client.force_login(mesh.alice)
    found = read(
        client,
        "INSERT INTO late SELECT * FROM claim WHERE amount > 1",
        dialect="postgres",
        namespace=NAMESPACE,
    )
    (statement,) = found["statements"]
    assert statement["kind"] == "insert"
    assert statement["reads"][0]["dataset"]["id"] == f"d{row.pk}"
    assert statement["writes"] == [{"name": "late", "dataset": None}]
    assert {(c["fromColumn"], c["toColumn"], c["how"]) for c in statement["columns"]} == {
        ("id", "id", "IDENTITY"),
        ("amount", "amount", "IDENTITY"),
        ("amount", "", "FILTER"),
    }


def test_the_schema_says_which_of_two_is_meant(client: Client, mesh: Mesh) -> None:
    first = make_dataset("shop.sales.orders")
    make_dataset("shop.archive.orders")
    client.force_login(mesh.alice)
    bare = read(client, "SELECT * FROM orders", namespace=NAMESPACE)
    assert bare["whole"]["reads"][0]["dataset"] is None
    named = read(client, "SELECT * FROM orders", namespace=NAMESPACE, schema="shop.sales")
    assert named["whole"]["reads"][0]["dataset"]["id"] == f"d{first.pk}"


def test_what_is_hidden_looks_as_what_is_unknown(client: Client, mesh: Mesh) -> None:
    save_domain("siu", name="Investigations", by=None, visibility="team", team=mesh.other_team)
    make_dataset("main.suspects", domain="siu", team="policy-team")
    client.force_login(mesh.alice)
    hidden = read(client, "SELECT * FROM main.suspects", namespace=NAMESPACE)
    unknown = read(client, "SELECT * FROM main.nothings", namespace=NAMESPACE)
    assert str(hidden).replace("suspects", "nothings") == str(unknown)
    client.force_login(mesh.charlie)
    seen = read(client, "SELECT * FROM main.suspects", namespace=NAMESPACE)
    assert {c["fromColumn"] for c in seen["whole"]["columns"]} == {"id", "note"}


def test_what_cannot_be_read_says_why(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.alice)
    found = read(client, "SELECT 1; SELECT FROM ((")
    assert found["statements"][0]["problem"] is None
    assert "cannot be read" in found["statements"][1]["problem"]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sql": 5},
        {"sql": "SELECT 1", "dialect": "klingon"},
        {"sql": "SELECT 1", "colour": "red"},
        {"sql": "x" * (MAX_LENGTH + 1)},
    ],
)
def test_a_bad_body_is_refused(client: Client, mesh: Mesh, body: dict[str, Any]) -> None:
    client.force_login(mesh.alice)
    answer = client.post("/api/v1/lineage/sql", body, content_type="application/json")
    assert answer.status_code == 422


def test_a_stranger_has_no_statements_read(client: Client, mesh: Mesh) -> None:
    answer = client.post(
        "/api/v1/lineage/sql", {"sql": "SELECT 1"}, content_type="application/json"
    )
    assert answer.status_code in (401, 403)
