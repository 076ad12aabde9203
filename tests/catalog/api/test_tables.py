"""Lists as CSV: what the filters keep, whole, safe to open in a spreadsheet, only what the asker may see."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.test import Client

from catalog.exports.table import cell_text, harmless, plain
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product

pytestmark = pytest.mark.django_db

LISTS = (
    "domains",
    "teams",
    "dataproducts",
    "datasets",
    "checks",
    "objectives",
    "contracts",
    "access-requests",
    "grants",
    "sources",
    "lineage-edges",
)


def table(client: Client, address: str, **headers: str) -> list[dict[str, str]]:
    """Return the rows of a table."""
    answer = client.get(address, headers=headers)
    assert answer.status_code == 200, answer.getvalue()
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))


@pytest.mark.parametrize("name", LISTS)
def test_every_list_is_a_table_of_the_same_fields(mesh: Mesh, client: Client, name: str) -> None:
    make_dataset()
    make_product()
    client.force_login(mesh.admin)
    rows = table(client, f"/api/v1/{name}?format=csv")
    page = client.get(f"/api/v1/{name}").json()
    assert len(rows) == page["total"]
    if rows:
        assert rows[0].keys() == page["results"][0].keys()


def test_the_filters_and_the_order_of_the_list_hold(mesh: Mesh, client: Client) -> None:
    for key in ("b-late", "a-late", "early"):
        make_product(key, tags=["late"] if "late" in key else [])
    rows = table(client, "/api/v1/dataproducts?tag=late&ordering=-displayname&format=csv")
    assert [row["key"] for row in rows] == ["b-late", "a-late"]
    assert rows[0]["tags"] == "late"
    assert rows[0]["owner"] == "Claims Analytics"


def test_more_than_a_page_comes_whole_in_few_queries(
    mesh: Mesh, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(60):
        make_product(f"product-{number}", tags=["a", "b"])
    with django_assert_max_num_queries(15):
        rows = table(client, "/api/v1/dataproducts", Accept="text/csv")
    assert len(rows) == 60
    assert rows[7]["tags"] == "a; b"


def test_a_formula_is_written_as_text_and_read_back(mesh: Mesh, client: Client) -> None:
    make_product(name="=HYPERLINK(1)", description='+1 "quoted",\nnext line')
    answer = client.get("/api/v1/dataproducts?format=csv").getvalue().decode()
    assert "'=HYPERLINK(1)" in answer
    (row,) = csv.DictReader(io.StringIO(answer, newline=""))
    assert plain(row["description"]) == '+1 "quoted",\nnext line'


@pytest.mark.parametrize(
    "text", ["=1+1", "+cmd", "-x", "@a", "\tx", "\rx", "\n=1", "-1e", "--1", "-1,2"]
)
def test_what_a_spreadsheet_would_run_is_guarded(text: str) -> None:
    assert harmless(text) == f"'{text}"
    assert plain(harmless(text)) == text


@pytest.mark.parametrize("text", ["", "a=1", "-1", "-12.5", "+3", "'quoted'", "0"])
def test_what_is_harmless_stays(text: str) -> None:
    assert harmless(text) == text
    assert plain(text) == text


def test_values_are_written_as_people_write_them() -> None:
    assert [cell_text(v) for v in (None, True, [], ["a", "b"], {"a": 1}, [{"a": None}])] == [
        "",
        "true",
        "",
        "a; b",
        '{"a": 1}',
        '[{"a": null}]',
    ]


def test_what_is_hidden_is_in_no_table(mesh: Mesh, client: Client) -> None:
    make_product("zyxquartz", visibility="team")
    make_product()
    assert "zyxquartz" not in client.get("/api/v1/dataproducts?format=csv").getvalue().decode()
    client.force_login(mesh.alice)
    assert "zyxquartz" in client.get("/api/v1/dataproducts?format=csv").getvalue().decode()


@pytest.mark.parametrize(
    ("query", "path"),
    [
        ("?format=xml", "format"),
        ("?format=csv&cursor=x", "cursor"),
        ("?format=csv&pageSize=5", "pageSize"),
        ("?format=csv&colour=red", "colour"),
        ("?format=csv&status=odd", "status"),
        ("?format=csv&ordering=odd", "ordering"),
    ],
)
def test_what_a_table_cannot_be_is_refused(
    mesh: Mesh, client: Client, query: str, path: str
) -> None:
    answer = client.get(f"/api/v1/dataproducts{query}")
    assert answer.status_code == 400
    assert [one["path"] for one in answer.json()["errors"]] == [path]


def test_a_single_row_takes_no_format(mesh: Mesh, client: Client) -> None:
    product = make_product()
    assert client.get(f"/api/v1/dataproducts/{product.guid}?format=csv").status_code == 400
