"""What is in a namespace as Marquez lists it, and its soft deletes: the next event about a thing brings it back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import Any

from django.db import transaction
from django.http import Http404
from django.utils import timezone
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.query import StrictView
from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Dataset, User
from catalog.people import policies
from catalog.people.authority import PersonAuthority
from catalog.people.namespaces import NameRights, tell
from catalog.people.policies import Action
from catalog.registry.missing_datasets import mark_gone
from catalog.visibility import narrower
from lineage.marquez import lists
from lineage.marquez.find import find_dataset, find_job, visible_datasets, visible_jobs
from lineage.marquez.parameters import LIMIT, OBJECT, OFFSET, REST, page
from lineage.marquez.shapes import Body, dataset_bodies, job_bodies
from lineage.models import Job, JobRun
from lineage.openlineage.parse import Address


class NamespaceView(StrictView):
    """A namespace, and what is in it. Names may hold slashes: what there is decides what is meant."""

    takes = {"get": ("limit", "offset")}

    @extend_schema(
        operation_id="marquez_in_namespace", parameters=[REST, LIMIT, OFFSET], responses=OBJECT
    )
    def get(self, request: Request, rest: str) -> Response:
        """Return `<ns>`, `<ns>/datasets`, `<ns>/datasets/<name>[/versions]`, `<ns>/jobs/<name>[/runs]`, …."""
        readers: tuple[tuple[str, Callable[[Request, str, str], Body]], ...] = (
            ("/datasets", self._datasets),
            ("/jobs", self._jobs),
        )
        for sign, read in readers:
            place = rest.rfind(sign)
            while place > 0:
                namespace, name = rest[:place], rest[place + len(sign) :]
                if not name or name.startswith("/"):
                    try:
                        return Response(read(request, namespace, name.removeprefix("/")))
                    except Http404:
                        pass
                place = rest.rfind(sign, 0, place)
        known = (n for n in lists.namespaces(request.user) if n["name"] == rest)
        if found := next(known, None):
            return Response(found)
        raise Http404

    @extend_schema(operation_id="marquez_delete", parameters=[REST], responses=OBJECT)
    def delete(self, request: Request, rest: str) -> Response:
        """Take a dataset or job out; the next event about it brings it back."""
        user = person(request)
        for sign in ("/datasets/", "/jobs/"):
            ways = list(_cuts(rest, sign))
            try:
                if sign == "/datasets/":
                    row = find_dataset(user, ways)
                    delete_dataset(row, by=user)
                    row.refresh_from_db()
                    return Response(dataset_bodies([row], user)[row.pk])
                job = find_job(user, ways)
                body = job_bodies([job], user)[job.pk]
                delete_job(job, by=user)
                return Response(body)
            except Http404:
                continue
            except PermissionError as error:
                raise PermissionDenied(str(error)) from error
        raise Http404

    def _datasets(self, request: Request, namespace: str, name: str) -> Body:
        rows = visible_datasets(request.user)
        if not name:
            limit, offset = page(request)
            near = rows.filter(namespace=namespace).order_by("name")
            return _listed(
                near, "datasets", lambda r: dataset_bodies(r, request.user), limit, offset
            )
        try:
            row = find_dataset(request.user, [(namespace, name)])
            return dataset_bodies([row], request.user)[row.pk]
        except Http404:
            owner, version = _without(name, "/versions")
            row = find_dataset(request.user, [(namespace, owner)])
        body = dataset_bodies([row], request.user)[row.pk]
        return _versions(body, body["currentVersion"], version)

    def _jobs(self, request: Request, namespace: str, name: str) -> Body:
        rows = visible_jobs(request.user)
        limit, offset = page(request)
        if not name:
            near = rows.filter(namespace=namespace).order_by("name")
            return _listed(near, "jobs", lambda r: job_bodies(r, request.user), limit, offset)
        if row := rows.filter(namespace=namespace, name=name).first():
            return job_bodies([row], request.user)[row.pk]
        if name.endswith("/runs"):
            row = find_job(request.user, [(namespace, name.removesuffix("/runs"))])
            found = lists.runs_of(row, request.user, limit, offset)
            return {"runs": found, "totalCount": JobRun.objects.filter(job=row).count()}
        owner, version = _without(name, "/versions")
        row = find_job(request.user, [(namespace, owner)])
        body = job_bodies([row], request.user)[row.pk]
        return _versions(body, body["currentVersion"], version)


def _cuts(rest: str, sign: str) -> list[Address]:
    found = []
    place = rest.rfind(sign)
    while place > 0:
        found.append((rest[:place], rest[place + len(sign) :]))
        place = rest.rfind(sign, 0, place)
    return [pair for pair in found if pair[1]]


def _listed(
    rows: Any, name: str, shape: Callable[[Sequence[Any]], dict[int, Body]], limit: int, offset: int
) -> Body:
    """Return a page; a namespace of which nothing may be seen is not there."""
    total = rows.count()
    if not total:
        raise Http404
    found = list(rows[offset : offset + limit])
    bodies = shape(found)
    return {name: [bodies[row.pk] for row in found], "totalCount": total}


def _without(name: str, sign: str) -> tuple[str, str]:
    """Cut `<name>/versions[/<version>]`. Raises Http404."""
    owner, found, version = name.rpartition(sign)
    if not found or (version and not version.startswith("/")):
        raise Http404
    return owner, version.removeprefix("/")


def _versions(body: Body, current: str, wanted: str) -> Body:
    """Return the current version of a dataset or job: older ones are told by its history of changes."""
    version = {**body, "id": {**body["id"], "version": current}, "version": current}
    if not wanted:
        return {"versions": [version], "totalCount": 1}
    if wanted != current:
        raise Http404
    return version


def delete_dataset(dataset: Dataset, *, by: User) -> None:
    """Mark a dataset as gone. Raises PermissionError for those who may not edit it."""
    if not policies.may(by, Action.EDIT_DATASET, dataset):
        raise PermissionError("only who may edit the dataset may take it out")
    mark_gone({dataset.pk: timezone.now()}, source=str(by), authority=PersonAuthority(by))


def delete_job(job: Job, *, by: User) -> None:
    """Hide a job. Raises PermissionError for those who may not edit all that it writes."""
    written = Dataset.objects.filter(jobs__job=job, jobs__direction="out")
    mine = policies.where(written, by, Action.EDIT_DATASET).values("pk")
    is_mine = written.exists() and not written.exclude(pk__in=mine).exists()
    name = (job.namespace, job.name)
    whose = tell([name], NameRights.of_person(by), {})[name].standing
    if whose == "foreign" or not (is_mine or whose == "own"):
        raise PermissionError("only who owns the job, or may edit all that it writes, takes it out")
    now = timezone.now()
    with transaction.atomic():
        event_log.lock()
        Job.objects.filter(pk=job.pk, deleted_at=None).update(deleted_at=now)
        touched = Dataset.objects.filter(jobs__job=job).values_list("audience", flat=True)
        event = NewEvent(
            type="job.removed",
            actor=by,
            subject_kind="job",
            subject_key=f"{job.namespace} {job.name}",
            subject_id=job.pk,
            audience=reduce(narrower, touched, job.audience),
        )
        event_log.record([event])
