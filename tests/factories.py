"""Small things to test with, made as everything else is made: through the services and the door."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from catalog.descriptors import (
    ColumnDescriptor,
    DatasetDescriptor,
    LayerKind,
    PortDescriptor,
    ProductDescriptor,
)
from catalog.models import Dataset, Domain, Product, User
from catalog.people.authority import system
from catalog.registry.apply import apply

NAMESPACE = "sqlite://shop"
#: What tests prepare needs nobody's rights.
SYSTEM = system("tests")


def make_user(username: str, **fields: Any) -> User:
    """Make a person whose password is `secret-<username>`."""
    return User.objects.create_user(username, password=f"secret-{username}", **fields)


def column(path: str, **fields: Any) -> ColumnDescriptor:
    """Describe a column."""
    return ColumnDescriptor(path=path, **{"type": "string", **fields})


def dataset_descriptor(name: str = "main.claims", **fields: Any) -> DatasetDescriptor:
    """Describe a dataset with two columns."""
    said: dict[str, Any] = {
        "namespace": NAMESPACE,
        "name": name,
        "technology": "sqlite",
        "columns": [column("id", primary_key=True, nullable=False), column("note", ordinal=1)],
    }
    return DatasetDescriptor(**{**said, **fields})


def product_descriptor(key: str = "settled-claims", **fields: Any) -> ProductDescriptor:
    """Describe a product of the domain `claims` owned by `claims-team`."""
    said: dict[str, Any] = {
        "domain": "claims",
        "key": key,
        "name": key.replace("-", " ").capitalize(),
        "team": "claims-team",
        "ports": [PortDescriptor(direction="out", name="sql", technology="sqlite")],
    }
    return ProductDescriptor(**{**said, **fields})


def make_product(key: str = "settled-claims", **fields: Any) -> Product:
    """Declare a product and return its row."""
    return declare(product_descriptor(key, **fields))


def declare(descriptor: ProductDescriptor, at: datetime | None = None) -> Product:
    """Declare a product of whatever description."""
    applied = apply(
        [descriptor], layer=LayerKind.DECLARED, source="git:tests", authority=SYSTEM, at=at
    )
    assert applied.refused == (), applied.refused
    return Product.objects.select_related("domain", "team").get(pk=applied.outcomes[0].id or 0)


def make_dataset(name: str = "main.claims", at: datetime | None = None, **fields: Any) -> Dataset:
    """Harvest a dataset into the domain `claims` and return its row."""
    said = {"domain": "claims", "team": "claims-team", **fields}
    applied = apply(
        [dataset_descriptor(name, **said)],
        layer=LayerKind.HARVESTED,
        source="source:shop",
        authority=SYSTEM,
        at=at,
    )
    assert applied.refused == (), applied.refused
    return Dataset.objects.select_related("domain", "team").get(pk=applied.outcomes[0].id or 0)


def get_domain(key: str = "claims") -> Domain:
    """Return a domain by its key."""
    return Domain.objects.get(key=key)
