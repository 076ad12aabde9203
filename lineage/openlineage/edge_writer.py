"""Bring the edges of jobs in line with what their runs say: only what is new where that is enough.

An edge that nothing ever ended follows from the first and the last run that showed it: what the batch saw is
added to its row (`increments`). Where a dataset was dropped, a run was exact, or a claim came late or differs,
the edges of the job into the dataset are folded anew from the rows of all its runs (`history`). Both say which
edges there must be; one `diff` with the stored rows says what to write.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from django.db.models import Q

from lineage.models import Confidence, Edge, EdgeKind, Job
from lineage.openlineage.batch import parts
from lineage.openlineage.edge_diff import EdgeDiff, EdgeKey, EdgeState, StoredEdge, diff
from lineage.openlineage.edge_rows import (
    SOURCE,
    ColumnPlan,
    DatedFlow,
    read_edges,
    write_columns,
    write_diff,
)
from lineage.openlineage.fold import Interval, RunReads
from lineage.openlineage.history import Histories, find_drops, load_histories, of_groups
from lineage.openlineage.increments import Increments
from lineage.openlineage.job_links import LinkKey, Links, load_links, store_links
from lineage.openlineage.observations import Group, Observations
from lineage.openlineage.parse import Address

Stored = dict[EdgeKey, list[StoredEdge]]


def write_edges(
    found: Observations,
    *,
    ids: Mapping[Address, int],
    sources: Mapping[int, str],
    dropped: Collection[int],
) -> set[int]:
    """Write the edges that follow from a batch; return the ids of those that changed.

    `sources` names who speaks, by job. `dropped` are the datasets of which a drop was told just now.
    """
    groups = found.groups()
    links = load_links(found, ids)
    drops = find_drops(
        {d for g in groups for d in (g.dataset, *_upstreams(groups[g], found, ids, g))}
    )
    to_fold = {group for group in groups if _must_fold(group, groups[group], found, links, drops)}
    to_fold |= _touching(dropped)
    fresh = Increments()
    for group, runs in groups.items():
        if group not in to_fold:
            fresh.add_group(group, runs, found, links, ids)
    store_links(found, links)
    folded = load_histories(to_fold)
    stored = {**_read_current(fresh.edges), **_read_groups(to_fold)}
    wanted = {key: [seen.state(stored.get(key, ()))] for key, seen in fresh.edges.items()}
    written = diff(stored, {**wanted, **_folded_states(folded)})
    changed = write_diff(written, {**sources, **_other_sources(written, sources)})
    plan = ColumnPlan()
    _add_claims(plan, fresh, ids, written, wanted)
    _fold_columns(plan, folded, written)
    return changed | write_columns(plan)


def _upstreams(
    runs: Sequence[RunReads], found: Observations, ids: Mapping[Address, int], group: Group
) -> set[int]:
    read = {upstream for run in runs for upstream in run.read}
    digests = {digest for _, digest in found.points.get(group, ())}
    return read | {ids[a] for digest in digests for a in found.bodies[digest].flows}


def _touching(dropped: Collection[int]) -> set[Group]:
    """Return the groups of all edges from or to datasets that were dropped."""
    if not dropped:
        return set()
    near = Q(upstream__in=dropped) | Q(downstream__in=dropped)
    rows = Edge.objects.filter(near, kind=EdgeKind.JOB).values_list("job_id", "downstream_id")
    return {Group(job, downstream) for job, downstream in rows.distinct()}


def _must_fold(
    group: Group,
    runs: Sequence[RunReads],
    found: Observations,
    links: Links,
    drops: Mapping[int, Collection[datetime]],
) -> bool:
    """Tell whether the edges of a group must be folded anew from all its runs."""
    if group.job is None:
        return True
    link = links[LinkKey(group.job, group.dataset, "out")]
    points = found.points.get(group, ())
    digests = {digest for _, digest in points}
    is_exact = link.is_exact or any(found.bodies[d].is_exact for d in digests)
    if is_exact or len(digests) > 1 or group.dataset in drops:
        return True
    if drops and any(upstream in drops for run in runs for upstream in run.read):
        return True
    if not points:
        return False
    if drops:
        return True
    is_late = link.claim is not None and min(points)[0] < link.claim
    return is_late or bool(link.digest and {link.digest} != digests)


def _read_current(keys: Collection[EdgeKey]) -> Stored:
    """Read the current edges of some keys."""
    stored: Stored = {}
    jobs = {key.job for key in keys}
    for part in parts({key.downstream for key in keys}):
        rows = Edge.objects.current().filter(job__in=jobs, downstream__in=part)
        for key, edge in read_edges(rows):
            if key in keys:
                stored[key] = [edge]
    return stored


def _read_groups(groups: Collection[Group]) -> Stored:
    """Read all edges of groups, in the order of time."""
    stored: Stored = {}
    for part in parts({group.dataset for group in groups}):
        rows = Edge.objects.filter(of_groups(groups), downstream__in=part)
        for key, edge in read_edges(rows.order_by("first_seen_at", "pk")):
            if Group(key.job, key.downstream) in groups:
                stored.setdefault(key, []).append(edge)
    return stored


def _folded_states(folded: Histories) -> dict[EdgeKey, list[EdgeState]]:
    return {
        key: [
            EdgeState(
                interval,
                (Confidence.STATED if key.upstream in history.stated else Confidence.DERIVED).value,
                folded.newest_runs.get(key),
            )
            for interval in history.edges[key.upstream]
        ]
        for key, history in folded.items()
    }


def _other_sources(written: EdgeDiff, sources: Mapping[int, str]) -> dict[int, str]:
    """Return who speaks of new edges of jobs that are not in the batch: their namespace."""
    jobs = {key.job for key, _ in written.added if key.job is not None} - sources.keys()
    rows = Job.objects.filter(pk__in=jobs).values_list("pk", "namespace") if jobs else ()
    return {pk: f"{SOURCE}:{namespace}" for pk, namespace in rows}


def _add_claims(
    plan: ColumnPlan,
    fresh: Increments,
    ids: Mapping[Address, int],
    written: EdgeDiff,
    wanted: Mapping[EdgeKey, Sequence[EdgeState]],
) -> None:
    """Add the flows of first claims; the same claim again only renews its flows."""
    for group, claimed in fresh.claims.items():
        interval = Interval(*claimed.span, None)
        for address, flows in claimed.claim.flows.items():
            key = EdgeKey(group.job, ids[address], group.dataset)
            if key not in wanted:  # a dataset does not flow into itself
                continue
            edge = written.ids[key, wanted[key][0].interval.first]
            if claimed.is_first:
                plan.added += [(edge, DatedFlow(flow, interval)) for flow in flows]
            else:
                plan.seen_again[edge] = claimed.span.last


def _fold_columns(plan: ColumnPlan, folded: Histories, written: EdgeDiff) -> None:
    """Give each flow to the edge of the interval that holds it."""
    for key, history in folded.items():
        edges = history.edges[key.upstream]
        for edge in edges:
            plan.whole[written.ids[key, edge.first]] = set()
        for flow, intervals in history.columns.get(key.upstream, {}).items():
            for interval in intervals:
                holder = _holder(edges, interval)
                plan.whole[written.ids[key, holder.first]].add(DatedFlow(flow, interval))


def _holder(edges: Sequence[Interval], interval: Interval) -> Interval:
    return max(edge for edge in edges if edge.first <= interval.first)
