"""What a batch merely states again: told apart before anything large is read, since most of a harvest is that."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from catalog.descriptors import DatasetDescriptor, LayerKind, ProductDescriptor
from catalog.models import Dataset, Domain, Layer, Product, Team
from catalog.people.authority import Owner
from catalog.registry.authorize import action_on
from catalog.registry.stages import Author, Incoming, Kind, SubjectKey

_Layer = tuple[int, datetime]
_OWNER = ("team_id", "domain_id", "domain__team_id")


@dataclass(frozen=True, slots=True)
class Unchanged:
    """Subjects that stay as they are, by the id of their row, and the layers that are stated again."""

    rows: dict[SubjectKey, int]
    older: tuple[int, ...]


def find_unchanged(batch: Sequence[Incoming], author: Author) -> Unchanged:
    """Find what repeats, word for word, the only statement of its kind: six queries at most.

    What names a successor, comes back after it was gone, says when a field was set, or is not plainly the
    author's goes the long way.
    """
    repeated = {} if author.stamps else dict(_repeated(batch, author))
    if not repeated:
        return Unchanged({}, ())
    domains = {None, *Domain.objects.values_list("key", flat=True)}
    teams = {None, *Team.objects.values_list("key", flat=True)}
    candidates = [
        one
        for one in batch
        if one.subject in repeated
        and one.descriptor.domain in domains
        and one.descriptor.team in teams
    ]
    rows = dict(_rows(candidates, author))
    layers = (repeated[subject] for subject in rows)
    return Unchanged(rows, tuple(pk for pk, stated_at in layers if stated_at < author.at))


def reaffirm(unchanged: Unchanged, author: Author) -> None:
    """Note that the layers were stated again just now."""
    layers = Layer.objects.filter(pk__among=unchanged.older)
    if unchanged.older and author.by:
        layers.update(stated_at=author.at, by=author.by)
    elif unchanged.older:
        layers.update(stated_at=author.at)


def _repeated(batch: Sequence[Incoming], author: Author) -> Iterator[tuple[SubjectKey, _Layer]]:
    """Yield the id and time of the layer that each subject repeats."""
    for kind in ("product", "dataset"):
        digests = {one.key: one.digest for one in batch if one.kind == kind}
        if not digests:
            continue
        stored = Layer.objects.filter(
            subject_kind=kind, subject_key__among=list(digests), kind=author.layer.value
        )
        found: dict[str, list[tuple[int, str, str, datetime]]] = {}
        fields = ("subject_key", "id", "source", "digest", "stated_at")
        for key, pk, source, digest, at in stored.values_list(*fields):
            found.setdefault(key, []).append((pk, source, digest, at))
        for key, heads in found.items():
            ((pk, source, digest, at), *others) = heads
            if not others and source == author.source and digest == digests[key]:
                yield (kind, key), (pk, at)


def _rows(batch: Sequence[Incoming], author: Author) -> Iterator[tuple[SubjectKey, int]]:
    """Yield the ids of the rows of subjects that are there as they were."""
    products = {o.key: o.descriptor for o in batch if isinstance(o.descriptor, ProductDescriptor)}
    if products:
        stored = Product.objects.filter(key__among=[d.key for d in products.values()]).order_by()
        fields = ("pk", "domain__key", "key", "guid", *_OWNER)
        for pk, domain, key, guid, *owner in stored.values_list(*fields):
            stated = products.get(f"{domain}/{key}")
            is_same = stated and stated.guid in (None, guid) and not stated.successor
            if is_same and _may_repeat("product", owner, author):
                yield ("product", f"{domain}/{key}"), pk
    datasets = {o.key: o.descriptor for o in batch if isinstance(o.descriptor, DatasetDescriptor)}
    if datasets:
        names = {d.name for d in datasets.values()}
        namespaces = {d.namespace for d in datasets.values()}
        known = Dataset.objects.filter(namespace__in=namespaces, name__among=names).order_by()
        if author.layer != LayerKind.CURATED:
            known = known.filter(gone_at__isnull=True)
        for pk, namespace, name, *owner in known.values_list("pk", "namespace", "name", *_OWNER):
            if f"{namespace} {name}" in datasets and _may_repeat("dataset", owner, author):
                yield ("dataset", f"{namespace} {name}"), pk


def _may_repeat(kind: Kind, owner: Sequence[int | None], author: Author) -> bool:
    """Tell whether the author may state it, or stated it first where that is enough."""
    team, domain, leading = owner
    authority = author.authority
    return (
        authority.is_unlimited
        or authority.continues(author.source)
        or authority.may(action_on(kind, author.layer), Owner(team or leading, domain))
    )
