"""Describe products as linked data: DCAT 3 and DPROD. Free of Django; fetches nothing.

Nodes are JSON-LD objects in the words of `CONTEXT`; `turtle` writes the same as Turtle 1.1. Every node that is
referred to carries its type, as the shapes of DPROD want it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

#: DPROD 1.0 Beta 2. Before, its words stood in https://ekgf.github.io/dprod/.
DPROD = "https://www.omg.org/spec/DPROD/"
CONTEXT: Mapping[str, str] = {
    "dcat": "http://www.w3.org/ns/dcat#",
    "dct": "http://purl.org/dc/terms/",
    "dprod": DPROD,
    "foaf": "http://xmlns.com/foaf/0.1/",
    "prov": "http://www.w3.org/ns/prov#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}

Node = Mapping[str, Any]
_ESCAPES = {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_SPECIAL = re.compile(r'[\\"\x00-\x1f\x7f\ud800-\udfff]')
#: What no text of XML Schema may hold, and so no literal of ours.
_UNTEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class DatasetFacts:
    """A dataset behind a port."""

    id: int
    namespace: str
    name: str
    title: str
    description: str
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class ContractFacts:
    """One version of a contract that is in force."""

    key: str
    version: str


@dataclass(frozen=True, slots=True)
class PortFacts:
    """A port with the datasets and the product behind it that the reader may see."""

    direction: str
    name: str
    major: int
    title: str
    description: str
    technology: str
    datasets: Sequence[DatasetFacts] = ()
    contracts: Sequence[ContractFacts] = ()
    upstream: tuple[str, str] | None = None  # domain and key


@dataclass(frozen=True, slots=True)
class ProductFacts:
    """A product as the reader may see it. `domain` and `team` are (key, name)."""

    guid: str
    key: str
    title: str
    description: str
    domain: tuple[str, str]
    team: tuple[str, str] | None
    status: str
    version: str
    classification: str
    issued: date
    updated_at: datetime
    tags: Sequence[str] = ()
    ports: Sequence[PortFacts] = ()


class Names:
    """The addresses of things below the address of an installation; each can be opened."""

    def __init__(self, base: str) -> None:
        self.base = base.rstrip("/")

    @property
    def catalog(self) -> str:
        """The catalog itself."""
        return f"{self.base}/#catalog"

    def product(self, domain: str, key: str) -> str:
        """A product."""
        return f"{self.base}/products/{_part(domain)}/{_part(key)}"

    def dataset(self, pk: int) -> str:
        """A dataset."""
        return f"{self.base}/datasets/{pk}"

    def domain(self, key: str) -> str:
        """A domain."""
        return f"{self.base}/domains/{_part(key)}"

    def team(self, key: str) -> str:
        """A team."""
        return f"{self.base}/teams/{_part(key)}"

    def contract(self, contract: ContractFacts) -> str:
        """One version of a contract."""
        version = _part(contract.version)
        return f"{self.base}/api/v1/contracts/{_part(contract.key)}?version={version}"

    def word(self, kind: str, name: str) -> str:
        """A word of ours: a status, a classification."""
        return f"{self.base}/#{kind}-{_part(name)}"


class Graph:
    """Makes the nodes of products one by one; what several share is told once."""

    def __init__(self, base: str, title: str) -> None:
        self.names = Names(base)
        self.title = title
        self._told: set[str] = set()  # few: domains, teams, words
        self._here: set[str] = set()  # of the product at hand

    def head(self) -> Iterator[Node]:
        """Yield the catalog."""
        publisher = f"{self.names.base}/#publisher"
        yield {
            "@id": self.names.catalog,
            "@type": "dcat:Catalog",
            "dct:title": _text(self.title),
            "dct:publisher": _ref(publisher),
        }
        yield _agent(publisher, self.title)

    def product(self, product: ProductFacts) -> Iterator[Node]:
        """Yield a product, its ports, the datasets behind them, and what they share with others."""
        self._here.clear()
        iri = self.names.product(product.domain[0], product.key)
        yield {"@id": self.names.catalog, "dcat:resource": _ref(iri)}
        yield _without_empty(
            {
                "@id": iri,
                "@type": "dprod:DataProduct",
                "dct:identifier": _text(product.guid),
                "dct:title": _text(product.title),
                "rdfs:label": _text(product.title),
                "dct:description": _text(product.description),
                "dcat:version": _text(product.version),
                "dct:issued": _typed(product.issued.isoformat(), "xsd:date"),
                "dct:modified": _moment(product.updated_at),
                "dcat:keyword": [_text(tag) for tag in product.tags],
                "dcat:theme": _ref(self.names.domain(product.domain[0])),
                "dprod:domain": _ref(self.names.domain(product.domain[0])),
                "dprod:dataProductOwner": [_ref(self.names.team(product.team[0]))]
                if product.team
                else [],
                "dct:publisher": [_ref(self.names.team(product.team[0]))] if product.team else [],
                "dprod:lifecycleStatus": _ref(self.names.word("status", product.status)),
                "dct:accessRights": [
                    _ref(self.names.word("classification", product.classification))
                ]
                if product.classification
                else [],
                "dprod:inputPort": [
                    _ref(_port(iri, p)) for p in product.ports if p.direction == "in"
                ],
                "dprod:outputPort": [
                    _ref(_port(iri, p)) for p in product.ports if p.direction == "out"
                ],
                "dprod:inputDataset": self._datasets(product, "in"),
                "dprod:outputDataset": self._datasets(product, "out"),
                "prov:wasDerivedFrom": [
                    _ref(self.names.product(*p.upstream)) for p in product.ports if p.upstream
                ],
            }
        )
        yield from self._shared(product)
        for port in product.ports:
            yield from self._port(iri, product, port)

    def _datasets(self, product: ProductFacts, direction: str) -> list[Node]:
        found = {d.id for p in product.ports if p.direction == direction for d in p.datasets}
        return [_ref(self.names.dataset(pk)) for pk in sorted(found)]

    def _shared(self, product: ProductFacts) -> Iterator[Node]:
        domain = self.names.domain(product.domain[0])
        label = _text(product.domain[1])
        area = {"@id": domain, "@type": "skos:Concept", "skos:prefLabel": label}
        yield from self._once(self._told, area)
        if product.team:
            team = _agent(self.names.team(product.team[0]), product.team[1])
            yield from self._once(self._told, team)
        status = {
            "@id": self.names.word("status", product.status),
            "@type": "dprod:DataProductLifecycleStatus",
            "rdfs:label": _text(product.status),
        }
        yield from self._once(self._told, status)
        if product.classification:
            word = {
                "@id": self.names.word("classification", product.classification),
                "@type": ["dct:RightsStatement", "dprod:InformationSensitivityClassification"],
                "rdfs:label": _text(product.classification),
            }
            yield from self._once(self._told, word)

    def _once(self, told: set[str], node: Node) -> Iterator[Node]:
        if node["@id"] not in told:
            told.add(node["@id"])
            yield node

    def _port(self, product: str, facts: ProductFacts, port: PortFacts) -> Iterator[Node]:
        iri = _port(product, port)
        is_out = port.direction == "out"
        contracts = [_ref(self.names.contract(c)) for c in port.contracts]
        parts = [(f"{iri}-{d.id}", d) for d in port.datasets]
        yield _without_empty(
            {
                "@id": iri,
                "@type": "dcat:DataService",
                "dct:title": _text(port.title),
                "dct:description": _text(port.description),
                "dprod:protocol": _text(port.technology),
                "dcat:landingPage": _ref(product),
                "dct:conformsTo": contracts,
                "dcat:servesDataset": [_ref(self.names.dataset(d.id)) for _, d in parts],
                "dprod:isAccessServiceOf": [_ref(part) for part, _ in parts] if is_out else [],
            }
        )
        for contract in port.contracts:
            standard = {
                "@id": self.names.contract(contract),
                "@type": "dct:Standard",
                "dct:title": _text(contract.key),
                "dcat:version": _text(contract.version),
            }
            yield from self._once(self._here, standard)
        for part, dataset in parts:
            yield from self._dataset(dataset)
            if is_out:
                yield from self._distribution(part, iri, dataset, contracts, facts)

    def _dataset(self, dataset: DatasetFacts) -> Iterator[Node]:
        yield from self._once(
            self._here,
            _without_empty(
                {
                    "@id": self.names.dataset(dataset.id),
                    "@type": "dcat:Dataset",
                    "dct:identifier": _text(f"{dataset.namespace} {dataset.name}"),
                    "dct:title": _text(dataset.title),
                    "rdfs:label": _text(dataset.title),
                    "dct:description": _text(dataset.description),
                    "dct:modified": _moment(dataset.updated_at),
                }
            ),
        )

    def _distribution(
        self,
        iri: str,
        port: str,
        dataset: DatasetFacts,
        contracts: list[Node],
        product: ProductFacts,
    ) -> Iterator[Node]:
        address = self.names.dataset(dataset.id)
        yield {"@id": address, "dcat:distribution": _ref(iri)}
        if product.classification:
            word = self.names.word("classification", product.classification)
            yield {"@id": address, "dprod:informationSensitivityClassification": _ref(word)}
        yield _without_empty(
            {
                "@id": iri,
                "@type": "dcat:Distribution",
                "dct:title": _text(dataset.title),
                "dcat:accessURL": _ref(address),
                "dcat:accessService": _ref(port),
                "dprod:isDistributionOf": _ref(address),
                "dct:conformsTo": contracts,
            }
        )


def turtle_head() -> str:
    """Return the prefixes of a Turtle document."""
    return "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in CONTEXT.items()) + "\n"


def turtle(node: Node) -> str:
    """Return a node as a statement of Turtle."""
    types = node.get("@type", ())
    lines = [f"a {', '.join([types] if isinstance(types, str) else types)}"] if types else []
    for name, value in node.items():
        if not name.startswith("@"):
            values = value if isinstance(value, list) else [value]
            lines.append(f"{name} {', '.join(map(_term, values))}")
    body = " ;\n  ".join(lines)
    return f"<{node['@id']}> {body} .\n"


def _term(value: Any) -> str:
    if isinstance(value, Mapping):
        if "@id" in value:
            return f"<{value['@id']}>"
        return f"{_quoted(value['@value'])}^^{value['@type']}"
    return _quoted(str(value))


def _quoted(text: str) -> str:
    return '"' + _SPECIAL.sub(lambda sign: _escape(sign[0]), text) + '"'


def _escape(sign: str) -> str:
    return _ESCAPES.get(sign) or f"\\u{ord(sign):04X}"


def _part(text: str) -> str:
    return quote(text.encode(errors="replace"), safe="")


def _port(product: str, port: PortFacts) -> str:
    return f"{product}#{port.direction}-{_part(port.name)}-{port.major}"


def _agent(iri: str, name: str) -> Node:
    return {"@id": iri, "@type": ["foaf:Agent", "prov:Agent"], "foaf:name": _text(name)}


def _text(text: str) -> str:
    return _UNTEXT.sub("\ufffd", text)


def _ref(iri: str) -> Node:
    return {"@id": iri}


def _typed(text: str, kind: str) -> Node:
    return {"@value": text, "@type": kind}


def _moment(at: datetime) -> Node:
    return _typed(at.isoformat(), "xsd:dateTime")


def _without_empty(node: Node) -> Node:
    return {name: value for name, value in node.items() if value not in ("", [])}
