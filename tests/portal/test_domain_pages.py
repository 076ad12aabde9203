"""Domains and teams."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.descriptors import PortDescriptor
from catalog.people.domains import save_domain
from catalog.people.teams import save_team
from tests.conftest import Mesh
from tests.factories import declare, make_product, product_descriptor


def text(client: Client, address: str) -> str:
    """Open a page."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_the_tree_lists_visible_domains(client: Client, mesh: Mesh) -> None:
    save_domain("vault", name="Vault", by=None, visibility="team", team=mesh.team)
    html = text(client, "/domains")
    assert "Insurance" in html
    assert "Claims" in html
    assert "Vault" not in html


def test_a_domain_shows_products_teams_and_flows(client: Client, mesh: Mesh) -> None:
    make_product()
    reads = PortDescriptor(direction="in", name="claims", upstream="claims/settled-claims")
    declare(product_descriptor("premiums", domain="policy", team="policy-team", ports=[reads]))
    html = text(client, "/domains/claims")
    assert "Settled claims" in html
    assert "Claims Analytics" in html
    assert "Flows out" in html
    assert "Premiums" in html


def test_hidden_products_do_not_show_in_flows(client: Client, mesh: Mesh) -> None:
    make_product()
    reads = PortDescriptor(direction="in", name="claims", upstream="claims/settled-claims")
    declare(
        product_descriptor(
            "whisper", domain="policy", team="policy-team", visibility="team", ports=[reads]
        )
    )
    assert "Whisper" not in text(client, "/domains/claims")
    assert "Whisper" not in text(client, "/domains/policy")


@pytest.mark.parametrize("address", ["/domains/nowhere", "/teams/nobody"])
def test_what_does_not_exist_is_not_found(client: Client, mesh: Mesh, address: str) -> None:
    assert client.get(address).status_code == 404


def test_a_hidden_domain_and_its_team_are_not_found(client: Client, mesh: Mesh) -> None:
    vault = save_domain("vault", name="Vault", by=None, visibility="team", team=mesh.team)
    save_team("keepers", name="Keepers", domain=vault, by=None)
    client.force_login(mesh.charlie)
    assert client.get("/domains/vault").status_code == 404
    assert client.get("/teams/keepers").status_code == 404


def test_people_of_a_team_are_for_those_signed_in(client: Client, mesh: Mesh) -> None:
    make_product()
    assert "Alice Moreau" not in text(client, "/teams/claims-team")
    client.force_login(mesh.charlie)
    html = text(client, "/teams/claims-team")
    assert "Alice Moreau" in html
    assert "Settled claims" in html


def test_products_of_a_domain_are_paged(client: Client, mesh: Mesh) -> None:
    for number in range(53):
        make_product(f"product-{number:02}")
    first = text(client, "/domains/claims")
    assert "1–50 of 53" in first
    assert "51–53 of 53" in text(client, "/domains/claims?page=2")
    assert "51–53 of 53" in text(client, "/domains/claims?page=999")
    assert "1–50 of 53" in text(client, "/domains/claims?page=minus")


def test_stewards_decide_what_becomes_of_breaking_contracts(client: Client, mesh: Mesh) -> None:
    address = "/domains/claims/breaking-changes"
    client.force_login(mesh.charlie)
    assert client.post(address, {"breaking_changes": "refuse"}).status_code == 403
    assert "breaking_changes" not in text(client, "/domains/claims")
    assert "Take it and warn" in text(client, "/domains/claims")
    client.force_login(mesh.dana)
    assert 'value="flag" selected' in text(client, "/domains/claims")
    answer = client.post(address, {"breaking_changes": "refuse"}, follow=True)
    assert "Refuse it until it has a new major version" in answer.content.decode()
    assert 'value="refuse" selected' in answer.content.decode()
    wrong = client.post(address, {"breaking_changes": "shrug"}, follow=True).content.decode()
    assert "is no policy; allowed are flag, refuse" in wrong
    assert 'value="refuse" selected' in wrong
