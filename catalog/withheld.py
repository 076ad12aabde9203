"""What a gated product keeps from people without a grant is kept from them in its history, too.

Whom to ask and where the data lies opens with access. The log holds each change before and after; so whoever reads
it out, withholds here first.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from catalog import policies
from catalog.access.grants import granted_products
from catalog.descriptors import Classification
from catalog.models import Event, Product
from catalog.policies import Action, Viewer
from catalog.registry.paths import Path

WITHHELD = "opens with access"
#: Of a product, and of each item of its lists: the fields that open with access.
FIELDS = frozenset({"support"})
ITEM_FIELDS: Mapping[str, frozenset[str]] = {
    "ports": frozenset({"location"}),
    "contracts": frozenset({"document"}),
}
_GATED = (Classification.CONFIDENTIAL.value, Classification.RESTRICTED.value)


def closed_to(user: Viewer, product_ids: Collection[int]) -> frozenset[int]:
    """Return which of some products are gated and not open to a person; one query where none is gated."""
    gated = _gated(product_ids)
    if not gated:
        return gated
    rows = Product.objects.filter(pk__in=gated).order_by()
    opened = policies.where(rows, user, Action.SEE_CONTACT).values_list("pk", flat=True)
    return gated - frozenset(opened) - granted_products(user)


def withhold(events: Iterable[Event], user: Viewer) -> list[Event]:
    """Return events as a person may read them: values that open with access are replaced."""
    rows = list(events)
    return _without(rows, closed_to(user, _products(rows)))


def withhold_from_all(events: Iterable[Event]) -> list[Event]:
    """Return events as anybody may read them who sees their products."""
    rows = list(events)
    return _without(rows, _gated(_products(rows)))


def _products(events: Iterable[Event]) -> set[int]:
    """Return the products whose changes are told."""
    return {e.product_id for e in events if e.product_id and e.subject_kind == "product"}


def _gated(product_ids: Collection[int]) -> frozenset[int]:
    if not product_ids:
        return frozenset()
    rows = Product.objects.filter(pk__in=product_ids, classification__in=_GATED)
    return frozenset(rows.order_by().values_list("pk", flat=True))


def _without(events: list[Event], closed: Collection[int]) -> list[Event]:
    for event in events:
        if event.product_id in closed and event.subject_kind == "product":
            changes = [withheld(change) for change in event.data.get("changes") or ()]
            event.data = {**event.data, "changes": changes}
    return events


def withheld(change: Mapping[str, Any]) -> dict[str, Any]:
    """Return a change of a product (`path`, `before`, `after`) without the values that open with access."""
    path = Path.parse(str(change["path"]))
    both = {"before": change.get("before"), "after": change.get("after")}
    hidden = ITEM_FIELDS.get(path.name, frozenset())
    if path.name in FIELDS or path.field in hidden:
        both = {name: WITHHELD if value else value for name, value in both.items()}
    elif path.item is not None and path.field is None and hidden:
        both = {name: _item_without(value, hidden) for name, value in both.items()}
    return {**change, **both}


def _item_without(item: Any, hidden: Collection[str]) -> Any:
    if not isinstance(item, Mapping):
        return item
    return {name: WITHHELD if name in hidden and value else value for name, value in item.items()}
