"""Edges as an answer shows them: where each comes from, since when, by which job and run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db.models import CharField, Q
from django.db.models.functions import Cast

from catalog.db.batches import batched
from lineage.adjacency.ids import among
from lineage.adjacency.load import KINDS
from lineage.adjacency.paths import INDIRECT
from lineage.graph.node_visibility import Viewer
from lineage.graph.types import Change, GraphEdge, JobName
from lineage.models import ColumnEdge, Edge, EdgeKind, Job
from lineage.questions.flows import NEVER, Arcs, TimeWindow

RESTRICTED = "restricted"
_AT_ONCE = 5_000
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class NodeFlow:
    """One flow between two shown nodes: its row's id, and when it held in microseconds."""

    id: int
    up: int
    down: int
    kind: int
    job: int
    first: int
    ended: int


def flows_of(arcs: Arcs) -> list[NodeFlow]:
    """Return flows one by one."""
    parts = (arcs.id, arcs.up, arcs.down, arcs.kind, arcs.job, arcs.first, arcs.ended)
    return [NodeFlow(*row) for row in zip(*(part.tolist() for part in parts), strict=True)]


def change_of(flow: NodeFlow, when: TimeWindow) -> Change | None:
    """Return whether a flow came or went since the time the asker compares with."""
    if when.since is None:
        return None
    if flow.ended < NEVER and (when.at is None or flow.ended <= when.at):
        return "removed"
    return "added" if flow.first > when.since else None


def dataset_edges(
    flows: Collection[NodeFlow],
    names: Mapping[int, str],
    *,
    user: Viewer,
    when: TimeWindow,
    with_columns_of: Collection[int] = (),
) -> list[GraphEdge]:
    """Return edges between datasets with all that is known of them: three queries at most."""
    rows: dict[int, tuple[Any, ...]] = {}
    for part in batched(sorted(flow.id for flow in flows), _AT_ONCE):
        some = Edge.objects.filter(pk__in=among(part)).order_by()
        some = some.annotate(seen=Cast("last_seen_at", CharField()))
        names_of = ("pk", "kind", "seen", "source", "confidence", "last_run__run_id")
        rows |= {row[0]: row for row in some.values_list(*names_of)}
    jobs = job_names({flow.job for flow in flows if flow.job}, user=user)
    columns = columns_of_edges(flows, with_columns_of, when)
    return [
        _dataset_edge(flow, rows[flow.id], names, jobs, columns, when)
        for flow in flows
        if flow.id in rows
    ]


def _dataset_edge(
    flow: NodeFlow,
    row: tuple[Any, ...],
    names: Mapping[int, str],
    jobs: Mapping[int, JobName],
    columns: Mapping[int, tuple[tuple[str, str, str], ...]],
    when: TimeWindow,
) -> GraphEdge:
    pk, kind, seen, source, confidence, run = row
    job = jobs.get(flow.job)
    is_told = job is not None or not flow.job
    return GraphEdge(
        f"e{pk}",
        names[flow.up],
        names[flow.down],
        kind,
        flow.ended < NEVER,
        change_of(flow, when),
        moment_at(flow.first),
        _read_moment(seen),
        moment_at(flow.ended),
        source if is_told else "",
        confidence,
        job,
        str(run) if job and run else None,
        columns.get(pk, ()),
    )


def _read_moment(text: str) -> datetime:
    """Read a moment as a database writes it: much faster than field by field."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def plain_edges(
    flows: Iterable[NodeFlow], names: Mapping[int, str], when: TimeWindow, prefix: str
) -> list[GraphEdge]:
    """Return edges of which no row tells more: between products, or between columns."""
    return [
        GraphEdge(
            f"{prefix}{flow.id}",
            names[flow.up],
            names[flow.down],
            KINDS.get(flow.kind & ~INDIRECT, ""),
            flow.ended < NEVER,
            change_of(flow, when),
            moment_at(flow.first),
            None,
            moment_at(flow.ended),
        )
        for flow in flows
    ]


def column_edges(
    flows: Collection[NodeFlow], names: Mapping[int, str], *, user: Viewer, when: TimeWindow
) -> list[GraphEdge]:
    """Return edges between columns, each with how the one goes into the other."""
    rows: dict[int, ColumnEdge] = {}
    for part in batched(sorted(flow.id for flow in flows), _AT_ONCE):
        found = ColumnEdge.objects.select_related("edge__last_run")
        rows |= {row.pk: row for row in found.filter(pk__in=among(part))}
    jobs = job_names({flow.job for flow in flows if flow.job}, user=user)
    edges = []
    for flow in flows:
        if (row := rows.get(flow.id)) is None:
            continue
        job = jobs.get(flow.job)
        run = row.edge.last_run
        edges.append(
            GraphEdge(
                f"c{row.pk}",
                names[flow.up],
                names[flow.down],
                row.edge.kind,
                row.ended_at is not None,
                change_of(flow, when),
                row.first_seen_at,
                row.last_seen_at,
                row.ended_at,
                row.edge.source if job or not flow.job else "",
                row.edge.confidence,
                job,
                str(run.run_id) if job and run else None,
                ((row.upstream_path, row.downstream_path, row.subtype or row.type),),
            )
        )
    return edges


def columns_of_edges(
    flows: Collection[NodeFlow], datasets: Collection[int], when: TimeWindow
) -> dict[int, tuple[tuple[str, str, str], ...]]:
    """Return (upstream column, downstream column, how) of the edges at some datasets."""
    ids = [flow.id for flow in flows if flow.up in datasets or flow.down in datasets]
    if not ids:
        return {}
    rows = ColumnEdge.objects.filter(edge__in=among(ids))
    if when.at is None:
        rows = rows.filter(ended_at__isnull=True)
    else:
        at = moment_at(when.at)
        rows = rows.filter(Q(ended_at__isnull=True) | Q(ended_at__gt=at), first_seen_at__lte=at)
    found: dict[int, list[tuple[str, str, str]]] = {}
    names = ("edge_id", "upstream_path", "downstream_path", "subtype", "type")
    for edge, up, down, subtype, kind in rows.order_by("pk").values_list(*names):
        found.setdefault(edge, []).append((up, down, subtype or kind))
    return {edge: tuple(columns) for edge, columns in found.items()}


def job_names(ids: Collection[int], *, user: Viewer) -> dict[int, JobName]:
    """Return the jobs that a person may know of."""
    if not ids:
        return {}
    rows = Job.objects.visible_to(user).filter(pk__in=ids).order_by()
    return {pk: JobName(pk, *names) for pk, *names in rows.values_list("pk", "namespace", "name")}


def references(focus: int) -> list[Edge]:
    """Return the foreign keys of a dataset and those that refer to it: relations, never followed."""
    near = Q(upstream=focus) | Q(downstream=focus)
    return list(Edge.objects.current().filter(near, kind=EdgeKind.FOREIGN_KEY).order_by("pk"))


def moment_at(at: int) -> datetime | None:
    """Return a moment from microseconds; none for always and never."""
    if at in (0, NEVER):
        return None
    return _EPOCH + timedelta(microseconds=at)
