"""The versions of a product's contracts, what each changed, and any two compared."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from catalog.access.redaction import without_people
from catalog.contracts.changes import PUBLISHED, before_of
from catalog.contracts.selectors import document_for
from catalog.models import Contract, Event, Product, User
from catalog.standards.odcs.verdicts import Change, Comparison, judge
from catalog.standards.versions import newest_first

#: Versions that are compared with the one before, for each contract; older ones are listed alone.
MOST = 20


@dataclass(frozen=True, slots=True)
class Version:
    """One version, what it changed against the one before, and who published it."""

    contract: Contract
    before: Contract | None
    comparison: Comparison | None
    actor: str

    @property
    def reasons(self) -> list[str]:
        """What strikes consumers, the worst first."""
        changes = self.comparison.changes if self.comparison else ()
        hard = [change for change in changes if change.consumer == "error"]
        soft = [change for change in changes if change.consumer == "warning"]
        return [change.reason for change in (*hard, *soft)]


@dataclass(frozen=True, slots=True)
class Line:
    """A contract with its versions, the newest first."""

    key: str
    versions: tuple[Version, ...]

    @property
    def newest(self) -> Contract:
        """The newest version."""
        return self.versions[0].contract


@dataclass(frozen=True, slots=True)
class Compared:
    """Two versions side by side."""

    older: Contract
    newer: Contract
    comparison: Comparison

    @property
    def changes(self) -> Sequence[Change]:
        """All changes, what strikes consumers first."""
        rank = {"error": 0, "warning": 1, "info": 2}
        return sorted(self.comparison.changes, key=lambda change: rank[change.consumer])


def lines_of(product: Product, user: User | AnonymousUser) -> list[Line]:
    """Return the contracts of a product; two queries."""
    by_key: dict[str, list[Contract]] = {}
    for contract in product.contracts.order_by("key"):
        contract.product = product
        by_key.setdefault(contract.key, []).append(contract)
    actors = _actors(product, user) if by_key else {}
    return [Line(key, tuple(_versions(rows, actors, user))) for key, rows in by_key.items()]


def _versions(
    rows: list[Contract], actors: Mapping[tuple[str, str], str], user: User | AnonymousUser
) -> list[Version]:
    found = []
    for place, contract in enumerate(newest_first(rows)):
        before = before_of(contract.version, rows) if contract.document and place < MOST else None
        is_later = before is not None and newest_first([before, contract])[0] is contract
        both = (document_for(row, user) for row in (before, contract)) if before else None
        comparison = judge(*both) if both and is_later else None
        actor = actors.get((contract.key, contract.version), "")
        found.append(Version(contract, before if is_later else None, comparison, actor))
    return found


def _actors(product: Product, user: User | AnonymousUser) -> dict[tuple[str, str], str]:
    rows = Event.objects.filter(product_id=product.pk, type=PUBLISHED).order_by("id")
    return {
        (str(one.data.get("contract")), str(one.data.get("version"))): one.actor_name
        for one in without_people(rows, user)
    }


def compared(
    lines: Sequence[Line], user: User | AnonymousUser, key: str, older: str, newer: str
) -> Compared | None:
    """Compare two versions of one contract; None where one of them is not there."""
    for line in lines:
        if line.key == key:
            by_version = {one.contract.version: one.contract for one in line.versions}
            first, second = by_version.get(older), by_version.get(newer)
            if first is not None and second is not None:
                pair = judge(document_for(first, user), document_for(second, user))
                return Compared(first, second, pair)
    return None
