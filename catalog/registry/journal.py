"""Revisions and events of what moved."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from catalog.db import bulk
from catalog.events.log import NewEvent, record
from catalog.models import Dataset, Product, Revision
from catalog.registry.stages import Author, Kind, PendingChange, WrittenChange

#: A change as long as this is told as its beginning in the log; the revision keeps all of it.
MAX_TOLD = 2_000
#: What a contract promises in full is read at its address; the log says that it changed.
WHOLE = frozenset({"document", "columns", "terms"})


def write(written: Sequence[WrittenChange], back: Sequence[PendingChange], author: Author) -> None:
    """Record an event and a revision of each change, and an event for each dataset that returned."""
    returned = [WrittenChange(change, change.row.pk) for change in back if change.row]
    facts = _facts([*written, *returned])
    changes = [[change.as_data() for change in one.change.changes] for one in written]
    events = [
        _event(one, facts[one.subject], author, "created" if one.is_new else "updated", stated)
        for one, stated in zip(written, changes, strict=True)
    ]
    numbers = record(events)
    record([_event(one, facts[one.subject], author, "returned") for one in returned])
    bulk.insert(
        Revision,
        [
            {
                "subject_kind": one.change.kind,
                "subject_id": one.row_id,
                "number": facts[one.subject].revision,
                "event_id": number,
                "at": author.at,
                "layer_kind": author.layer.value,
                "source": author.source,
                "by_id": author.by.pk if author.by else None,
                "changes": stated,
            }
            for one, number, stated in zip(written, numbers, changes, strict=True)
        ],
    )


class _Facts(NamedTuple):
    """What an event tells of its subject, as just written."""

    audience: str
    revision: int
    product: int | None


def _facts(written: Sequence[WrittenChange]) -> dict[tuple[Kind, int], _Facts]:
    """Read audience, revision number and product of each subject: two queries at most."""
    found: dict[tuple[Kind, int], _Facts] = {}
    products = [one.row_id for one in written if one.change.kind == "product"]
    datasets = [one.row_id for one in written if one.change.kind == "dataset"]
    if products:
        rows = Product.objects.filter(pk__among=products).order_by()
        for pk, audience, number in rows.values_list("pk", "audience", "revision_number"):
            found["product", pk] = _Facts(audience, number, pk)
    if datasets:
        stored = Dataset.objects.filter(pk__among=datasets).order_by()
        fields = ("pk", "audience", "revision_number", "product_id")
        for pk, audience, number, product in stored.values_list(*fields):
            found["dataset", pk] = _Facts(audience, number, product)
    return found


def _event(
    one: WrittenChange,
    facts: _Facts,
    author: Author,
    verb: str,
    changes: Sequence[dict[str, object]] | None = None,
) -> NewEvent:
    data: dict[str, object] = {"revision": facts.revision}
    if changes is not None:
        data["changes"] = [_short(change) for change in changes]
    return NewEvent(
        type=f"{one.change.kind}.{verb}",
        at=author.at,
        actor=author.by,
        actor_name=str(author.by) if author.by else author.source,
        subject_kind=one.change.kind,
        subject_key=one.change.key,
        subject_id=one.row_id,
        product_id=facts.product,
        audience=facts.audience,
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
