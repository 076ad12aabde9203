"""A made-up mesh of any size, seeded: products with a dataset of ten columns each, and what they read.

Domains are of very different size (Zipf), and a few products are read by very many.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import accumulate

from catalog.descriptors import (
    ColumnDescriptor,
    DatasetAddress,
    DatasetDescriptor,
    Descriptor,
    PortDescriptor,
    ProductDescriptor,
)


def _words(text: str) -> list[str]:
    return text.split()


DOMAINS = 20
COLUMNS = 10
NOUNS = _words(
    "claim policy invoice payment customer broker quote risk premium treaty artist track play "
    "session podcast episode listener device label royalty refund ledger shipment order "
    "basket return store visit campaign click lead contract asset sensor reading meter outage "
    "route vehicle driver trip "
)
ADJECTIVES = _words(
    "settled open late daily monthly raw clean enriched scored merged active closed "
)
PARTS = _words("id date amount status code name country channel type score updated_at created_at ")
_WEIGHTS = list(accumulate(1 / (rank + 1) for rank in range(DOMAINS)))
_NAMES = [f"d{n}" for n in range(DOMAINS)]


def make_domains() -> None:
    """Make the domains that the products belong to."""
    from catalog.people.domains import save_domain

    for name in _NAMES:
        save_domain(name, name=f"Domain {name[1:]}", by=None)


def batches(
    count: int, *, size: int = 500, start: int = 0, seed: int = 7
) -> Iterator[list[Descriptor]]:
    """Yield descriptors of products `start` to `count` and their datasets, `size` products at a time."""
    for first in range(start, count, size):
        rng = random.Random(f"{seed} {first}")
        batch: list[Descriptor] = []
        for n in range(first, min(count, first + size)):
            batch += pair(n, rng)
        yield batch


def domain_of(n: int) -> str:
    """Return the domain of product number `n`; the first has a quarter of all."""
    return random.Random(n).choices(_NAMES, cum_weights=_WEIGHTS)[0]


def pair(n: int, rng: random.Random) -> list[Descriptor]:
    """Describe product number `n`, its dataset, and up to three earlier products that it reads."""
    noun, other, adjective = rng.choice(NOUNS), rng.choice(NOUNS), rng.choice(ADJECTIVES)
    name = f"{adjective}_{noun}_{other}_{n}"
    domain = domain_of(n)
    address = DatasetAddress(namespace="postgres://store:5432", name=f"mesh.public.{name}")
    columns = [
        ColumnDescriptor(path=f"{rng.choice((noun, other))}_{part}", ordinal=i, type="string")
        for i, part in enumerate(rng.sample(PARTS, COLUMNS))
    ]
    dataset = DatasetDescriptor(
        namespace=address.namespace,
        name=address.name,
        display_name=name,
        technology="postgresql",
        domain=domain,
        columns=columns,
    )
    read = {int(n * rng.random() ** 3) for _ in range(rng.randrange(4))} - {n}
    inputs = [
        PortDescriptor(direction="in", name=f"in-{m}", upstream=f"{domain_of(m)}/p{m}")
        for m in sorted(read)
    ]
    product = ProductDescriptor(
        domain=domain,
        key=f"p{n}",
        name=f"{adjective.capitalize()} {noun} {other} {n}",
        description=f"Every {adjective} {noun} with its {other}, one row per {noun}.",
        tags=[adjective, noun],
        ports=[PortDescriptor(direction="out", name="sql", datasets=[address]), *inputs],
    )
    return [dataset, product]
