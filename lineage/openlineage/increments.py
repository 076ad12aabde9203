"""Edges that nothing ever ended: what a batch shows of them is added to what is stored. No rows are read here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from lineage.models import Confidence
from lineage.openlineage.edge_diff import EdgeKey, EdgeState, StoredEdge
from lineage.openlineage.flows import Claim
from lineage.openlineage.fold import Interval, RunReads, Span, met
from lineage.openlineage.job_links import LinkKey, Links
from lineage.openlineage.observations import Group, Observations
from lineage.openlineage.parse import Address


@dataclass(slots=True)
class Sighting:
    """When a batch saw an edge, by which newest run, and whether it was stated outright."""

    span: Span
    run: int | None
    is_stated: bool = False

    def add(self, span: Span, run: int | None) -> None:
        """See it once more."""
        newest = run if run is not None and span.last >= self.span.last else self.run
        self.span, self.run = self.span.join(span), newest or run

    def state(self, stored: Sequence[StoredEdge]) -> EdgeState:
        """Return the state of the edge after the batch."""
        stated = Confidence.STATED.value
        if not stored:
            sure = stated if self.is_stated else Confidence.DERIVED.value
            return EdgeState(Interval(*self.span, None), sure, self.run)
        interval, sure, run = stored[-1].state
        if self.run is not None and self.span.last >= interval.last:
            run = self.run
        joined = self.span.join(Span(interval.first, interval.last))
        return EdgeState(Interval(*joined, None), stated if self.is_stated else sure, run)


@dataclass(frozen=True, slots=True)
class FreshClaim:
    """What a batch claims of columns; `is_first`: nothing was claimed before."""

    claim: Claim
    span: Span
    is_first: bool


@dataclass(slots=True)
class Increments:
    """What a batch adds to edges, and to the flows between the columns of datasets written."""

    edges: dict[EdgeKey, Sighting] = field(default_factory=dict)
    claims: dict[Group, FreshClaim] = field(default_factory=dict)

    def add_group(
        self,
        group: Group,
        runs: Sequence[RunReads],
        found: Observations,
        links: Links,
        ids: Mapping[Address, int],
    ) -> None:
        """Take what the runs of a batch show of a dataset that a job writes."""
        for run in runs:
            pk = run.run[0] if isinstance(run.run, tuple) else None
            for upstream, read in run.read.items():
                marks = met(run.written, read)
                self._see(group, upstream, Span(min(marks).at, max(marks).at), pk)
        points = found.points.get(group)
        if not points:
            return
        span = Span(min(points)[0].at, max(points)[0].at)
        claim = found.bodies[points[0][1]]
        for address in claim.flows:
            if (seen := self._see(group, ids[address], span, None)) is not None:
                seen.is_stated = True
        link = links[LinkKey(group.job or 0, group.dataset, "out")]
        self.claims[group] = FreshClaim(claim, span, link.claim is None)

    def _see(self, group: Group, upstream: int, span: Span, run: int | None) -> Sighting | None:
        if upstream == group.dataset:
            return None
        key = EdgeKey(group.job, upstream, group.dataset)
        seen = self.edges.get(key)
        if seen is None:
            seen = self.edges[key] = Sighting(span, run)
        else:
            seen.add(span, run)
        return seen
