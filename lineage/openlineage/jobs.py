"""Jobs and runs: rows made and brought in line with what events say."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from catalog.db import bulk
from catalog.visibility import SIGNED_IN
from lineage.models import Job, JobRun, JobType, RunState
from lineage.openlineage.authority import Rights
from lineage.openlineage.batch import BatchEvent, FacetFold, find_by_address, parts, text_of
from lineage.openlineage.marks import Mark, is_newer
from lineage.openlineage.parse import Address, Event, read_time

_TERMINAL = {
    "COMPLETE": RunState.COMPLETED,
    "FAIL": RunState.FAILED,
    "ABORT": RunState.ABORTED,
}
_JOB_TYPES = {
    "STREAMING": JobType.STREAM,
    "STREAM": JobType.STREAM,
    "SERVICE": JobType.SERVICE,
}


def write_jobs(steps: Sequence[BatchEvent], rights: Rights) -> None:
    """Make and update the jobs of events, and note their ids on the steps: three queries.

    A job that nobody owns is seen by its sender alone; once its owner tells of it, by everybody.
    """
    wanted: dict[Address, list[BatchEvent]] = {}
    for step in steps:
        if step.event.job is not None:
            wanted.setdefault(step.event.job, []).append(step)
    fields = ("pk", "facets", "facet_marks", "created_at", "updated_at", "audience")
    known = find_by_address(Job.objects.all(), wanted, *fields)
    fresh = iter(bulk.allocate(Job, len(wanted.keys() - known.keys())))
    new: list[dict[str, object]] = []
    old: list[dict[str, object]] = []
    for address, events in wanted.items():
        row = known.get(address)
        times = [step.event.mark.at for step in events]
        facets = FacetFold(*(row[1:3] if row else ({}, {})))
        for step in events:
            facets.add(step.event.job_facets, step.event.mark)
        pk = row[0] if row else next(fresh)
        values = _job(pk, facets) | {
            "created_at": min([*times, row[3]] if row else times),
            "updated_at": max([*times, row[4]] if row else times),
            "deleted_at": None,
            "audience": _audience(address, row[5] if row else "", rights),
        }
        if row is None:
            namespace, name = address
            own = {"namespace": namespace, "name": name, "domain_id": None}
            new.append(values | own)
        else:
            old.append(values)
        for step in events:
            step.job_id = pk
    bulk.insert(Job, new)
    bulk.update(Job, old)


def _audience(address: Address, known: str, rights: Rights) -> str:
    if not known:
        return rights.audience_of_job(address)
    return SIGNED_IN if rights.owns_job(address) else known


def _job(pk: int, facets: FacetFold) -> dict[str, Any]:
    kind = facets.get("jobType")
    processing = str(kind.get("processingType") or "").upper()
    job_type = _JOB_TYPES.get(processing) or _JOB_TYPES.get(str(kind.get("jobType") or "").upper())
    place = facets.get("sourceCodeLocation")
    return {
        "id": pk,
        "type": (job_type or JobType.BATCH).value,
        "description": text_of(facets.get("documentation").get("description")),
        "location": text_of(place.get("url")) or text_of(place.get("repoUrl")),
        "sql": text_of(facets.get("sql").get("query")),
        "facets": facets.bodies,
        "facet_marks": facets.marks,
    }


@dataclass(slots=True)
class _Run:
    """A run while events are folded into it."""

    pk: int
    run_id: uuid.UUID
    facets: FacetFold
    job_id: int | None = None
    job_mark: Mark | None = None
    state: RunState = RunState.NEW
    state_mark: Mark | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    first_event_at: datetime | None = None
    last_event_at: datetime | None = None

    def take(self, event: Event, job_id: int | None) -> None:
        """Fold one event in; the order does not matter."""
        at = event.mark.at
        self.first_event_at = min(at, self.first_event_at or at)
        self.last_event_at = max(at, self.last_event_at or at)
        self.facets.add(event.run_facets, event.mark)
        if is_newer(event.mark, self.job_mark):
            self.job_id, self.job_mark = job_id, event.mark
        if event.event_type == "START":
            self.started_at = min(at, self.started_at or at)
        final = _TERMINAL.get(event.event_type)
        if final is not None and is_newer(event.mark, self.state_mark):
            self.state, self.state_mark, self.ended_at = final, event.mark, at
        elif final is None and event.event_type and self.state == RunState.NEW:
            self.state = RunState.RUNNING

    def row(self) -> dict[str, Any]:
        """Return the row of the run."""
        parent = self.facets.get("parent")
        root = parent.get("root")
        nominal = self.facets.get("nominalTime")
        error = self.facets.get("errorMessage")
        return {
            "id": self.pk,
            "run_id": self.run_id,
            "job_id": self.job_id,
            "job_mark": self.job_mark.dump() if self.job_mark else [],
            "parent_run_id": _run_id_in(parent),
            "root_run_id": _run_id_in(root if isinstance(root, dict) else {}),
            "state": self.state.value,
            "state_mark": self.state_mark.dump() if self.state_mark else [],
            "nominal_start_at": _moment(nominal.get("nominalStartTime")),
            "nominal_end_at": _moment(nominal.get("nominalEndTime")),
            "started_at": self.started_at,
            "ended_at": self.ended_at,
            "duration_ms": self.duration_ms,
            "first_event_at": self.first_event_at,
            "last_event_at": self.last_event_at,
            "facets": self.facets.bodies,
            "facet_marks": self.facets.marks,
            "error_message": text_of(error.get("message")),
        }

    @property
    def duration_ms(self) -> int | None:
        """From the first start to the end; None while either is not known."""
        if self.started_at is None or self.ended_at is None:
            return None
        return max(0, int((self.ended_at - self.started_at).total_seconds() * 1000))


_KNOWN = (
    "pk",
    "run_id",
    "facets",
    "facet_marks",
    "job_id",
    "job_mark",
    "state",
    "state_mark",
    "started_at",
    "ended_at",
    "first_event_at",
    "last_event_at",
)


def write_runs(steps: Sequence[BatchEvent]) -> None:
    """Make and update the runs of events, and note their ids on the steps: three queries."""
    wanted: dict[uuid.UUID, list[BatchEvent]] = {}
    for step in steps:
        if step.event.run_id is not None:
            wanted.setdefault(step.event.run_id, []).append(step)
    runs: dict[uuid.UUID, _Run] = {}
    for part in parts(wanted):
        for row in JobRun.objects.filter(run_id__in=part).values_list(*_KNOWN):
            runs[row[1]] = _read(row)
    missing = [run_id for run_id in wanted if run_id not in runs]
    known = set(runs)
    for pk, run_id in zip(bulk.allocate(JobRun, len(missing)), missing, strict=True):
        runs[run_id] = _Run(pk, run_id, FacetFold({}, {}))
    for run_id, events in wanted.items():
        for step in events:
            step.run_pk = runs[run_id].pk
            runs[run_id].take(step.event, step.job_id)
    bulk.insert(JobRun, [runs[run_id].row() for run_id in missing])
    bulk.update(JobRun, [runs[run_id].row() for run_id in wanted if run_id in known])


def _read(row: Sequence[Any]) -> _Run:
    pk, run_id, facets, marks, job_id, job_mark, state, state_mark, *times = row
    return _Run(
        pk,
        run_id,
        FacetFold(facets, marks),
        job_id,
        Mark.parse(job_mark),
        RunState(state),
        Mark.parse(state_mark),
        *times,
    )


def _run_id_in(facet: Any) -> uuid.UUID | None:
    run = facet.get("run")
    value = run.get("runId") if isinstance(run, dict) else None
    try:
        return uuid.UUID(value) if isinstance(value, str) else None
    except ValueError:
        return uuid.uuid5(uuid.NAMESPACE_URL, value.strip()) if isinstance(value, str) else None


def _moment(text: object) -> datetime | None:
    at = read_time(text)
    if at is None:
        return None
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at
