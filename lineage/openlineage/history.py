"""Fold the edges of jobs into datasets anew, from the rows of all their runs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Q

from catalog.models import Dataset
from lineage.models import DatasetLifecycle, RunClaim, RunDataset
from lineage.openlineage.batch import find_by_address, parts
from lineage.openlineage.edge_diff import EdgeKey
from lineage.openlineage.flows import Claim
from lineage.openlineage.fold import DatedClaim, History, RunReads, Span, fold
from lineage.openlineage.marks import Mark
from lineage.openlineage.observations import Group, RunKey, is_too_wide


@dataclass(slots=True)
class _Runs:
    """The runs that wrote the datasets of some groups, with all they read and wrote."""

    read: dict[RunKey, dict[int, Span]] = field(default_factory=lambda: defaultdict(dict))
    written: dict[RunKey, dict[int, Span]] = field(default_factory=lambda: defaultdict(dict))


@dataclass(frozen=True, slots=True)
class Histories:
    """What was folded, by group, and the newest run that read a dataset for a job's output."""

    by_group: Mapping[Group, History] = field(default_factory=dict)
    newest_runs: Mapping[EdgeKey, int | None] = field(default_factory=dict)

    def items(self) -> Iterator[tuple[EdgeKey, History]]:
        """Yield the history that tells of each edge."""
        for group, history in self.by_group.items():
            for upstream in history.edges:
                yield EdgeKey(group.job, upstream, group.dataset), history


def load_histories(groups: Collection[Group]) -> Histories:
    """Fold the edges of groups anew from the rows of all their runs."""
    if not groups:
        return Histories()
    runs = _runs(groups)
    claims = _claims(groups)
    drops = _drops(groups, runs, claims)
    by_group: dict[Group, list[RunReads]] = {group: [] for group in groups}
    for key, written in runs.written.items():
        read = runs.read.get(key, {})
        drawn = {} if is_too_wide(read, written) else read
        for dataset, span in written.items():
            if (group := Group(key.job, dataset)) in by_group:
                by_group[group].append(RunReads(key, span, drawn))
    histories = {
        group: fold(found, claims.get(group, ()), drops, group.dataset)
        for group, found in by_group.items()
    }
    return Histories(histories, _newest(by_group))


def find_drops(datasets: Collection[int]) -> dict[int, set[datetime]]:
    """Return when datasets were dropped, as far as was told."""
    found: dict[int, set[datetime]] = {}
    for part in parts(datasets):
        rows = DatasetLifecycle.objects.filter(dataset__in=part, change="DROP")
        for dataset, at in rows.values_list("dataset_id", "at"):
            found.setdefault(dataset, set()).add(at)
    return found


def of_groups(groups: Collection[Group]) -> Q:
    """Return a condition for rows of these groups; wider where several jobs share datasets."""
    jobs = {group.job for group in groups if group.job is not None}
    near = Q(job__in=jobs)
    if any(group.job is None for group in groups):
        near |= Q(job__isnull=True)
    return near


_SEEN = ("run_id", "job_id", "statement", "dataset_id", "first_seen_at", "last_seen_at")


def _runs(groups: Collection[Group]) -> _Runs:
    """Read the runs of groups: two steps, each in parts of 5,000."""
    found = _Runs()
    keys: dict[RunKey, None] = {}
    wanted = set(groups)
    for part in parts({group.dataset for group in groups}):
        rows = RunDataset.objects.filter(of_groups(groups), dataset__in=part, direction="out")
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


def _claims(groups: Collection[Group]) -> dict[Group, list[DatedClaim]]:
    rows: list[tuple[Any, ...]] = []
    for part in parts({group.dataset for group in groups}):
        near = RunClaim.objects.filter(of_groups(groups), dataset__in=part)
        rows += near.values_list(
            "run_id", "job_id", "statement", "dataset_id",
            "first_at", "first_hash", "last_at", "last_hash", "body_id", "body__body",
        )  # fmt: skip
    bodies = {body: Claim.parse(content) for *_, body, content in rows}
    wanted = {address for claim in bodies.values() for address in claim.flows}
    ids = {a: v[0] for a, v in find_by_address(Dataset.objects.all(), wanted, "pk").items()}
    found: dict[Group, list[DatedClaim]] = {}
    for run, job, statement, dataset, first_at, first_hash, last_at, last_hash, body, _ in rows:
        if (group := Group(job, dataset)) not in groups:
            continue
        claim = bodies[body]
        flows = {ids[address]: some for address, some in claim.flows.items() if address in ids}
        first, last = Mark(first_at, first_hash), Mark(last_at, last_hash)
        key = RunKey(run, job, statement)
        found.setdefault(group, []).append(DatedClaim(key, first, last, claim.is_exact, flows))
    return found


def _drops(
    groups: Collection[Group], runs: _Runs, claims: Mapping[Group, Iterable[DatedClaim]]
) -> dict[int, set[datetime]]:
    named = {group.dataset for group in groups}
    named |= {dataset for read in runs.read.values() for dataset in read}
    named |= {d for found in claims.values() for claim in found for d in claim.flows}
    return find_drops(named)


def _newest(by_group: Mapping[Group, Iterable[RunReads]]) -> dict[EdgeKey, int | None]:
    """Return the newest run that showed each edge."""
    found: dict[EdgeKey, tuple[datetime, int | None]] = {}
    for group, runs in by_group.items():
        for run in runs:
            pk = run.run[0] if isinstance(run.run, tuple) else None
            for upstream, span in run.read.items():
                key = EdgeKey(group.job, upstream, group.dataset)
                last = max(span.last, run.written.last)
                if key not in found or last >= found[key][0]:
                    found[key] = (last, pk)
    return {key: pk for key, (_, pk) in found.items()}
