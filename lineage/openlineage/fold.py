"""Fold what runs said into dated edges; the same for any order of arrival. Free of Django.

The input is a set: what each run read and wrote, from when to when, and what it claimed of columns. The
output is a function of that set alone.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from lineage.openlineage.marks import Mark
from lineage.services.column_flow import ColumnFlow

#: Sorts after every hash: a dataset that is dropped was still there for whatever was said at that moment.
_LAST = "~"


class Span(NamedTuple):
    """When something was first and last seen."""

    first: datetime
    last: datetime

    def join(self, other: Span) -> Span:
        """Return the span of both."""
        return Span(min(self.first, other.first), max(self.last, other.last))


class Interval(NamedTuple):
    """Something held from `first` until before `ended` (None: it still does); `last`: last seen."""

    first: datetime
    last: datetime
    ended: datetime | None


@dataclass(frozen=True, slots=True)
class RunReads:
    """A run that wrote the dataset in question: when, and what it read meanwhile."""

    run: Hashable
    written: Span
    read: Mapping[int, Span]


@dataclass(frozen=True, slots=True)
class DatedClaim:
    """A claim of one run about the dataset in question, from its first to its last time."""

    run: Hashable
    first: Mark
    last: Mark
    is_exact: bool
    flows: Mapping[int, tuple[ColumnFlow, ...]]


@dataclass(frozen=True, slots=True)
class History:
    """The edges into one dataset by one job, by upstream, and the flows between their columns."""

    edges: Mapping[int, tuple[Interval, ...]]
    columns: Mapping[int, Mapping[ColumnFlow, tuple[Interval, ...]]]
    stated: frozenset[int] = frozenset()


def fold(
    runs: Iterable[RunReads],
    claims: Collection[DatedClaim],
    drops: Mapping[int, Collection[datetime]],
    dataset: int,
) -> History:
    """Return the history of the edges into `dataset`; `drops` says when datasets were dropped."""
    exact = {claim.run for claim in claims if claim.is_exact}
    seen: dict[int, set[Mark]] = {}
    for run in runs:
        if run.run in exact:
            continue
        for upstream, read in run.read.items():
            seen.setdefault(upstream, set()).update(met(run.written, read))
    steps = _steps(claims)
    stated = {upstream for _, claim in steps for upstream in claim.flows}
    for mark, claim in steps:
        for upstream in claim.flows:
            seen.setdefault(upstream, set()).add(mark)
    gone = [mark for mark, claim in steps if claim.is_exact]
    edges: dict[int, tuple[Interval, ...]] = {}
    for upstream, marks in seen.items():
        if upstream == dataset:
            continue
        listed = {mark for mark, claim in steps if upstream in claim.flows}
        ends = {*_dropped(drops, upstream, dataset), *(m for m in gone if m not in listed)}
        if found := intervals(marks, ends):
            edges[upstream] = found
    return History(edges, _columns(steps, drops, dataset), frozenset(stated))


def met(written: Span, read: Span) -> set[Mark]:
    """Return the first and the last moment at which a run was known to read and to write."""
    first, last = max(written.first, read.first), max(written.last, read.last)
    return {Mark(first, ""), Mark(last, "")}


def intervals(seen: Iterable[Mark], ends: Iterable[Mark]) -> tuple[Interval, ...]:
    """Cut the moments at which something was seen at those at which it ended."""
    cuts = sorted(set(ends))
    parts: dict[int, list[Mark]] = {}
    for mark in seen:
        parts.setdefault(bisect_left(cuts, mark), []).append(mark)
    found = []
    for place, marks in sorted(parts.items()):
        ended = cuts[place].at if place < len(cuts) else None
        first, last = min(marks).at, max(marks).at
        if ended is None or ended > first:
            found.append(Interval(first, last, ended))
    return tuple(found)


def _steps(claims: Collection[DatedClaim]) -> list[tuple[Mark, DatedClaim]]:
    points = {
        (mark, claim.run): (mark, claim) for claim in claims for mark in (claim.first, claim.last)
    }
    return sorted(points.values(), key=lambda step: step[0])


def _dropped(drops: Mapping[int, Collection[datetime]], *datasets: int) -> set[Mark]:
    return {Mark(at, _LAST) for dataset in datasets for at in drops.get(dataset, ())}


def _columns(
    steps: Collection[tuple[Mark, DatedClaim]],
    drops: Mapping[int, Collection[datetime]],
    dataset: int,
) -> dict[int, dict[ColumnFlow, tuple[Interval, ...]]]:
    seen: dict[int, dict[tuple[str, str, str, str], _FlowMarks]] = {}
    for mark, claim in steps:
        for upstream, flows in claim.flows.items():
            known = seen.setdefault(upstream, {})
            for flow in flows:
                known.setdefault(flow.key, _FlowMarks(flow)).add(mark, flow)
    every = {mark for mark, _ in steps}
    found: dict[int, dict[ColumnFlow, tuple[Interval, ...]]] = {}
    for upstream, flows_seen in seen.items():
        if upstream == dataset:
            continue
        dropped = _dropped(drops, upstream, dataset)
        for one in flows_seen.values():
            if cut := intervals(one.marks, dropped | (every - one.marks)):
                found.setdefault(upstream, {})[one.flow] = cut
    return found


@dataclass(slots=True)
class _FlowMarks:
    """The moments at which a flow was claimed, and how it was described at the last of them."""

    flow: ColumnFlow
    marks: set[Mark] = field(default_factory=set)

    def add(self, mark: Mark, flow: ColumnFlow) -> None:
        if not self.marks or mark >= max(self.marks):
            self.flow = flow
        self.marks.add(mark)
