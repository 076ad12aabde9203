"""The page that documents the API shows every call, without scripts and foreign hosts."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.test import Client

from tests.conftest import Mesh


@pytest.fixture
def page(client: Client, db: None) -> str:
    return client.get("/api/docs").content.decode()


def test_every_call_and_schema_of_the_document_is_on_the_page(client: Client, page: str) -> None:
    document = client.get("/api/v1/openapi.json").json()
    for path, methods in document["paths"].items():
        for method, said in methods.items():
            assert f'id="{said["operationId"]}"' in page, (method, path)
            assert path in page
    for name, schema in document["components"]["schemas"].items():
        if schema.get("properties") and not name.startswith("Paginated"):
            assert f'id="schema-{name}"' in page


def test_the_document_is_also_at_a_short_address(client: Client, db: None) -> None:
    committed = (Path(__file__).parents[2] / "docs" / "openapi.yaml").read_text()
    assert client.get("/api/schema").content.decode() == committed


def test_every_link_within_the_page_leads_somewhere(page: str) -> None:
    targets = set(re.findall(r'\bid="([^"]+)"', page))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= targets


def test_every_id_is_there_once(page: str) -> None:
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))


def test_the_page_needs_no_script_and_no_other_host(client: Client, page: str) -> None:
    assert re.findall(r"<script(?![^>]*\bsrc=)", page) == []
    assert re.findall(r"\bstyle=|\bon\w+=\"", page) == []
    sources = re.findall(r'(?:src|href)="(https?:[^"]+)"', page)
    assert sources == []
    assert "script-src 'self'" in client.get("/api/docs")["Content-Security-Policy"]


def test_examples_call_this_site_and_send_what_is_needed(page: str) -> None:
    assert "curl -X PUT http://testserver/api/v1/dataproducts/ed457526" in page
    assert "readableDataProductKey" in page
    assert "&quot;displayname&quot;" in page or '"displayname"' in page


def test_footer_and_profile_lead_to_it(client: Client, mesh: Mesh) -> None:
    assert 'href="/api/docs"' in client.get("/").content.decode()
    client.force_login(mesh.alice)
    assert client.get("/profile").content.decode().count('href="/api/docs"') == 2
