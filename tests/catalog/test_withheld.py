"""What opens with access stays closed in the history of a product, too, wherever it is read."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.access.requests import decide, request_access
from catalog.descriptors import ContractDescriptor, PortDescriptor
from catalog.models import Event, Port, Product
from catalog.services.tokens import make_token
from catalog.webhooks.deliver import bodies_of
from tests.conftest import Mesh
from tests.factories import declare, product_descriptor

SECRETS = {b"first@help.example", b"second@help.example", b"host-one", b"host-two"}
SERVER = b"server-one"
BATCH = "application/cloudevents-batch+json"


def say(number: str, help_at: str, **more: object) -> Product:
    way = PortDescriptor(direction="out", name="sql", location=f"postgres://host-{number}/claims")
    added = PortDescriptor(direction="out", name=f"api-{number}", location=f"https://host-{number}")
    document = {"id": "terms", "servers": [{"host": f"server-{number}"}]}
    terms = ContractDescriptor(key="terms", version=f"1-{number}", document=document)
    return declare(
        product_descriptor(
            classification="confidential",
            support=f"{help_at}@help.example",
            ports=[way, added],
            contracts=[terms],
        )
    )


@pytest.fixture
def product(mesh: Mesh) -> Product:
    """A confidential product whose contact, addresses and contract changed."""
    say("one", "first")
    return say("two", "second")


def read(mesh: Mesh, name: str) -> bytes:
    """Return everything that pages and feeds tell a person of what happened."""
    user = getattr(mesh, name)
    client = Client(SERVER_NAME="localhost")
    client.force_login(user)
    secret = make_token(user, name="t", scope="read", days=1)[1]
    page = "/products/claims/settled-claims"
    told = [client.get(address).content for address in (page, f"{page}/changes", "/activity")]
    for accept in ("application/json", BATCH):
        head = {"x-api-key": secret, "accept": accept}
        answer = Client(SERVER_NAME="localhost").get("/api/v1/events", headers=head)
        assert answer.status_code == 200
        told.append(answer.content)
    return b"".join(told)


def test_a_stranger_reads_that_it_changed_and_not_what_opens_with_access(
    mesh: Mesh, product: Product
) -> None:
    text = read(mesh, "charlie")
    assert {secret for secret in {*SECRETS, SERVER} if secret in text} == set()
    assert b"opens with access" in text
    assert b"ports[out,sql,1].location" in text


def test_owners_and_grantees_read_it(mesh: Mesh, product: Product) -> None:
    assert {secret for secret in SECRETS if secret in read(mesh, "alice")} == SECRETS
    port = Port.objects.get(product=product, name="sql")
    asked = request_access(port, by=mesh.charlie, purpose="Reserving")
    decide(asked, by=mesh.alice, approve=True)
    assert b"second@help.example" in read(mesh, "charlie")


def test_webhooks_never_send_it(mesh: Mesh, product: Product) -> None:
    sent = b"".join(one.body for one in bodies_of(Event.objects.all()).values())
    assert b"product.updated" in sent
    assert {secret for secret in {*SECRETS, SERVER} if secret in sent} == set()


def test_nothing_is_withheld_of_an_open_product(mesh: Mesh, product: Product) -> None:
    Product.objects.update(classification="internal")
    assert b"second@help.example" in read(mesh, "charlie")
