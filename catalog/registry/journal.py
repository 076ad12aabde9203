"""Revisions and events of what moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from catalog.db import bulk
from catalog.events.log import NewEvent, record
from catalog.models import Dataset, Product, Revision

if TYPE_CHECKING:
    from catalog.registry.apply import Step, Voice

#: A change as long as this is told as its beginning in the log; the revision keeps all of it.
MAX_TOLD = 2_000
#: What a contract promises in full is read at its address; the log says that it changed.
WHOLE = frozenset({"document", "columns", "terms"})


def write(moved: Sequence[Step], back: Sequence[Step], voice: Voice) -> None:
    """Record an event and a revision for each subject that moved, and a word for those that returned."""
    facts = _facts(moved, back)
    changes = [[change.as_data() for change in step.changes] for step in moved]
    told = [
        _event(step, facts, voice, "created" if step.is_new else "updated", changes=said)
        for step, said in zip(moved, changes, strict=True)
    ]
    numbers = record(told)
    record([_event(step, facts, voice, "returned") for step in back])
    bulk.insert(
        Revision,
        [
            {
                "subject_kind": step.kind,
                "subject_id": step.row_id,
                "number": facts[step.kind, step.row_id][1],
                "event_id": number,
                "at": voice.at,
                "layer_kind": voice.layer.value,
                "source": voice.source,
                "by_id": voice.by.pk if voice.by else None,
                "changes": said,
            }
            for step, number, said in zip(moved, numbers, changes, strict=True)
        ],
    )


def _facts(
    moved: Sequence[Step], back: Sequence[Step]
) -> dict[tuple[str, int | None], tuple[str, int, int | None]]:
    """Return audience, revision number and product id of each subject, as just written."""
    found: dict[tuple[str, int | None], tuple[str, int, int | None]] = {}
    both = [*moved, *back]
    products = [s.row_id for s in both if s.kind == "product" and s.row_id]
    datasets = [s.row_id for s in both if s.kind == "dataset" and s.row_id]
    if products:
        values = (
            Product.objects.filter(pk__among=products)
            .order_by()
            .values_list("pk", "audience", "revision_number")
        )
        found.update({("product", pk): (audience, n, pk) for pk, audience, n in values})
    if datasets:
        for pk, audience, n, product in (
            Dataset.objects.filter(pk__among=datasets)
            .order_by()
            .values_list("pk", "audience", "revision_number", "product_id")
        ):
            found["dataset", pk] = (audience, n, product)
    return found


def _event(
    step: Step,
    facts: dict[tuple[str, int | None], tuple[str, int, int | None]],
    voice: Voice,
    verb: str,
    *,
    changes: Sequence[dict[str, object]] | None = None,
) -> NewEvent:
    audience, number, product = facts[step.kind, step.row_id]
    data: dict[str, object] = {"revision": number}
    if changes is not None:
        data["changes"] = [_short(change) for change in changes]
    return NewEvent(
        type=f"{step.kind}.{verb}",
        at=voice.at,
        actor=voice.by,
        actor_name=str(voice.by) if voice.by else voice.source,
        subject_kind=step.kind,
        subject_key=step.key,
        subject_id=step.row_id,
        product_id=product,
        audience=audience,
        data=data,
    )


def _short(change: dict[str, object]) -> dict[str, object]:
    path = str(change["path"])
    if not path.startswith(("contracts[", "extra")) and not any(map(_is_long, change.values())):
        return change
    return {name: _told(name, value, path) for name, value in change.items()}


def _is_long(value: object) -> bool:
    return value.__class__ is str and len(value) > MAX_TOLD


def _told(name: str, value: object, path: str) -> object:
    if isinstance(value, str) and len(value) > MAX_TOLD:
        return value[:MAX_TOLD] + "…"
    if name == "path" or not path.startswith(("contracts[", "extra")):
        return value
    if isinstance(value, dict):  # a contract that came or went: its document stays in the revision
        return {field: part for field, part in value.items() if field not in WHOLE}
    return None if path == "extra" or path.rpartition(".")[2] in WHOLE else value
