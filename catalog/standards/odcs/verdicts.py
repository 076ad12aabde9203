"""What a change of a contract means: for consumers, for producers, for its next version. Free of Django."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from catalog.standards.odcs import data_rules, terms_rules
from catalog.standards.odcs.compare import Difference, What, compare
from catalog.standards.odcs.contract import key_of, third
from catalog.standards.odcs.directions import (
    LEVELS,
    Direction,
    Level,
    for_consumers,
    for_producers,
    worst,
)
from catalog.standards.versions import bumped, number_of

Part = Literal["major", "minor", "patch", "none"]
#: What names the document itself.
_IDENTITY = frozenset({"version", "apiVersion", "kind", "contractCreatedTs"})


@dataclass(frozen=True, slots=True)
class Change:
    """One difference with its verdicts. `data` judges the data alone, as `datacontract breaking` does."""

    difference: Difference
    direction: Direction
    data: tuple[Level, Level]  # consumers, producers
    terms: Level  # consumers, by the terms beside the data
    reason: str

    @property
    def path(self) -> str:
        """Where it is, as one text."""
        return self.difference.address

    @property
    def what(self) -> What:
        """Whether it came, went or changed."""
        return self.difference.what

    @property
    def consumer(self) -> Level:
        """How it strikes those who read the data."""
        return max(self.data[0], self.terms, key=LEVELS.index)

    @property
    def producer(self) -> Level:
        """How it strikes those who make the data."""
        return self.data[1]


@dataclass(frozen=True, slots=True)
class Comparison:
    """All changes between two versions of a contract."""

    changes: tuple[Change, ...]
    before: str  # version
    after: str

    @property
    def consumer(self) -> Level | Literal["none"]:
        """The worst for consumers."""
        return worst([change.consumer for change in self.changes])

    @property
    def producer(self) -> Level | Literal["none"]:
        """The worst for producers."""
        return worst([change.producer for change in self.changes])

    @property
    def data_consumer(self) -> Level | Literal["none"]:
        """The worst for consumers by the data alone."""
        return worst([change.data[0] for change in self.changes])

    @property
    def is_breaking(self) -> bool:
        """Tell whether consumers break."""
        return self.consumer == "error"

    @property
    def needs(self) -> Part:
        """Which part of the version has to be raised; before 1.0 a minor one may break."""
        real = [c for c in self.changes if c.difference.path[0] not in _IDENTITY]
        if not real:
            return "none"
        if self.is_breaking:
            number = number_of(self.before)
            return "minor" if number is not None and number[0] == 0 else "major"
        adds = any(c.producer == "error" or c.consumer == "warning" for c in real)
        return "minor" if adds else "patch"

    @property
    def suggested(self) -> str:
        """The next version; empty where the one before is no semantic version."""
        return self.before if self.needs == "none" else bumped(self.before, self.needs)

    @property
    def is_numbered_enough(self) -> bool:
        """Tell whether a breaking change comes with a new major version (a new minor one before 1.0)."""
        if not self.is_breaking:
            return True
        old, new = number_of(self.before), number_of(self.after)
        if old is None or new is None:
            return self.before != self.after
        return new[:2] > old[:2] if old[0] == 0 else new[0] > old[0]


def judge(before: dict[str, Any], after: dict[str, Any]) -> Comparison:
    """Compare two contracts and say of each change what it means."""
    old, new = third(before), third(after)
    changes = tuple(_change(one, old, new) for one in compare(before, after))
    return Comparison(changes, key_of(before)[1], key_of(after)[1])


def _change(one: Difference, old: dict[str, Any], new: dict[str, Any]) -> Change:
    direction, reason = data_rules.judge(one, old, new)
    terms, more = terms_rules.judge(one, old, new)
    reasons = "; ".join(text for text in (reason, more) if text)
    return Change(
        one, direction, (for_consumers(direction), for_producers(direction)), terms, reasons
    )
