"""Datasets that events name: made through the door, and described where the sender may describe them.

What is said of a dataset that belongs to a team is put into its layers only when the sender may edit it.
Lineage is recorded either way.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any

from catalog.db import bulk
from catalog.descriptors import DatasetDescriptor, LayerKind
from catalog.models import Dataset, Layer, Team, User
from catalog.names import DatasetRef
from catalog.people.authority import Authority
from catalog.registry.apply import apply
from catalog.registry.take_over import release
from lineage.models import DatasetFacet, DatasetLifecycle
from lineage.openlineage.authority import Rights
from lineage.openlineage.batch import BatchEvent, addresses_of, find_by_address, parts
from lineage.openlineage.describe import DESCRIBING, describe
from lineage.openlineage.marks import Mark, is_newer
from lineage.openlineage.parse import Address, Remark, read_address

SOURCE = "openlineage"
LIFECYCLE = ("ALTER", "CREATE", "DROP", "OVERWRITE", "RENAME", "TRUNCATE")
FacetKey = tuple[Address, str, str]  # address, name, way


@dataclass(slots=True)
class FacetState:
    """The newest facet of one name: `body` None where it was deleted."""

    mark: Mark
    body: Mapping[str, Any] | None
    job: int | None
    is_new: bool = True


@dataclass(frozen=True, slots=True)
class LifecycleChange:
    """A dataset was created, dropped, renamed, … as an event tells."""

    address: Address
    mark: Mark
    change: str
    previous: Address | None


@dataclass(slots=True)
class DatasetBatch:
    """The datasets of a batch."""

    ids: dict[Address, int] = field(default_factory=dict)
    created: set[Address] = field(default_factory=set)
    open: set[Address] = field(default_factory=set)
    facets: dict[FacetKey, FacetState] = field(default_factory=dict)
    changes: list[LifecycleChange] = field(default_factory=list)
    gone: set[Address] = field(default_factory=set)  # when the batch came


def write_datasets(
    steps: Sequence[BatchEvent], rights: Rights, *, by: User | None, at: datetime
) -> DatasetBatch:
    """Make and describe the datasets of events; the number of queries does not depend on theirs."""
    named = DatasetBatch()
    wanted = addresses_of(steps)
    known = find_by_address(Dataset.objects.all(), wanted, "pk", "gone_at")
    named.ids = {address: row[0] for address, row in known.items()}
    named.gone = {address for address, row in known.items() if row[1]}
    named.created = {address for address in wanted if address not in known}
    named.open = {address for address in wanted if rights.describes(address)}
    _note_closed(steps, named, by)
    _load_facets(named, _facet_names(steps))
    described = _fold(steps, named)
    back = _back(steps, {address: row[1] for address, row in known.items() if row[1]})
    stated = [*named.created, *((described | back) & named.open - named.created)]
    apart = {address for address in named.created if not rights.is_own(address)}
    shared = [address for address in stated if address not in apart]
    _through_door(shared, named, rights.at_door(), at)
    _through_door([*apart], named, rights.at_door(kept_for=rights.token), at)
    release(
        [
            named.ids[a]
            for a, ownership in rights.datasets.items()
            if ownership.kept_for and a in known and rights.is_own(a)
        ]
    )
    _store_facets(named)
    _store_changes(named)
    return named


def _note_closed(steps: Sequence[BatchEvent], named: DatasetBatch, by: User | None) -> None:
    """Say which statements were not put into the catalog; of hidden datasets say nothing."""
    closed = {
        mention.address
        for step in steps
        for mention in step.event.mentions
        if mention.address not in named.open | named.created and mention.facets
    }
    if not closed or by is None:
        return
    ids = {named.ids[address] for address in closed}
    seen: set[int] = set()
    for part in parts(ids):
        rows = Dataset.objects.visible_to(by).filter(pk__in=part)
        seen.update(rows.values_list("pk", flat=True))
    for step in steps:
        for mention in step.event.mentions:
            if mention.address in closed and named.ids[mention.address] in seen:
                message = (
                    "belongs to a team you are not in: its lineage was kept, its facets were not"
                )
                step.remarks.append(Remark(str(DatasetRef(*mention.address)), message))


def _facet_names(steps: Sequence[BatchEvent]) -> set[str]:
    return {
        name
        for step in steps
        for mention in step.event.mentions
        for facets in (mention.facets, mention.way_facets)
        for name in facets
    } | DESCRIBING


def _load_facets(named: DatasetBatch, names: Collection[str]) -> None:
    addresses = {pk: address for address, pk in named.ids.items() if address in named.open}
    for part in parts(addresses):
        rows = DatasetFacet.objects.filter(dataset__in=part, name__in=names)
        for pk, name, way, at, digest, body, is_deleted, job in rows.values_list(
            "dataset_id", "name", "way", "event_time", "hash", "body", "is_deleted", "job_id"
        ):
            key = (addresses[pk], name, way)
            facet = FacetState(Mark(at, digest), None if is_deleted else body, job, is_new=False)
            named.facets[key] = facet


def _fold(steps: Sequence[BatchEvent], named: DatasetBatch) -> set[Address]:
    """Take the newest facets; return the datasets of which a description changed."""
    described: set[Address] = set()
    for step in steps:
        for mention in step.event.mentions:
            if mention.address not in named.open:
                continue
            for way, facets in (("", mention.facets), (mention.direction, mention.way_facets)):
                for name, body in facets.items():
                    if _take(step, (mention.address, name, way), body, named) and not way:
                        described.add(mention.address)
            if change := _lifecycle(step, mention.address, mention.facets):
                named.changes.append(change)
    return described


def _take(step: BatchEvent, key: FacetKey, body: Mapping[str, Any], named: DatasetBatch) -> bool:
    """Take a facet where it is newer; tell whether the dataset is described otherwise now."""
    known = named.facets.get(key)
    mark = step.event.mark
    if not is_newer(mark, known.mark if known else None):
        return False
    new = None if body.get("_deleted") is True else body
    named.facets[key] = FacetState(mark, new, step.job_id)
    if key[1] not in DESCRIBING:
        return False
    return _content(new) != _content(known.body if known else None)


def _content(body: Mapping[str, Any] | None) -> dict[str, Any]:
    return {name: value for name, value in (body or {}).items() if not name.startswith("_")}


def _lifecycle(
    step: BatchEvent, address: Address, facets: Mapping[str, Mapping[str, Any]]
) -> LifecycleChange | None:
    facet = facets.get("lifecycleStateChange")
    change = str(facet.get("lifecycleStateChange") or "").upper() if facet else ""
    if facet is None or change not in LIFECYCLE:
        return None
    identifier = facet.get("previousIdentifier")
    previous = read_address(identifier, "")[0] if isinstance(identifier, Mapping) else None
    if previous == address:
        previous = None
    return LifecycleChange(address, step.event.mark, change, previous)


def _back(steps: Sequence[BatchEvent], gone: Mapping[Address, datetime]) -> set[Address]:
    """Return the datasets that were gone and are told of as of a later moment."""
    return {
        mention.address
        for step in steps
        for mention in step.event.mentions
        if mention.address in gone
        and step.event.mark.at > gone[mention.address]
        and (mention.direction or mention.facets)
        and not _is_drop(mention.facets)
    }


def _is_drop(facets: Mapping[str, Mapping[str, Any]]) -> bool:
    return facets.get("lifecycleStateChange", {}).get("lifecycleStateChange") == "DROP"


def _through_door(
    addresses: Sequence[Address], named: DatasetBatch, authority: Authority, at: datetime
) -> None:
    """State datasets with the sender's authority; whose names they are was judged in `rights`."""
    if not addresses:
        return
    teams = frozenset(Team.objects.values_list("key", flat=True))
    own = _described_by_events([a for a in addresses if a not in named.created])
    descriptors = [_descriptor(address, named, teams, own) for address in addresses]
    state = partial(apply, layer=LayerKind.HARVESTED, source=SOURCE, authority=authority, at=at)
    applied = state(descriptors)
    refused: list[Address] = []
    for address, outcome in zip(addresses, applied.outcomes, strict=True):
        if outcome.id is not None:
            named.ids[address] = outcome.id
        elif address in named.created:
            refused.append(address)
    if refused:
        plain = [DatasetDescriptor(namespace=ns, name=name) for ns, name in refused]
        again = state(plain)
        for address, outcome in zip(refused, again.outcomes, strict=True):
            named.ids[address] = outcome.id or 0


def _described_by_events(addresses: Collection[Address]) -> set[Address]:
    """Return the datasets that owe what they are to events: no harvest told of them first."""
    subjects = {DatasetRef(*address).subject: address for address in addresses}
    found: set[Address] = set()
    for part in parts(subjects):
        rows = Layer.objects.filter(
            subject_kind="dataset", subject_key__in=part, kind=LayerKind.HARVESTED, source=SOURCE
        )
        for subject, content in rows.values_list("subject_key", "content"):
            if "display_name" in content:
                found.add(subjects[subject])
    return found


def _descriptor(
    address: Address, named: DatasetBatch, teams: Collection[str], own: Collection[Address]
) -> DatasetDescriptor:
    facets = {
        name: facet.body
        for name in DESCRIBING
        if (facet := named.facets.get((address, name, ""))) and facet.body is not None
    }
    whole = describe(address, facets, teams=teams)
    if address in named.created or address in own:
        return whole
    fields = whole.dump()
    for name in ("display_name", "kind", "technology"):
        fields.pop(name, None)
    return DatasetDescriptor(**fields)


def _store_facets(named: DatasetBatch) -> None:
    rows = [
        {
            "dataset_id": named.ids[address],
            "name": name,
            "way": way,
            "event_time": facet.mark.at,
            "hash": facet.mark.hash,
            "body": {} if facet.body is None else facet.body,
            "is_deleted": facet.body is None,
            "job_id": facet.job,
        }
        for (address, name, way), facet in named.facets.items()
        if facet.is_new
    ]
    bulk.upsert(
        DatasetFacet,
        rows,
        on=("dataset_id", "name", "way"),
        fields=("event_time", "hash", "body", "is_deleted", "job_id"),
    )


def _store_changes(named: DatasetBatch) -> None:
    rows = [
        {
            "dataset_id": named.ids[change.address],
            "at": change.mark.at,
            "change": change.change,
            "previous_namespace": change.previous[0] if change.previous else "",
            "previous_name": change.previous[1] if change.previous else "",
        }
        for change in named.changes
    ]
    bulk.insert(DatasetLifecycle, rows, ignore=True)
