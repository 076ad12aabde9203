"""Some events on their way into the tables, and small means to read many rows at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db import models

from catalog.db.batches import batched
from lineage.openlineage.flows import Flows, flows_of
from lineage.openlineage.marks import Mark, is_newer
from lineage.openlineage.parse import Address, Event, Facets, Remark

#: How many values one condition of a query may list.
CHUNK = 5000
_Row = TypeVar("_Row", bound=models.Model)
_Item = TypeVar("_Item")


@dataclass(slots=True)
class BatchEvent:
    """One event of a batch, with the ids of what it names."""

    event: Event
    flows: Flows
    job_id: int | None = None
    run_pk: int | None = None
    remarks: list[Remark] = field(default_factory=list)

    @property
    def statement(self) -> str:
        """What stands for the run in events that have none."""
        return "" if self.run_pk is not None else self.event.mark.hash


def steps_of(events: Sequence[Event]) -> list[BatchEvent]:
    """Put events in the order of their times."""
    ordered = sorted(events, key=lambda event: event.mark)
    return [BatchEvent(event, flows_of(event)) for event in ordered]


def addresses_of(steps: Sequence[BatchEvent]) -> list[Address]:
    """Return every dataset that events name, once, in their order."""
    found: dict[Address, None] = {}
    for step in steps:
        found |= dict.fromkeys(mention.address for mention in step.event.mentions)
        found |= dict.fromkeys(step.flows.reads)
        for target, claim in step.flows.claims.items():
            found[target] = None
            found |= dict.fromkeys(claim.flows)
    return list(found)


def find_by_address(
    rows: models.QuerySet[_Row], wanted: Collection[Address], *fields: str
) -> dict[Address, tuple[Any, ...]]:
    """Return rows by (namespace, name): the values of `fields`."""
    found: dict[Address, tuple[Any, ...]] = {}
    known = set(wanted)
    for part in parts(list(known)):
        near = rows.filter(namespace__in={ns for ns, _ in part}, name__in={n for _, n in part})
        for namespace, name, *values in near.values_list("namespace", "name", *fields):
            if (namespace, name) in known:
                found[namespace, name] = tuple(values)
    return found


def parts(values: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Cut a collection into lists that a query can take."""
    return batched(values, CHUNK)


@dataclass(slots=True)
class FacetFold:
    """The newest facet of each name. Takes them in any order."""

    bodies: dict[str, Any]
    marks: dict[str, list[str]]

    def add(self, facets: Facets, mark: Mark) -> bool:
        """Take the facets of one event; tell whether any was newer than what is known."""
        has_changed = False
        for name, body in facets.items():
            if not is_newer(mark, Mark.parse(self.marks.get(name))):
                continue
            has_changed = True
            self.marks[name] = mark.dump()
            if body.get("_deleted") is True:
                self.bodies.pop(name, None)
            else:
                self.bodies[name] = body
        return has_changed

    def get(self, name: str) -> Mapping[str, Any]:
        """Return a facet, empty where there is none."""
        found = self.bodies.get(name)
        return found if isinstance(found, Mapping) else {}


def text_of(value: object, top: int | None = None) -> str:
    """Return a text of a facet, empty for anything else."""
    return value[:top] if isinstance(value, str) else ""
