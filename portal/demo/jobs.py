"""The nightly jobs of the demo: what they tell of their runs, as OpenLineage events of two weeks."""

from __future__ import annotations

import uuid
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from typing import Any

from catalog.names import DatasetRef
from catalog.people.authority import system
from lineage.openlineage.ingest import take_events
from portal.demo import mesh
from portal.demo.declared import Resolve

PRODUCER = "https://git.example.org/platform/scheduler"
Table = tuple[str, str]
"""A domain and a table of it."""


@dataclass(frozen=True, slots=True)
class NightlyJob:
    """A job; `flows` says by column of the table written which columns go in, as `table.column`."""

    name: str
    at: time
    minutes: int
    reads: Sequence[Table]
    writes: Table
    sql: str
    flows: Mapping[str, Sequence[str]] = field(default_factory=dict)
    retired_input: Table | None = None  # read until six days ago
    fails_on: int = -1  # days before today
    error: str = ""


JOBS = (
    NightlyJob(
        "actuarial.loss_ratio_monthly",
        time(3, 10),
        14,
        reads=(("claims", "claim_cost"), ("actuarial", "premium_earned")),
        writes=("actuarial", "loss_ratio"),
        sql=(
            "INSERT INTO loss_ratio (period, line_of_business, earned_premium, claims_cost, loss_ratio)\n"
            "SELECT p.period, p.line_of_business, sum(p.earned_premium), sum(c.paid_amount + c.reserved_amount),\n"
            "  sum(c.paid_amount + c.reserved_amount) / sum(p.earned_premium)\n"
            "FROM premium_earned p JOIN claim_cost c USING (policy_id) GROUP BY 1, 2"
        ),
        flows={
            "period": ("premium_earned.period",),
            "line_of_business": ("premium_earned.line_of_business",),
            "earned_premium": ("premium_earned.earned_premium",),
            "claims_cost": ("claim_cost.paid_amount", "claim_cost.reserved_amount"),
            "loss_ratio": (
                "claim_cost.paid_amount",
                "claim_cost.reserved_amount",
                "premium_earned.earned_premium",
            ),
        },
        fails_on=3,
        error="division by zero: sum(p.earned_premium) is 0 for line_of_business 'pet' in the open month",
    ),
    NightlyJob(
        "actuarial.premium_earned_build",
        time(2, 20),
        9,
        reads=(("billing", "invoice"), ("policy", "policy_current")),
        writes=("actuarial", "premium_earned"),
        sql=(
            "INSERT INTO premium_earned SELECT i.policy_id, date_trunc('month', i.period_from), i.net_amount …\n"
            "FROM invoice i JOIN policy_current p USING (policy_id)"
        ),
        flows={
            "policy_id": ("invoice.policy_id",),
            "period": ("invoice.period_from",),
            "written_premium": ("invoice.net_amount",),
            "earned_premium": ("invoice.net_amount", "invoice.period_from", "invoice.period_to"),
        },
    ),
    NightlyJob(
        "actuarial.loss_triangle_build",
        time(2, 40),
        22,
        reads=(("claims", "claim_payment"), ("claims", "claim")),
        writes=("actuarial", "loss_triangle"),
        sql="INSERT INTO loss_triangle SELECT … FROM claim_payment JOIN claim USING (claim_id) GROUP BY 1, 2, 3",
        flows={
            "paid_amount": ("claim_payment.amount",),
            "incurred_amount": ("claim_payment.amount",),
            "accident_month": ("claim.loss_date",),
            "line_of_business": ("claim.line_of_business",),
            "claim_count": ("claim.claim_id",),
        },
    ),
    NightlyJob(
        "risk.score_policyholders",
        time(4, 5),
        31,
        reads=(("customer", "customer"), ("claims", "claim"), ("underwriting", "application")),
        writes=("risk", "risk_score"),
        sql="CALL score('motor-frequency', '4.2')",
        flows={
            "customer_id": ("customer.customer_id",),
            "score": ("claim.peril", "claim.loss_date", "claim.estimated_amount"),
        },
        retired_input=("claims", "claim_legacy_code"),
    ),
    NightlyJob(
        "agency.broker_performance_refresh",
        time(5, 0),
        6,
        reads=(("agency", "broker"), ("policy", "policy_current"), ("claims", "claim_cost")),
        writes=("agency", "broker_performance"),
        sql="INSERT INTO broker_performance SELECT … FROM broker JOIN policy_current JOIN claim_cost",
    ),
)


class EventsRefused(RuntimeError):
    """The catalog took an event of the demo for wrong."""


def run_jobs(since: datetime, until: datetime, *, today: datetime) -> int:
    """Let the jobs run on each night after `since` up to `until`; return how many events they sent."""
    resolve = mesh.known_addresses()
    bodies: list[dict[str, Any]] = []
    for job in JOBS:
        night = datetime.combine(since.date(), job.at, since.tzinfo)
        while night <= until:
            if night > since:
                bodies += _events(job, night, resolve, age=(today.date() - night.date()).days)
            night += timedelta(days=1)
    done = [body for body in bodies if datetime.fromisoformat(body["eventTime"]) <= until]
    for taken in take_events(done, by=system("demo"), now=until):
        if taken.status == "refused":
            raise EventsRefused(str(taken.remarks))
    return len(done)


def _events(
    job: NightlyJob, at: datetime, resolve: Resolve, *, age: int
) -> Iterator[dict[str, Any]]:
    """Yield the start and the end of a run; nothing while its tables are not known."""
    wanted = [*job.reads, *([job.retired_input] if job.retired_input and age > 5 else [])]
    reads = {table: ref for domain, table in wanted if (ref := resolve(domain, table))}
    target = resolve(*job.writes)
    if target is None or not reads:
        return
    fails = age == job.fails_on
    run = {"runId": str(uuid.uuid5(uuid.NAMESPACE_URL, f"{job.name} {at:%Y-%m-%d}"))}
    nominal = _facet(nominalStartTime=at.isoformat())
    error = _facet(message=job.error, programmingLanguage="SQL")
    facets = {"nominalTime": nominal} | ({"errorMessage": error} if fails else {})
    written = _dataset(target, {} if fails else _lineage(job, reads))
    inputs = [_dataset(ref, {}) for ref in reads.values()]
    yield _event("START", at, job, {**run, "facets": {"nominalTime": nominal}}, inputs, [])
    end = at + timedelta(minutes=job.minutes + at.day % 4)
    kind = "FAIL" if fails else "COMPLETE"
    yield _event(kind, end, job, {**run, "facets": facets}, inputs, [written])


def _event(
    kind: str,
    at: datetime,
    job: NightlyJob,
    run: dict[str, Any],
    inputs: list[dict[str, Any]],
    outputs: list[dict[str, Any]],
) -> dict[str, Any]:
    place = f"https://git.example.org/{job.writes[0]}/jobs/{job.name}.sql"
    facets = {
        "sql": _facet(query=job.sql),
        "sourceCodeLocation": _facet(type="git", url=place),
        "jobType": _facet(processingType="BATCH", integration="SCHEDULER", jobType="TASK"),
    }
    return {
        "eventType": kind,
        "eventTime": at.isoformat(),
        "producer": PRODUCER,
        "schemaURL": "https://openlineage.io/spec/2-0-2/OpenLineage.json#/$defs/RunEvent",
        "run": run,
        "job": {"namespace": "scheduler", "name": job.name, "facets": facets},
        "inputs": inputs,
        "outputs": outputs,
    }


def _lineage(job: NightlyJob, reads: Mapping[str, DatasetRef]) -> dict[str, Any]:
    """Return the facet `lineage`: these tables flow in, and nothing else."""
    fields: dict[str, Any] = {}
    for column, sources in job.flows.items():
        found = [source.partition(".")[::2] for source in sources]
        way = [{"type": "DIRECT", "subtype": "IDENTITY" if len(found) == 1 else "TRANSFORMATION"}]
        fields[column] = {
            "inputs": [
                {**_address(reads[table]), "type": "DATASET", "field": name, "transformations": way}
                for table, name in found
                if table in reads
            ]
        }
    inputs = [{**_address(ref), "type": "DATASET"} for ref in reads.values()]
    return {"lineage": _facet(inputs=inputs, fields=fields)}


def _dataset(ref: DatasetRef, facets: dict[str, Any]) -> dict[str, Any]:
    return {**_address(ref), "facets": facets}


def _address(ref: DatasetRef) -> dict[str, str]:
    return {"namespace": ref.namespace, "name": ref.name}


def _facet(**said: Any) -> dict[str, Any]:
    return {"_producer": PRODUCER, "_schemaURL": f"{PRODUCER}/facet.json", **said}
