"""Lineage over the API: direction, depth, and nothing hidden by name."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from catalog.descriptors import PortDescriptor
from catalog.models import Dataset, Product
from lineage.models import Edge, EdgeKind
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product


@pytest.fixture
def chain(mesh: Mesh) -> list[Product]:
    """Make `first -> hidden -> third -> fourth`."""
    made: list[Product] = []
    for key in ("first", "hidden", "third", "fourth"):
        ports = []
        if made:
            ports = [PortDescriptor(direction="in", name="src", upstream=str(made[-1].ref))]
        visibility = "team" if key == "hidden" else "everyone"
        made.append(make_product(key, ports=ports, visibility=visibility))
    return made


def read(client: Client, product: Product, query: str = "") -> dict[str, Any]:
    found: dict[str, Any] = client.get(f"/api/v1/dataproducts/{product.guid}/lineage{query}").json()
    return found


def levels(graph: dict[str, Any]) -> dict[int, str]:
    return {node["level"]: node["name"] for node in graph["nodes"]}


def test_a_product_shows_both_sides_and_keeps_the_path_through_what_is_hidden(
    client: Client, chain: list[Product]
) -> None:
    graph = read(client, chain[2])
    assert levels(graph) == {-2: "First", -1: "Restricted", 0: "Third", 1: "Fourth"}
    nodes = {node["level"]: node for node in graph["nodes"]}
    assert nodes[-1]["kind"] == "restricted"
    assert nodes[-1]["dataProductGUID"] is None
    assert nodes[0]["isFocus"] is True
    assert nodes[1]["dataProductGUID"] == chain[3].guid
    flows = {(edge["upstream"], edge["downstream"]) for edge in graph["edges"]}
    assert (nodes[-2]["id"], nodes[-1]["id"]) in flows
    assert chain[1].guid not in str(graph)


def test_direction_and_depth_say_how_far(client: Client, mesh: Mesh, chain: list[Product]) -> None:
    client.force_login(mesh.alice)
    assert levels(read(client, chain[1], "?direction=upstream")) == {-1: "First", 0: "Hidden"}
    down = read(client, chain[0], "?direction=downstream&depth=2")
    assert levels(down) == {0: "First", 1: "Hidden", 2: "Third"}
    assert (down["direction"], down["depth"], down["truncated"]) == ("downstream", 2, None)


def test_what_is_hidden_has_no_lineage(client: Client, chain: list[Product]) -> None:
    assert read(client, chain[1])["status"] == 404
    domainless = make_dataset("main.x")
    Dataset.objects.filter(pk=domainless.pk).update(audience="team:0")
    assert client.get(f"/api/v1/datasets/{domainless.pk}/lineage").status_code == 404


def test_a_dataset_shows_what_it_reads_in_as_many_queries_for_many(
    client: Client, mesh: Mesh, django_assert_max_num_queries: Any
) -> None:
    focus = make_dataset("main.focus")
    for n in range(20):
        Edge.objects.create(
            upstream=make_dataset(f"main.t{n}"),
            downstream=focus,
            kind=EdgeKind.VIEW,
            source="x",
        )
    with django_assert_max_num_queries(9):
        graph = client.get(f"/api/v1/datasets/{focus.pk}/lineage").json()
    assert len(graph["nodes"]) == 21
    assert {node["dataset"] for node in graph["nodes"] if node["isFocus"]} == {focus.pk}
