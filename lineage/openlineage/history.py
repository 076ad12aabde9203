"""Fold the edges of jobs into datasets anew, from the rows of all their runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from catalog.db import bulk
from catalog.models import Dataset
from lineage.models import ColumnEdge, Confidence, Edge, EdgeKind, Job, RunClaim, RunDataset
from lineage.openlineage.batch import find_by_address, parts
from lineage.openlineage.flows import Claim
from lineage.openlineage.fold import Claimed, History, Interval, RunReads, Span, fold
from lineage.openlineage.marks import Mark
from lineage.openlineage.observations import Group, RunKey, is_too_wide
from lineage.services.edges import ColumnFlow, column_row


@dataclass(slots=True)
class _Runs:
    """The runs that wrote the datasets of some groups, with all they read and wrote."""

    read: dict[RunKey, dict[int, Span]] = field(default_factory=lambda: defaultdict(dict))
    written: dict[RunKey, dict[int, Span]] = field(default_factory=lambda: defaultdict(dict))


def refold(groups: Collection[Group], *, sources: Mapping[int, str]) -> set[int]:
    """Compute the edges of groups anew and write what differs; return the ids of those that changed."""
    if not groups:
        return set()
    runs = _runs(groups)
    claims = _claims(groups)
    drops = _drops(groups, runs, claims)
    by_group: dict[Group, list[RunReads]] = {group: [] for group in groups}
    for key, written in runs.written.items():
        read = runs.read.get(key, {})
        shown = {} if is_too_wide(read, written) else read
        for dataset, span in written.items():
            if (group := Group(key.job, dataset)) in by_group:
                by_group[group].append(RunReads(key, span, shown))
    unnamed = {group.job for group in groups if group.job is not None} - sources.keys()
    told = {**sources, **sources_of(unnamed)}
    histories = {
        group: fold(found, claims.get(group, ()), drops, group.dataset)
        for group, found in by_group.items()
    }
    return _write(histories, _newest(by_group), told)


def sources_of(jobs: Collection[int]) -> dict[int, str]:
    """Return who speaks of edges, by job: its namespace."""
    rows = Job.objects.filter(pk__in=jobs).values_list("pk", "namespace")
    return {pk: f"openlineage:{namespace}" for pk, namespace in rows}


def _of_groups(groups: Collection[Group], field: str = "job") -> Q:
    """Return a condition for rows of these groups; wider where several jobs share datasets."""
    jobs = {group.job for group in groups if group.job is not None}
    near = Q(**{f"{field}__in": jobs})
    if any(group.job is None for group in groups):
        near |= Q(**{f"{field}__isnull": True})
    return near


_SEEN = ("run_id", "job_id", "statement", "dataset_id", "first_seen_at", "last_seen_at")


def _runs(groups: Collection[Group]) -> _Runs:
    """Read the runs of groups: two steps, each in parts of 5,000."""
    found = _Runs()
    keys: dict[RunKey, None] = {}
    wanted = set(groups)
    for part in parts({group.dataset for group in groups}):
        rows = RunDataset.objects.filter(_of_groups(groups), dataset__in=part, direction="out")
        for run, job, statement, dataset, _, _ in rows.values_list(*_SEEN):
            if Group(job, dataset) in wanted:
                keys[RunKey(run, job, statement)] = None
    conditions = [Q(run__in=p) for p in parts({key.run for key in keys if key.run is not None})]
    conditions += [
        Q(run__isnull=True, statement__in=p)
        for p in parts({key.statement for key in keys if key.run is None})
    ]
    for condition in conditions:
        rows = RunDataset.objects.filter(condition)
        for run, job, statement, dataset, first, last, way in rows.values_list(*_SEEN, "direction"):
            key = RunKey(run, job, statement)
            if key in keys:
                side = found.written if way == "out" else found.read
                side[key][dataset] = Span(first, last)
    return found


def _claims(groups: Collection[Group]) -> dict[Group, list[Claimed]]:
    rows: list[tuple[Any, ...]] = []
    for part in parts({group.dataset for group in groups}):
        near = RunClaim.objects.filter(_of_groups(groups), dataset__in=part)
        rows += near.values_list(
            "run_id", "job_id", "statement", "dataset_id", "body_id",
            "first_at", "first_hash", "last_at", "last_hash", "body__body",
        )  # fmt: skip
    bodies = {row[4]: Claim.parse(row[9]) for row in rows}
    wanted = {address for claim in bodies.values() for address in claim.flows}
    ids = {a: v[0] for a, v in find_by_address(Dataset.objects.all(), wanted, "pk").items()}
    found: dict[Group, list[Claimed]] = {}
    for run, job, statement, dataset, body, *marks, _ in rows:
        if (group := Group(job, dataset)) not in groups:
            continue
        claim = bodies[body]
        flows = {ids[address]: said for address, said in claim.flows.items() if address in ids}
        first, last = Mark(marks[0], marks[1]), Mark(marks[2], marks[3])
        key = RunKey(run, job, statement)
        found.setdefault(group, []).append(Claimed(key, first, last, claim.is_exact, flows))
    return found


def _drops(
    groups: Collection[Group], runs: _Runs, claims: Mapping[Group, Iterable[Claimed]]
) -> dict[int, Any]:
    from lineage.openlineage.edges import drops_of

    named = {group.dataset for group in groups}
    named |= {dataset for read in runs.read.values() for dataset in read}
    named |= {d for found in claims.values() for claim in found for d in claim.flows}
    return dict(drops_of(named))


def _newest(by_group: Mapping[Group, Iterable[RunReads]]) -> dict[tuple[Group, int], int | None]:
    """Return the newest run that read a dataset for a group."""
    found: dict[tuple[Group, int], tuple[Any, int | None]] = {}
    for group, runs in by_group.items():
        for run in runs:
            pk = run.run[0] if isinstance(run.run, tuple) else None
            for upstream, span in run.read.items():
                rank = (max(span.last, run.written.last), pk)
                if (group, upstream) not in found or rank[0] >= found[group, upstream][0]:
                    found[group, upstream] = rank
    return {place: pk for place, (_, pk) in found.items()}


@dataclass(slots=True)
class _Plan:
    """What must be written so that the rows say what was folded."""

    new: list[dict[str, Any]] = field(default_factory=list)
    old: list[dict[str, Any]] = field(default_factory=list)
    void: list[int] = field(default_factory=list)
    columns: dict[int, list[dict[str, object]]] = field(default_factory=dict)
    changed: set[int] = field(default_factory=set)


def _write(
    histories: Mapping[Group, History],
    newest: Mapping[tuple[Group, int], int | None],
    sources: Mapping[int, str],
) -> set[int]:
    known = _known(histories)
    plan = _Plan()
    missing = 0
    for group, history in histories.items():
        rows = known.get(group, {})
        for upstream, found in history.edges.items():
            missing += max(0, len(found) - len(rows.get(upstream, ())))
    fresh = iter(bulk.allocate(Edge, missing))
    for group, history in histories.items():
        rows = known.get(group, {})
        for upstream in rows.keys() | history.edges.keys():
            ids = _match(
                plan,
                (group.job, upstream, group.dataset),
                history,
                rows.get(upstream, []),
                fresh,
                newest.get((group, upstream)),
                sources,
            )
            _flow(plan, ids, history, upstream)
    return _store(plan)


def _match(
    plan: _Plan,
    pair: tuple[int | None, int, int],
    history: History,
    stored: Sequence[tuple[Any, ...]],
    fresh: Iterator[int],
    last_run: int | None,
    sources: Mapping[int, str],
) -> list[int]:
    """Let rows stand for intervals in their order: renew, add, or take away; return their ids."""
    upstream = pair[1]
    wanted = history.edges.get(upstream, ())
    sure = Confidence.STATED if upstream in history.stated else Confidence.DERIVED
    plan.void += [row[0] for row in stored[len(wanted) :]]
    ids = [row[0] for row in stored[: len(wanted)]]
    for pk, row, interval in zip(ids, stored, wanted, strict=False):
        _renew(plan, pk, row, interval, sure, last_run)
    for interval in wanted[len(ids) :]:
        ids.append(next(fresh))
        _add(plan, ids[-1], pair, interval, sure, sources, last_run)
    return ids


def _flow(plan: _Plan, ids: Sequence[int], history: History, upstream: int) -> None:
    """Plan the flows between columns, each at the interval of the edge that holds it."""
    for pk in ids:
        plan.columns.setdefault(pk, [])
    for flow, spans in history.columns.get(upstream, {}).items():
        for span in spans:
            pk = ids[_place(history.edges[upstream], span)]
            plan.columns[pk].append(column_row(pk, ColumnFlow(*flow), *span))


def _place(edges: Collection[Interval], span: Interval) -> int:
    """Return which interval of the edge holds the interval of a flow."""
    return sum(1 for edge in edges if edge.first <= span.first) - 1


_EDGE = ("pk", "first_seen_at", "last_seen_at", "ended_at", "confidence", "last_run_id")


def _known(groups: Collection[Group]) -> dict[Group, dict[int, list[tuple[Any, ...]]]]:
    found: dict[Group, dict[int, list[tuple[Any, ...]]]] = {}
    for part in parts({group.dataset for group in groups}):
        rows = Edge.objects.filter(_of_groups(groups), downstream__in=part, kind=EdgeKind.JOB)
        ordered = rows.order_by("first_seen_at", "pk")
        for job, up, down, *row in ordered.values_list(
            "job_id", "upstream_id", "downstream_id", *_EDGE
        ):
            if (group := Group(job, down)) in groups:
                found.setdefault(group, {}).setdefault(up, []).append(tuple(row))
    return found


def _renew(
    plan: _Plan,
    pk: int,
    row: tuple[Any, ...],
    interval: Interval,
    sure: Confidence,
    last_run: int | None,
) -> None:
    if row[1:5] != (*interval, sure.value) or row[5] != last_run:
        values = {"confidence": sure.value, "last_run_id": last_run}
        plan.old.append({"id": pk, **_times(interval), **values})
    if (row[1], row[3], row[4]) != (interval.first, interval.ended, sure.value):
        plan.changed.add(pk)


def _times(interval: Interval) -> dict[str, Any]:
    return {
        "first_seen_at": interval.first,
        "last_seen_at": interval.last,
        "ended_at": interval.ended,
    }


def _add(
    plan: _Plan,
    pk: int,
    pair: tuple[int | None, int, int],
    interval: Interval,
    sure: Confidence,
    sources: Mapping[int, str],
    last_run: int | None,
) -> None:
    from lineage.openlineage.edges import edge_row

    row = edge_row(pk, pair, sources, sure)
    plan.new.append(row | {"last_run_id": last_run} | _times(interval))
    plan.changed.add(pk)


def _store(plan: _Plan) -> set[int]:
    """Write edges, then the flows between their columns where these differ."""
    for part in parts(plan.void):
        ColumnEdge.objects.filter(edge__in=part).delete()
        Edge.objects.filter(pk__in=part).delete()
    bulk.update(Edge, plan.old)
    bulk.insert(Edge, plan.new)
    names = (
        "edge_id", "upstream_path", "downstream_path", "type", "subtype", "is_masking",
        "description", "first_seen_at", "last_seen_at", "ended_at",
    )  # fmt: skip
    stored: dict[int, set[tuple[Any, ...]]] = {pk: set() for pk in plan.columns}
    for part in parts(plan.columns):
        for values in ColumnEdge.objects.filter(edge__in=part).values_list(*names):
            stored[values[0]].add(tuple(values))
    differ = {
        pk: rows
        for pk, rows in plan.columns.items()
        if stored[pk] != {tuple(row[name] for name in names) for row in rows}
    }
    for part in parts(differ):
        ColumnEdge.objects.filter(edge__in=part).delete()
    bulk.insert(ColumnEdge, [row for rows in differ.values() for row in rows])
    return plan.changed | differ.keys() | set(plan.void)
