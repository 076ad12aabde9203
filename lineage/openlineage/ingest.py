"""Take OpenLineage events: read them, keep them whole, and bring what they say into the tables.

Events may come in any order, twice or late; the result is the same. A batch is one transaction, its number
of queries does not depend on the number of events.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from django.db import DataError, IntegrityError, transaction
from django.db.models import Max
from django.utils import timezone

from catalog.db import bulk
from catalog.events import log as event_log
from catalog.models import Layer, User
from catalog.names import DatasetRef
from catalog.registry.missing_datasets import mark_gone
from catalog.registry.observe import observe
from catalog.registry.take_over import SOURCE as OWNERS
from catalog.standards.quality.pipelines import read_assertions
from catalog.standards.quality.results import Asset
from catalog.trust.external_results import PushedResult, Subject, record_results
from lineage.adjacency.change_log import record_change
from lineage.models import DatasetFacet, DatasetLifecycle, JobDataset, LineageEvent
from lineage.openlineage.aliases import write_aliases
from lineage.openlineage.authority import Rights, Sender, person_of, refusals, rights_of
from lineage.openlineage.batch import BatchEvent, parts, steps_of
from lineage.openlineage.datasets import SOURCE, DatasetBatch, write_datasets
from lineage.openlineage.describe import observed
from lineage.openlineage.edge_writer import write_edges
from lineage.openlineage.jobs import write_jobs, write_runs
from lineage.openlineage.observations import observe_steps
from lineage.openlineage.parse import Address, Event, EventRefused, Remark, parse_event

#: How many events, and how many datasets named, go into one transaction.
MAX_EVENTS, MAX_MENTIONS = 500, 20_000


@dataclass(frozen=True, slots=True)
class EventResult:
    """What became of one event; `remarks` say what was odd, or why it was refused."""

    status: Literal["accepted", "duplicate", "refused"]
    hash: str = ""
    remarks: tuple[Remark, ...] = ()


def take_events(
    bodies: Sequence[object], *, by: Sender, now: datetime | None = None
) -> list[EventResult]:
    """Take events; refused ones leave the good ones taken. The answers are in the order given."""
    at = now or timezone.now()
    answers: list[EventResult | None] = [None] * len(bodies)
    good: dict[str, tuple[int, Event]] = {}
    for place, body in enumerate(bodies):
        try:
            event = parse_event(body, now=at)
        except EventRefused as error:
            answers[place] = EventResult("refused", remarks=error.remarks)
            continue
        if event.mark.hash in good:
            answers[place] = EventResult("duplicate", event.mark.hash, event.remarks)
        else:
            good[event.mark.hash] = (place, event)
    for batch in _batches([event for _, event in good.values()]):
        for digest, taken in _take_safely(batch, by, at).items():
            answers[good[digest][0]] = taken
    return [answer or EventResult("refused") for answer in answers]


def _batches(found: Sequence[Event]) -> list[list[Event]]:
    batches: list[list[Event]] = [[]]
    mentions = 0
    for event in found:
        mentions += len(event.mentions)
        if batches[-1] and (len(batches[-1]) >= MAX_EVENTS or mentions > MAX_MENTIONS):
            batches.append([])
            mentions = len(event.mentions)
        batches[-1].append(event)
    return batches if batches[0] else []


def _take_safely(batch: Sequence[Event], sender: Sender, at: datetime) -> dict[str, EventResult]:
    """Take a batch; where the database refuses it, find the event that is to blame."""
    try:
        return _take(batch, sender, at)
    except (DataError, IntegrityError) as error:
        if len(batch) == 1:
            message = f"cannot be stored: {str(error).splitlines()[0][:200]}"
            return {batch[0].mark.hash: EventResult("refused", remarks=(Remark("", message),))}
    half = len(batch) // 2
    return _take_safely(batch[:half], sender, at) | _take_safely(batch[half:], sender, at)


def _take(batch: Sequence[Event], sender: Sender, at: datetime) -> dict[str, EventResult]:
    by = person_of(sender)
    with transaction.atomic():
        event_log.lock()
        known: set[str] = set()
        for part in parts([event.mark.hash for event in batch]):
            rows = LineageEvent.objects.filter(hash__in=part)
            known.update(rows.values_list("hash", flat=True))
        steps = steps_of([event for event in batch if event.mark.hash not in known])
        rights = rights_of(steps, sender)
        refused = refusals(steps, rights, by)
        steps = [step for step in steps if step.event.mark.hash not in refused]
        if steps:
            _write(steps, rights, by, at)
    answers = {
        event.mark.hash: EventResult("duplicate", event.mark.hash, event.remarks)
        for event in batch
        if event.mark.hash in known
    }
    for digest, reasons in refused.items():
        answers[digest] = EventResult("refused", digest, tuple(reasons))
    for step in steps:
        digest = step.event.mark.hash
        remarks = (*step.event.remarks, *step.remarks)
        answers[digest] = EventResult("accepted", digest, remarks)
    return answers


def _write(steps: Sequence[BatchEvent], rights: Rights, by: User | None, at: datetime) -> None:
    write_jobs(steps, rights)
    named = write_datasets(steps, rights, by=by, at=at)
    write_runs(steps)
    found = observe_steps(steps, named.ids)
    sources = {
        step.job_id: f"{SOURCE}:{step.event.job[0]}"
        for step in steps
        if step.job_id and step.event.job
    }
    dropped = {named.ids[c.address] for c in named.changes if c.change == "DROP"}
    changed = write_edges(found, ids=named.ids, sources=sources, dropped=dropped)
    has_aliases = write_aliases(named, rights)
    _mark_gone(named, rights)
    _measure(steps, named, rights)
    _keep(steps, named.ids, by, at)
    record_change(changed, has_aliases=has_aliases)


def _mark_gone(named: DatasetBatch, rights: Rights) -> None:
    """Mark dropped datasets as gone, unless they were seen later or are harvested."""
    dropped = {change.address for change in named.changes if change.change == "DROP"}
    ids = {named.ids[address] for address in dropped | (named.gone & named.open)}
    if not ids:
        return
    drops = DatasetLifecycle.objects.filter(dataset__in=ids, change="DROP")
    last = dict(drops.values_list("dataset_id").annotate(Max("at")).order_by())
    seen = JobDataset.objects.filter(dataset__in=ids).values_list("dataset_id")
    later = dict(seen.annotate(Max("last_seen_at")).order_by())
    facets = DatasetFacet.objects.filter(dataset__in=ids).values_list("dataset_id")
    for pk, moment in facets.annotate(Max("event_time")).order_by():
        later[pk] = max(moment, later.get(pk, moment))
    subjects = {DatasetRef(*address).subject: pk for address, pk in named.ids.items() if pk in ids}
    harvested = Layer.objects.filter(subject_kind="dataset", subject_key__in=list(subjects))
    kept = {
        subjects[key]
        for key in harvested.exclude(source__in=(SOURCE, OWNERS)).values_list(
            "subject_key", flat=True
        )
    }
    gone = {pk: at for pk, at in last.items() if later.get(pk, at) <= at and pk not in kept}
    mark_gone(gone, source=SOURCE, authority=rights.authority)


def _measure(steps: Sequence[BatchEvent], named: DatasetBatch, rights: Rights) -> None:
    """Hand metrics and the outcomes of assertions to the catalog. What starts has proved nothing yet."""
    results: list[PushedResult] = []
    observations = []
    for step in steps:
        event = step.event
        for mention in event.mentions:
            if mention.address not in named.open:
                continue
            for facets in (mention.way_facets, mention.facets):
                if seen := observed(mention.address, facets, event.mark.at):
                    observations.append(seen)
            if event.event_type == "START":
                continue
            run = str(event.run_id) if event.run_id else event.mark.hash
            subject, about = Subject(dataset=named.ids[mention.address]), Asset(mention.address[1])
            both = (mention.facets, mention.way_facets)
            results += [
                PushedResult(subject, "openlineage", run, event.mark.at, result)
                for result in read_assertions(both, about, producer=event.producer)
            ]
    observations.sort(key=lambda seen: seen.observed_at)
    observe(observations, source=SOURCE, authority=rights.authority)
    record_results(results)


def _keep(
    steps: Sequence[BatchEvent], ids: Mapping[Address, int], by: User | None, at: datetime
) -> None:
    rows = [
        {
            "hash": step.event.mark.hash,
            "kind": step.event.kind,
            "event_type": step.event.event_type,
            "event_time": step.event.mark.at,
            "received_at": at,
            "producer": step.event.producer,
            "run_id": step.event.run_id,
            "job_id": step.job_id,
            "dataset_id": ids[step.event.mentions[0].address]
            if step.event.kind == "dataset"
            else None,
            "by_id": by.pk if by else None,
            "body": step.event.body,
            "problems": [remark.dump() for remark in step.event.remarks],
        }
        for step in steps
    ]
    bulk.insert(LineageEvent, rows)
