"""Write products as DCAT and DPROD, piece by piece; and the tag by which a reader knows that nothing changed."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import Literal

from django.db.models import Count, Max, QuerySet, Sum

from catalog.exports.facts import Reader, product_facts
from catalog.models import Contract, Dataset, Domain, Product, Team
from catalog.standards.dcat import CONTEXT, Graph, Node, turtle, turtle_head

Form = Literal["jsonld", "turtle"]
MEDIA_TYPES: dict[Form, str] = {"jsonld": "application/ld+json", "turtle": "text/turtle"}
TITLE = "Gazetteer"
#: A piece is sent once it has so many characters.
PIECE = 32_000


def linked_data(rows: QuerySet[Product], user: Reader, *, form: Form, base: str) -> Iterator[str]:
    """Yield the document in pieces; memory does not grow with the number of products.

    `rows` are products the reader may see; `base` is the address of the installation.
    """
    graph = Graph(base, TITLE)
    nodes = chain(graph.head(), chain.from_iterable(map(graph.product, product_facts(rows, user))))
    return _pieces(_turtle(nodes) if form == "turtle" else _json(nodes))


def _turtle(nodes: Iterable[Node]) -> Iterator[str]:
    yield turtle_head()
    yield from map(turtle, nodes)


def _json(nodes: Iterable[Node]) -> Iterator[str]:
    yield f'{{"@context":{json.dumps(CONTEXT)},"@graph":['
    sign = "\n"
    for node in nodes:
        yield sign + json.dumps(node, ensure_ascii=False)
        sign = ",\n"
    yield "\n]}\n"


def _pieces(parts: Iterable[str]) -> Iterator[str]:
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= PIECE:
            yield "".join(held)
            held, size = [], 0
    if held:
        yield "".join(held)


def tag_of(rows: QuerySet[Product], user: Reader, *, form: str, base: str) -> str:
    """Return a weak tag: it changes with what the reader may see of products, datasets, contracts and names.

    A few queries, however many products there are; nothing hidden takes part in it.
    """
    parts: list[object] = [form, base]
    plain = rows.order_by()
    parts.append(plain.aggregate(Count("pk"), Max("updated_at"), Sum("revision_number"), Max("pk")))
    datasets = Dataset.objects.visible_to(user).present().order_by()
    parts.append(
        datasets.aggregate(Count("pk"), Max("updated_at"), Sum("revision_number"), Max("pk"))
    )
    contracts = Contract.objects.filter(product__in=plain.values("pk")).order_by()
    parts.append(contracts.aggregate(Count("pk"), Max("created_at"), Max("pk")))
    seen = Domain.objects.visible_to(user).order_by("pk")
    parts += [*seen.values_list("key", "name"), *_teams(plain)]
    digest = hashlib.sha256(json.dumps(parts, default=str).encode()).hexdigest()[:20]
    return f'W/"{digest}"'


def _teams(rows: QuerySet[Product]) -> Iterable[object]:
    owners = Team.objects.filter(pk__in=rows.values("team")).order_by("pk")
    return owners.values_list("key", "name")
