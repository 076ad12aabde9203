"""Bring the edges of jobs in line with what their runs say: only what is new where that is enough.

An edge that nothing ever ended follows from the first and the last run that showed it, and is brought up
to date in place. Where a dataset was dropped, a run was exact, or a claim came late or differs, the edges of
the job into the dataset are folded anew from the rows of all its runs (`lineage.openlineage.history`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Q

from catalog.db import bulk
from lineage.models import (
    ClaimBody,
    ColumnEdge,
    Confidence,
    DatasetLifecycle,
    Edge,
    EdgeKind,
    JobDataset,
)
from lineage.openlineage.batch import parts
from lineage.openlineage.flows import Claim
from lineage.openlineage.fold import RunReads, Span, met
from lineage.openlineage.history import refold
from lineage.openlineage.marks import Mark
from lineage.openlineage.observations import Group, Observations
from lineage.openlineage.parse import Address
from lineage.services.edges import ColumnFlow, column_row

#: What events say of a dataset without a job has this source.
SOURCE = "openlineage"
Pair = tuple[int, int, int]  # job, upstream, downstream


@dataclass(slots=True)
class _Link:
    """What is known of a job and a dataset it reads or writes."""

    pk: int | None
    span: Span | None
    claim: Mark | None = None
    digest: str = ""
    is_exact: bool = False
    has_changed: bool = False


@dataclass(slots=True)
class _Quick:
    """Edges of a batch that can be brought up to date in place."""

    seen: dict[Pair, tuple[Span, int | None]] = field(default_factory=dict)
    stated: set[Pair] = field(default_factory=set)
    columns: dict[Group, tuple[Claim, Span, bool]] = field(default_factory=dict)


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
    links = _links(found, groups, ids)
    drops = drops_of(
        {d for g in groups for d in (g.dataset, *_upstreams(groups[g], found, ids, g))}
    )
    slow = {group for group in groups if _is_slow(group, groups[group], found, links, drops)}
    slow |= _touching(dropped)
    quick = _Quick()
    for group, runs in groups.items():
        if group not in slow and group.job is not None:
            _plan(quick, group, runs, found, links, ids)
    _store_links(found, links)
    changed = _write(quick, ids, sources)
    return changed | refold(slow, sources=sources)


def _upstreams(
    runs: Sequence[RunReads], found: Observations, ids: Mapping[Address, int], group: Group
) -> set[int]:
    read = {upstream for run in runs for upstream in run.read}
    digests = {digest for _, digest in found.points.get(group, ())}
    return read | {ids[a] for digest in digests for a in found.bodies[digest].flows}


def drops_of(datasets: Collection[int]) -> dict[int, set[datetime]]:
    """Return when datasets were dropped, as far as was told."""
    found: dict[int, set[datetime]] = {}
    for part in parts(datasets):
        rows = DatasetLifecycle.objects.filter(dataset__in=part, change="DROP")
        for dataset, at in rows.values_list("dataset_id", "at"):
            found.setdefault(dataset, set()).add(at)
    return found


def _touching(dropped: Collection[int]) -> set[Group]:
    """Return the groups of all edges from or to datasets that were dropped."""
    if not dropped:
        return set()
    near = Q(upstream__in=dropped) | Q(downstream__in=dropped)
    rows = Edge.objects.filter(near, kind=EdgeKind.JOB).values_list("job_id", "downstream_id")
    return {Group(job, downstream) for job, downstream in rows.distinct()}


def _links(
    found: Observations, groups: Mapping[Group, Sequence[RunReads]], ids: Mapping[Address, int]
) -> dict[tuple[int, int, str], _Link]:
    """Read and fold what jobs read and write: one query for each 5,000 datasets."""
    wanted: dict[tuple[int, int, str], Span] = {}
    for key, read, written in found.runs():
        if key.job is not None:
            for side, spans in (("in", read), ("out", written)):
                for dataset, span in spans.items():
                    place = (key.job, dataset, side)
                    wanted[place] = span.join(wanted.get(place, span))
    for group, points in found.points.items():
        if group.job is not None:
            for mark, digest in points:
                for address in found.bodies[digest].flows:
                    place = (group.job, ids[address], "in")
                    moment = Span(mark.at, mark.at)
                    wanted[place] = moment.join(wanted.get(place, moment))
    links = _stored({job for job, *_ in wanted}, {dataset for _, dataset, _ in wanted}, wanted)
    for place, span in wanted.items():
        link = links.setdefault(place, _Link(None, None))
        joined = link.span.join(span) if link.span else span
        link.has_changed |= joined != link.span
        link.span = joined
    return links


def _stored(
    jobs: set[int], datasets: set[int], wanted: Collection[tuple[int, int, str]]
) -> dict[tuple[int, int, str], _Link]:
    links: dict[tuple[int, int, str], _Link] = {}
    names = ("pk", "job_id", "dataset_id", "direction", "first_seen_at", "last_seen_at")
    for part in parts(datasets):
        rows = JobDataset.objects.filter(job__in=jobs, dataset__in=part)
        claims = ("claim_at", "claim_hash", "claim__digest", "is_exact")
        for (
            pk,
            job,
            dataset,
            way,
            first,
            last,
            at,
            digest_of_event,
            digest,
            exact,
        ) in rows.values_list(*names, *claims):
            if (job, dataset, way) in wanted:
                mark = Mark(at, digest_of_event) if at else None
                span = Span(first, last)
                links[job, dataset, way] = _Link(pk, span, mark, digest or "", exact)
    return links


def _is_slow(
    group: Group,
    runs: Sequence[RunReads],
    found: Observations,
    links: Mapping[tuple[int, int, str], _Link],
    drops: Mapping[int, Collection[datetime]],
) -> bool:
    """Tell whether the edges of a group must be folded anew from all its runs."""
    if group.job is None:
        return True
    link = links[group.job, group.dataset, "out"]
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


def _plan(
    quick: _Quick,
    group: Group,
    runs: Sequence[RunReads],
    found: Observations,
    links: Mapping[tuple[int, int, str], _Link],
    ids: Mapping[Address, int],
) -> None:
    job, down = group.job or 0, group.dataset
    for run in runs:
        key = run.run
        run_pk = key[0] if isinstance(key, tuple) else None
        for up, read in run.read.items():
            if up != down:
                marks = met(run.written, read)
                span = Span(min(marks).at, max(marks).at)
                _see(quick, (job, up, down), span, run_pk)
    points = found.points.get(group)
    if not points:
        return
    span = Span(min(points)[0].at, max(points)[0].at)
    claim = found.bodies[points[0][1]]
    for address in claim.flows:
        if ids[address] != down:
            _see(quick, (job, ids[address], down), span, None)
            quick.stated.add((job, ids[address], down))
    is_first = links[job, down, "out"].claim is None
    quick.columns[group] = (claim, span, is_first)


def _see(quick: _Quick, pair: Pair, span: Span, run: int | None) -> None:
    known = quick.seen.get(pair)
    if known is None:
        quick.seen[pair] = (span, run)
        return
    newest = run if run is not None and span.last >= known[0].last else known[1]
    quick.seen[pair] = (known[0].join(span), newest or run)


def _write(quick: _Quick, ids: Mapping[Address, int], sources: Mapping[int, str]) -> set[int]:
    known: dict[Pair, tuple[int, Span, str, int | None]] = {}
    names = ("job_id", "upstream_id", "downstream_id", "pk", "first_seen_at", "last_seen_at")
    jobs = {job for job, _, _ in quick.seen}
    for part in parts({down for _, _, down in quick.seen}):
        rows = Edge.objects.current().filter(job__in=jobs, downstream__in=part, kind=EdgeKind.JOB)
        for job, up, down, pk, first, last, sure, run in rows.values_list(
            *names, "confidence", "last_run_id"
        ):
            known[job, up, down] = (pk, Span(first, last), sure, run)
    new = [pair for pair in quick.seen if pair not in known]
    made = dict(zip(new, bulk.allocate(Edge, len(new)), strict=True))
    inserted = [_edge(made[pair], pair, quick, sources) for pair in new]
    bulk.insert(Edge, inserted)
    updated: list[dict[str, object]] = []
    changed = set(made.values())
    for pair, (span, run) in quick.seen.items():
        if pair in made:
            continue
        pk, old, sure, old_run = known[pair]
        joined = old.join(span)
        stated = Confidence.STATED.value if pair in quick.stated else sure
        newest = run if run is not None and span.last >= old.last else old_run
        if (joined, stated, newest) == (old, sure, old_run):
            continue
        if joined.first != old.first or stated != sure:
            changed.add(pk)
        values: dict[str, object] = {"first_seen_at": joined.first, "last_seen_at": joined.last}
        updated.append({"id": pk, **values, "confidence": stated, "last_run_id": newest})
    bulk.update(Edge, updated)
    at = made | {pair: row[0] for pair, row in known.items()}
    return changed | _write_columns(quick, ids, at)


def _edge(pk: int, pair: Pair, quick: _Quick, sources: Mapping[int, str]) -> dict[str, object]:
    span, run = quick.seen[pair]
    sure = Confidence.STATED if pair in quick.stated else Confidence.DERIVED
    return edge_row(pk, pair, sources, sure) | {
        "last_run_id": run,
        "first_seen_at": span.first,
        "last_seen_at": span.last,
        "ended_at": None,
    }


def edge_row(
    pk: int, pair: tuple[int | None, int, int], sources: Mapping[int, str], sure: Confidence
) -> dict[str, object]:
    """Return the row of an edge of a job, without its times."""
    job, up, down = pair
    return {
        "id": pk,
        "upstream_id": up,
        "downstream_id": down,
        "kind": EdgeKind.JOB.value,
        "confidence": sure.value,
        "job_id": job,
        "source": sources.get(job or 0, SOURCE)[:200],
        "by_id": None,
        "note": "",
    }


def _write_columns(
    quick: _Quick, ids: Mapping[Address, int], edges: Mapping[Pair, int]
) -> set[int]:
    """Add the flows of first claims; the same claim again only renews its flows."""
    new: list[dict[str, object]] = []
    changed: set[int] = set()
    renewed: dict[int, datetime] = {}
    for group, (claim, span, is_first) in quick.columns.items():
        for address, flows in claim.flows.items():
            if ids[address] == group.dataset:
                continue
            edge = edges[group.job or 0, ids[address], group.dataset]
            if is_first:
                changed.add(edge)
                new += [column_row(edge, ColumnFlow(*flow), *span) for flow in flows]
            else:
                renewed[edge] = span.last
    bulk.insert(ColumnEdge, new)
    rows = ColumnEdge.objects.filter(edge__in=renewed, ended_at__isnull=True)
    later = [
        {"id": pk, "last_seen_at": renewed[edge]}
        for pk, edge, last in rows.values_list("pk", "edge_id", "last_seen_at")
        if last < renewed[edge]
    ]
    bulk.update(ColumnEdge, later)
    return changed


def _store_links(found: Observations, links: Mapping[tuple[int, int, str], _Link]) -> None:
    for group, points in found.points.items():
        if group.job is None:
            continue
        link = links[group.job, group.dataset, "out"]
        mark, digest = max(points)
        if link.claim is None or mark >= link.claim:
            link.claim, link.digest, link.has_changed = mark, digest, True
        if not link.is_exact and any(found.bodies[d].is_exact for _, d in points):
            link.is_exact = link.has_changed = True
    changed = {place: link for place, link in links.items() if link.has_changed}
    bodies = _body_ids({link.digest for link in changed.values() if link.digest})
    rows = [(place, link, _link_row(link, bodies)) for place, link in changed.items() if link.span]
    bulk.insert(
        JobDataset,
        [
            {"job_id": job, "dataset_id": dataset, "direction": way, **row}
            for (job, dataset, way), link, row in rows
            if link.pk is None
        ],
    )
    bulk.update(JobDataset, [{"id": link.pk, **row} for _, link, row in rows if link.pk])


def _link_row(link: _Link, bodies: Mapping[str, int]) -> dict[str, object]:
    span = link.span
    return {
        "first_seen_at": span.first if span else None,
        "last_seen_at": span.last if span else None,
        "claim_id": bodies.get(link.digest),
        "claim_at": link.claim.at if link.claim else None,
        "claim_hash": link.claim.hash if link.claim else "",
        "is_exact": link.is_exact,
    }


def _body_ids(digests: Collection[str]) -> dict[str, int]:
    rows = ClaimBody.objects.filter(digest__in=digests)
    return dict(rows.values_list("digest", "pk"))
