"""What the output ports of a product promise, held against what was found."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from catalog.descriptors import PromisedColumn
from catalog.models import Column, Contract
from catalog.standards.versions import newest_first, shared_out
from portal.reading.products import Overview
from portal.reading.schema import difference, names_of

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
    undeclared: tuple[str, ...] = ()  # columns that were found and are not promised

    @property
    def broken(self) -> int:
        """How many columns are not as promised."""
        return sum(bool(promise.difference) for promise in self.promises)


def terms_by_port(seen: Overview) -> dict[int, list[Terms]]:
    """Return the contracts by the id of their port, under 0 those of the whole product; two queries.

    Of a port that is served in two majors, each has the versions of its own number.
    """
    versions: dict[str, list[Contract]] = defaultdict(list)
    for contract in seen.product.contracts.defer("document").order_by("key"):
        versions[contract.key].append(contract)
    if not versions:
        return {}
    served = {port.pk: {link.dataset_id for link in port.addresses.all()} for port in seen.outputs}
    majors: dict[str, dict[int, int]] = defaultdict(dict)
    for port in seen.outputs:
        majors[port.name][port.major] = port.pk
    naming = {port.contract_key: port.name for port in seen.outputs if port.contract_key}
    names = {dataset.pk: names_of(dataset) for dataset in seen.datasets}
    found: dict[int, dict[str, Column]] = defaultdict(dict)
    rows = Column.objects.filter(dataset__in=[dataset.pk for dataset in seen.datasets])
    for column in rows:
        found[column.dataset_id][column.path] = column
    terms: dict[int, list[Terms]] = defaultdict(list)
    for rows_of in versions.values():
        newest = newest_first(rows_of)[0]
        ports = majors.get(newest.port_name or naming.get(newest.key, "")) or {1: 0}
        for major, own in shared_out(rows_of, ports).items():
            if not own:
                continue
            place = ports[major]
            first, *older = newest_first(own)
            known = {
                pk: (names[pk], columns)
                for pk, columns in found.items()
                if not place or pk in served[place]
            }
            promises, undeclared = _held(first, known)
            terms[place].append(Terms(first, promises, tuple(older), undeclared))
    return terms


def _held(
    contract: Contract, known: Mapping[int, tuple[frozenset[str], dict[str, Column]]]
) -> tuple[tuple[Promise, ...], tuple[str, ...]]:
    """Compare each table of a contract with the dataset of its name, else with the nearest one."""
    promised: dict[str, dict[str, PromisedColumn]] = {}
    for one in map(PromisedColumn.model_validate, contract.columns):
        promised.setdefault(one.object, {})[one.path] = one
    promises: list[Promise] = []
    undeclared: list[str] = []
    for thing, wanted in promised.items():
        nearest = _nearest(thing, wanted.keys(), known)
        promises += [Promise(one, _differs(nearest, wanted, path)) for path, one in wanted.items()]
        undeclared += [path for path in nearest or () if path not in wanted]
    return tuple(promises), tuple(undeclared)


def _nearest(
    thing: str,
    paths: Collection[str],
    known: Mapping[int, tuple[frozenset[str], dict[str, Column]]],
) -> dict[str, Column] | None:
    named = [columns for names, columns in known.values() if thing and thing.lower() in names]
    choice = named or [columns for _, columns in known.values()]
    return max(choice, key=lambda columns: len(columns.keys() & set(paths)), default=None)


def _differs(
    nearest: Mapping[str, Column] | None, wanted: Mapping[str, PromisedColumn], path: str
) -> str:
    if nearest is None:
        return ""
    return difference(nearest[path], wanted) if path in nearest else NOT_FOUND
