"""Jobs and their runs for pages: how the newest ran, what they read and write, as far as one may see."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, OuterRef, Q, QuerySet, Subquery
from django.http import Http404

from catalog.models import Dataset
from lineage.graph.node_visibility import Viewer
from lineage.models import Job, JobDataset, JobRun, RunDataset, RunState

STATES = tuple((state.value, state.label) for state in RunState)
POINTS = 60
_MOST_ENDS = 200
_FINAL = (RunState.COMPLETED, RunState.FAILED, RunState.ABORTED)


@dataclass(frozen=True, slots=True)
class JobRow:
    """A job in a list, with its newest run."""

    job: Job
    run: JobRun | None
    reads: int
    writes: int

    @property
    def seconds(self) -> float | None:
        """How long the newest run took."""
        return seconds_of(self.run) if self.run else None


@dataclass(frozen=True, slots=True)
class Ends:
    """What something reads and writes. `has_hidden`: and something one may not see."""

    inputs: tuple[Dataset, ...]
    outputs: tuple[Dataset, ...]
    has_hidden: bool


def seconds_of(run: JobRun) -> float | None:
    """Return how long a run took in seconds; none while it runs."""
    if run.duration_ms is not None:
        return run.duration_ms / 1000
    if run.started_at and run.ended_at:
        return (run.ended_at - run.started_at).total_seconds()
    return None


def list_jobs(user: Viewer, *, text: str = "", state: str = "") -> QuerySet[Job]:
    """Return the jobs one may see, those told of last first."""
    rows = Job.objects.visible_to(user).order_by("-updated_at", "-id")
    if text:
        rows = rows.filter(Q(name__icontains=text) | Q(namespace__icontains=text))
    if state:
        newest = JobRun.objects.filter(job=OuterRef("job")).order_by("-last_event_at", "-pk")
        last = JobRun.objects.filter(pk=Subquery(newest.values("pk")[:1]), state=state)
        rows = rows.filter(pk__in=last.order_by().values("job_id"))
    return rows


def job_rows(jobs: Sequence[Job], user: Viewer) -> list[JobRow]:
    """Return jobs with their newest runs and how much they touch: three queries however many there are."""
    newest = JobRun.objects.filter(job=OuterRef("pk")).order_by("-last_event_at", "-pk")
    ids = Job.objects.filter(pk__in=[job.pk for job in jobs]).order_by()
    last = dict(ids.annotate(run=Subquery(newest.values("pk")[:1])).values_list("pk", "run"))
    runs = JobRun.objects.defer("facets", "facet_marks").in_bulk([pk for pk in last.values() if pk])
    visible = Dataset.objects.visible_to(user)
    counts = (
        JobDataset.objects.filter(job__in=jobs, dataset__in=visible)
        .order_by()
        .values_list("job_id", "direction")
        .annotate(n=Count("dataset", distinct=True))
    )
    touched = {(job, direction): n for job, direction, n in counts}
    return [
        JobRow(
            job,
            runs.get(last.get(job.pk) or 0),
            touched.get((job.pk, "in"), 0),
            touched.get((job.pk, "out"), 0),
        )
        for job in jobs
    ]


def get_job(user: Viewer, pk: int) -> Job:
    """Return a job one may see; raise Http404 for any other."""
    job = Job.objects.visible_to(user).select_related("domain").filter(pk=pk).first()
    if job is None:
        raise Http404("No such job.")
    return job


def is_open(user: Viewer, job: Job) -> bool:
    """Whether one may read the statement, facets and errors of a job: sees all that it touches."""
    return Job.objects.open_to(user).filter(pk=job.pk).exists()


def runs_of(job: Job) -> QuerySet[JobRun]:
    """Return the runs of a job, newest first."""
    return JobRun.objects.filter(job=job).defer("facets", "facet_marks")


def durations(job: Job) -> list[tuple[datetime, float, bool]]:
    """Return (end, seconds, whether it completed) of the newest finished runs, oldest first."""
    rows = runs_of(job).filter(state__in=_FINAL)[:POINTS]
    found = [
        (run.ended_at or run.last_event_at, seconds, run.state == RunState.COMPLETED)
        for run in rows
        if (seconds := seconds_of(run)) is not None
    ]
    return found[::-1]


def ends_of_job(job: Job, user: Viewer) -> Ends:
    """Return what a job reads and writes."""
    rows = JobDataset.objects.filter(job=job).values_list("dataset_id", "direction")
    return _ends(list(rows[: 2 * _MOST_ENDS]), user)


def ends_of_run(run: JobRun, user: Viewer) -> Ends:
    """Return what a run read and wrote."""
    rows = RunDataset.objects.filter(run=run).values_list("dataset_id", "direction")
    return _ends(list(rows[: 2 * _MOST_ENDS]), user)


def _ends(rows: Iterable[tuple[int, str]], user: Viewer) -> Ends:
    pairs = set(rows)
    ids = {pk for pk, _ in pairs}
    shown = Dataset.objects.visible_to(user).select_related("domain").in_bulk(list(ids))

    def side(direction: str) -> tuple[Dataset, ...]:
        found = [shown[pk] for pk, way in pairs if way == direction and pk in shown]
        return tuple(sorted(found, key=lambda row: (row.display_name, row.pk)))

    return Ends(side("in"), side("out"), len(shown) < len(ids))
