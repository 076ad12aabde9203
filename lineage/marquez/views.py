"""The paths of Marquez' read API."""

from __future__ import annotations

import uuid

from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from catalog.api.problems import BadQuery
from catalog.api.query import StrictView, choice, number
from catalog.api.views.search import SearchView
from catalog.models import Dataset
from catalog.registry.outcomes import Problem
from lineage.marquez import lists
from lineage.marquez.columns import column_graph
from lineage.marquez.facets import hidden_in, told_facets
from lineage.marquez.find import find_node, visible_jobs
from lineage.marquez.graph import lineage_graph
from lineage.marquez.parameters import DEPTH, LIMIT, NODE, OBJECT, OFFSET, page, when
from lineage.models import Job, JobRun


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
        told = told_facets(facets, hidden_in([facets], request.user))
        return Response({"runId": str(row.run_id), "facets": told})


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
        run_id = request.query_params.get("runId", "")
        try:
            row, _ = visible_run(request, uuid.UUID(run_id))
        except ValueError as error:
            raise BadQuery([Problem("runId", run_id[:60], "write a UUID")]) from error
        depth = number(request, "depth", default=20, top=100)
        return Response(lists.upstream_runs(row, request.user, depth))


def visible_run(request: Request, run: uuid.UUID) -> tuple[JobRun, Job]:
    """Return a run of a job the caller may see. Raises Http404."""
    rows = JobRun.objects.filter(job__in=visible_jobs(request.user).values("pk"))
    row = get_object_or_404(rows.select_related("job"), run_id=run)
    if row.job is None:
        raise Http404
    return row, row.job


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
