"""What a batch merely says again: told apart before anything large is read, since most of a harvest is that."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from catalog.descriptors import DatasetDescriptor, LayerKind, ProductDescriptor
from catalog.models import Dataset, Domain, Layer, Product, Team

if TYPE_CHECKING:
    from catalog.registry.apply import Step, Voice

Subject = tuple[str, str]


@dataclass(slots=True)
class Settled:
    """Subjects that stay as they are, by the id of their row, and the layers that are said again."""

    rows: dict[Subject, int] = field(default_factory=dict)
    older: list[int] = field(default_factory=list)


def settle(steps: Mapping[Subject, Step], voice: Voice) -> Settled:
    """Find the steps that repeat, word for word, the only statement of their kind: six queries at most.

    What names a successor, comes back after it was gone, or says when a field was set goes the long way.
    """
    settled = Settled()
    repeated = {} if voice.stamps else dict(_repeated(steps, voice))
    if not repeated:
        return settled
    domains = {None, *Domain.objects.values_list("key", flat=True)}
    teams = {None, *Team.objects.values_list("key", flat=True)}
    for subject, row_id in _rows([steps[s] for s in repeated], voice):
        descriptor = steps[subject].descriptor
        if descriptor.domain in domains and descriptor.team in teams:
            settled.rows[subject] = row_id
            layer_id, stated_at = repeated[subject]
            if stated_at < voice.at:
                settled.older.append(layer_id)
    return settled


def reaffirm(settled: Settled, voice: Voice) -> None:
    """Note that the layers were said again just now."""
    layers = Layer.objects.filter(pk__among=settled.older)
    if settled.older and voice.by:
        layers.update(stated_at=voice.at, by=voice.by)
    elif settled.older:
        layers.update(stated_at=voice.at)


def _repeated(
    steps: Mapping[Subject, Step], voice: Voice
) -> Iterator[tuple[Subject, tuple[int, datetime]]]:
    """Yield the id and time of the layer that each subject repeats."""
    for kind in ("product", "dataset"):
        keys = [key for of, key in steps if of == kind]
        if not keys:
            continue
        stored = Layer.objects.filter(
            subject_kind=kind, subject_key__among=keys, kind=voice.layer.value
        )
        found: dict[str, list[tuple[int, str, str, datetime]]] = {}
        fields = ("subject_key", "id", "source", "digest", "stated_at")
        for key, pk, source, digest, at in stored.values_list(*fields):
            found.setdefault(key, []).append((pk, source, digest, at))
        for key, heads in found.items():
            ((pk, source, digest, at), *others) = heads
            if not others and source == voice.source and digest == steps[kind, key].digest:
                yield (kind, key), (pk, at)


def _rows(steps: Sequence[Step], voice: Voice) -> Iterator[tuple[Subject, int]]:
    """Yield the ids of the rows of subjects that are there as they were."""
    products = {s.key: s.descriptor for s in steps if isinstance(s.descriptor, ProductDescriptor)}
    if products:
        stored = Product.objects.filter(key__among=[d.key for d in products.values()]).order_by()
        for pk, domain, key, guid in stored.values_list("pk", "domain__key", "key", "guid"):
            said = products.get(f"{domain}/{key}")
            if said and said.guid in (None, guid) and not said.successor:
                yield ("product", f"{domain}/{key}"), pk
    datasets = {s.key: s.descriptor for s in steps if isinstance(s.descriptor, DatasetDescriptor)}
    if datasets:
        names = {d.name for d in datasets.values()}
        namespaces = {d.namespace for d in datasets.values()}
        known = Dataset.objects.filter(namespace__in=namespaces, name__among=names).order_by()
        if voice.layer != LayerKind.CURATED:
            known = known.filter(gone_at__isnull=True)
        for pk, namespace, name in known.values_list("pk", "namespace", "name"):
            if f"{namespace} {name}" in datasets:
                yield ("dataset", f"{namespace} {name}"), pk
