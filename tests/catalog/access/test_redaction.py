"""What opens with access stays closed in the history of a product, too, wherever it is read."""

from __future__ import annotations

import pytest
from django.test import Client

from catalog.access.requests import decide, request_access
from catalog.descriptors import ContractDescriptor, DatasetAddress, ForeignKey, PortDescriptor
from catalog.models import Dataset, Event, Port, Product
from catalog.outbound.webhooks.deliver import bodies_of
from catalog.people.tokens import make_token
from lineage.intake.harvest import refresh_edges
from tests.conftest import Mesh
from tests.factories import NAMESPACE, declare, make_dataset, make_product, product_descriptor
from tests.guards.test_visibility_matrix import addresses

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


def test_what_is_hidden_has_no_name_in_what_changed(mesh: Mesh) -> None:
    make_dataset("vault.salaries")
    address = DatasetAddress(namespace=NAMESPACE, name="vault.salaries")
    inner = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product("secret-plan", visibility="team", ports=[inner])
    reads = PortDescriptor(direction="in", name="plan", upstream="claims/secret-plan")
    serves = PortDescriptor(direction="out", name="sql", datasets=[address])
    declare(product_descriptor(ports=[serves, reads]))
    declare(product_descriptor(ports=[serves.model_copy(update={"datasets": []})]))
    text = read(mesh, "charlie")
    assert b"settled-claims" in text
    for name in (b"vault.salaries", b"secret-plan"):
        assert name not in text
    assert b"vault.salaries" in read(mesh, "admin")
    events = Event.objects.filter(product_id=Product.objects.get(key="settled-claims").pk)
    sent = b"".join(one.body for one in bodies_of(events).values())
    assert b"settled-claims" in sent
    for name in (b"vault.salaries", b"secret-plan"):
        assert name not in sent


def test_a_foreign_key_to_a_hidden_table_names_none(mesh: Mesh) -> None:
    make_dataset("vault.salaries")
    address = DatasetAddress(namespace=NAMESPACE, name="vault.salaries")
    inner = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product("secret-plan", visibility="team", ports=[inner])
    key = ForeignKey(
        columns=["id"], namespace=NAMESPACE, name="vault.salaries", references=["person"]
    )
    dataset = make_dataset("main.people", foreign_keys=[key])
    client = Client(SERVER_NAME="localhost")
    client.force_login(mesh.charlie)
    seen = client.get(f"/datasets/{dataset.pk}").content
    assert b"salaries" not in seen
    assert b"restricted" in seen
    client.force_login(mesh.alice)
    assert b"salaries" in client.get(f"/datasets/{dataset.pk}").content


def test_the_statement_of_a_view_is_told_to_who_sees_all_it_reads(mesh: Mesh) -> None:
    make_dataset("main.salaries")
    address = DatasetAddress(namespace=NAMESPACE, name="main.salaries")
    inner = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product("secret-plan", visibility="team", ports=[inner])
    view = make_dataset("main.v", kind="view", view_definition="SELECT id FROM main.salaries")
    refresh_edges([view.pk], source="source:shop", at=view.created_at)
    client = Client(SERVER_NAME="localhost")
    client.force_login(mesh.charlie)
    seen = client.get(f"/datasets/{view.pk}").content
    assert b"salaries" not in seen
    assert b"its statement is not shown" in seen
    client.force_login(mesh.alice)
    assert b"FROM main.salaries" in client.get(f"/datasets/{view.pk}").content


TABS = ("schema", "sample", "quality", "objectives", "lineage", "access", "contracts", "changes")
FORMATS = ("application/json", "application/ld+json", "text/turtle", "text/csv", "application/yaml")


def everything(mesh: Mesh, product: Product, dataset: Dataset) -> dict[str, bytes]:
    """Return what a stranger who signed in reads at every address, in every format."""
    client = Client(SERVER_NAME="localhost")
    client.force_login(mesh.charlie)
    pages = dict(addresses(product, dataset, mesh.claims))
    pages |= {f"tab {tab}": f"/products/{product.ref}/{tab}" for tab in TABS}
    pages["state"] = f"/api/v1/dataproducts/{product.guid}/state?since=2020-01-01"
    pages["then"] = f"/products/{product.ref}/changes?since=2020-01-01"
    found = {name: client.get(address).getvalue() for name, address in pages.items()}
    for name, address in pages.items():
        if "api" in address:
            for accept in FORMATS:
                answer = client.get(address, headers={"accept": accept})
                found[f"{name} {accept}"] = answer.getvalue()
    return found


def test_no_address_tells_a_stranger_what_opens_with_access(mesh: Mesh, product: Product) -> None:
    found = everything(mesh, product, make_dataset())
    assert len(found) > 150
    secrets = {*SECRETS, SERVER, b"server-two"}
    assert {n: s for n, text in found.items() if (s := [x for x in secrets if x in text])} == {}


def test_no_address_names_what_is_hidden_behind_a_product_one_sees(mesh: Mesh) -> None:
    make_dataset("vault.salaries")
    address = DatasetAddress(namespace=NAMESPACE, name="vault.salaries")
    inner = PortDescriptor(direction="out", name="sql", datasets=[address])
    make_product("secret-plan", visibility="team", ports=[inner])
    reads = PortDescriptor(direction="in", name="plan", upstream="claims/secret-plan")
    key = ForeignKey(columns=["id"], namespace=NAMESPACE, name="vault.salaries", references=["p"])
    dataset = make_dataset("main.people", foreign_keys=[key])
    seen = DatasetAddress(namespace=NAMESPACE, name="main.people")
    serves = PortDescriptor(direction="out", name="sql", datasets=[seen])
    product = make_product(ports=[serves, reads], successor="claims/secret-plan")
    found = everything(mesh, product, dataset)
    hidden = (b"salaries", b"secret-plan", b"Secret plan")
    assert {n: s for n, text in found.items() if (s := [x for x in hidden if x in text])} == {}


@pytest.mark.parametrize("form", ["odps", "dpds"])
def test_the_descriptor_of_a_gated_product_tells_whom_to_ask_with_access_alone(
    mesh: Mesh, form: str
) -> None:
    odps = {
        "apiVersion": "v1.0.0",
        "kind": "DataProduct",
        "support": [{"url": "first@help.example"}],
    }
    other = {"dataProductDescriptor": "1.0.0", "info": {"owner": {"id": "first@help.example"}}}
    said = odps if form == "odps" else other
    product = make_product(classification="confidential", extra={"document": said})
    for who, sees in (("charlie", False), ("alice", True)):
        client = Client()
        client.force_login(getattr(mesh, who))
        answer = client.get(f"/api/dataproducts/{product.guid}")
        assert answer.status_code == (403 if form == "dpds" and not sees else 200)
        assert (b"first@help" in answer.content) == sees
