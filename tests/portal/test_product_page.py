"""The product page: what it answers, for whom, at what cost."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from catalog.access.requests import decide, request_access
from catalog.descriptors import (
    ColumnProfile,
    ContractDescriptor,
    DatasetAddress,
    FrequentValue,
    Observation,
    PortDescriptor,
    ProductDescriptor,
    PromisedColumn,
)
from catalog.models import Check, Objective, Product, Result, Score, User
from catalog.registry.observe import observe
from tests.conftest import Mesh
from tests.factories import (
    NAMESPACE,
    SYSTEM,
    column,
    declare,
    make_dataset,
    make_product,
    make_user,
    product_descriptor,
)

TABS = ("schema", "sample", "quality", "objectives", "lineage", "access", "changes")
ADDRESS = "/products/claims/settled-claims"


def port(name: str = "main.claims", **more: Any) -> PortDescriptor:
    """An output port that serves one dataset."""
    address = DatasetAddress(namespace=NAMESPACE, name=name)
    return PortDescriptor(
        direction="out", name="sql", technology="sqlite", datasets=[address], **more
    )


@pytest.fixture
def product(mesh: Mesh) -> Product:
    """A product with a dataset, a profile, a sample, a check and a promise."""
    dataset = make_dataset(
        columns=[
            column("id", type="integer", primary_key=True, nullable=False),
            column("email", sensitivity="email", sensitivity_reason="the name says so"),
            column("reserve", type="number", description="Money kept back."),
        ]
    )
    made = make_product(ports=[port()], description="Every **settled** claim.", tags=["late"])
    now = timezone.now()
    observe(
        [
            Observation(
                namespace=NAMESPACE,
                name="main.claims",
                observed_at=now,
                row_count=1234,
                data_updated_at=now - timedelta(hours=2),
                rows_profiled=1234,
                columns=[
                    ColumnProfile(path="id", rows=1234, nulls=0, distinct=1234),
                    ColumnProfile(path="email", rows=1234, nulls=3, masked="email"),
                    ColumnProfile(
                        path="reserve",
                        rows=1234,
                        nulls=617,
                        minimum="1",
                        maximum="9",
                        histogram=[("1", "5", 3), ("5", "9", 7)],
                        frequent=[FrequentValue(value="7", count=4)],
                    ),
                ],
                sample_columns=["id", "email", "reserve"],
                sample_rows=[[1, "a•••@•••.com", None]],
                sample_masked={"email": "e-mail"},
            )
        ],
        source="source:shop",
        authority=SYSTEM,
    )
    check = Check.objects.create(
        dataset=dataset,
        key="unique-id",
        name="id is unique",
        dimension="uniqueness",
        rule="unique",
        origin="derived",
        last_outcome="failed",
        last_at=now,
    )
    Result.objects.create(check_rule=check, run_key="r1", measured_at=now, outcome="failed")
    Score.objects.create(
        product=made,
        measured_at=now,
        overall=81,
        arithmetic={
            "overall": 81,
            "text": "Mean of one dimension.",
            "dimensions": [
                {"dimension": "uniqueness", "score": 81, "text": "1 check fails"},
                {"dimension": "validity", "score": None, "text": "not measured"},
            ],
        },
    )
    objective = Objective.objects.create(
        product=made,
        key="fresh",
        name="Fresh",
        indicator="freshness",
        comparison="<=",
        target=6,
        unit="h",
        current_value=2,
        is_kept=True,
        budget_left=0.71,
    )
    for hours, value in ((48, 3), (24, 9), (0, 2)):
        objective.measurements.create(
            measured_at=now - timedelta(hours=hours), value=value, is_kept=value <= 6
        )
    return made


def page(client: Client, tab: str = "") -> str:
    """Open a tab and return its text, blanks as a browser reads them."""
    response = client.get(ADDRESS + (f"/{tab}" if tab else ""))
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def sign_in(client: Client, user: User) -> Client:
    """Sign somebody in."""
    client.force_login(user)
    return client


def test_the_first_screen_answers_the_seven_questions(client: Client, product: Product) -> None:
    html = page(client)
    for question in ("Fresh", "Healthy", "Promises", "Changed", "Feeds", "Access", "From"):
        assert f"<dt>{question}</dt>" in html
    assert "promise 6 h" in html
    assert "1 check fails" in html
    assert "budget 71 % left" in html
    assert "<strong>settled</strong>" in html


@pytest.mark.parametrize("tab", ["", *TABS])
@pytest.mark.parametrize("who", ["bob", "charlie", "anonymous"])
def test_no_tab_needs_more_than_sixteen_queries_and_a_graph_ten_more(
    client: Client,
    mesh: Mesh,
    product: Product,
    who: str,
    tab: str,
    django_assert_max_num_queries: DjangoAssertNumQueries,
) -> None:
    user = mesh.people[who]
    if isinstance(user, User):
        client.force_login(user)
    with django_assert_max_num_queries(26 if tab == "lineage" else 16):
        page(client, tab)


def test_an_unknown_tab_is_not_found(client: Client, product: Product) -> None:
    assert client.get(f"{ADDRESS}/nonsense").status_code == 404


@pytest.mark.parametrize("tab", ["", *TABS])
def test_a_hidden_product_is_not_found(client: Client, mesh: Mesh, tab: str) -> None:
    make_product(visibility="team")
    address = ADDRESS + (f"/{tab}" if tab else "")
    assert client.get(address).status_code == 404
    assert sign_in(client, mesh.charlie).get(address).status_code == 404
    assert sign_in(client, mesh.bob).get(address).status_code == 200


def test_the_schema_shows_marks_profiles_and_promises(client: Client, product: Product) -> None:
    declare(
        ProductDescriptor(
            domain="claims",
            key="settled-claims",
            team="claims-team",
            ports=[port()],
            contracts=[
                ContractDescriptor(
                    key="main",
                    version="1",
                    port="sql",
                    columns=[
                        PromisedColumn(path="id", type="string"),
                        PromisedColumn(path="paid_at", type="timestamp"),
                    ],
                )
            ],
        )
    )
    html = page(client, "schema")
    assert "Primary key" in html
    assert "E-mail" in html or "Email" in html
    assert "Money kept back." in html
    assert "50 %" in html
    assert "promised string" in html
    assert "promised, not found" in html
    assert "not promised" in html


def test_masked_cells_say_why(client: Client, product: Product) -> None:
    html = page(client, "sample")
    assert "a•••@•••.com" in html
    assert "Masked: e-mail" in html
    assert "is-masked" in html


@pytest.mark.parametrize("classification", ["confidential", "restricted"])
def test_sample_and_people_of_a_classified_product_open_with_a_grant(
    client: Client, mesh: Mesh, product: Product, classification: str
) -> None:
    declare(product_descriptor(ports=[port()], classification=classification, support="#claims"))
    sign_in(client, mesh.charlie)
    assert "a•••@•••.com" not in page(client, "sample")
    overview = page(client)
    assert "#claims" not in overview
    assert "Alice Moreau" not in overview
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="To find late claims.")
    decide(asked, by=mesh.alice, approve=True)
    assert "a•••@•••.com" in page(client, "sample")
    assert "Alice Moreau" in page(client)


def test_the_snippets_appear_once_access_is_granted(
    client: Client, mesh: Mesh, product: Product
) -> None:
    sign_in(client, mesh.charlie)
    assert 'class="snippet"' not in page(client, "access")
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="To find late claims.")
    decide(asked, by=mesh.alice, approve=True)
    html = page(client, "access")
    assert 'class="snippet"' in html
    assert "granted" in html


def test_who_holds_access_is_for_those_who_decide(
    client: Client, mesh: Mesh, product: Product
) -> None:
    asked = request_access(product.ports.get(), by=mesh.charlie, purpose="To find late claims.")
    decide(asked, by=mesh.alice, approve=True)
    assert "Charlie Lind" in page(sign_in(client, mesh.alice), "access")
    client.logout()
    stranger = make_user("evan", display_name="Evan Stranger")
    for reader in (None, stranger):
        if reader is not None:
            sign_in(client, reader)
        html = page(client, "access")
        assert "Charlie Lind" not in html
        assert "To find late claims." not in html


def test_quality_shows_its_arithmetic(client: Client, product: Product) -> None:
    html = page(client, "quality")
    assert "Mean of one dimension." in html
    assert "1 check fails" in html
    assert "not measured" in html
    assert "id is unique" in html


def test_promises_carry_their_measurements_for_the_chart(client: Client, product: Product) -> None:
    html = page(client, "objectives")
    assert "<trend-chart" in html
    assert html.count("data-at=") == 3
    assert "1 of 3" in html


def test_a_stale_input_is_said(client: Client, product: Product) -> None:
    upstream = make_product("intake")
    Objective.objects.create(
        product=upstream, key="f", indicator="freshness", comparison="<=", target=1, is_kept=False
    )
    reads = PortDescriptor(direction="in", name="intake", upstream="claims/intake")
    declare(product_descriptor(ports=[port(), reads]))
    html = page(client)
    assert "1 of 1 inputs is stale" in html
    assert "Intake" in html


def test_a_hidden_input_has_no_name(client: Client, mesh: Mesh, product: Product) -> None:
    make_product("secret-source", name="Whisper", visibility="team")
    reads = PortDescriptor(direction="in", name="intake", upstream="claims/secret-source")
    declare(product_descriptor(ports=[port(), reads]))
    for tab in ("", *TABS):
        assert "Whisper" not in page(client, tab)
    assert "Restricted" in page(client)
    assert "Whisper" in page(sign_in(client, mesh.bob))


def test_a_deprecated_product_names_its_successor(client: Client, product: Product) -> None:
    make_product("paid-claims")
    declare(product_descriptor(ports=[port()], status="deprecated", successor="claims/paid-claims"))
    html = page(client)
    assert "Deprecated." in html
    assert "/products/claims/paid-claims" in html


def test_changes_show_each_field_before_and_after(client: Client, product: Product) -> None:
    declare(product_descriptor(ports=[port()], description="Now with payments."))
    html = page(client, "changes")
    assert "Every **settled** claim." in html
    assert "Now with payments." in html


def test_a_huge_and_broken_description_does_not_break_the_page(client: Client, mesh: Mesh) -> None:
    text = "<div><script>x</script>" + "[a](" * 2000 + "**b " * 4000
    make_product(description=text[:90_000])
    assert "<script>x" not in page(client)


def test_hidden_datasets_of_a_port_have_no_name(client: Client, mesh: Mesh) -> None:
    make_dataset("main.secret_table")
    make_product("inner", ports=[port("main.secret_table")], visibility="team")
    make_product()
    assert "secret_table" not in page(client)


def test_two_majors_stand_side_by_side_each_with_its_own_contract(
    client: Client, mesh: Mesh
) -> None:
    make_dataset("main.claims", columns=[column("id")])
    make_dataset("main.claims_v2", columns=[column("claim_id")])
    ways = [port("main.claims", sunset_on=date(2031, 3, 1)), port("main.claims_v2", major=2)]
    contracts = [
        ContractDescriptor(
            key="terms", port="sql", version=version, columns=[PromisedColumn(path=name)]
        )
        for version, name in (("1.4.0", "id"), ("2.0.0", "claim_id"))
    ]
    declare(product_descriptor(ports=ways, contracts=contracts))
    second, first = page(client, "access").split('<article class="panel"')[1:3]
    assert ("Contract 1.4.0" in first, "Contract 2.0.0" in first) == (True, False)
    assert ("until" in first, "not as promised" in first) == (True, False)
    assert ("Contract 2.0.0" in second, "Contract 1.4.0" in second) == (True, False)
    assert "not as promised" not in second


def test_each_port_shows_its_contract_and_whether_it_is_kept(
    client: Client, product: Product, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    old = {"key": "claims-terms", "port": "sql", "purpose": "Know what was **settled**."}
    promised = [
        PromisedColumn(path="id", type="integer", required=True, unique=True),
        PromisedColumn(path="settled_at", type="date"),
    ]
    for version in ("1.0.0", "2.0.0"):
        contract = ContractDescriptor(version=version, columns=promised, **old)
        declare(product_descriptor(ports=[port()], contracts=[contract]))
    with django_assert_max_num_queries(15):
        html = page(client, "access")
    assert "Contract 2.0.0" in html
    assert "1 not as promised" in html
    assert "not found" in html
    assert "<strong>settled</strong>" in html
    assert "never empty, unique" in html
