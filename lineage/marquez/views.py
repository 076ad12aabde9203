"""The paths of Marquez' read API, and its soft deletes."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.caller import person
from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice, number
from catalog.api.views.search import SearchView
from catalog.models import Dataset
from catalog.registry.outcomes import Problem
from lineage.marquez import lists
from lineage.marquez.columns import column_graph
from lineage.marquez.deletes import delete_dataset, delete_job
from lineage.marquez.find import find_dataset, find_job, find_node, visible_datasets, visible_jobs
from lineage.marquez.graph import lineage_graph
from lineage.marquez.shapes import Body, dataset_bodies, job_bodies
from lineage.models import Job, JobRun
from lineage.openlineage.parse import Address, read_time

OBJECT = OpenApiTypes.OBJECT
LIMIT = OpenApiParameter(
    "limit", {"type": "integer", "minimum": 1, "maximum": 1000, "default": 100}
)
OFFSET = OpenApiParameter("offset", {"type": "integer", "minimum": 0, "default": 0})
NODE = OpenApiParameter("nodeId", str, required=True, description="`dataset:<namespace>:<name>`, …")
DEPTH = OpenApiParameter("depth", {"type": "integer", "minimum": 1, "maximum": 100, "default": 20})
REST = OpenApiParameter("rest", str, OpenApiParameter.PATH, description="Escape `/` as %2F or not.")


def page(request: Request) -> tuple[int, int]:
    """Read limit and offset."""
    limit = number(request, "limit", default=100, top=1000)
    return limit, number(request, "offset", default=0, top=1_000_000, least=0)


def when(request: Request, name: str) -> datetime | None:
    """Read a moment or a day; None where it is not given."""
    text = request.query_params.get(name)
    if not text:
        return None
    at = read_time(text.replace(" ", "+"))
    if at is None:
        raise BadQuery([Problem(name, text[:60], "write a time as 2026-05-03T06:00:00Z")])
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def focus_of(request: Request) -> tuple[Dataset | Job, str]:
    """Find what `nodeId` means. Raises BadQuery and Http404."""
    try:
        return find_node(request.user, request.query_params.get("nodeId", ""))
    except ValueError as error:
        node = request.query_params.get("nodeId", "")[:200]
        raise BadQuery([Problem("nodeId", node, str(error))]) from error


class MarquezGraphView(StrictView):
    """The graph around a node as Marquez draws it."""

    takes = {"get": ("nodeId", "depth")}

    @extend_schema(operation_id="marquez_lineage", parameters=[NODE, DEPTH], responses=OBJECT)
    def get(self, request: Request) -> Response:
        """Return jobs and datasets up- and downstream of a node, in the form of Marquez."""
        focus, _ = focus_of(request)
        depth = number(request, "depth", default=20, top=100)
        return Response(lineage_graph(focus, user=request.user, depth=depth))


class ColumnLineageView(StrictView):
    """Columns around a node as Marquez draws them."""

    takes = {"get": ("nodeId", "depth", "withDownstream")}

    @extend_schema(
        operation_id="marquez_column_lineage",
        parameters=[NODE, DEPTH, OpenApiParameter("withDownstream", bool, default=False)],
        responses=OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return the columns that flow into a dataset, a column, or what a job writes."""
        focus, field = focus_of(request)
        depth = number(request, "depth", default=20, top=100)
        words = ("false", "true", "False", "True")
        down = choice(request, "withDownstream", words).lower() == "true"
        return Response(
            column_graph(focus, field, user=request.user, depth=depth, with_downstream=down)
        )


class NamespacesView(StrictView):
    """The namespaces of datasets and jobs."""

    takes = {"get": ("limit", "offset")}

    @extend_schema(operation_id="marquez_namespaces", parameters=[LIMIT, OFFSET], responses=OBJECT)
    def get(self, request: Request) -> Response:
        """List the namespaces."""
        limit, offset = page(request)
        return Response({"namespaces": lists.namespaces(request.user)[offset : offset + limit]})


class TagsView(StrictView):
    """The tags of datasets."""

    takes = {"get": ("limit", "offset")}

    @extend_schema(operation_id="marquez_tags", parameters=[LIMIT, OFFSET], responses=OBJECT)
    def get(self, request: Request) -> Response:
        """List the tags."""
        limit, offset = page(request)
        return Response({"tags": lists.tags(request.user)[offset : offset + limit]})


class EventsView(StrictView):
    """OpenLineage events as they came."""

    takes = {"get": ("before", "after", "sortDirection", "limit", "offset")}

    @extend_schema(
        operation_id="marquez_events",
        parameters=[
            LIMIT,
            OFFSET,
            OpenApiParameter("before", str),
            OpenApiParameter("after", str),
            OpenApiParameter("sortDirection", str, enum=["desc", "asc"], default="desc"),
        ],
        responses=OBJECT,
    )
    def get(self, request: Request) -> Response:
        """List events, the newest first: those of which nothing is hidden from the caller."""
        limit, offset = page(request)
        is_ascending = choice(request, "sortDirection", ("desc", "asc")) == "asc"
        found = lists.events(
            request.user,
            before=when(request, "before"),
            after=when(request, "after"),
            is_ascending=is_ascending,
            limit=limit,
            offset=offset,
        )
        return Response(found)


class RunView(StrictView):
    """One run."""

    @extend_schema(operation_id="marquez_run", responses=OBJECT)
    def get(self, request: Request, run: uuid.UUID) -> Response:
        """Return a run with what it read and wrote."""
        row, job = visible_run(request, run)
        [body] = lists.run_bodies([row], {job.pk: job}, request.user)
        return Response(body)


class RunFacetsView(StrictView):
    """The facets of a run."""

    takes = {"get": ("type",)}

    @extend_schema(
        operation_id="marquez_run_facets",
        parameters=[OpenApiParameter("type", str, enum=["run", "job"], default="run")],
        responses=OBJECT,
    )
    def get(self, request: Request, run: uuid.UUID) -> Response:
        """Return the facets of a run or of its job; none where something of it is hidden."""
        row, job = visible_run(request, run)
        kind = choice(request, "type", ("run", "job"))
        is_open = Job.objects.open_to(request.user).filter(pk=job.pk).exists()
        facets = (row.facets if kind == "run" else job.facets) if is_open else {}
        return Response({"runId": str(row.run_id), "facets": facets})


class UpstreamRunsView(StrictView):
    """Where a run's inputs came from."""

    takes = {"get": ("runId", "depth")}

    @extend_schema(
        operation_id="marquez_upstream_runs",
        parameters=[OpenApiParameter("runId", OpenApiTypes.UUID, required=True), DEPTH],
        responses=OBJECT,
    )
    def get(self, request: Request) -> Response:
        """Return a run and the runs that wrote what it read, and so on."""
        said = request.query_params.get("runId", "")
        try:
            row, _ = visible_run(request, uuid.UUID(said))
        except ValueError as error:
            raise BadQuery([Problem("runId", said[:60], "write a UUID")]) from error
        depth = number(request, "depth", default=20, top=100)
        return Response(lists.upstream_runs(row, request.user, depth))


def visible_run(request: Request, run: uuid.UUID) -> tuple[JobRun, Job]:
    """Return a run of a job the caller may see. Raises Http404."""
    rows = JobRun.objects.filter(job__in=visible_jobs(request.user).values("pk"))
    row = get_object_or_404(rows.select_related("job"), run_id=run)
    if row.job is None:
        raise Http404
    return row, row.job


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


class MarquezSearchView(StrictView):
    """Search as Marquez does."""

    takes = {"get": ("q", "filter", "sort", "limit", "namespace", "before", "after")}
    schema = None

    def get(self, request: Request) -> Response:
        """Return datasets and jobs whose name holds a text."""
        text = request.query_params.get("q", "")
        if not text.strip():
            raise BadQuery([Problem("q", text, "write some text")])
        found = lists.search(
            request.user,
            text,
            kind=choice(request, "filter", ("", "ALL", "DATASET", "JOB", "dataset", "job")).upper(),
            sort=choice(request, "sort", ("NAME", "UPDATE_AT", "name", "update_at")).upper(),
            limit=number(request, "limit", default=10, top=1000),
            namespace=request.query_params.get("namespace", ""),
            before=when(request, "before"),
            after=when(request, "after"),
        )
        return Response(found)


#: Parameters of a search that only Marquez knows, and its words for the order.
_MARQUEZ = frozenset({"filter", "limit", "namespace", "before", "after"})
_ORDERS = frozenset({"NAME", "UPDATE_AT", "update_at"})


def search(request: HttpRequest) -> HttpResponseBase:
    """Answer as Marquez where the question is one of Marquez; else our own search answers."""
    asked = request.GET
    if _MARQUEZ & asked.keys() or asked.get("sort") in _ORDERS:
        return MarquezSearchView.as_view()(request)
    return SearchView.as_view()(request)
