"""Search as people meet it."""

from __future__ import annotations

import csv
import io

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.search.follow import follow
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset, make_product


@pytest.fixture
def shelf(mesh: Mesh) -> None:
    """A few products in the index, one of them hidden."""
    make_dataset(columns=[column("claim_settled_at", type="timestamp")])
    port = PortDescriptor(
        direction="out",
        name="sql",
        technology="sqlite",
        datasets=[DatasetAddress(namespace=NAMESPACE, name="main.claims")],
    )
    make_product("settled-claims", ports=[port], tags=["late"], description="Paid claims.")
    make_product("claim-notes", status="proposed")
    make_product("whisper-claims", visibility="team", tags=["hush"])
    follow()


def text(client: Client, address: str, **headers: str) -> str:
    """Open a page."""
    response = client.get(address, headers=headers)
    assert response.status_code == 200
    return response.content.decode()


def test_a_question_finds_products_and_says_why(client: Client, shelf: None) -> None:
    html = text(client, "/search?q=claim_settled_at")
    assert "/products/claims/settled-claims" in html
    assert "<mark" in html


def test_the_kind_can_be_switched(client: Client, shelf: None) -> None:
    html = text(client, "/search?q=claims&kind=dataset")
    assert "/datasets/" in html


def test_facets_narrow_and_chips_take_back(client: Client, shelf: None) -> None:
    html = text(client, "/search?q=claim&status=proposed")
    assert "/products/claims/claim-notes" in html
    assert "/products/claims/settled-claims" not in html
    assert "Remove the filter Status" in html


def test_nothing_hidden_shows_in_rows_facets_or_suggestions(client: Client, shelf: None) -> None:
    for address in ("/search", "/search?q=whisper", "/search?tag=hush", "/suggest?q=whi"):
        html = text(client, address)
        assert "Whisper" not in html
        assert "/products/claims/whisper-claims" not in html
        assert ">hush<" not in html


def test_the_team_finds_its_own(client: Client, mesh: Mesh, shelf: None) -> None:
    client.force_login(mesh.bob)
    assert "/products/claims/whisper-claims" in text(client, "/search?q=whisper")


def test_nothing_found_offers_a_way_on(client: Client, shelf: None) -> None:
    html = text(client, "/search?q=zzzzzz+qqqqqq")
    assert "Nothing found for" in html
    assert "the domains" in html


def test_htmx_gets_the_part_alone(client: Client, shelf: None) -> None:
    part = text(client, "/search?q=claims", **{"HX-Request": "true", "HX-Target": "results"})
    assert "<html" not in part
    assert "/products/claims/settled-claims" in part


@pytest.mark.parametrize(
    "query", ["q=%00", "q=" + "x" * 3000, "page=0", "page=99999", "sort=nonsense", "kind=nonsense"]
)
def test_odd_questions_get_an_answer(client: Client, shelf: None, query: str) -> None:
    text(client, f"/search?{query}")


def test_suggestions_open_what_they_name(client: Client, shelf: None) -> None:
    assert "/products/claims/settled-claims" in text(client, "/suggest?q=sett")
    assert text(client, "/suggest?q=").strip() == ""


def test_rows_cost_no_query_each(
    client: Client, shelf: None, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_max_num_queries(22):
        text(client, "/search?q=claims")


def test_what_is_found_can_be_taken_as_a_table(
    mesh: Mesh, client: Client, shelf: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_product("cmd-claims-x", name="=cmd()")
    follow()
    assert 'href="/search.csv?q=claims&amp;status=active"' in text(
        client, "/search?q=claims&status=active&page=1"
    )
    answer = client.get("/search.csv?q=claims&status=active")
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(io.StringIO(answer.getvalue().decode(), newline="")))
    assert {row["displayname"] for row in rows} == {"Settled claims", "'=cmd()"}
    datasets = client.get("/search.csv?kind=dataset").getvalue().decode()
    assert "main.claims" in datasets
    monkeypatch.setattr("portal.views.tables.LOT", 1)
    monkeypatch.setattr("portal.views.tables.MOST", 1)
    assert "truncated" in client.get("/search.csv?q=claims").getvalue().decode()
    assert "whisper" not in client.get("/search.csv").getvalue().decode()
