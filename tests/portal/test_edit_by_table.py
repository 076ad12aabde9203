"""The page where a table edits many products."""

from __future__ import annotations

import html
import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from catalog.models import Product
from tests.conftest import Mesh
from tests.factories import make_product

pytestmark = pytest.mark.django_db

ADDRESS = "/my/products/table"


def upload(client: Client, table: str, status: int = 200) -> str:
    """Send a file and return the page."""
    file = SimpleUploadedFile("products.csv", table.encode(), content_type="text/csv")
    answer = client.post(ADDRESS, {"file": file, "what": "try"})
    assert answer.status_code == status
    return answer.content.decode()


def test_what_would_change_is_seen_before_it_is_written(mesh: Mesh, client: Client) -> None:
    make_product(description="Old <b>.")
    client.force_login(mesh.alice)
    table = (
        "readableDataProductKey,description,status\r\n"
        'claims/settled-claims,"\nNew </textarea>,\r\n""quoted"".",\r\nclaims/nobody,x,\r\n'
    )
    page = upload(client, table)
    assert "What would change" in page
    assert "1 changed, 0 unchanged, 1 refused" in page
    assert "Old &lt;b&gt;." in page
    assert Product.objects.get().description == "Old <b>."
    kept = re.search(r'<textarea name="table" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    assert kept is not None
    again = {"table": html.unescape(kept[1]), "what": "write"}
    assert "1 product changed." in client.post(ADDRESS, again).content.decode()
    assert Product.objects.get().description == 'New </textarea>,\r\n"quoted".'


def test_what_is_no_table_is_said(mesh: Mesh, client: Client) -> None:
    client.force_login(mesh.alice)
    assert "is no column" in upload(client, "colour\nred\n", status=422)
    assert client.post(ADDRESS, {"what": "write"}).status_code == 422


def test_the_page_is_for_people_who_edit_and_linked_from_their_products(
    mesh: Mesh, client: Client
) -> None:
    assert client.get(ADDRESS).status_code == 302
    client.force_login(mesh.alice)
    assert client.get(ADDRESS).status_code == 200
    assert ADDRESS in client.get("/my/products").content.decode()
