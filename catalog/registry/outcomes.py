"""What became of the descriptors that went through the door."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import Literal

from catalog.names import DatasetRef, ProductRef
from catalog.registry.diff import Change

Status = Literal["created", "changed", "unchanged", "stale", "refused"]
Refusal = Literal["invalid", "forbidden", "reserved"]


@dataclass(frozen=True, slots=True)
class Problem:
    """Why an item was refused: the path of the field, its value, and what is allowed.

    `refusal` tells a wrong value from one that is another's to change (`forbidden`) and from a name that
    something hidden holds (`reserved`).
    """

    path: str
    value: object
    message: str
    refusal: Refusal = "invalid"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one descriptor."""

    status: Status
    kind: Literal["product", "dataset"]
    ref: ProductRef | DatasetRef
    id: int | None = None
    changes: tuple[Change, ...] = ()
    problems: tuple[Problem, ...] = ()


@dataclass(frozen=True, slots=True)
class Applied:
    """What became of a batch, in the order of its items."""

    outcomes: tuple[Outcome, ...]

    def count(self, status: Status) -> int:
        """Count the items that ended in one way."""
        return Counter(outcome.status for outcome in self.outcomes)[status]

    @property
    def refused(self) -> tuple[Outcome, ...]:
        """The items that were not taken."""
        return tuple(outcome for outcome in self.outcomes if outcome.status == "refused")
