"""No address tells a person of what they may not see. A new address needs its arguments here."""

from __future__ import annotations

import re
import uuid

import pytest
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.exceptions import NoReverseMatch
from django.utils import timezone

from catalog.access.requests import decide, request_access
from catalog.descriptors import PortDescriptor
from catalog.models import Dataset, Domain, Product
from catalog.outbound.follows import follow as follow_product
from catalog.people.domains import save_domain
from catalog.search.follow import follow
from tests.conftest import Mesh
from tests.factories import column, make_dataset, make_product
from tests.guards.read_addresses import names

SECRET = "zyxquartz"
STRANGERS = ("charlie", "anonymous")


def addresses(product: Product, dataset: Dataset, domain: Domain) -> dict[str, str]:
    choices: list[dict[str, object]] = [
        {},
        {"domain": domain.key, "key": product.key},
        {"domain": domain.key, "key": product.key, "tab": "schema"},
        {"pk": dataset.pk},
        {"id": dataset.pk},
        {"rest": f"{dataset.namespace}/datasets"},
        {"run": "00000000-0000-0000-0000-000000000001"},
        {"pk": dataset.pk, "tab": "schema"},
        {"pk": dataset.pk, "letter": dataset.pk},
        {"pk": dataset.pk, "run": uuid.UUID(int=dataset.pk)},
        {"key": domain.key},
        {"key": domain.key, "username": "alice"},
        {"token": "no-token"},
        {"dataProductGUID": product.guid},
        {"contractId": f"{product.key}-contract"},
        {"productId": product.guid},
    ]
    found = {}
    for name in sorted(set(names(get_resolver().url_patterns))):
        for choice in choices:
            try:
                found[name] = reverse(name, kwargs=choice)
                break
            except NoReverseMatch:
                continue
        else:
            pytest.fail(f"{name}: say with which arguments it is called")
    return found


def test_strangers_read_no_hidden_name_anywhere(mesh: Mesh) -> None:
    domain = save_domain(f"{SECRET}-domain", name=f"{SECRET} area", visibility="team", by=None)
    dataset = make_dataset(f"main.{SECRET}_table", domain=domain.key)
    product = make_product(f"{SECRET}-product", domain=domain.key, visibility="team")
    hidden = {SECRET, product.guid}
    leaks = []
    for who in STRANGERS:
        client = Client()
        person = mesh.people[who]
        if person.is_authenticated:
            client.force_login(mesh.charlie)
        for name, address in addresses(product, dataset, domain).items():
            answer = client.get(address)
            body = answer.getvalue().decode(errors="replace")
            body = body.replace(address, "")
            if answer.status_code >= 500 or any(word in body for word in hidden):
                leaks.append((who, name, address, answer.status_code))
    assert leaks == []


def test_the_owner_reads_the_same_names(mesh: Mesh, client: Client) -> None:
    domain = save_domain(f"{SECRET}-domain", name=f"{SECRET} area", visibility="team", by=None)
    dataset = make_dataset(f"main.{SECRET}_table", domain=domain.key)
    product = make_product(f"{SECRET}-product", domain=domain.key, visibility="team")
    client.force_login(mesh.alice)
    seen = set()
    for name, address in addresses(product, dataset, domain).items():
        body = client.get(address).getvalue().decode(errors="replace").replace(address, "")
        if SECRET in body:
            seen.add(name)
    assert seen >= {"product", "dataset", "api-product-list", "api-dataset-detail", "my-products"}


VARYING = re.compile(
    r'(csrf[\w-]*"?\s*(?:value=|content=|:)\s*)"[^"]+"|"X-CSRFToken": ?"[^"]+"|nonce-[\w+/=-]+'
)
QUESTIONS = (
    "/search?q=claims",
    "/search?q=settled",
    "/search?q=claims&kind=dataset",
    "/search?sort=name",
    "/search?tag=late",
    f"/search?q={SECRET}",
    f"/search?q={SECRET[:-1]}y",
    "/suggest?q=cla",
    f"/suggest?q={SECRET[:4]}",
    "/api/v1/search?q=claims",
    "/api/v1/search?q=settled&kind=dataset",
    "/activity?type=product.created",
    "/api/v1/events?pageSize=100",
)


def seen_by(who: str, mesh: Mesh, product: Product, dataset: Dataset) -> dict[str, str]:
    """Return what a stranger reads at every address, without what changes with each answer."""
    follow()
    client = Client()
    if mesh.people[who].is_authenticated:
        client.force_login(mesh.charlie)
    found = {}
    pages = addresses(product, dataset, mesh.claims)
    for address in (*(page for name, page in pages.items() if name != "metrics"), *QUESTIONS):
        answer = client.get(address)
        body = VARYING.sub("", answer.getvalue().decode(errors="replace"))
        found[address] = f"{answer.status_code} {body}"
    return found


@pytest.mark.parametrize("who", STRANGERS)
def test_what_is_hidden_changes_nothing_a_stranger_reads(
    who: str, mesh: Mesh, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = timezone.now()
    monkeypatch.setattr(timezone, "now", lambda: now)
    dataset = make_dataset("main.claims", columns=[column("claim_id"), column("settled_at")])
    product = make_product("settled-claims", tags=["late"])
    seen_by(who, mesh, product, dataset)
    before = seen_by(who, mesh, product, dataset)
    area = save_domain(f"{SECRET}-area", name=f"{SECRET} area", visibility="team", by=None)
    make_dataset(f"main.{SECRET}_claims", domain=area.key, columns=[column("settled_claims")])
    port = PortDescriptor(direction="out", name="sql", technology="oracle")
    hidden = make_product(
        f"{SECRET}-claims", domain=area.key, visibility="team", tags=["late", SECRET], ports=[port]
    )
    request = request_access(hidden.ports.get(), by=mesh.bob, purpose="To look into late claims")
    decide(request, by=mesh.alice, approve=True)
    follow_product(hidden, by=mesh.bob)
    after = seen_by(who, mesh, product, dataset)
    assert [address for address in before if before[address] != after[address]] == []
