"""The first page."""

from __future__ import annotations

from django.test import Client

from catalog.access.requests import request_access
from catalog.people.domains import save_domain
from tests.conftest import Mesh
from tests.factories import make_product


def home(client: Client) -> str:
    """Open the first page."""
    response = client.get("/")
    assert response.status_code == 200
    return response.content.decode()


def test_an_empty_mesh_says_so(client: Client, db: None) -> None:
    assert "No domains yet" in home(client)


def test_domains_examples_and_news_come_from_the_mesh(client: Client, mesh: Mesh) -> None:
    make_product("settled-claims", tags=["late"])
    html = home(client)
    assert "Claims" in html
    assert "settled claims" in html
    assert "tag:late" in html
    assert "Settled claims" in html


def test_nothing_hidden_shows(client: Client, mesh: Mesh) -> None:
    make_product("whisper", visibility="team", tags=["hush"])
    save_domain("vault", name="Vault", by=None, visibility="team", team=mesh.team)
    html = home(client)
    for name in ("whisper", "Whisper", "hush", "Vault"):
        assert name not in html


def test_what_waits_is_shown_to_who_can_act(client: Client, mesh: Mesh) -> None:
    product = make_product()
    request_access(product.ports.get(), by=mesh.charlie, purpose="To find late claims.")
    client.force_login(mesh.alice)
    assert "people ask for access" in home(client)
    client.force_login(mesh.charlie)
    assert "people ask for access" not in home(client)


def test_the_theme_is_remembered_without_javascript(client: Client, db: None) -> None:
    assert 'data-theme="' not in home(client).split("<head>")[0]
    response = client.post("/theme", {"next": "/domains"})
    assert response.headers["Location"] == "/domains"
    assert 'data-theme="dark"' in home(client)
    client.post("/theme", {"next": "/"})
    assert 'data-theme="light"' in home(client)


def test_the_theme_form_sends_nobody_away(client: Client, db: None) -> None:
    response = client.post("/theme", {"next": "https://example.org/"})
    assert response.headers["Location"] == "/"
