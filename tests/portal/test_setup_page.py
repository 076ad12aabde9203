"""Whoever has the link of an empty installation makes the first admin's account, and is signed in."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.conf import LazySettings
from django.test import Client

from catalog.models import User
from catalog.people.setup import make_setup_link

ANA = {
    "display_name": "Ana Ruiz",
    "email": "ana@example.org",
    "username": "ana",
    "password1": "harbour-lantern-42",
    "password2": "harbour-lantern-42",
}


@pytest.fixture
def link(db: None, settings: LazySettings, tmp_path: Path) -> str:
    settings.DATA_DIR = tmp_path
    return f"/setup/{make_setup_link(tmp_path)}"


def test_the_link_leads_to_an_account_and_home(client: Client, link: str) -> None:
    page = client.get(link)
    assert "Set up Gazetteer" in page.content.decode()
    assert "no-store" in page["Cache-Control"]
    home = client.post(link, ANA, follow=True)
    assert home.redirect_chain == [("/", 302)]
    assert "Welcome, Ana Ruiz" in home.content.decode()
    user = User.objects.get()
    assert (user.username, user.email, user.is_superuser) == ("ana", "ana@example.org", True)
    assert client.get("/operator").status_code == 200


def test_a_used_link_is_not_found(client: Client, link: str) -> None:
    client.post(link, ANA)
    for other in (client, Client()):
        assert other.get(link).status_code == 404
        assert other.post(link, {**ANA, "username": "eve"}).status_code == 404
    assert User.objects.count() == 1


def test_a_wrong_link_is_not_found(client: Client, link: str) -> None:
    assert client.get("/setup/gz_wrong").status_code == 404
    assert client.post("/setup/gz_wrong", ANA).status_code == 404
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"password1": "password", "password2": "password"}, "too common"),
        ({"password2": "another-one-42"}, "match"),
        ({"email": "ana"}, "valid email"),
        ({"username": ""}, "required"),
    ],
)
def test_what_cannot_be_used_is_said_and_the_link_stays(
    client: Client, link: str, wrong: dict[str, str], said: str
) -> None:
    page = client.post(link, {**ANA, **wrong})
    assert page.status_code == 422
    assert said in page.content.decode()
    assert client.post(link, ANA).status_code == 302


def test_nobody_is_brought_here_by_another_site(link: str) -> None:
    assert Client(enforce_csrf_checks=True).post(link, ANA).status_code == 403
    assert not User.objects.exists()


def test_who_comes_without_the_link_is_told_where_it_is(client: Client, link: str) -> None:
    said = "Open the link that <code>gazetteer-server</code> printed"
    assert said in client.get("/sign-in").content.decode()
    client.post(link, ANA)
    assert said not in Client().get("/sign-in").content.decode()
