"""Bring what a connector reads through the door, in batches."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.db import transaction
from django.db.models import TextField, Value
from django.db.models.functions import Concat

from catalog.descriptors import DatasetDescriptor, LayerKind, Sensitivity
from catalog.governance.namespaces import Harvester, claim_found
from catalog.models import Dataset, Layer
from catalog.names import DatasetRef
from catalog.people.authority import SourceAuthority
from catalog.registry.apply import apply
from catalog.registry.missing_datasets import check_missing, mark_missing
from catalog.registry.observe import observe
from catalog.registry.outcomes import Applied
from catalog.trust.evaluate import evaluate
from ingestors.connectors.base import (
    Checked,
    Found,
    Offer,
    Record,
    Remark,
    Table,
    Transforms,
    Trouble,
)
from ingestors.models import Source
from ingestors.profile.limits import Correction, Overrides
from ingestors.services.owners import Owners
from ingestors.services.products import products_said
from ingestors.services.source_extras import SourceExtras
from ingestors.services.spool import Spool
from lineage.intake.harvest import refresh_edges

BATCH = 200

#: Called as work goes on: (found, done, what is being read, a line for the log and its level).
Progress = Callable[..., None]


class Readable(Protocol):
    """A source that can be read: a connector, or one in another process."""

    def read(self, *, overrides: Overrides = ..., at: datetime | None = ...) -> Iterator[Record]:
        """Yield what the source holds."""
        ...


@dataclass(slots=True)
class Loaded:
    """What a harvest did."""

    created: int = 0
    changed: int = 0
    unchanged: int = 0
    gone: int = 0
    problems: list[str] = field(default_factory=list)

    def add(self, applied: Applied) -> None:
        """Count the outcomes of a batch of datasets."""
        self.created += applied.count("created")
        self.changed += applied.count("changed")
        self.unchanged += applied.count("unchanged") + applied.count("stale")
        for outcome in applied.refused:
            reasons = "; ".join(f"{p.path}: {p.message}" for p in outcome.problems)
            self.problems.append(f"{outcome.ref}: {reasons}")


@dataclass(slots=True)
class Written:
    """What went through the door: ids of datasets, of those read from their store, and how they are called."""

    owners: Owners
    #: With whose rights the source speaks.
    authority: SourceAuthority
    ids: list[int] = field(default_factory=list)
    reflected: list[int] = field(default_factory=list)
    datasets: list[DatasetDescriptor] = field(default_factory=list)


def layer_source(source: Source) -> str:
    """Name a source in layers and events."""
    return f"source:{source.key}"


def datasets_of(source: Source) -> list[int]:
    """Return the ids of the datasets a source has told of."""
    layers = Layer.objects.filter(
        subject_kind="dataset", kind=LayerKind.HARVESTED, source=layer_source(source)
    )
    rows = Dataset.objects.annotate(
        subject=Concat("namespace", Value(" "), "name", output_field=TextField())
    )
    return list(rows.filter(subject__in=layers.values("subject_key")).values_list("pk", flat=True))


def overrides_of(source: Source) -> Overrides:
    """Return what people corrected about the columns of a source's datasets: three queries."""
    layers = Layer.objects.filter(
        subject_kind="dataset", kind=LayerKind.HARVESTED, source=layer_source(source)
    )
    corrected = Layer.objects.filter(
        subject_kind="dataset",
        kind=LayerKind.CURATED,
        subject_key__in=layers.values("subject_key"),
    )
    contents = {row.subject_key: row.content for row in corrected}
    rows = Dataset.objects.annotate(
        subject=Concat("namespace", Value(" "), "name", output_field=TextField())
    ).filter(subject__in=list(contents))
    return {row.ref: _corrections(contents[row.ref.subject]) for row in rows}


def _corrections(content: Mapping[str, Any]) -> dict[str, Correction]:
    found = {}
    for column in content.get("columns", ()):
        stated = column.get("sensitivity")
        if stated is not None or column.get("unmasked"):
            sensitivity = Sensitivity(stated) if stated is not None else None
            found[column["path"]] = Correction(sensitivity, bool(column.get("unmasked")))
    return found


def load(
    source: Source,
    connector: Readable,
    *,
    at: datetime,
    run_key: str,
    progress: Progress,
    confirm: bool = False,
) -> Loaded:
    """Read a source to its end, then bring everything through the door.

    Raises what the connector raises, and TooManyMissing; then nothing was changed.
    """
    loaded = Loaded()
    with Spool.open() as spool:
        extras = SourceExtras()
        seen = _read(source, connector, at, spool, extras, loaded, progress)
        check_missing(source=layer_source(source), seen=seen, confirm=confirm)
        harvester = _harvester(source)
        claim_found(spool.read_from_store, harvester, at=at)
        written = Written(owners=Owners(source.team), authority=harvester.authority())
        for batch in spool.batches(BATCH):
            progress(current="Writing what was found")
            _write(source, batch, at, loaded, written)
        progress(current="Bringing products, lineage and checks up to date")
        _finish(source, written, extras, seen, at, run_key, loaded, confirm)
    for problem in loaded.problems:
        progress(line=problem, level="warning")
    return loaded


def _read(
    source: Source,
    connector: Readable,
    at: datetime,
    spool: Spool,
    extras: SourceExtras,
    loaded: Loaded,
    progress: Progress,
) -> list[DatasetRef]:
    seen: list[DatasetRef] = []
    done = 0
    for record in connector.read(overrides=overrides_of(source), at=at):
        if isinstance(record, Found):
            progress(found=record.count, line=f"found {record.count} datasets")
            continue
        if isinstance(record, Remark):
            loaded.problems += [record.text] if record.is_problem else []
            progress(line="" if record.is_problem else record.text)
            continue
        if isinstance(record, Offer | Checked | Transforms):
            extras.add(record)
            continue
        done += 1
        if isinstance(record, Trouble):
            seen.append(record.ref)
            loaded.problems.append(f"{record.name}: {record.message}")
            progress(done=done, current=record.name)
            continue
        if record.trouble:
            loaded.problems.append(f"{record.descriptor.name}: {record.trouble}")
        spool.put(record)
        seen.append(record.descriptor.ref)
        progress(done=done, current=record.descriptor.name)
        for note in record.observation.notes if record.observation else ():
            progress(line=f"{record.descriptor.name}: {note}")
    return seen


def _harvester(source: Source) -> Harvester:
    is_named = bool(source.config.get("namespace"))
    return Harvester(layer_source(source), source.team, source.domain, is_named)


def _write(
    source: Source, batch: Sequence[Table], at: datetime, loaded: Loaded, written: Written
) -> None:
    written.owners.load(owner for table in batch for owner in table.owners)
    with transaction.atomic():
        described = [_placed(table, source, written.owners) for table in batch]
        applied = apply(
            described,
            layer=LayerKind.HARVESTED,
            source=layer_source(source),
            authority=written.authority,
            at=at,
        )
        loaded.add(applied)
        taken = {outcome.ref for outcome in applied.outcomes if outcome.id is not None}
        seen = (
            table.observation
            for table in batch
            if table.observation is not None and table.descriptor.ref in taken
        )
        observe(seen, source=layer_source(source), authority=written.authority)
    reflected = {table.descriptor.ref for table in batch if table.is_reflected}
    for outcome in applied.outcomes:
        if outcome.id is not None:
            written.ids.append(outcome.id)
            if outcome.ref in reflected:
                written.reflected.append(outcome.id)
    written.datasets.extend(
        DatasetDescriptor(
            namespace=d.namespace,
            name=d.name,
            display_name=d.display_name,
            technology=d.technology,
        )
        for d in described
        if d.ref in taken
    )


def _placed(table: Table, source: Source, owners: Owners) -> DatasetDescriptor:
    place = {"domain": source.domain.key}
    if team := owners.find(table.owners):
        place["team"] = team
    return table.descriptor.model_copy(update=place)


def _finish(
    source: Source,
    written: Written,
    extras: SourceExtras,
    seen: Sequence[DatasetRef],
    at: datetime,
    run_key: str,
    loaded: Loaded,
    confirm: bool,
) -> None:
    name = layer_source(source)
    written.owners.load(owner for offer in extras.offers for owner in offer.owners)
    products = products_said(source, written.datasets, extras.offers, written.owners)
    applied = apply(
        products, layer=LayerKind.HARVESTED, source=name, authority=written.authority, at=at
    )
    for outcome in applied.refused:
        why = "; ".join(f"{p.path}: {p.message}" for p in outcome.problems)
        loaded.problems.append(f"product {outcome.ref}: {why}")
    loaded.problems += refresh_edges(written.reflected, source=name, at=at)
    loaded.problems += extras.state_edges(source=name, at=at, names=written.authority.names)
    missing = mark_missing(
        source=name, authority=written.authority, seen=seen, at=at, confirm=confirm
    )
    loaded.gone = len(missing.gone)
    loaded.problems += extras.state_checks(written.ids, at=at)
    evaluate(written.ids, at=at, run_key=run_key)
