"""A person's edits: the curated layer, field by field."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import timezone
from pydantic import ValidationError

from catalog.descriptors import (
    ITEM_KEYS,
    DatasetDescriptor,
    Descriptor,
    LayerKind,
    ProductDescriptor,
)
from catalog.events import log as event_log
from catalog.models import Dataset, Layer, Product, Revision, User
from catalog.people.authority import PersonAuthority
from catalog.registry.apply import apply_chunk
from catalog.registry.merge import Merged, merge
from catalog.registry.origins import layers_of
from catalog.registry.outcomes import Outcome, Problem
from catalog.registry.paths import Path, item_key, item_path, overlap
from catalog.registry.preload import statement_of
from catalog.registry.stages import Author

SOURCE = "portal"


class EditConflict(Exception):
    """The same fields changed since the editor opened them; `theirs` has what they are now."""

    def __init__(self, theirs: Mapping[str, Any]) -> None:
        self.theirs = dict(theirs)
        super().__init__(f"changed meanwhile: {', '.join(self.theirs)}")


def edit(
    subject: Product | Dataset,
    *,
    changes: Mapping[str, Any],
    by: User,
    base_revision: int | None = None,
    at: datetime | None = None,
) -> Outcome:
    """Say fields of a product or dataset as a person; what is wrong or not theirs is refused with its path.

    Raises EditConflict when one of the fields changed after `base_revision`.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event_log.lock()
        if base_revision is not None:
            _refuse_conflict(subject, changes, base_revision)
        content, stamps = _own(subject)
        shown = merge(map(statement_of, layers_of(subject)))
        problems = []
        for path, value in changes.items():
            try:
                parsed = Path.parse(path)
                _check_item(parsed, shown)
                _put(content, parsed, value)
            except ValueError as error:
                problems.append(Problem(path, value, str(error)))
            stamps[path] = {"at": now.isoformat(), "by": by.pk}
        if problems:
            return _refused(subject, tuple(problems))
        return _say(subject, content, stamps, by, at, now, changes)


def _check_item(path: Path, shown: Merged) -> None:
    """Raise ValueError for an item that is not there."""
    if path.item is not None and path.item not in shown.items.get(path.name, {}):
        raise ValueError(f"there is no {item_path(path.name, path.item)} to write on")


def take_back(
    subject: Product | Dataset, *, paths: Iterable[str], by: User, at: datetime | None = None
) -> Outcome:
    """Drop a person's statements; what is declared or harvested shows again.

    Refused where stating what then shows would be refused.
    """
    now = at or timezone.now()
    with transaction.atomic():
        event_log.lock()
        content, stamps = _own(subject)
        for text in paths:
            _drop(content, Path.parse(text))
            stamps.pop(text, None)
        return _say(subject, content, stamps, by, at, now, {})


def _own(subject: Product | Dataset) -> tuple[dict[str, Any], dict[str, Any]]:
    kind, key = _address(subject)
    layer = Layer.objects.filter(
        subject_kind=kind, subject_key=key, kind=LayerKind.CURATED, source=SOURCE
    ).first()
    return (deepcopy(layer.content), dict(layer.stamps)) if layer else ({}, {})


def _address(subject: Product | Dataset) -> tuple[str, str]:
    if isinstance(subject, Product):
        return "product", str(subject.ref)
    return "dataset", subject.ref.subject


def _put(content: dict[str, Any], path: Path, value: Any) -> None:
    if path.item is None:
        content[path.name] = value
        return
    if path.field is None:
        raise ValueError(f"{path} names an item; write one of its fields, {path}.<field>")
    _item(content, path)[path.field] = value


def _item(content: dict[str, Any], path: Path) -> dict[str, Any]:
    items = content.setdefault(path.name, [])
    for item in items:
        if item_key(path.name, item) == path.item:
            found: dict[str, Any] = item
            return found
    from_key = dict(zip(ITEM_KEYS[path.name], path.item or (), strict=True))
    made: dict[str, Any] = {
        name: int(part) if name == "major" else part for name, part in from_key.items()
    }
    items.append(made)
    return made


def _drop(content: dict[str, Any], path: Path) -> None:
    if path.item is None:
        content.pop(path.name, None)
        return
    kept = []
    for item in content.get(path.name, []):
        if item_key(path.name, item) == path.item:
            if path.field is None:
                continue
            item.pop(path.field, None)
            if set(item) <= set(ITEM_KEYS[path.name]):
                continue
        kept.append(item)
    content[path.name] = kept
    if not kept:
        content.pop(path.name)


def _say(
    subject: Product | Dataset,
    content: dict[str, Any],
    stamps: dict[str, Any],
    by: User,
    at: datetime | None,
    now: datetime,
    changes: Mapping[str, Any],
) -> Outcome:
    try:
        descriptor = _descriptor(subject, content)
    except ValidationError as error:
        return _refused(subject, _problems(error, changes))
    authority = PersonAuthority(by)
    author = Author(LayerKind.CURATED, SOURCE, by, now, authority, stamps, is_now=at is None)
    return apply_chunk([descriptor], author)[0]


def _descriptor(subject: Product | Dataset, content: Mapping[str, Any]) -> Descriptor:
    if isinstance(subject, Product):
        own = {"domain": subject.ref.domain, "key": subject.key}
        return ProductDescriptor.model_validate({**content, **own})
    address = {"namespace": subject.namespace, "name": subject.name}
    return DatasetDescriptor.model_validate({**content, **address})


def _problems(error: ValidationError, changes: Mapping[str, Any]) -> tuple[Problem, ...]:
    found = []
    for one in error.errors():
        name = str(one["loc"][0]) if one["loc"] else ""
        field = str(one["loc"][-1]) if one["loc"] else ""
        path = next(
            (p for p in changes if p == name or p.endswith(f".{field}")),
            ".".join(map(str, one["loc"])),
        )
        found.append(Problem(path, _brief(one.get("input")), one["msg"]))
    return tuple(found)


def _brief(value: object) -> object:
    text = str(value)
    return text if len(text) <= 200 else f"{text[:200]}… ({len(text)} characters)"


def _refused(subject: Product | Dataset, problems: tuple[Problem, ...]) -> Outcome:
    kind, _ = _address(subject)
    ref = subject.ref
    base = Outcome("refused", "product" if kind == "product" else "dataset", ref, subject.pk)
    return replace(base, problems=problems)


def _refuse_conflict(subject: Product | Dataset, changes: Mapping[str, Any], base: int) -> None:
    kind, _ = _address(subject)
    later = Revision.objects.filter(
        subject_kind=kind, subject_id=subject.pk, number__gt=base
    ).order_by("number")
    theirs: dict[str, Any] = {}
    for revision in later:
        for change in revision.changes:
            for path in changes:
                if overlap(path, change["path"]):
                    theirs[path] = change["after"]
    if theirs:
        raise EditConflict(theirs)
