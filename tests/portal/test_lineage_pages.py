"""The lineage explorer and the map."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.descriptors import PortDescriptor
from tests.conftest import Mesh
from tests.factories import declare, make_dataset, make_product, product_descriptor


def text(client: Client, address: str) -> str:
    """Open a page."""
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


def reader(key: str, upstream: str, **fields: str) -> None:
    """Declare a product that reads another."""
    reads = PortDescriptor(direction="in", name="input", upstream=upstream)
    declare(product_descriptor(key, ports=[reads], **fields))


def test_the_explorer_offers_where_to_start(client: Client, mesh: Mesh) -> None:
    assert "Nothing to follow yet" in text(client, "/lineage")
    make_product()
    assert "Settled claims" in text(client, "/lineage")


def test_a_graph_is_a_table_too(client: Client, mesh: Mesh) -> None:
    product = make_product()
    reader("late-claims", "claims/settled-claims")
    html = text(client, f"/lineage?focus=product:{product.pk}")
    assert "<lineage-graph" in html
    assert "data-flows" in html
    assert "Late claims" in html


def test_direction_and_depth_come_from_the_address(client: Client, mesh: Mesh) -> None:
    product = make_product()
    reader("late-claims", "claims/settled-claims")
    html = text(client, f"/lineage?focus=product:{product.pk}&direction=upstream&depth=5")
    assert "Late claims" not in html
    assert "Late claims" in text(client, f"/lineage?focus=product:{product.pk}&depth=nonsense")


@pytest.mark.parametrize("focus", ["product:0", "product:x", "dataset:", "thing:1", "product"])
def test_an_impossible_focus_is_not_found(client: Client, mesh: Mesh, focus: str) -> None:
    assert client.get("/lineage", {"focus": focus}).status_code == 404


def test_a_hidden_focus_is_not_found(client: Client, mesh: Mesh) -> None:
    product = make_product(visibility="team")
    assert client.get(f"/lineage?focus=product:{product.pk}").status_code == 404


def test_a_dataset_can_be_the_focus(client: Client, mesh: Mesh) -> None:
    dataset = make_dataset()
    assert "No flows known" in text(client, f"/lineage?focus=dataset:{dataset.pk}")


def test_the_map_names_nothing_hidden(client: Client, mesh: Mesh) -> None:
    assert "Nothing on the map yet" in text(client, "/map")
    make_product()
    reader("whisper", "claims/settled-claims", visibility="team")
    html = text(client, "/map")
    assert "<mesh-map" in html
    assert "Settled claims" in html
    assert "Whisper" not in html
