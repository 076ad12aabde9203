"""Small OpenLineage events to test with, and the graph they make."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

from catalog.people.authority import system
from lineage.models import (
    ColumnEdge,
    DatasetAlias,
    DatasetFacet,
    Edge,
    Job,
    JobDataset,
    JobRun,
    RunDataset,
)
from lineage.openlineage.ingest import EventResult, take_events

START = datetime(2026, 5, 3, 6, tzinfo=UTC)
DB = "postgres://db:5432"
PRODUCER = "https://example.com/tests"
NOW = datetime(2026, 6, 1, tzinfo=UTC)
_TICKS = (timedelta(milliseconds=n) for n in count())


def run_id(number: int) -> str:
    """Name a run."""
    return str(uuid.UUID(int=number))


def facet(**said: Any) -> dict[str, Any]:
    """Return a facet with what every facet has."""
    return {"_producer": PRODUCER, "_schemaURL": "https://example.com/facet.json", **said}


def dataset(name: str, *, namespace: str = DB, **more: Any) -> dict[str, Any]:
    """Name a dataset; facets as `facets`, `inputFacets`, `outputFacets`."""
    return {"namespace": namespace, "name": name, **more}


def columns(**sources: Sequence[str]) -> dict[str, Any]:
    """Return a columnLineage facet: `total=["shop.a.amount"]`; the last part is the column."""
    fields = {
        out: {
            "inputFields": [
                {
                    "namespace": DB,
                    "name": source.rpartition(".")[0],
                    "field": source.rpartition(".")[2],
                    "transformations": [{"type": "DIRECT", "subtype": "IDENTITY"}],
                }
                for source in found
            ]
        }
        for out, found in sources.items()
    }
    return {"columnLineage": facet(fields=fields)}


def exactly(*names: str) -> dict[str, Any]:
    """Return a lineage facet: these datasets flow in, and nothing else."""
    return {"lineage": facet(inputs=[{**dataset(name), "type": "DATASET"} for name in names])}


def event(
    kind: str = "COMPLETE",
    *,
    minute: float = 0,
    run: int = 1,
    job: str = "load",
    reads: Iterable[Any] = (),
    writes: Iterable[Any] = (),
    **more: Any,
) -> dict[str, Any]:
    """Return a run event; datasets by name or as `dataset(…)`."""
    at = START + timedelta(minutes=minute)
    said: dict[str, Any] = {
        "eventType": kind,
        "eventTime": at.isoformat().replace("+00:00", "Z"),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": {
            "runId": run_id(run),
            **({"facets": more.pop("run_facets")} if "run_facets" in more else {}),
        },
        "job": {
            "namespace": "airflow",
            "name": job,
            **({"facets": more.pop("job_facets")} if "job_facets" in more else {}),
        },
        "inputs": [dataset(d) if isinstance(d, str) else d for d in reads],
        "outputs": [dataset(d) if isinstance(d, str) else d for d in writes],
    }
    return {**said, **more}


def take(*bodies: Any, by: Any = None) -> list[EventResult]:
    """Take events in one batch, each a little later than the one before."""
    return take_events(list(bodies), by=by or system("tests"), now=NOW + next(_TICKS))


def edges() -> set[tuple[str, str]]:
    """Return the current edges by name."""
    return set(Edge.objects.current().values_list("upstream__name", "downstream__name"))


def state() -> dict[str, Any]:
    """Return everything events decide, without the ids of rows and who came last among equals."""
    ends = ("upstream__namespace", "upstream__name", "downstream__namespace", "downstream__name")
    times = ("first_seen_at", "last_seen_at", "ended_at")
    column = ("upstream_path", "downstream_path", "type", "subtype", "is_masking", "description")
    link = ("direction", "first_seen_at", "last_seen_at")
    via = tuple(f"edge__{name}" for name in ("job__name", *ends, "first_seen_at"))
    own = ("dataset__namespace", "dataset__name")
    run = (
        "run_id", "job__name", "state", "started_at", "ended_at", "duration_ms", "error_message",
        "facets", "facet_marks", "parent_run_id", "nominal_start_at",
    )  # fmt: skip
    job = ("namespace", "name", "type", "sql", "description", "facets", "created_at", "updated_at")
    facets = ("name", "way", "event_time", "hash", "body", "is_deleted", "job__name")
    found: dict[str, Any] = {
        "edges": Edge.objects.values_list(
            "job__name", *ends, "kind", "confidence", "source", *times
        ),
        "columns": ColumnEdge.objects.values_list(*via, *column, *times),
        "jobs": Job.objects.values_list(*job),
        "links": JobDataset.objects.values_list(
            "job__name", *own, *link, "claim__digest", "claim_at"
        ),
        "runs": JobRun.objects.values_list(*run),
        "seen": RunDataset.objects.values_list("run__run_id", "job__name", *own, *link, "facets"),
        "facets": DatasetFacet.objects.values_list(*own, *facets),
        "aliases": DatasetAlias.objects.values_list(
            "namespace", "name", "dataset__name", "node__namespace", "node__name", "kind", "since"
        ),
    }
    return {
        name: sorted(json.dumps(row, default=str, sort_keys=True) for row in rows)
        for name, rows in found.items()
    }
