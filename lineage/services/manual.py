"""Edges drawn by people: for a flow that no view, job or manifest tells of."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from django.utils import timezone

from catalog.events import log as event_log
from catalog.events.log import NewEvent
from catalog.models import Column, Dataset, User
from catalog.people import policies
from catalog.people.policies import Action
from catalog.visibility import narrower
from lineage.adjacency.change_log import record_change
from lineage.models import Edge, EdgeKind
from lineage.services.column_flow import ColumnFlow
from lineage.services.edge_statements import EdgeStatement, end_edges, state_edges

SOURCE = "portal"
MAX_FLOWS = 1000


class EdgeForbidden(Exception):
    """Only who may edit the dataset that data goes into draws or erases an edge into it."""


class InvalidEdge(ValueError):
    """Such an edge cannot be; `field` names what is wrong."""

    def __init__(self, field: str, message: str) -> None:
        self.field = field
        super().__init__(message)


def draw_edge(
    upstream: Dataset,
    downstream: Dataset,
    *,
    by: User,
    note: str = "",
    columns: Sequence[ColumnFlow] = (),
    at: datetime | None = None,
) -> tuple[Edge, bool]:
    """Say that data goes from one dataset into another; return the edge and whether it is new.

    Said again, it takes the columns given. Raises EdgeForbidden and InvalidEdge.
    """
    _allow(downstream, by)
    if upstream.pk == downstream.pk:
        raise InvalidEdge("downstream", "a dataset does not flow into itself")
    _check(upstream, downstream, columns)
    now = at or timezone.now()
    statement = EdgeStatement(
        upstream=upstream.pk,
        downstream=downstream.pk,
        kind=EdgeKind.MANUAL,
        source=SOURCE,
        by=by.pk,
        note=note,
        columns=tuple(columns),
    )
    current = Edge.objects.current().filter(
        upstream=upstream, downstream=downstream, kind=EdgeKind.MANUAL
    )
    with transaction.atomic():
        event_log.lock()
        is_new = not current.exists()
        changed = state_edges([statement], at=now)
        current.exclude(note=note).update(note=note[:500], by=by)
        edge = current.select_related("upstream", "downstream").get()
        if changed:
            event_log.record([_event("lineage.drawn", edge, by, now)])
    return edge, is_new


def erase_edge(edge: Edge, *, by: User, at: datetime | None = None) -> None:
    """End an edge that a person drew; it stays in the past. Raises EdgeForbidden and InvalidEdge."""
    _allow(edge.downstream, by)
    if edge.kind != EdgeKind.MANUAL:
        raise InvalidEdge("id", f"it follows from {edge.source}; only drawn edges are erased")
    now = at or timezone.now()
    with transaction.atomic():
        event_log.lock()
        if Edge.objects.current().filter(pk=edge.pk).exists():
            end_edges([edge.pk], at=now)
            record_change([edge.pk])
            event_log.record([_event("lineage.erased", edge, by, now)])


def _allow(downstream: Dataset, by: User) -> None:
    if not policies.may(by, Action.EDIT_DATASET, downstream):
        raise EdgeForbidden(f"only who may edit {downstream.display_name} says what flows into it")


def _check(upstream: Dataset, downstream: Dataset, columns: Sequence[ColumnFlow]) -> None:
    if len(columns) > MAX_FLOWS:
        raise InvalidEdge("columns", f"at most {MAX_FLOWS} are allowed")
    rows = Column.objects.filter(dataset__in=[upstream.pk, downstream.pk])
    known = set(rows.values_list("dataset_id", "path"))
    for place, flow in enumerate(columns):
        for side, dataset, path in (
            ("upstream", upstream, flow.upstream),
            ("downstream", downstream, flow.downstream),
        ):
            if (dataset.pk, path) not in known:
                message = f"{dataset.display_name} has no column {path[:80]!r}"
                raise InvalidEdge(f"columns[{place}].{side}", message)


def _event(kind: str, edge: Edge, by: User, at: datetime) -> NewEvent:
    """Return the event of the downstream dataset, for those who may see both ends."""
    down, up = edge.downstream, edge.upstream
    return NewEvent(
        type=kind,
        actor=by,
        at=at,
        subject_kind="dataset",
        subject_key=down.ref.subject,
        subject_id=down.pk,
        product_id=down.product_id,
        audience=narrower(down.audience, up.audience),
        data={"upstream": up.ref.subject, "edge": edge.pk, "note": edge.note},
    )
