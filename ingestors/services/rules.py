"""Which datasets belong to which product. Free of Django.

A rule is `{"match": glob on the dataset's name, "product": key, "port": name}`. `{schema}` and `{name}` in the
product's key stand for parts of the dataset's name. The first rule that matches counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from catalog.descriptors import DatasetAddress, DatasetDescriptor, PortDescriptor, ProductDescriptor
from catalog.names import KEY, KEY_RULE, slugify
from ingestors.connectors.base import MAX_PATTERN

FIELDS = ("match", "product", "port")


@dataclass(frozen=True, slots=True)
class Rule:
    """Datasets whose name fits `match` are served by a port of a product."""

    match: str
    product: str
    port: str = "data"


class RuleInvalid(ValueError):
    """A rule cannot be used; `path` names the field."""

    def __init__(self, path: str, message: str) -> None:
        self.path = path
        super().__init__(message)


def parse_rules(raw: object) -> tuple[Rule, ...]:
    """Read rules as they are stored; raise RuleInvalid naming field, value and what is allowed."""
    if not isinstance(raw, list):
        raise RuleInvalid("rules", f"{raw!r} is no list of rules")
    return tuple(_parse(entry, f"rules[{place}]") for place, entry in enumerate(raw))


def _parse(entry: object, path: str) -> Rule:
    if not isinstance(entry, Mapping):
        raise RuleInvalid(path, f"{entry!r} is no rule; write an object with {', '.join(FIELDS)}")
    for name in entry:
        if name not in FIELDS:
            raise RuleInvalid(
                f"{path}.{name}", f"unknown field; known are {', '.join(sorted(FIELDS))}"
            )
    match, product = entry.get("match"), entry.get("product")
    port = entry.get("port") or "data"
    if isinstance(match, str) and len(match) > MAX_PATTERN:
        raise RuleInvalid(f"{path}.match", f"is longer than {MAX_PATTERN} characters")
    if not isinstance(match, str) or not match:
        raise RuleInvalid(
            f"{path}.match", f"{match!r} cannot be used; write a pattern such as claims_*"
        )
    sample = str(product or "").replace("{schema}", "s").replace("{name}", "n")
    if not KEY.match(sample):
        raise RuleInvalid(f"{path}.product", f"{product!r} cannot be used; allowed are {KEY_RULE}")
    if not isinstance(port, str) or not KEY.match(port):
        raise RuleInvalid(f"{path}.port", f"{port!r} cannot be used; allowed are {KEY_RULE}")
    return Rule(match, str(product), port)


def product_of(rules: Sequence[Rule], dataset: DatasetDescriptor) -> tuple[str, str] | None:
    """Return the product's key and the port's name a dataset belongs to."""
    short = dataset.display_name or dataset.name.rpartition(".")[2]
    for rule in rules:
        if fnmatchcase(short, rule.match) or fnmatchcase(dataset.name, rule.match):
            schema = dataset.name.rpartition(".")[0].rpartition(".")[2]
            key = rule.product.replace("{schema}", slugify(schema)).replace(
                "{name}", slugify(short)
            )
            return (key, rule.port) if KEY.match(key) else None
    return None


def products_of(
    rules: Sequence[Rule], datasets: Iterable[DatasetDescriptor], *, domain: str, team: str | None
) -> list[ProductDescriptor]:
    """Describe the products that datasets make up: each with its output ports and their datasets."""
    found: dict[str, dict[str, list[DatasetDescriptor]]] = {}
    for dataset in datasets:
        if place := product_of(rules, dataset):
            found.setdefault(place[0], {}).setdefault(place[1], []).append(dataset)
    owner: dict[str, str] = {"team": team} if team else {}
    return [
        ProductDescriptor.model_validate(
            {
                "domain": domain,
                "key": key,
                **owner,
                "ports": [_port(name, served) for name, served in sorted(ports.items())],
            }
        )
        for key, ports in sorted(found.items())
    ]


def _port(name: str, served: Sequence[DatasetDescriptor]) -> PortDescriptor:
    return PortDescriptor(
        direction="out",
        name=name,
        technology=served[0].technology,
        location=served[0].namespace,
        datasets=[
            DatasetAddress(namespace=d.namespace, name=d.name)
            for d in sorted(served, key=lambda d: d.name)
        ],
    )
