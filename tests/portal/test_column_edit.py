"""Columns described in place, on the schema of a product or dataset."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.governance.namespaces import NewOwner, grant_namespace
from catalog.models import Column, Dataset, Layer
from catalog.registry.edit import edit
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset, make_product

PATH = "id"


@pytest.fixture
def dataset(mesh: Mesh) -> Dataset:
    """A dataset behind a product, its first column described by the harvest."""
    made = make_dataset(columns=[column("id", description="Row number."), column("note")])
    port = PortDescriptor(
        direction="out",
        name="sql",
        datasets=[DatasetAddress(namespace=NAMESPACE, name="main.claims")],
    )
    make_product(ports=[port])
    return made


def said(dataset: Dataset) -> str:
    """Return what is written on the column now."""
    return Column.objects.get(dataset=dataset, path=PATH).description


def send(client: Client, dataset: Dataset, **fields: str) -> tuple[int, str]:
    """Post the form of the column; return the status and where it leads or what it shows."""
    answer = client.post(f"/datasets/{dataset.pk}/column", {"path": PATH, **fields})
    text = answer.headers.get("Location", "") or answer.content.decode()
    return answer.status_code, text


def test_an_engineer_describes_a_column_on_the_products_schema(
    client: Client, mesh: Mesh, dataset: Dataset
) -> None:
    client.force_login(mesh.bob)
    html = client.get("/products/claims/settled-claims/schema").content.decode()
    assert "Edit the description of id" in html
    assert "Harvest of shop" in html
    status, place = send(client, dataset, description="Claim number.", back="product")
    assert status == 302
    assert place == f"/products/claims/settled-claims/schema?dataset={dataset.pk}#c.id"
    assert said(dataset) == "Claim number."
    html = " ".join(client.get(place.split("#")[0]).content.decode().split())
    assert "Edited by Bob Osei" in html
    assert "the harvest says “Row number.”" in html


def test_an_edit_is_taken_back_to_what_the_harvest_says(
    client: Client, mesh: Mesh, dataset: Dataset
) -> None:
    client.force_login(mesh.bob)
    send(client, dataset, description="Claim number.")
    assert send(client, dataset, take_back="1", back="dataset")[0] == 302
    assert said(dataset) == "Row number."


def test_the_team_of_the_product_describes_what_it_serves_in_its_domain(
    client: Client, mesh: Mesh, dataset: Dataset
) -> None:
    shared = NewOwner.of(None, mesh.claims)  # the teams of a domain share what belongs to it
    grant_namespace(NAMESPACE, "main.intake", shared, by=mesh.admin)
    near = make_dataset("main.intake", team=None)
    far = make_dataset("main.cover", domain="policy", team="policy-team")
    names = [DatasetAddress(namespace=NAMESPACE, name=one.name) for one in (near, far)]
    make_product("late-claims", ports=[PortDescriptor(direction="out", name="x", datasets=names)])
    client.force_login(mesh.bob)
    assert send(client, near, description="Claim number.")[0] == 302
    assert said(near) == "Claim number."
    assert send(client, far, description="Not ours.")[0] == 404


@pytest.mark.parametrize("who", ["charlie", "anonymous"])
def test_others_are_offered_nothing_and_change_nothing(
    client: Client, mesh: Mesh, dataset: Dataset, who: str
) -> None:
    if who == "charlie":
        client.force_login(mesh.charlie)
    for page in ("/products/claims/settled-claims/schema", f"/datasets/{dataset.pk}"):
        assert "Edit the description" not in client.get(page).content.decode()
    status, _ = send(client, dataset, description="Mine now.")
    assert status == (404 if who == "charlie" else 302)
    assert said(dataset) == "Row number."


def test_two_people_at_once_see_both_versions_and_lose_nothing(
    client: Client, mesh: Mesh, dataset: Dataset
) -> None:
    opened = Dataset.objects.get(pk=dataset.pk).revision_number
    edit(dataset, changes={"columns[id].description": "Hers."}, by=mesh.alice)
    client.force_login(mesh.bob)
    status, html = send(client, dataset, description="His.", revision=str(opened))
    assert status == 409
    assert "Hers." in html
    assert "His." in html
    assert said(dataset) == "Hers."
    now = Dataset.objects.get(pk=dataset.pk).revision_number
    assert f'name="revision" value="{now}"' in html
    assert send(client, dataset, description="His.", revision=str(now))[0] == 302
    assert said(dataset) == "His."


def test_the_same_form_twice_changes_once(client: Client, mesh: Mesh, dataset: Dataset) -> None:
    client.force_login(mesh.bob)
    opened = str(Dataset.objects.get(pk=dataset.pk).revision_number)
    for _ in range(2):
        assert send(client, dataset, description="Claim number.", revision=opened)[0] == 302
    assert Dataset.objects.get(pk=dataset.pk).revision_number == int(opened) + 1


@pytest.mark.parametrize(
    ("field", "value"),
    [("sensitivity", "very-secret"), ("description", "nul \0 byte"), ("revision", "x" * 500)],
)
def test_broken_input_is_refused_with_a_message(
    client: Client, mesh: Mesh, dataset: Dataset, field: str, value: str
) -> None:
    client.force_login(mesh.bob)
    layers = Layer.objects.count()
    status, html = send(client, dataset, **{field: value})
    if field == "revision":
        assert status == 302
    elif "\0" in value:
        assert status == 400
    else:
        assert status == 422
        assert "Nothing was saved" in html
    assert said(dataset) == "Row number."
    assert Layer.objects.count() == layers


def test_an_unknown_column_is_not_found(client: Client, mesh: Mesh, dataset: Dataset) -> None:
    client.force_login(mesh.bob)
    for path in ("nope", ""):
        assert client.get(f"/datasets/{dataset.pk}/column", {"path": path}).status_code == 404


def test_a_found_column_opens_at_its_row(client: Client, mesh: Mesh, dataset: Dataset) -> None:
    html = client.get("/products/claims/settled-claims/schema?column=note").content.decode()
    row = html[html.index('id="c.note"') :].split(">")[0]
    assert "is-target" in row
