"""The one door: what every source of metadata says becomes rows, revisions and events here.

A batch runs in one transaction: layers, merge, diff, rows, revisions, events. The number of queries does
not depend on the number of descriptors.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from django.db import transaction
from django.utils import timezone

from catalog.db import bulk
from catalog.descriptors import Descriptor, LayerKind, ProductDescriptor
from catalog.events import log as event_log
from catalog.models import Dataset, Layer, Product, User
from catalog.registry import journal, rows
from catalog.registry.diff import IDENTITY, Change, diff
from catalog.registry.merge import Merged, Statement, merge
from catalog.registry.outcomes import Applied, Outcome, Problem
from catalog.registry.preload import Known, check, load, statement_of, subject_of
from catalog.registry.unchanged import reaffirm, settle

CHUNK = 1000


@dataclass(slots=True)
class Step:
    """One descriptor on its way through the door."""

    descriptor: Descriptor
    kind: str
    key: str
    content: dict[str, Any]
    digest: str
    layer: dict[str, Any] | None = None
    has_own: bool = False
    merged: Merged = field(default_factory=Merged)
    changes: tuple[Change, ...] = ()
    row: Product | Dataset | None = None
    row_id: int | None = None
    is_new: bool = False
    is_stale: bool = False
    is_back: bool = False
    renamed_from: str = ""
    problems: tuple[Problem, ...] = ()

    def touches(self, name: str) -> bool:
        """Tell whether something of a list (or a field) changed."""
        if self.is_new:
            return True
        return any(c.path == name or c.path.startswith(f"{name}[") for c in self.changes)

    def outcome(self) -> Outcome:
        """Say what became of it."""
        kind: Any = self.kind
        ref = self.descriptor.ref
        if self.problems:
            return Outcome("refused", kind, ref, None, (), self.problems)
        if self.is_new:
            return Outcome("created", kind, ref, self.row_id, self.changes)
        if self.changes:
            return Outcome("changed", kind, ref, self.row_id, self.changes)
        return Outcome("stale" if self.is_stale else "unchanged", kind, ref, self.row_id)


@dataclass(frozen=True, slots=True)
class Voice:
    """Who speaks, in which layer, when."""

    layer: LayerKind
    source: str
    by: User | None
    at: datetime
    stamps: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    is_now: bool = False

    def after(self, own: Layer | None) -> Voice:
        """Return the voice, dated after what its source said last when it speaks now.

        Clocks may go back and differ between hosts; what is said later counts all the same.
        """
        if not self.is_now or own is None or self.at > own.stated_at:
            return self
        return replace(self, at=own.stated_at + timedelta(microseconds=1))


def apply(
    descriptors: Iterable[Descriptor],
    *,
    layer: LayerKind,
    source: str,
    by: User | None = None,
    at: datetime | None = None,
) -> Applied:
    """Take many descriptors of one source; refused items leave the good ones applied."""
    voice = Voice(layer, source, by, at or timezone.now(), is_now=at is None)
    outcomes: list[Outcome] = []
    for chunk in _chunks(descriptors):
        outcomes += apply_chunk(chunk, voice)
    return Applied(tuple(outcomes))


def _chunks(descriptors: Iterable[Descriptor]) -> Iterator[list[Descriptor]]:
    remaining = iter(descriptors)
    while chunk := list(islice(remaining, CHUNK)):
        yield chunk


def apply_chunk(descriptors: Sequence[Descriptor], voice: Voice) -> list[Outcome]:
    """Take one batch in one transaction; of two descriptors of one subject the later counts."""
    subjects = [subject_of(d) for d in descriptors]
    steps = {
        subject: _step(d, subject)
        for subject, d in dict(zip(subjects, descriptors, strict=True)).items()
    }
    with transaction.atomic():
        event_log.lock()
        settled = settle(steps, voice)
        reaffirm(settled, voice)
        for subject, row_id in settled.rows.items():
            steps[subject].row_id = row_id
        open_steps = [step for subject, step in steps.items() if subject not in settled.rows]
        if open_steps:
            _move(open_steps, steps.values(), voice)
    return [steps[subject].outcome() for subject in subjects]


def _move(open_steps: Sequence[Step], batch: Collection[Step], voice: Voice) -> None:
    """Merge and write what a batch may change."""
    known = load([step.descriptor for step in open_steps])
    keys = frozenset(step.key for step in batch if step.kind == "product")
    claims = _claims_of([step for step in batch if step.row_id is not None])
    for step in open_steps:
        _prepare(step, known, keys, claims, voice)
    _rename_products([s for s in open_steps if s.renamed_from])
    _store_layers(open_steps)
    moved = [s for s in open_steps if not s.problems and (s.is_new or s.changes)]
    back = [s for s in open_steps if s.is_back]
    bulk.update(Dataset, [{"id": s.row_id, "gone_at": None} for s in back])
    rows.write(moved, known, voice.at)
    journal.write(moved, back, voice)


def _step(descriptor: Descriptor, subject: tuple[str, str]) -> Step:
    content = _content(descriptor, subject[0])
    return Step(descriptor, *subject, content, digest_of(content))


def content_of(descriptor: Descriptor) -> dict[str, Any]:
    """Return what was said, without the subject's address."""
    return _content(descriptor, subject_of(descriptor)[0])


def _content(descriptor: Descriptor, kind: str) -> dict[str, Any]:
    content = descriptor.dump()
    for name in IDENTITY[kind]:
        content.pop(name, None)
    return content


def digest_of(content: Mapping[str, Any]) -> str:
    """Return the SHA-256 of a content as JSON with sorted names."""
    return hashlib.sha256(bulk.as_json(content, sort=True).encode()).hexdigest()


def _prepare(
    step: Step,
    known: Known,
    batch: frozenset[str],
    claims: dict[tuple[str, object], str],
    voice: Voice,
) -> None:
    step.row = _row(step, known)
    step.problems = check(step.descriptor, known, batch) or _claim(step, claims)
    if step.problems:
        return
    step.row_id = step.row.pk if step.row else None
    step.is_new = step.row is None
    layers = known.layers.get((step.kind, _layer_key(step)), [])
    step.is_back = _is_back(step.row, layers, voice)
    own = next((r for r in layers if (r.kind, r.source) == (voice.layer, voice.source)), None)
    step.has_own = own is not None
    voice = voice.after(own)
    if own is not None and not _is_newer(own, step.digest, voice):
        step.is_stale = own.digest != step.digest
        if step.is_new:
            step.merged = merge(map(statement_of, layers))
            step.changes = diff(step.kind, Merged(), step.merged)
        return
    if isinstance(step.row, Product) and str(step.row.ref) != step.key:
        step.renamed_from = str(step.row.ref)
    before = [statement_of(row) for row in layers]
    others = [statement_of(row) for row in layers if row is not own]
    fresh = Statement(
        voice.layer, voice.source, step.content, voice.at, voice.by.pk if voice.by else None
    )
    step.layer = _layer_row(step, own, voice)
    alone = not any(s.kind == voice.layer for s in others)
    same = own is not None and own.digest == step.digest
    if same and alone and not step.is_new and not step.renamed_from:
        return
    if voice.stamps:
        fresh = statement_of(Layer(**{**step.layer, "stated_at": voice.at}))
    step.merged = merge([*others, fresh])
    old = Merged() if step.is_new else merge(before)
    step.changes = diff(step.kind, old, step.merged)
    if step.renamed_from:
        step.changes = (*step.changes, Change("address", step.renamed_from, step.key))


def _is_back(row: Product | Dataset | None, layers: Sequence[Layer], voice: Voice) -> bool:
    """Tell whether a dataset that was gone is there again: a harvest saw it, or none ever did."""
    if not isinstance(row, Dataset) or row.gone_at is None:
        return False
    if voice.layer == LayerKind.DECLARED:
        return not any(layer.kind == LayerKind.HARVESTED for layer in layers)
    return voice.layer == LayerKind.HARVESTED


def _claims_of(steps: Iterable[Step]) -> dict[tuple[str, object], str]:
    """Return what products that stay as they are hold."""
    claims: dict[tuple[str, object], str] = {}
    for step in steps:
        if isinstance(step.descriptor, ProductDescriptor):
            claims["row", step.row_id] = step.key
            if step.descriptor.guid:
                claims["guid", step.descriptor.guid] = step.key
    return claims


def _claim(step: Step, claims: dict[tuple[str, object], str]) -> tuple[Problem, ...]:
    """Refuse a second address for one product in one batch."""
    if not isinstance(step.descriptor, ProductDescriptor):
        return ()
    guid = step.descriptor.guid
    wanted: list[tuple[str, object]] = [("guid", guid)] if guid else []
    if step.row is not None:
        wanted.append(("row", step.row.pk))
    for claim in wanted:
        if claim in claims:
            said = f"{claims[claim]} is the same product in the same batch"
            return (Problem("guid" if guid else "key", guid or step.descriptor.key, said),)
    claims.update(dict.fromkeys(wanted, step.key))
    return ()


def _row(step: Step, known: Known) -> Product | Dataset | None:
    if isinstance(step.descriptor, ProductDescriptor):
        guid = step.descriptor.guid
        return known.products.get(step.key) or (known.by_guid.get(guid) if guid else None)
    return known.datasets.get(step.key)


def _layer_key(step: Step) -> str:
    return str(step.row.ref) if isinstance(step.row, Product) else step.key


def _is_newer(own: Layer, digest: str, voice: Voice) -> bool:
    if voice.at == own.stated_at:
        return digest > own.digest
    return voice.at > own.stated_at


def _layer_row(step: Step, own: Layer | None, voice: Voice) -> dict[str, Any]:
    return {
        "subject_kind": step.kind,
        "subject_key": step.key,
        "kind": voice.layer.value,
        "source": voice.source,
        "content": step.content,
        "digest": step.digest,
        "stamps": dict(voice.stamps),
        "stated_at": voice.at,
        "by_id": voice.by.pk if voice.by else (own.by_id if own else None),
    }


def _rename_products(steps: Sequence[Step]) -> None:
    """Move the layers of products whose GUID came with a new address; they replace what lay there."""
    for step in steps:
        Layer.objects.filter(subject_kind="product", subject_key=step.key).delete()
        Layer.objects.filter(subject_kind="product", subject_key=step.renamed_from).update(
            subject_key=step.key
        )


def _store_layers(steps: Sequence[Step]) -> None:
    said = [(step, step.layer) for step in steps if step.layer is not None]
    fresh = [layer for step, layer in said if not step.has_own and not step.renamed_from]
    bulk.insert(Layer, fresh)
    bulk.upsert(
        Layer,
        [layer for step, layer in said if step.has_own or step.renamed_from],
        on=("subject_kind", "subject_key", "kind", "source"),
        fields=("content", "digest", "stamps", "stated_at", "by_id"),
    )
