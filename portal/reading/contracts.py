"""What the output ports of a product promise, held against what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from catalog.descriptors import PromisedColumn
from catalog.models import Column, Contract
from portal.reading.products import Overview
from portal.reading.schema import difference

NOT_FOUND = "not found"


@dataclass(frozen=True, slots=True)
class Promise:
    """One promised column, and how what was found differs; empty: it does not."""

    column: PromisedColumn
    difference: str


@dataclass(frozen=True, slots=True)
class Terms:
    """The newest version of a contract, and those before it, newest first."""

    contract: Contract
    promises: tuple[Promise, ...]
    older: tuple[Contract, ...]

    @property
    def broken(self) -> int:
        """How many columns are not as promised."""
        return sum(bool(promise.difference) for promise in self.promises)


def terms_by_port(seen: Overview) -> dict[str, list[Terms]]:
    """Return the contracts by the name of their port, under "" those of the whole product; two queries."""
    versions: dict[str, list[Contract]] = defaultdict(list)
    for contract in seen.product.contracts.order_by("key", "-created_at", "-pk"):
        versions[contract.key].append(contract)
    if not versions:
        return {}
    served = {
        port.name: {link.dataset_id for link in port.addresses.all()} for port in seen.outputs
    }
    found: dict[int, dict[str, Column]] = defaultdict(dict)
    rows = Column.objects.filter(dataset__in=[dataset.pk for dataset in seen.datasets])
    for column in rows:
        found[column.dataset_id][column.path] = column
    terms: dict[str, list[Terms]] = defaultdict(list)
    for first, *older in versions.values():
        known = [
            found[pk]
            for pk in found
            if not first.port_name or pk in served.get(first.port_name, set())
        ]
        name = first.port_name if first.port_name in served else ""
        terms[name].append(Terms(first, _promises(first, known), tuple(older)))
    return terms


def _promises(contract: Contract, known: Sequence[dict[str, Column]]) -> tuple[Promise, ...]:
    """Compare with the dataset that has most of the promised columns."""
    promised = {one.path: one for one in map(PromisedColumn.model_validate, contract.columns)}
    nearest = max(known, key=lambda columns: len(columns.keys() & promised.keys()), default=None)
    return tuple(
        Promise(
            one,
            ""
            if nearest is None
            else difference(nearest[path], promised)
            if path in nearest
            else NOT_FOUND,
        )
        for path, one in promised.items()
    )
