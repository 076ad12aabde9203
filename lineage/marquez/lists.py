"""Lists as Marquez pages them: `limit` and `offset`, with a total of what the caller may see."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db.models import Exists, Max, Min, OuterRef, Q

from catalog.models import Dataset, Tag
from lineage.marquez.facets import hidden_in, told_event, told_facets
from lineage.marquez.find import Viewer, visible_datasets, visible_jobs
from lineage.marquez.names import dataset_node, job_node
from lineage.marquez.shapes import Body, job_version, moment, run_body, touched, with_versions
from lineage.models import Edge, Job, JobDataset, JobRun, LineageEvent, RunDataset

MAX_FOUND = 1000


def namespaces(user: Viewer) -> list[Body]:
    """Return the namespaces of what a person may see."""
    spans: dict[str, tuple[datetime, datetime]] = {}
    for rows in (visible_datasets(user), visible_jobs(user)):
        grouped = rows.order_by().values("namespace")
        found = grouped.annotate(first=Min("created_at"), last=Max("updated_at"))
        for name, first, last in found.values_list("namespace", "first", "last"):
            known = spans.get(name, (first, last))
            spans[name] = (min(first, known[0]), max(last, known[1]))
    return [
        {
            "name": name,
            "createdAt": moment(first),
            "updatedAt": moment(last),
            "ownerName": "",
            "description": None,
            "isHidden": False,
        }
        for name, (first, last) in sorted(spans.items())
    ]


def tags(user: Viewer) -> list[Body]:
    """Return the tags of the datasets a person may see."""
    rows = Tag.objects.filter(datasets__in=visible_datasets(user)).distinct().order_by("name")
    return [{"name": name, "description": None} for name in rows.values_list("name", flat=True)]


def runs_of(job: Job, user: Viewer, limit: int, offset: int) -> list[Body]:
    """Return the runs of a job, the newest first: five queries."""
    rows = list(JobRun.objects.filter(job=job)[offset : offset + limit])
    return run_bodies(rows, {job.pk: job}, user)


def run_bodies(rows: Sequence[JobRun], jobs: dict[int, Job], user: Viewer) -> list[Body]:
    """Return runs with what they read and wrote, hidden datasets left out."""
    sides = touched(jobs, user)
    opened = set(Job.objects.open_to(user).filter(pk__in=jobs).values_list("pk", flat=True))
    seen: dict[int, list[Any]] = defaultdict(list)
    shown = RunDataset.objects.filter(
        run__in=[row.pk for row in rows], dataset__in=visible_datasets(user).values("pk")
    ).order_by("dataset__namespace", "dataset__name")
    names = ("run_id", "direction", "dataset__namespace", "dataset__name", "facets")
    for run, direction, namespace, name, facets in shown.values_list(*names):
        seen[run or 0].append((direction, (namespace, name), facets))
    told = [facets for entries in seen.values() for *_, facets in entries]
    hidden = hidden_in([*told, *(row.facets for row in rows)], user)
    bodies = []
    for row in rows:
        job = jobs[row.job_id or 0]
        own = hidden if job.pk in opened else None
        body = run_body(row, job, job_version(job, sides), hidden=own)
        entries = [(way, at, told_facets(facets, hidden)) for way, at, facets in seen[row.pk]]
        bodies.append(with_versions(body, entries))
    return bodies


def events(
    user: Viewer,
    *,
    before: datetime | None,
    after: datetime | None,
    is_ascending: bool,
    limit: int,
    offset: int,
) -> Body:
    """Return whole events about which nothing is hidden from a person."""
    hidden = JobDataset.objects.filter(job=OuterRef("job")).exclude(
        dataset__in=visible_datasets(user).values("pk")
    )
    open_jobs = Job.objects.open_to(user).filter(deleted_at=None).values("pk")
    mine = Q(job__in=open_jobs) | Q(
        job__isnull=True, dataset__in=visible_datasets(user).values("pk")
    )
    sources = Edge.objects.filter(job__isnull=True, downstream=OuterRef("dataset")).exclude(
        upstream__in=visible_datasets(user).values("pk")
    )
    rows = LineageEvent.objects.filter(mine).exclude(Exists(hidden)).exclude(Exists(sources))
    if before is not None:
        rows = rows.filter(event_time__lt=before)
    if after is not None:
        rows = rows.filter(event_time__gte=after)
    ordered = rows.order_by(*(("event_time", "id") if is_ascending else ("-event_time", "-id")))
    found = list(ordered.values_list("body", flat=True)[offset : offset + limit])
    unseen = hidden_in(found, user)
    return {"events": [told_event(body, unseen) for body in found], "totalCount": rows.count()}


def search(
    user: Viewer,
    text: str,
    *,
    kind: str,
    sort: str,
    limit: int,
    namespace: str,
    before: datetime | None,
    after: datetime | None,
) -> Body:
    """Return datasets and jobs whose name holds a text."""
    found: list[Body] = []
    total = 0
    for wanted, rows in (("DATASET", visible_datasets(user)), ("JOB", visible_jobs(user))):
        if kind not in {"", "ALL", wanted}:
            continue
        near: Any = rows.filter(name__icontains=text)
        if namespace:
            near = near.filter(namespace=namespace)
        if before is not None:
            near = near.filter(updated_at__lt=before)
        if after is not None:
            near = near.filter(updated_at__gte=after)
        total += near.count()
        order = ("-updated_at", "pk") if sort == "UPDATE_AT" else ("name", "pk")
        found += [_hit(wanted, row) for row in near.order_by(*order)[:limit]]
    if sort == "UPDATE_AT":
        found.sort(key=lambda hit: hit["updatedAt"], reverse=True)
    else:
        found.sort(key=lambda hit: (hit["name"], hit["namespace"]))
    return {"totalCount": total, "results": found[:limit]}


def _hit(kind: str, row: Dataset | Job) -> Body:
    address = (row.namespace, row.name)
    return {
        "type": kind,
        "name": row.name,
        "updatedAt": moment(row.updated_at),
        "namespace": row.namespace,
        "nodeId": dataset_node(address) if kind == "DATASET" else job_node(address),
    }


def upstream_runs(run: JobRun, user: Viewer, depth: int) -> Body:
    """Return a run and the runs that wrote what it read, level by level: four queries each."""
    jobs = visible_jobs(user).in_bulk([run.job_id or 0])
    found: dict[int, JobRun] = {run.pk: run}
    level = [run]
    for _ in range(max(1, min(depth, 20))):
        read = RunDataset.objects.filter(
            run__in=[r.pk for r in level],
            direction="in",
            dataset__in=visible_datasets(user).values("pk"),
        )
        wanted = set(read.values_list("dataset_id", flat=True))
        latest = max(r.last_event_at for r in level)
        wrote = RunDataset.objects.filter(
            dataset__in=wanted, direction="out", run__isnull=False, first_seen_at__lte=latest
        ).exclude(run__in=found)
        newest = dict(wrote.order_by("last_seen_at").values_list("dataset_id", "run_id"))
        level = list(JobRun.objects.filter(pk__in=[pk for pk in newest.values() if pk]))
        allowed = visible_jobs(user).in_bulk([r.job_id or 0 for r in level])
        jobs |= allowed
        level = [r for r in level if r.job_id in allowed]
        if not level or len(found) > MAX_FOUND:
            break
        found |= {r.pk: r for r in level}
    bodies = run_bodies(list(found.values()), jobs, user)
    return {
        "runs": [
            {
                "job": body["jobVersion"],
                "run": {
                    "id": body["id"],
                    "start": body["startedAt"],
                    "end": body["endedAt"],
                    "status": body["state"],
                },
                "inputs": [entry["datasetVersionId"] for entry in body["inputDatasetVersions"]],
            }
            for body in bodies
        ]
    }
