"""What jobs read and write, with the newest claim about what they write: one row for each dataset and way."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from catalog.db import bulk
from lineage.models import ClaimBody, JobDataset
from lineage.openlineage.batch import parts
from lineage.openlineage.fold import Span
from lineage.openlineage.marks import Mark
from lineage.openlineage.observations import Observations
from lineage.openlineage.parse import Address


class LinkKey(NamedTuple):
    """A job and a dataset it reads (`in`) or writes (`out`)."""

    job: int
    dataset: int
    direction: str


@dataclass(slots=True)
class JobLink:
    """What is known of a job and a dataset: since when, and the newest claim about it."""

    pk: int | None
    span: Span | None
    claim: Mark | None = None
    digest: str = ""
    is_exact: bool = False
    has_changed: bool = False


Links = dict[LinkKey, JobLink]


def load_links(found: Observations, ids: Mapping[Address, int]) -> Links:
    """Read the links of a batch and fold in when it saw them: one query for each 5,000 datasets."""
    wanted: dict[LinkKey, Span] = {}
    for key, span in (*_of_runs(found), *_of_claims(found, ids)):
        wanted[key] = span.join(wanted.get(key, span))
    links = _stored(wanted)
    for key, span in wanted.items():
        link = links.setdefault(key, JobLink(None, None))
        joined = link.span.join(span) if link.span else span
        link.has_changed |= joined != link.span
        link.span = joined
    return links


def _of_runs(found: Observations) -> Iterator[tuple[LinkKey, Span]]:
    for run, read, written in found.runs():
        if run.job is not None:
            for direction, spans in (("in", read), ("out", written)):
                for dataset, span in spans.items():
                    yield LinkKey(run.job, dataset, direction), span


def _of_claims(found: Observations, ids: Mapping[Address, int]) -> Iterator[tuple[LinkKey, Span]]:
    for group, points in found.points.items():
        if group.job is not None:
            for mark, digest in points:
                for address in found.bodies[digest].flows:
                    yield LinkKey(group.job, ids[address], "in"), Span(mark.at, mark.at)


def _stored(wanted: Collection[LinkKey]) -> Links:
    links: Links = {}
    jobs = {key.job for key in wanted}
    for part in parts({key.dataset for key in wanted}):
        rows = JobDataset.objects.filter(job__in=jobs, dataset__in=part).values_list(
            "pk", "job_id", "dataset_id", "direction", "first_seen_at", "last_seen_at",
            "claim_at", "claim_hash", "claim__digest", "is_exact",
        )  # fmt: skip
        for pk, job, dataset, direction, first, last, at, event_hash, digest, exact in rows:
            key = LinkKey(job, dataset, direction)
            if key in wanted:
                mark = Mark(at, event_hash) if at else None
                links[key] = JobLink(pk, Span(first, last), mark, digest or "", exact)
    return links


def store_links(found: Observations, links: Links) -> None:
    """Note the claims of a batch on what jobs write, and store the links that changed."""
    for group, points in found.points.items():
        if group.job is None:
            continue
        link = links[LinkKey(group.job, group.dataset, "out")]
        mark, digest = max(points)
        if link.claim is None or mark >= link.claim:
            link.claim, link.digest, link.has_changed = mark, digest, True
        if not link.is_exact and any(found.bodies[d].is_exact for _, d in points):
            link.is_exact = link.has_changed = True
    changed = {key: link for key, link in links.items() if link.has_changed and link.span}
    bodies = _body_ids({link.digest for link in changed.values() if link.digest})
    rows = [(key, link, _row(link, bodies)) for key, link in changed.items()]
    new = [
        {"job_id": key.job, "dataset_id": key.dataset, "direction": key.direction, **row}
        for key, link, row in rows
        if link.pk is None
    ]
    bulk.insert(JobDataset, new)
    bulk.update(JobDataset, [{"id": link.pk, **row} for _, link, row in rows if link.pk])


def _row(link: JobLink, bodies: Mapping[str, int]) -> dict[str, object]:
    span = link.span
    return {
        "first_seen_at": span.first if span else None,
        "last_seen_at": span.last if span else None,
        "claim_id": bodies.get(link.digest),
        "claim_at": link.claim.at if link.claim else None,
        "claim_hash": link.claim.hash if link.claim else "",
        "is_exact": link.is_exact,
    }


def _body_ids(digests: Collection[str]) -> dict[str, int]:
    rows = ClaimBody.objects.filter(digest__in=digests)
    return dict(rows.values_list("digest", "pk"))
