"""What was stated of a product or dataset at any time: today's state, with the later revisions taken back.

Nothing is stored twice for it: a revision keeps each field before and after.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from catalog.models import Dataset, Product, Revision
from catalog.registry.diff import Change, diff
from catalog.registry.merge import Merged, merge
from catalog.registry.origins import layers_of
from catalog.registry.paths import Path
from catalog.registry.preload import statement_of


@dataclass(frozen=True, slots=True)
class State:
    """What was stated at a time, and the number of the revision that made it so."""

    at: datetime
    revision: int
    merged: Merged


def state_at(subject: Product | Dataset, at: datetime) -> State | None:
    """Return what was stated of a subject at a time; None before it was registered. Two queries."""
    return states_at(subject, at)[0]


def states_at(subject: Product | Dataset, *moments: datetime) -> list[State | None]:
    """Return what was stated at each of some times, in their order; two queries."""
    kind = "product" if isinstance(subject, Product) else "dataset"
    rows = Revision.objects.filter(subject_kind=kind, subject_id=subject.pk)
    revisions = list(rows.order_by("-number").values_list("number", "at", "changes"))
    now = merge(map(statement_of, layers_of(subject)))
    found: dict[datetime, State | None] = {}
    for at in sorted(moments, reverse=True):
        while revisions and revisions[0][1] > at:
            now = taken_back(now, revisions.pop(0)[2])
        found[at] = State(at, revisions[0][0], now) if revisions else None
    return [found[at] for at in moments]


def compared(subject: Product | Dataset, before: State | None, after: State) -> tuple[Change, ...]:
    """Return what differs between two states, in the order of paths."""
    kind = "product" if isinstance(subject, Product) else "dataset"
    return diff(kind, before.merged if before else Merged(), after.merged)


def taken_back(state: Merged, changes: Iterable[Mapping[str, Any]]) -> Merged:
    """Return a state as it was before some changes (`path`, `before`, `after`)."""
    fields = dict(state.fields)
    items = {name: dict(of_list) for name, of_list in state.items.items()}
    for change in changes:
        path, before = Path.parse(change["path"]), deepcopy(change["before"])
        if path.item is None:
            fields[path.name] = before
            continue
        of_list = items.setdefault(path.name, {})
        if path.field is not None:
            of_list[path.item] = {**of_list.get(path.item, {}), path.field: before}
        elif before is None:
            of_list.pop(path.item, None)
        else:
            of_list[path.item] = before
    return Merged(fields, items)
