"""Rows of edges of jobs and of the flows between their columns: read, and written as a difference says."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from catalog.db import bulk
from lineage.models import ColumnEdge, Edge, EdgeKind
from lineage.openlineage.batch import parts
from lineage.openlineage.edge_diff import EdgeDiff, EdgeKey, EdgeState, StoredEdge
from lineage.openlineage.fold import Interval
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import column_row

#: What events say of a dataset without a job has this source.
SOURCE = "openlineage"


class DatedFlow(NamedTuple):
    """A flow between columns, and when it held."""

    flow: ColumnFlow
    interval: Interval


@dataclass(slots=True)
class ColumnPlan:
    """What becomes of the flows between the columns of edges, by the edge's id."""

    added: list[tuple[int, DatedFlow]] = field(default_factory=list)
    seen_again: dict[int, datetime] = field(default_factory=dict)
    whole: dict[int, set[DatedFlow]] = field(default_factory=dict)  # all there is of them


def read_edges(rows: QuerySet[Edge]) -> Iterable[tuple[EdgeKey, StoredEdge]]:
    """Yield edges of jobs with their keys."""
    named = rows.filter(kind=EdgeKind.JOB).values_list(
        "job_id", "upstream_id", "downstream_id", "pk", "first_seen_at", "last_seen_at",
        "ended_at", "confidence", "last_run_id",
    )  # fmt: skip
    for job, up, down, pk, first, last, ended, confidence, run in named:
        state = EdgeState(Interval(first, last, ended), confidence, run)
        yield EdgeKey(job, up, down), StoredEdge(pk, state)


def write_diff(found: EdgeDiff, sources: Mapping[int, str]) -> set[int]:
    """Write edges, and note the ids of new ones; return those of edges that changed.

    What ends is written first: of one key no two rows are ever current.
    """
    for part in parts(found.removed):
        ColumnEdge.objects.filter(edge__in=part).delete()
        Edge.objects.filter(pk__in=part).delete()
    for has_ended in (True, False):
        bulk.update(
            Edge,
            [
                {"id": stored.id, **_values(wanted)}
                for stored, wanted in found.updated
                if (wanted.interval.ended is not None) is has_ended
            ],
        )
    ids = bulk.allocate(Edge, len(found.added))
    bulk.insert(
        Edge,
        [_row(pk, key, state, sources) for pk, (key, state) in zip(ids, found.added, strict=True)],
    )
    for pk, (key, state) in zip(ids, found.added, strict=True):
        found.ids[key, state.interval.first] = pk
    changed = {update.stored.id for update in found.updated if update.is_material}
    return changed | set(ids) | set(found.removed)


def _values(state: EdgeState) -> dict[str, object]:
    return {
        "confidence": state.confidence,
        "last_run_id": state.last_run,
        "first_seen_at": state.interval.first,
        "last_seen_at": state.interval.last,
        "ended_at": state.interval.ended,
    }


def _row(pk: int, key: EdgeKey, state: EdgeState, sources: Mapping[int, str]) -> dict[str, object]:
    return {
        "id": pk,
        "upstream_id": key.upstream,
        "downstream_id": key.downstream,
        "kind": EdgeKind.JOB.value,
        "job_id": key.job,
        "source": sources.get(key.job or 0, SOURCE)[:200],
        "by_id": None,
        "note": "",
        **_values(state),
    }


def write_columns(plan: ColumnPlan) -> set[int]:
    """Write flows between columns; return the edges of which they changed."""
    differing = _differing(plan.whole)
    for part in parts(differing):
        ColumnEdge.objects.filter(edge__in=part).delete()
    added = [
        *plan.added,
        *((pk, one) for pk in differing for one in sorted(plan.whole[pk], key=_order)),
    ]
    bulk.insert(ColumnEdge, [column_row(pk, one.flow, *one.interval) for pk, one in added])
    _see_again(plan.seen_again)
    return {pk for pk, _ in added} | set(differing)


def _order(one: DatedFlow) -> tuple[object, ...]:
    return (*one.flow.key, one.interval.first)


def _differing(whole: Mapping[int, set[DatedFlow]]) -> list[int]:
    stored: dict[int, set[DatedFlow]] = {pk: set() for pk in whole}
    for part in parts(whole):
        rows = ColumnEdge.objects.filter(edge__in=part).values_list(
            "edge_id", "first_seen_at", "last_seen_at", "ended_at",
            "upstream_path", "downstream_path", "type", "subtype", "is_masking", "description",
        )  # fmt: skip
        for edge, first, last, ended, up, down, type_, subtype, masks, text in rows:
            flow = ColumnFlow(up, down, type_, subtype, masks, text)
            stored[edge].add(DatedFlow(flow, Interval(first, last, ended)))
    return [pk for pk, flows in whole.items() if flows != stored[pk]]


def _see_again(moments: Mapping[int, datetime]) -> None:
    rows = ColumnEdge.objects.filter(edge__in=moments, ended_at__isnull=True)
    later = [
        {"id": pk, "last_seen_at": moments[edge]}
        for pk, edge, last in rows.values_list("pk", "edge_id", "last_seen_at")
        if last < moments[edge]
    ]
    bulk.update(ColumnEdge, later)
