"""No address tells a person of what they may not see. A new address needs its arguments here."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.urls.exceptions import NoReverseMatch

from catalog.models import Dataset, Domain, Product
from catalog.services.domains import save_domain
from tests.conftest import Mesh
from tests.factories import make_dataset, make_product

SECRET = "zyxquartz"
STRANGERS = ("charlie", "anonymous")


def names(patterns: list[URLPattern | URLResolver]) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from names(pattern.url_patterns)
        else:
            assert pattern.name, f"{pattern} needs a name"
            yield pattern.name


def addresses(product: Product, dataset: Dataset, domain: Domain) -> dict[str, str]:
    choices: list[dict[str, object]] = [
        {},
        {"domain": domain.key, "key": product.key},
        {"domain": domain.key, "key": product.key, "tab": "schema"},
        {"pk": dataset.pk},
        {"id": dataset.pk},
        {"pk": dataset.pk, "tab": "schema"},
        {"key": domain.key},
        {"dataProductGUID": product.guid},
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
