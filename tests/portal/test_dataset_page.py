"""The page of a dataset."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Dataset, User
from tests.conftest import Mesh
from tests.factories import NAMESPACE, make_dataset, make_product

TABS = ("", "/sample", "/quality", "/lineage", "/changes")


@pytest.mark.parametrize("tab", TABS)
@pytest.mark.parametrize("who", ["bob", "anonymous"])
def test_each_tab_opens_in_fifteen_queries_and_a_graph_in_ten_more(
    client: Client,
    mesh: Mesh,
    who: str,
    tab: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    dataset = make_dataset()
    user = mesh.people[who]
    if isinstance(user, User):
        client.force_login(user)
    with django_assert_max_num_queries(25 if tab == "/lineage" else 15):
        response = client.get(f"/datasets/{dataset.pk}{tab}")
    assert response.status_code == 200
    assert NAMESPACE in response.content.decode()


@pytest.mark.parametrize("tab", TABS)
def test_a_dataset_behind_a_hidden_product_is_not_found(
    client: Client, mesh: Mesh, tab: str
) -> None:
    dataset = make_dataset()
    address = DatasetAddress(namespace=NAMESPACE, name="main.claims")
    port = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product(visibility="team", ports=[port])
    assert client.get(f"/datasets/{dataset.pk}{tab}").status_code == 404
    client.force_login(mesh.bob)
    assert client.get(f"/datasets/{dataset.pk}{tab}").status_code == 200


def test_a_dataset_that_is_gone_says_so(client: Client, mesh: Mesh) -> None:
    dataset = make_dataset()
    Dataset.objects.filter(pk=dataset.pk).update(gone_at=timezone.now())
    assert "no longer found it" in client.get(f"/datasets/{dataset.pk}").content.decode()


def test_columns_and_definition_show(client: Client, mesh: Mesh) -> None:
    dataset = make_dataset(kind="view", view_definition="SELECT id FROM claims")
    html = client.get(f"/datasets/{dataset.pk}").content.decode()
    assert "note" in html
    assert "SELECT id FROM claims" in html


def test_unknown_datasets_and_tabs_are_not_found(client: Client, mesh: Mesh) -> None:
    dataset = make_dataset()
    assert client.get("/datasets/999999").status_code == 404
    assert client.get(f"/datasets/{dataset.pk}/nonsense").status_code == 404
