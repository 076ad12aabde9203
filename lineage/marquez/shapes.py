"""Datasets, jobs and runs in the form of Marquez, many at once: a fixed number of queries each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import OuterRef, Subquery, prefetch_related_objects

from catalog.models import Column, Dataset
from lineage.marquez.facets import hidden_in, told_facets
from lineage.marquez.find import Viewer, visible_datasets
from lineage.marquez.names import restricted, sorted_addresses, version_of
from lineage.models import DatasetFacet, DatasetLifecycle, Job, JobDataset, JobRun
from lineage.openlineage.parse import Address

Body = dict[str, Any]


def moment(at: datetime | None) -> str | None:
    """Return a time as Marquez writes it."""
    return None if at is None else at.isoformat().replace("+00:00", "Z")


def dataset_bodies(rows: Sequence[Dataset], user: Viewer) -> dict[int, Body]:
    """Return datasets by id: six queries at most. Facets that name something hidden are left out."""
    prefetch_related_objects(list(rows), "tags")
    ids = [row.pk for row in rows]
    columns: dict[int, list[Body]] = defaultdict(list)
    for column in Column.objects.filter(dataset__in=ids).order_by("dataset", "ordinal", "path"):
        columns[column.dataset_id].append(
            {
                "name": column.path,
                "type": column.native_type or column.type or "",
                "tags": list(column.tags),
                "description": column.description or None,
            }
        )
    facets = _facets(ids, user)
    states = dict(
        DatasetLifecycle.objects.filter(dataset__in=ids)
        .order_by("at")
        .values_list("dataset_id", "change")
    )
    written = dict(
        JobDataset.objects.filter(dataset__in=ids, direction="out")
        .order_by("last_seen_at")
        .values_list("dataset_id", "last_seen_at")
    )
    return {
        row.pk: _dataset(
            row, columns[row.pk], facets[row.pk], states.get(row.pk), written.get(row.pk)
        )
        for row in rows
    }


def _facets(datasets: Collection[int], user: Viewer) -> dict[int, Body]:
    told = DatasetFacet.objects.filter(dataset__in=datasets, way="", is_deleted=False)
    rows = list(told.values_list("dataset_id", "name", "body"))
    hidden = hidden_in((body for *_, body in rows), user)
    facets: dict[int, Body] = defaultdict(dict)
    for dataset, name, body in rows:
        facets[dataset] |= told_facets({name: body}, hidden)
    return facets


def _dataset(
    row: Dataset,
    fields: list[Body],
    facets: Body,
    state: str | None,
    written: datetime | None,
) -> Body:
    return {
        "id": {"namespace": row.namespace, "name": row.name},
        "type": "STREAM" if row.kind == "topic" else "DB_TABLE",
        "name": row.name,
        "physicalName": row.name,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
        "namespace": row.namespace,
        "sourceName": row.namespace,
        "fields": fields,
        "tags": sorted(tag.name for tag in row.tags.all()),
        "lastModifiedAt": moment(written),
        "lastLifecycleState": state or "",
        "description": row.description or None,
        "currentVersion": version_of(row.namespace, row.name, row.revision_number, written),
        "columnLineage": None,
        "facets": facets,
        "deleted": row.gone_at is not None,
    }


def hidden_dataset(address: Address) -> Body:
    """Return a dataset that may not be seen: it has no name and no fields."""
    namespace, name = address
    return {
        "id": {"namespace": namespace, "name": name},
        "type": "DB_TABLE",
        "name": name,
        "physicalName": name,
        "namespace": namespace,
        "sourceName": namespace,
        "fields": [],
        "tags": [],
        "facets": {},
        "deleted": False,
    }


def hidden_job(address: Address) -> Body:
    """Return a job that may not be seen."""
    namespace, name = address
    return {
        "id": {"namespace": namespace, "name": name},
        "type": "BATCH",
        "name": name,
        "simpleName": name,
        "namespace": namespace,
        "inputs": [],
        "outputs": [],
        "context": {},
        "facets": {},
        "latestRuns": [],
    }


def touched(jobs: Collection[int], user: Viewer) -> dict[tuple[int, str], list[Address]]:
    """Return what jobs read and write, by job and direction; hidden datasets are nameless."""
    rows = JobDataset.objects.filter(job__in=jobs).order_by("job", "direction", "dataset")
    pairs = list(rows.values_list("job_id", "direction", "dataset_id"))
    seen = {
        pk: (namespace, name)
        for pk, namespace, name in visible_datasets(user)
        .filter(pk__in={dataset for *_, dataset in pairs})
        .values_list("pk", "namespace", "name")
    }
    found: dict[tuple[int, str], list[Address]] = defaultdict(list)
    for job, direction, dataset in pairs:
        side = found[job, direction]
        side.append(seen.get(dataset) or restricted(len(side) + 1))
    return found


def job_bodies(rows: Sequence[Job], user: Viewer) -> dict[int, Body]:
    """Return jobs by id, with their latest run: six queries at most."""
    ids = [row.pk for row in rows]
    sides = touched(ids, user)
    opened = set(Job.objects.open_to(user).filter(pk__in=ids).values_list("pk", flat=True))
    newest = JobRun.objects.filter(job=OuterRef("pk")).order_by("-last_event_at", "-pk")
    last = Job.objects.filter(pk__in=ids).annotate(last=Subquery(newest.values("pk")[:1]))
    latest = dict(last.values_list("pk", "last"))
    runs = JobRun.objects.in_bulk([pk for pk in latest.values() if pk])
    hidden = hidden_in([*(j.facets for j in rows), *(r.facets for r in runs.values())], user)
    bodies = {}
    for row in rows:
        run = runs.get(latest.get(row.pk) or 0)
        bodies[row.pk] = _job(row, sides, run, hidden if row.pk in opened else None)
    return bodies


def job_version(row: Job, sides: Mapping[tuple[int, str], list[Address]]) -> str:
    """Return the version of a job: made of its name, what it reads and writes, and its place."""
    read, written = sorted(sides.get((row.pk, "in"), ())), sorted(sides.get((row.pk, "out"), ()))
    return version_of(row.namespace, row.name, read, written, row.location)


def _job(
    row: Job,
    sides: Mapping[tuple[int, str], list[Address]],
    run: JobRun | None,
    hidden: Collection[Address] | None,
) -> Body:
    is_open = hidden is not None
    version = job_version(row, sides)
    latest = run_body(run, row, version, hidden=hidden) if run else None
    return {
        "id": {"namespace": row.namespace, "name": row.name},
        "type": row.type,
        "name": row.name,
        "simpleName": row.name.rpartition(".")[2] or row.name,
        "parentJobName": None,
        "parentJobUuid": None,
        "createdAt": moment(row.created_at),
        "updatedAt": moment(row.updated_at),
        "namespace": row.namespace,
        "inputs": sorted_addresses(sides.get((row.pk, "in"), [])),
        "outputs": sorted_addresses(sides.get((row.pk, "out"), [])),
        "location": (row.location or None) if is_open else None,
        "context": {"sql": row.sql} if is_open and row.sql else {},
        "description": (row.description or None) if is_open else None,
        "latestRun": latest,
        "latestRuns": [latest] if latest else [],
        "facets": {} if hidden is None else told_facets(row.facets, hidden),
        "currentVersion": version,
        "labels": [],
        "tags": [],
    }


def run_body(run: JobRun, job: Job, version: str, *, hidden: Collection[Address] | None) -> Body:
    """Return a run without facets that name what is `hidden`; None: one may not see all the job touches."""
    return {
        "id": str(run.run_id),
        "createdAt": moment(run.first_event_at),
        "updatedAt": moment(run.last_event_at),
        "nominalStartTime": moment(run.nominal_start_at),
        "nominalEndTime": moment(run.nominal_end_at),
        "state": run.state,
        "startedAt": moment(run.started_at),
        "endedAt": moment(run.ended_at),
        "durationMs": run.duration_ms,
        "args": {},
        "jobVersion": {"namespace": job.namespace, "name": job.name, "version": version},
        "inputDatasetVersions": [],
        "outputDatasetVersions": [],
        "context": {},
        "facets": {} if hidden is None else told_facets(run.facets, hidden),
    }


def with_versions(body: Body, sides: Iterable[tuple[str, Address, Body]]) -> Body:
    """Add to a run what it read and wrote: (direction, address, facets of it there)."""
    for direction, (namespace, name), facets in sides:
        version = version_of(namespace, name, body["id"])
        entry = {
            "datasetVersionId": {"namespace": namespace, "name": name, "version": version},
            "facets": facets,
        }
        side = "inputDatasetVersions" if direction == "in" else "outputDatasetVersions"
        body[side].append(entry)
    return body
