"""One flow between two datasets, with all that is known of it and may be told."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import Http404

from catalog.models import Dataset
from catalog.people.policies import Action, may
from catalog.visibility import viewer_tokens
from lineage.graph.node_visibility import Viewer
from lineage.models import ColumnEdge, Edge, Job, JobRun

MOST_COLUMNS = 500


@dataclass(frozen=True, slots=True)
class FlowFacts:
    """A flow. `job`, `run` and `sql` are empty where they are unknown or may not be told."""

    edge: Edge
    upstream: Dataset
    downstream: Dataset
    job: Job | None
    run: JobRun | None
    sql: str
    columns: Sequence[ColumnEdge]

    @property
    def source(self) -> str:
        """Who says so, unless it is a job that may not be named."""
        return self.edge.source if self.job is not None or self.edge.job_id is None else ""


def get_flow(user: Viewer, pk: int) -> FlowFacts:
    """Return a flow both ends of which one may see; raise Http404 for any other."""
    edge = Edge.objects.select_related("job", "last_run").filter(pk=pk).first()
    if edge is None:
        raise Http404("No such flow.")
    ends = Dataset.objects.visible_to(user).select_related("domain")
    found = ends.in_bulk([edge.upstream_id, edge.downstream_id])
    if edge.upstream_id not in found or edge.downstream_id not in found:
        raise Http404("No such flow.")
    job = edge.job if edge.job_id and _sees(user, edge.job_id) else None
    downstream = found[edge.downstream_id]
    sql = ""
    if job is not None and Job.objects.open_to(user).filter(pk=job.pk).exists():
        sql = job.sql
    elif edge.job_id is None and edge.kind == "view" and sees_inputs(user, downstream):
        sql = downstream.view_definition
    columns = ColumnEdge.objects.filter(edge=edge).order_by("downstream_path", "upstream_path")
    return FlowFacts(
        edge,
        found[edge.upstream_id],
        downstream,
        job,
        edge.last_run if job is not None else None,
        sql,
        list(columns[:MOST_COLUMNS]),
    )


def _sees(user: Viewer, job: int) -> bool:
    return Job.objects.visible_to(user).filter(pk=job).exists()


def sees_inputs(user: Viewer, dataset: Dataset) -> bool:
    """Tell whether a person sees all that flows into a dataset; else its statement names what is hidden.

    A statement that nobody understands may name anything: it is for who may edit the dataset.
    """
    tokens = viewer_tokens(user)
    if tokens is None or not dataset.view_definition:
        return True
    into = Edge.objects.filter(downstream=dataset)
    if not into.exists():
        return _is_understood(dataset) or may(user, Action.EDIT_DATASET, dataset)
    return not into.exclude(upstream__audience__in=tokens).exists()


def _is_understood(dataset: Dataset) -> bool:
    from lineage.sql.definitions import tables_read  # the parser is large; few views have no inputs

    return not tables_read(dataset.view_definition, dataset.technology).problem
