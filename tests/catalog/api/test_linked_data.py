"""Products as DCAT and DPROD: valid, whole, the same in both forms, and only what the asker may see."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pyshacl import validate
from rdflib import Graph, Literal, Namespace, URIRef
from rdflib.compare import isomorphic
from rdflib.namespace import DCTERMS, RDF

from catalog.descriptors import ContractDescriptor, DatasetAddress, PortDescriptor
from catalog.models import Product
from catalog.people.domains import save_domain
from tests.conftest import Mesh
from tests.factories import NAMESPACE, make_dataset, make_product

pytestmark = pytest.mark.django_db

ADDRESS = "/api/v1/exports/dcat"
SHAPES = Path(__file__).with_name("linked_data_shapes.ttl")
DPROD = Namespace("https://www.omg.org/spec/DPROD/")
DCAT = Namespace("http://www.w3.org/ns/dcat#")
BASE = "http://127.0.0.1:8000"
ODD = 'Löss "ratio" \\ <b>\n\tline\x01 two\' 👍 .'


def text_of(client: Client, query: str = "", **headers: str) -> str:
    """Return what an export holds."""
    answer = client.get(ADDRESS + query, headers=headers)
    assert answer.status_code == 200, answer.getvalue()
    return answer.getvalue().decode()


def graph_of(client: Client, query: str = "", form: str = "turtle") -> Graph:
    """Return an export as a graph; nothing outside is fetched."""
    sign = "&" if query else "?"
    graph = Graph()
    name = "json-ld" if form == "jsonld" else form
    return graph.parse(data=text_of(client, f"{query}{sign}format={form}"), format=name)


@pytest.fixture
def product(mesh: Mesh) -> Product:
    """A product with all that can be said of one, and the product it reads."""
    make_dataset("main.claims", description=ODD)
    make_dataset("raw/odd name#1?.csv")
    make_product("claims-register", ports=[])
    return make_product(
        name=ODD.replace("\n", " "),
        description=ODD,
        version="2.1.0",
        classification="internal",
        tags=["late", 'q"uote'],
        contracts=[ContractDescriptor(key="claims contract/1", version="1.2.0", port="sql")],
        ports=[
            PortDescriptor(
                direction="out",
                name="sql",
                technology="sqlite",
                datasets=[DatasetAddress(namespace=NAMESPACE, name="main.claims")],
            ),
            PortDescriptor(
                direction="in",
                name="raw",
                upstream="claims/claims-register",
                datasets=[DatasetAddress(namespace=NAMESPACE, name="raw/odd name#1?.csv")],
            ),
        ],
    )


# rdflib 7 reads JSON-LD through a class of its own that it deprecates.
@pytest.mark.filterwarnings("ignore:ConjunctiveGraph is deprecated:DeprecationWarning")
def test_both_forms_hold_the_same_and_keep_to_the_shapes(client: Client, product: Product) -> None:
    said = graph_of(client)
    assert isomorphic(said, graph_of(client, form="jsonld"))
    conforms, _, report = validate(said, shacl_graph=Graph().parse(SHAPES), advanced=True)
    assert conforms, report


def test_the_shapes_tell_what_is_missing(client: Client, product: Product) -> None:
    said = graph_of(client)
    said.remove((None, DCTERMS.identifier, None))
    assert not validate(said, shacl_graph=Graph().parse(SHAPES))[0]


def test_a_product_is_told_with_ports_datasets_contract_and_origin(
    client: Client, product: Product
) -> None:
    said = graph_of(client, f"?product={product.guid}")
    iri = URIRef(f"{BASE}/products/claims/settled-claims")
    assert list(said.subjects(RDF.type, DPROD.DataProduct)) == [iri]
    expected = ODD.replace("\x01", "\ufffd")
    assert said.value(iri, DCTERMS.description) == Literal(expected)
    assert {str(v) for v in said.objects(iri, DCAT.keyword)} == {"late", 'q"uote'}
    (port,) = said.objects(iri, DPROD.outputPort)
    (contract,) = said.objects(port, DCTERMS.conformsTo)
    assert str(contract) == f"{BASE}/api/v1/contracts/claims%20contract%2F1?version=1.2.0"
    (served,) = said.objects(port, DCAT.servesDataset)
    assert said.value(served, DCTERMS.identifier) == Literal(f"{NAMESPACE} main.claims")
    (read,) = said.objects(iri, DPROD.inputDataset)
    assert said.value(read, DCTERMS.identifier) == Literal(f"{NAMESPACE} raw/odd name#1?.csv")
    origin = said.value(iri, URIRef("http://www.w3.org/ns/prov#wasDerivedFrom"))
    assert str(origin) == f"{BASE}/products/claims/claims-register"


def test_a_domain_holds_what_lies_below_it_and_nothing_else(mesh: Mesh, client: Client) -> None:
    save_domain("claims-eu", name="Claims EU", parent=mesh.claims, by=None)
    make_product()
    make_product("far", domain="claims-eu")
    make_product("else", domain="policy", team="policy-team")
    said = graph_of(client, "?domain=claims")
    found = {str(iri).rpartition("/")[2] for iri in said.subjects(RDF.type, DPROD.DataProduct)}
    assert found == {"settled-claims", "far"}


def test_what_is_hidden_is_in_no_export(mesh: Mesh, client: Client) -> None:
    make_dataset("main.zyxquartz")
    hidden = make_product("zyxquartz", visibility="team")
    address = DatasetAddress(namespace=NAMESPACE, name="main.zyxquartz")
    make_product(
        "zyxquartz-source",
        visibility="team",
        ports=[PortDescriptor(direction="out", name="sql", datasets=[address])],
    )
    make_product(
        ports=[
            PortDescriptor(
                direction="in", name="raw", upstream="claims/zyxquartz", datasets=[address]
            )
        ]
    )
    for form in ("turtle", "jsonld"):
        said = text_of(client, f"?format={form}")
        assert "zyxquartz" not in said
        assert hidden.guid not in said
    assert client.get(f"{ADDRESS}?product={hidden.guid}").status_code == 404
    client.force_login(mesh.alice)
    assert "zyxquartz" in text_of(client)


def test_the_form_follows_the_accept_header_unless_one_is_named(
    client: Client, product: Product
) -> None:
    for accept, kind in (
        ("*/*", "application/ld+json"),
        ("application/json", "application/ld+json"),
        ("application/ld+json", "application/ld+json"),
        ("text/turtle", "text/turtle"),
    ):
        answer = client.get(ADDRESS, headers={"Accept": accept})
        assert answer["Content-Type"] == f"{kind}; charset=utf-8"
        assert "Accept" in answer["Vary"]
    answer = client.get(f"{ADDRESS}?format=turtle", headers={"Accept": "application/ld+json"})
    assert answer["Content-Type"].startswith("text/turtle")
    assert client.get(ADDRESS, headers={"Accept": "text/csv"}).status_code == 406


def test_an_unchanged_export_is_not_sent_again_and_a_hidden_change_is_no_change(
    mesh: Mesh, client: Client, product: Product
) -> None:
    tag = client.get(ADDRESS)["ETag"]
    make_product("unseen", visibility="team")
    answer = client.get(ADDRESS, headers={"If-None-Match": tag})
    assert (answer.status_code, answer.getvalue()) == (304, b"")
    assert client.get(f"{ADDRESS}?format=turtle")["ETag"] != tag
    make_product("seen")
    assert client.get(ADDRESS, headers={"If-None-Match": tag}).status_code == 200
    client.force_login(mesh.alice)
    assert client.get(ADDRESS)["ETag"] != tag


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("?format=xml", 400),
        ("?colour=red", 400),
        ("?product=a&domain=b", 400),
        ("?product=nobody", 404),
        ("?domain=nobody", 404),
        ("?domain=", 404),
    ],
)
def test_what_cannot_be_exported_is_refused(
    mesh: Mesh, client: Client, query: str, status: int
) -> None:
    answer = client.get(ADDRESS + query, headers={"Accept": "text/turtle"})
    assert answer.status_code == status
    assert json.loads(answer.getvalue())["status"] == status


def test_queries_do_not_grow_with_products(
    mesh: Mesh, client: Client, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        make_dataset(f"main.t{number}")
        address = DatasetAddress(namespace=NAMESPACE, name=f"main.t{number}")
        port = PortDescriptor(direction="out", name="sql", datasets=[address])
        make_product(f"product-{number}", ports=[port])
    with django_assert_max_num_queries(20):
        said = text_of(client)
    assert said.count('dprod:DataProduct"') == 30


def test_a_product_is_issued_on_the_day_of_the_moment_that_its_team_wrote(
    client: Client, mesh: Mesh
) -> None:
    make_product(ports=[], created_on="2025-02-03T22:30:00+02:00")
    days = {str(day) for day in graph_of(client).objects(None, DCTERMS.issued)}
    assert "2025-02-03" in days
