"""What runs read, wrote and claimed: rows from which the edges follow."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from catalog.db import bulk
from lineage.models import ClaimBody, RunClaim, RunDataset
from lineage.openlineage.batch import BatchEvent, FacetFold, parts
from lineage.openlineage.flows import Claim
from lineage.openlineage.fold import RunReads, Span
from lineage.openlineage.marks import Mark
from lineage.openlineage.parse import Address

#: More pairs of inputs and outputs in one run than this make no edges; the job keeps its inputs and outputs.
MAX_PAIRS = 250_000


class RunKey(NamedTuple):
    """A run of a job, or a statement (the hash of an event) of a job or of nobody."""

    run: int | None
    job: int | None
    statement: str


class Group(NamedTuple):
    """A dataset written by a job (None: told by an event about the dataset itself)."""

    job: int | None
    dataset: int


@dataclass(slots=True)
class _DatasetSpan:
    pk: int | None
    span: Span
    facets: FacetFold
    is_changed: bool = False


@dataclass(slots=True)
class ClaimRow:
    """A claim as stored: `digest` names its body."""

    pk: int | None
    digest: str
    first: Mark
    last: Mark
    is_changed: bool = False


@dataclass(slots=True)
class Observations:
    """Everything known of the runs of a batch."""

    seen: dict[tuple[RunKey, int, str], _DatasetSpan] = field(default_factory=dict)
    claims: dict[tuple[RunKey, int], dict[str, ClaimRow]] = field(default_factory=dict)
    bodies: dict[str, Claim] = field(default_factory=dict)
    touched: dict[RunKey, None] = field(default_factory=dict)
    #: The moments of the claims of this batch, by group, with the digest.
    points: dict[Group, list[tuple[Mark, str]]] = field(default_factory=dict)

    def runs(self) -> Iterator[tuple[RunKey, dict[int, Span], dict[int, Span]]]:
        """Yield each run of the batch with all it read and wrote, stored rows included."""
        sides: dict[RunKey, tuple[dict[int, Span], dict[int, Span]]] = {}
        for (key, dataset, direction), row in self.seen.items():
            side = sides.setdefault(key, ({}, {}))
            side[direction == "out"][dataset] = row.span
        for key in self.touched:
            read, written = sides.get(key, ({}, {}))
            yield key, read, written

    def groups(self) -> dict[Group, list[RunReads]]:
        """Return what the runs of the batch say of each dataset they write."""
        found: dict[Group, list[RunReads]] = {}
        for key, read, written in self.runs():
            shown = {} if is_too_wide(read, written) else read
            for dataset, span in written.items():
                runs = found.setdefault(Group(key.job, dataset), [])
                runs.append(RunReads(key, span, shown))
        return found


def is_too_wide(read: Collection[int], written: Collection[int]) -> bool:
    """Tell whether a run has more pairs than are drawn."""
    return len(read) * len(written) > MAX_PAIRS


def observe_steps(steps: Sequence[BatchEvent], ids: Mapping[Address, int]) -> Observations:
    """Fold the events of a batch into the rows of their runs, and store these."""
    found = Observations()
    _load(found, [step.run_pk for step in steps if step.run_pk is not None])
    for step in steps:
        _take(found, step, ids)
    _store_seen(found)
    _store_claims(found)
    return found


def _load(found: Observations, runs: Collection[int]) -> None:
    names = ("pk", "run_id", "job_id", "dataset_id", "direction", "first_seen_at", "last_seen_at")
    for part in parts(set(runs)):
        rows = RunDataset.objects.filter(run__in=part)
        for row in rows.values_list(*names, "facets", "facet_marks"):
            pk, run, job, dataset, direction, first, last, facets, marks = row
            key = (RunKey(run, job, ""), dataset, direction)
            found.seen[key] = _DatasetSpan(pk, Span(first, last), FacetFold(facets, marks))
        claims = RunClaim.objects.filter(run__in=part).values_list(
            "pk", "run_id", "job_id", "dataset_id", "body__digest", "body__body",
            "first_at", "first_hash", "last_at", "last_hash",
        )  # fmt: skip
        for pk, run, job, dataset, digest, body, *marks in claims:
            row = ClaimRow(pk, digest, Mark(marks[0], marks[1]), Mark(marks[2], marks[3]))
            found.claims.setdefault((RunKey(run, job, ""), dataset), {})[digest] = row
            found.bodies.setdefault(digest, Claim.parse(body))


def _take(found: Observations, step: BatchEvent, ids: Mapping[Address, int]) -> None:
    event = step.event
    run = RunKey(step.run_pk, step.job_id, step.statement)
    found.touched[run] = None
    for mention in event.mentions:
        direction = mention.direction
        if not direction and mention.address in step.flows.claims:
            direction = "out"
        if direction:
            _see(found, run, ids[mention.address], direction, event.mark, mention.way_facets)
    for address in step.flows.reads:
        _see(found, run, ids[address], "in", event.mark, {})
    for address, claim in step.flows.claims.items():
        _see(found, run, ids[address], "out", event.mark, {})
        _claim(found, run, ids[address], claim, event.mark)


def _see(
    found: Observations, run: RunKey, dataset: int, direction: str, mark: Mark, facets: Any
) -> None:
    key = (run, dataset, direction)
    row = found.seen.get(key)
    now = Span(mark.at, mark.at)
    if row is None:
        row = found.seen[key] = _DatasetSpan(None, now, FacetFold({}, {}), is_changed=True)
    joined = row.span.join(now)
    is_told = bool(facets) and row.facets.add(facets, mark)
    if joined != row.span or is_told:
        row.span, row.is_changed = joined, True


def _claim(found: Observations, run: RunKey, dataset: int, claim: Claim, mark: Mark) -> None:
    digest = claim.digest
    found.bodies.setdefault(digest, claim)
    rows = found.claims.setdefault((run, dataset), {})
    row = rows.get(digest)
    if row is None:
        rows[digest] = ClaimRow(None, digest, mark, mark, is_changed=True)
    else:
        first, last = min(row.first, mark), max(row.last, mark)
        row.is_changed |= (first, last) != (row.first, row.last)
        row.first, row.last = first, last
    found.points.setdefault(Group(run.job, dataset), []).append((mark, digest))


def _store_seen(found: Observations) -> None:
    new = [
        {
            "run_id": run.run,
            "job_id": run.job,
            "statement": run.statement,
            "dataset_id": dataset,
            "direction": direction,
            **_values(row),
        }
        for (run, dataset, direction), row in found.seen.items()
        if row.pk is None
    ]
    bulk.insert(RunDataset, new)
    old = [r for r in found.seen.values() if r.pk is not None and r.is_changed]
    plain = [r for r in old if not r.facets.bodies and not r.facets.marks]
    changed = [r for r in old if r.facets.bodies or r.facets.marks]
    bulk.update(RunDataset, [{"id": r.pk, **_span(r)} for r in plain])
    bulk.update(RunDataset, [{"id": r.pk, **_values(r)} for r in changed])


def _span(row: _DatasetSpan) -> dict[str, object]:
    return {"first_seen_at": row.span.first, "last_seen_at": row.span.last}


def _values(row: _DatasetSpan) -> dict[str, object]:
    return {**_span(row), "facets": row.facets.bodies, "facet_marks": row.facets.marks}


def _store_claims(found: Observations) -> None:
    changed = [
        (run, dataset, row)
        for (run, dataset), rows in found.claims.items()
        for row in rows.values()
        if row.is_changed
    ]
    bodies = keep_bodies({row.digest: found.bodies[row.digest] for *_, row in changed})
    new = [
        {
            "run_id": run.run,
            "job_id": run.job,
            "statement": run.statement,
            "dataset_id": dataset,
            "body_id": bodies[row.digest],
            **_marks(row),
        }
        for run, dataset, row in changed
        if row.pk is None
    ]
    bulk.insert(RunClaim, new)
    bulk.update(RunClaim, [{"id": r.pk, **_marks(r)} for *_, r in changed if r.pk is not None])


def _marks(row: ClaimRow) -> dict[str, object]:
    return {
        "first_at": row.first.at,
        "first_hash": row.first.hash,
        "last_at": row.last.at,
        "last_hash": row.last.hash,
    }


def keep_bodies(claims: Mapping[str, Claim]) -> dict[str, int]:
    """Store the contents of claims, each once; return their ids by digest."""
    if not claims:
        return {}
    rows = [{"digest": digest, "body": claim.dump()} for digest, claim in claims.items()]
    bulk.insert(ClaimBody, rows, ignore=True)
    found = ClaimBody.objects.filter(digest__in=list(claims))
    return dict(found.values_list("digest", "pk"))
