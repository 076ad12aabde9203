"""What the sender of events may state: of their own jobs, of runs of these, of datasets that are theirs or nobody's.

What a job merely reads may be named, whose ever it is. What nobody owns is kept apart for its sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.models import User
from catalog.people.namespaces import NO_NAME, Ownership, Speaker, explain, tell
from catalog.visibility import SIGNED_IN
from lineage.models import Job, JobRun
from lineage.openlineage.batch import BatchEvent, addresses_of, find_by_address, parts
from lineage.openlineage.parse import Address, Remark

Known = Mapping[Address, Ownership]


@dataclass(frozen=True, slots=True)
class Rights:
    """How a sender stands to what a batch names; empty for the installation, which may state everything."""

    speaker: Speaker
    datasets: Known = field(default_factory=dict)
    jobs: Known = field(default_factory=dict)

    def describes(self, address: Address) -> bool:
        """Tell whether the sender may describe a dataset: its own, and what only they named so far."""
        said = self.datasets.get(address)
        if said is None or said.standing == "own":
            return True
        return said.standing == "unclaimed" and said.kept_for in ("", self.speaker.token)

    def is_own(self, address: Address) -> bool:
        """Tell whether a dataset is the sender's, claimed or not."""
        said = self.datasets.get(address)
        return said is None or said.standing == "own"

    def audience_of_job(self, address: Address) -> str:
        """Return who sees a job that is new."""
        said = self.jobs.get(address)
        is_apart = said is not None and said.standing == "unclaimed"
        return (self.speaker.token if is_apart else "") or SIGNED_IN

    def owns_job(self, address: Address) -> bool:
        """Tell whether a job is the sender's."""
        said = self.jobs.get(address)
        return said is None or said.standing == "own"


def rights_of(steps: Sequence[BatchEvent], by: User | None) -> Rights:
    """Read how a sender stands to the datasets and jobs of a batch; a fixed number of queries."""
    speaker = Speaker.installation() if by is None else Speaker.person(by)
    if speaker.teams is None:
        return Rights(speaker)
    named = {address for step in steps for address in step.flows.claims}
    return Rights(
        speaker,
        tell([*{*addresses_of(steps), *named}], speaker),
        _jobs({step.event.job for step in steps if step.event.job is not None}, speaker),
    )


def _jobs(addresses: set[Address], speaker: Speaker) -> dict[Address, Ownership]:
    """Tell whose jobs are; one that is kept apart for somebody else is theirs."""
    found = tell(addresses, speaker, {})
    kept = find_by_address(Job.objects.all(), addresses, "audience")
    for address, (audience,) in kept.items():
        if found[address].standing == "unclaimed" and audience not in (SIGNED_IN, speaker.token):
            found[address] = replace(found[address], standing="foreign", kept_for=audience)
    return found


def refusals(
    steps: Sequence[BatchEvent], rights: Rights, by: User | None
) -> dict[str, list[Remark]]:
    """Return why events are refused, by their hash: they state something of what belongs to others."""
    if rights.speaker.teams is None:
        return {}
    datasets, jobs = explain(rights.datasets, by), explain(rights.jobs, by)
    runs = _runs_of_others(steps, rights)
    found: dict[str, list[Remark]] = {}
    for step in steps:
        remarks = list(_remarks(step, datasets, jobs))
        if step.event.run_id in runs:
            remarks.append(Remark("run.runId", f"this run {NO_NAME}"))
        if remarks:
            found[step.event.mark.hash] = remarks
    return found


def _remarks(
    step: BatchEvent, datasets: Mapping[Address, str], jobs: Mapping[Address, str]
) -> Iterator[Remark]:
    job = step.event.job
    if job is not None and job in jobs:
        yield Remark("job", f"job {' '.join(job)} {jobs[job]}")
    for address in _stated(step):
        if address in datasets:
            yield Remark("outputs", f"{' '.join(address)} {datasets[address]}")


def _stated(step: BatchEvent) -> list[Address]:
    """Return the datasets of which an event says how they come about, or what they are."""
    event = step.event
    if event.kind == "dataset":
        own = [event.mentions[0].address] if event.mentions else []
    else:
        own = [mention.address for mention in event.mentions if mention.direction == "out"]
    return list(dict.fromkeys([*own, *step.flows.claims]))


def _runs_of_others(steps: Sequence[BatchEvent], rights: Rights) -> set[object]:
    """Return the runs that are known as runs of jobs the sender may not speak of."""
    wanted = {step.event.run_id for step in steps if step.event.run_id is not None}
    known: dict[object, Address] = {}
    for part in parts(wanted):
        rows = JobRun.objects.filter(run_id__in=part, job__isnull=False)
        fields = ("run_id", "job__namespace", "job__name")
        for run_id, namespace, name in rows.values_list(*fields):
            known[run_id] = (namespace, name)
    jobs = _jobs(set(known.values()), rights.speaker)
    return {run for run, address in known.items() if jobs[address].standing == "foreign"}
