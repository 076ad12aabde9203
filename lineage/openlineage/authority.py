"""What the sender of events may state: of their own jobs, of runs of these, of datasets that are theirs or nobody's.

What a job merely reads may be named, whose ever it is. What nobody owns is kept apart for its sender.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from catalog.models import User
from catalog.people.authority import Authority, PersonAuthority, SystemAuthority
from catalog.people.namespaces import NO_NAME, NameRights, Ownership, explain, tell
from catalog.visibility import SIGNED_IN
from lineage.models import Job, JobRun
from lineage.openlineage.batch import BatchEvent, addresses_of, find_by_address, parts
from lineage.openlineage.parse import Address, Remark

Known = Mapping[Address, Ownership]


@dataclass(frozen=True)
class JudgedSender(PersonAuthority):
    """A sender at the door: whose the names are that they state was judged in `Rights`."""

    @property
    def names(self) -> NameRights:
        """Every name: a job may read what belongs to others."""
        return NameRights.every()


#: Whoever sends events: a person, or a part of the program by its name.
Sender = User | SystemAuthority


def authority_of(sender: Sender) -> Authority:
    """Return who speaks in events."""
    return PersonAuthority(sender) if isinstance(sender, User) else sender


def person_of(sender: Sender) -> User | None:
    """Return the person who sent events; None: a part of the program did."""
    return sender if isinstance(sender, User) else None


@dataclass(frozen=True, slots=True)
class Rights:
    """How a sender stands to what a batch names; empty for the installation, which may state everything."""

    authority: Authority
    datasets: Known = field(default_factory=dict)
    jobs: Known = field(default_factory=dict)

    @property
    def token(self) -> str:
        """Return the audience of what is kept apart for the sender; empty where nothing is."""
        return self.authority.names.token

    def at_door(self, *, kept_for: str = "") -> Authority:
        """Return who states datasets to the registry, and whom new ones are kept for."""
        if isinstance(self.authority, PersonAuthority):
            return JudgedSender(self.authority.user, kept_for)
        return self.authority

    def describes(self, address: Address) -> bool:
        """Tell whether the sender may describe a dataset: its own, and what only they named so far."""
        ownership = self.datasets.get(address)
        if ownership is None or ownership.standing == "own":
            return True
        return ownership.standing == "unclaimed" and ownership.kept_for in ("", self.token)

    def is_own(self, address: Address) -> bool:
        """Tell whether a dataset is the sender's, claimed or not."""
        ownership = self.datasets.get(address)
        return ownership is None or ownership.standing == "own"

    def audience_of_job(self, address: Address) -> str:
        """Return who sees a job that is new."""
        ownership = self.jobs.get(address)
        is_apart = ownership is not None and ownership.standing == "unclaimed"
        return (self.token if is_apart else "") or SIGNED_IN

    def owns_job(self, address: Address) -> bool:
        """Tell whether a job is the sender's."""
        ownership = self.jobs.get(address)
        return ownership is None or ownership.standing == "own"


def rights_of(steps: Sequence[BatchEvent], sender: Sender) -> Rights:
    """Read how a sender stands to the datasets and jobs of a batch; a fixed number of queries."""
    authority = authority_of(sender)
    names = authority.names
    if names.is_unlimited:
        return Rights(authority)
    named = {address for step in steps for address in step.flows.claims}
    return Rights(
        authority,
        tell([*{*addresses_of(steps), *named}], names),
        _jobs({step.event.job for step in steps if step.event.job is not None}, names),
    )


def _jobs(addresses: set[Address], rights: NameRights) -> dict[Address, Ownership]:
    """Tell whose jobs are; one that is kept apart for somebody else is theirs."""
    found = tell(addresses, rights, {})
    kept = find_by_address(Job.objects.all(), addresses, "audience")
    for address, (audience,) in kept.items():
        if found[address].standing == "unclaimed" and audience not in (SIGNED_IN, rights.token):
            found[address] = replace(found[address], standing="foreign", kept_for=audience)
    return found


def refusals(
    steps: Sequence[BatchEvent], rights: Rights, by: User | None
) -> dict[str, list[Remark]]:
    """Return why events are refused, by their hash: they state something of what belongs to others."""
    if rights.authority.names.is_unlimited:
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
    jobs = _jobs(set(known.values()), rights.authority.names)
    return {run for run, address in known.items() if jobs[address].standing == "foreign"}
