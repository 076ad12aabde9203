"""Contracts in the portal: their versions, two compared, and writing one."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.contracts.publish import publish_contract
from catalog.descriptors import DatasetAddress, PortDescriptor
from catalog.models import Contract
from catalog.standards.reading import of_value, read
from tests.catalog.contracts.test_changes import contract
from tests.conftest import Mesh
from tests.factories import NAMESPACE, column, make_dataset, make_product

PAGE = "/products/claims/settled-claims/contracts"
EDITOR = "/products/claims/settled-claims/contract"


@pytest.fixture
def versions(mesh: Mesh) -> Mesh:
    make_product()
    publish_contract(of_value(contract()), by=mesh.alice)
    publish_contract(of_value(contract("1.1.0", ("id",))), by=mesh.alice)
    return mesh


def test_the_timeline_says_what_each_version_meant(client: Client, versions: Mesh) -> None:
    body = client.get(PAGE).content.decode()
    assert "breaking" in body
    assert "no new major version" in body
    assert "column amount is gone" in body
    assert "Alice Moreau" not in body, "people are named to those who are signed in"
    client.force_login(versions.bob)
    assert "Alice Moreau" in client.get(PAGE).content.decode()
    assert "Write a contract" not in body


def test_any_two_versions_are_compared(client: Client, versions: Mesh) -> None:
    body = client.get(f"{PAGE}?contract=orders&from=1.1.0&to=1.0.0").content.decode()
    assert "1.1.0 → 1.0.0" in body
    assert "has to be delivered" in body
    assert client.get(f"{PAGE}?contract=orders&from=7&to=8").status_code == 200


def test_the_queries_of_the_timeline_do_not_grow(
    client: Client, versions: Mesh, django_assert_max_num_queries: object
) -> None:
    client.force_login(versions.alice)
    client.get(PAGE)
    with django_assert_max_num_queries(40) as few:  # type: ignore[operator]
        client.get(PAGE)
    for number in range(2, 8):
        publish_contract(of_value(contract(f"{number}.0.0", ("id",))), by=versions.alice)
    with django_assert_max_num_queries(len(few)):  # type: ignore[operator]
        client.get(PAGE)


def test_writing_begins_with_what_was_found(client: Client, mesh: Mesh) -> None:
    make_dataset("main.claims", columns=[column("id", nullable=False), column("note", ordinal=1)])
    address = DatasetAddress(namespace=NAMESPACE, name="main.claims")
    make_product(ports=[PortDescriptor(direction="out", name="sql", datasets=[address])])
    client.force_login(mesh.alice)
    answer = client.get(EDITOR)
    assert "A valid contract" in answer.content.decode()
    text = answer.context["found"].text
    assert read(text).content["schema"][0]["properties"][0]["name"] == "id"
    sent = client.post(EDITOR, {"text": text, "do": "publish", "port": "sql"})
    assert sent.status_code == 302, sent.content.decode()
    made = Contract.objects.get()
    assert (made.port_name, made.status, len(made.columns)) == ("sql", "draft", 2)


def test_a_new_version_begins_with_the_one_in_force(client: Client, versions: Mesh) -> None:
    client.force_login(versions.alice)
    text = client.get(f"{EDITOR}?contract=orders").context["found"].text
    assert read(text).content["version"] == "1.2.0"


def test_a_wrong_text_is_judged_and_never_published(client: Client, versions: Mesh) -> None:
    client.force_login(versions.alice)
    for text in ("a: [", "kind: DataContract", "", "x: " + "[" * 5000):
        answer = client.post(EDITOR, {"text": text, "do": "publish"})
        assert (answer.status_code, "Not valid yet" in answer.content.decode()) == (422, True)
    hostile = "a: '<script>alert(1)</script>'"
    assert b"<script>alert" not in client.post(EDITOR, {"text": hostile, "do": "check"}).content
    assert Contract.objects.count() == 2


def test_the_form_writes_into_the_text(client: Client, versions: Mesh) -> None:
    client.force_login(versions.alice)
    text = "apiVersion: v3.2.0\nkind: DataContract\nid: orders\nversion: 1.0.0\nx: kept\n"
    sent = {"text": text, "do": "form", "version": "3.0.0", "id": "orders", "purpose": "To bill."}
    content = read(client.post(EDITOR, sent).context["found"].text).content
    assert content["version"] == "3.0.0"
    assert content["description"] == {"purpose": "To bill."}
    assert content["x"] == "kept"


def test_typing_is_judged_against_the_version_in_force(client: Client, versions: Mesh) -> None:
    client.force_login(versions.alice)
    text = "apiVersion: v3.2.0\nkind: DataContract\nid: orders\nversion: 1.2.0\nstatus: active\n"
    body = client.post(f"{EDITOR}/check", {"text": text}).content.decode()
    assert "breaks consumers" in body
    assert "2.0.0" in body
    assert "<html" not in body


def test_only_who_may_publish_writes(client: Client, versions: Mesh) -> None:
    for person in (versions.charlie, versions.dana):
        client.force_login(person)
        assert client.get(EDITOR).status_code == 404
        assert client.post(f"{EDITOR}/check", {"text": "a: 1"}).status_code == 404
        assert client.post(EDITOR, {"text": "a: 1", "do": "publish"}).status_code == 404
