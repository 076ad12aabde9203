"""A made-up mesh of any size: products with one dataset of ten columns each, seeded."""

from __future__ import annotations

import random
from collections.abc import Iterator

from catalog.descriptors import (
    ColumnDescriptor,
    DatasetAddress,
    DatasetDescriptor,
    Descriptor,
    PortDescriptor,
    ProductDescriptor,
)

NOUNS = [
    "claim",
    "policy",
    "invoice",
    "payment",
    "customer",
    "broker",
    "quote",
    "risk",
    "premium",
    "treaty",
    "artist",
    "track",
    "play",
    "session",
    "podcast",
    "episode",
    "listener",
    "device",
    "label",
    "royalty",
    "refund",
    "ledger",
    "shipment",
    "order",
    "basket",
    "return",
    "store",
    "visit",
    "campaign",
    "click",
    "lead",
    "contract",
    "asset",
    "sensor",
    "reading",
    "meter",
    "outage",
    "route",
    "vehicle",
    "driver",
    "trip",
]
ADJECTIVES = [
    "settled",
    "open",
    "late",
    "daily",
    "monthly",
    "raw",
    "clean",
    "enriched",
    "scored",
    "merged",
    "active",
    "closed",
]
PARTS = [
    "id",
    "date",
    "amount",
    "status",
    "code",
    "name",
    "country",
    "channel",
    "type",
    "score",
    "updated_at",
    "created_at",
]


def batches(count: int, *, size: int = 500, seed: int = 7) -> Iterator[list[Descriptor]]:
    """Yield descriptors of `count` products and their datasets, `size` products at a time."""
    rng = random.Random(seed)
    for start in range(0, count, size):
        batch: list[Descriptor] = []
        for n in range(start, min(count, start + size)):
            batch += pair(n, rng)
        yield batch


def pair(n: int, rng: random.Random) -> list[Descriptor]:
    """Describe product number `n` and its dataset."""
    noun, other, adjective = rng.choice(NOUNS), rng.choice(NOUNS), rng.choice(ADJECTIVES)
    name = f"{adjective}_{noun}_{other}_{n}"
    address = DatasetAddress(namespace="postgres://store:5432", name=f"mesh.public.{name}")
    columns = [
        ColumnDescriptor(path=f"{rng.choice((noun, other))}_{part}", ordinal=i, type="string")
        for i, part in enumerate(rng.sample(PARTS, 10))
    ]
    unique = {column.path: column for column in columns}
    dataset = DatasetDescriptor(
        namespace=address.namespace,
        name=address.name,
        display_name=name,
        technology="postgresql",
        domain=f"d{n % 20}",
        columns=list(unique.values()),
    )
    product = ProductDescriptor(
        domain=f"d{n % 20}",
        key=f"p{n}",
        name=f"{adjective.capitalize()} {noun} {other} {n}",
        description=f"Every {adjective} {noun} with its {other}, one row per {noun}.",
        tags=[adjective, noun],
        ports=[PortDescriptor(direction="out", name="sql", datasets=[address])],
    )
    return [dataset, product]
