"""The first steps on the home page of an installation."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone

from catalog.people.domains import save_domain
from catalog.people.teams import save_team
from portal.models import Installation
from tests.conftest import Mesh
from tests.factories import make_product, make_user


@pytest.fixture
def admin(client: Client, db: None) -> Client:
    """The first admin of an empty installation."""
    client.force_login(make_user("first", is_superuser=True))
    return client


def home(client: Client) -> str:
    return client.get("/").content.decode()


def change(client: Client, **said: str) -> str:
    answer = client.post("/first-steps", said, follow=True)
    assert answer.redirect_chain == [("/", 302)]
    return str(answer.content.decode())


def test_each_step_leads_to_where_it_is_done(admin: Client) -> None:
    page = home(admin)
    assert 'href="/products/new"' not in page
    for address in ("/domains/new", "/teams/new", "/people/invitations", "/sources/new"):
        assert f'href="{address}"' in page
        assert admin.get(address).status_code == 200
    save_team("first", name="First", domain=save_domain("sales", name="Sales", by=None), by=None)
    assert home(admin).count("Done") == 2
    assert 'href="/products/new"' in home(admin)
    assert admin.get("/products/new").status_code == 200


def test_the_name_stands_on_the_first_page(client: Client, mesh: Mesh) -> None:
    client.force_login(mesh.admin)
    assert "Alpine Insurance" in change(client, do="name", name=" Alpine Insurance ")
    client.force_login(mesh.charlie)
    assert "Alpine Insurance" in home(client)


def test_a_step_is_skipped_and_taken_up_again(admin: Client) -> None:
    assert "Skipped" in change(admin, do="skip", step="source")
    assert "Skipped" not in change(admin, do="take-up", step="source")
    change(admin, do="skip", step="no such step")
    assert Installation.objects.get().skipped == []


def test_it_goes_when_all_is_done_or_skipped_or_it_is_hidden(client: Client, mesh: Mesh) -> None:
    make_product()
    client.force_login(mesh.admin)
    assert "First steps" in home(client)
    assert "First steps" not in change(client, do="skip", step="source")
    assert "First steps" in change(client, do="take-up", step="source")
    assert "First steps" not in change(client, do="end")


@pytest.mark.parametrize("who", ["alice", "charlie", "dana"])
def test_nobody_but_admins_sees_or_changes_it(client: Client, mesh: Mesh, who: str) -> None:
    client.force_login(getattr(mesh, who))
    assert "First steps" not in home(client)
    assert client.post("/first-steps", {"do": "end"}).status_code == 404
    Installation.objects.create(pk=1, name="Kept", first_steps_ended_at=timezone.now())
    assert client.post("/first-steps", {"do": "name", "name": "Taken"}).status_code == 404
    assert Installation.objects.get().name == "Kept"
