"""State edges: make what is new, keep what holds, end what a complete statement no longer has.

For whatever is stated as a whole at one time (a harvest, a manifest, a statement of SQL, a person). Edges
that follow from runs are kept by `lineage.openlineage`, in whatever order their events come.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import BooleanField, Case, Q, Value, When

from catalog.db import bulk
from lineage.adjacency.change_log import record_change
from lineage.models import ColumnEdge, Confidence, Edge, EdgeKind
from lineage.services.column_flow import ColumnFlow, ColumnKey

#: (upstream, downstream, kind, source, job): of each there is at most one current edge.
StatementKey = tuple[int, int, str, str, int | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdgeStatement:
    """Ids of two datasets, and what is said of them. `columns` None: nothing said, what is known stays."""

    upstream: int
    downstream: int
    kind: EdgeKind
    source: str
    confidence: Confidence = Confidence.STATED
    job: int | None = None
    by: int | None = None
    note: str = ""
    columns: tuple[ColumnFlow, ...] | None = None

    @property
    def key(self) -> StatementKey:
        """What tells its current edge from others."""
        source = "" if self.job is not None else self.source
        return (self.upstream, self.downstream, self.kind.value, source, self.job)


def state_edges(
    statements: Iterable[EdgeStatement], *, at: datetime, complete: Q | None = None
) -> list[int]:
    """Bring edges in line with what is stated; return the ids of those that changed.

    `complete` selects the edges of which the statements are all there is: those not stated end. An edge
    from a dataset to itself is left out. A fixed number of queries.
    """
    wanted = {s.key: s for s in statements if s.upstream != s.downstream}
    with transaction.atomic():
        known = _current_edges(wanted, complete)
        made = _make([s for key, s in wanted.items() if key not in known], at)
        seen_again = [pk for key, pk in known.items() if key in wanted]
        Edge.objects.filter(pk__in=seen_again, last_seen_at__lt=at).update(last_seen_at=at)
        ended = [pk for key, pk in known.items() if key not in wanted]
        end_edges(ended, at=at)
        ids = made | {key: pk for key, pk in known.items() if key in wanted}
        flows = {ids[key]: s.columns for key, s in wanted.items() if s.columns is not None}
        altered = state_columns(flows, at=at)
        changed = sorted({*made.values(), *ended, *altered})
        record_change(changed)
    return changed


def end_edges(ids: Collection[int], *, at: datetime) -> None:
    """End edges and the flows between their columns; the caller records the change."""
    if ids:
        Edge.objects.filter(pk__in=ids, ended_at__isnull=True).update(ended_at=at)
        ColumnEdge.objects.filter(edge__in=ids, ended_at__isnull=True).update(ended_at=at)


def state_columns(flows_by_edge: Mapping[int, Sequence[ColumnFlow]], *, at: datetime) -> set[int]:
    """Give edges (by id) exactly these flows between columns; return the edges whose flows changed."""
    current: dict[int, dict[ColumnKey, int]] = {}
    rows = ColumnEdge.objects.filter(edge__in=flows_by_edge, ended_at__isnull=True)
    names = ("edge_id", "pk", "upstream_path", "downstream_path", "type", "subtype")
    for edge, pk, *key in rows.values_list(*names):
        current.setdefault(edge, {})[(key[0], key[1], key[2], key[3])] = pk
    new: list[dict[str, object]] = []
    ended: list[int] = []
    altered: set[int] = set()
    for edge, flows in flows_by_edge.items():
        known = current.get(edge, {})
        by_key = {flow.key: flow for flow in flows}
        fresh = [column_row(edge, f, at, at) for k, f in by_key.items() if k not in known]
        left = [pk for k, pk in known.items() if k not in by_key]
        if fresh or left:
            altered.add(edge)
        new += fresh
        ended += left
    seen_again = [pk for known in current.values() for pk in known.values()]
    ColumnEdge.objects.filter(pk__in=seen_again, last_seen_at__lt=at).exclude(pk__in=ended).update(
        last_seen_at=at
    )
    ColumnEdge.objects.filter(pk__in=ended).update(ended_at=at)
    bulk.insert(ColumnEdge, new)
    return altered


def column_row(
    edge: int, flow: ColumnFlow, first: datetime, last: datetime, ended: datetime | None = None
) -> dict[str, object]:
    """Return the row of a flow between columns."""
    return {
        "edge_id": edge,
        "upstream_path": flow.upstream[:500],
        "downstream_path": flow.downstream[:500],
        "type": flow.type[:8],
        "subtype": flow.subtype[:40],
        "is_masking": flow.is_masking,
        "description": flow.description[:500],
        "first_seen_at": first,
        "last_seen_at": last,
        "ended_at": ended,
    }


def _current_edges(wanted: Collection[StatementKey], complete: Q | None) -> dict[StatementKey, int]:
    """Return the current edges that are stated or that the statement is complete about."""
    near = Q(downstream__in={k[1] for k in wanted}, upstream__in={k[0] for k in wanted})
    whole = Q(pk__in=[]) if complete is None else complete
    about = Case(When(whole, then=Value(True)), default=Value(False), output_field=BooleanField())
    rows = Edge.objects.current().filter(near | whole).annotate(is_about=about)
    names = ("pk", "upstream_id", "downstream_id", "kind", "source", "job_id", "is_about")
    found: dict[StatementKey, int] = {}
    for pk, up, down, kind, source, job, is_about in rows.values_list(*names):
        key = (up, down, kind, "" if job is not None else source, job)
        if key in wanted or is_about:
            found[key] = pk
    return found


def _make(statements: Sequence[EdgeStatement], at: datetime) -> dict[StatementKey, int]:
    ids = bulk.allocate(Edge, len(statements))
    rows = [
        {
            "id": pk,
            "upstream_id": statement.upstream,
            "downstream_id": statement.downstream,
            "kind": statement.kind.value,
            "confidence": statement.confidence.value,
            "job_id": statement.job,
            "last_run_id": None,
            "source": statement.source[:200],
            "by_id": statement.by,
            "note": statement.note[:500],
            "first_seen_at": at,
            "last_seen_at": at,
            "ended_at": None,
        }
        for pk, statement in zip(ids, statements, strict=True)
    ]
    bulk.insert(Edge, rows)
    return {statement.key: pk for pk, statement in zip(ids, statements, strict=True)}
